"""The practice's set-up, and who is away when."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.appointments.mapping.practice import Fact, setup_of
from clinic.appointments.rules.hours import Absence
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import absence_row, practice_setup
from clinic.fhir.store import Store


def calendar_setup(store: Store) -> Setup:
    """Providers, rooms, sites and visit types of this practice, in the order in which they are shown.

    Records that another organisation owns (they came with an import) are left out.
    """
    c = practice_setup.c
    wanted = sa.select(c.type, c.id, c.name, c.active, c.facts)
    if store.practice.organization_id:
        wanted = wanted.where(c.organization.in_(["", store.practice.organization_id]))
    rows = store.conn.execute(wanted)
    return setup_of(Fact(row.type, row.id, row.name, row.active, row.facts) for row in rows)


def absences_between(store: Store, setup: Setup, span: Span) -> dict[str, tuple[Absence, ...]]:
    """Leave, meetings and closures that meet a stretch of time, by provider; one statement."""
    c = absence_row.c
    wanted = sa.select(c.schedule, c.start, c.end, c.reason).where(c.end > span.start, c.start < span.end)
    found: dict[str, list[Absence]] = {
        provider.id: [absence for absence in provider.absences if absence.span.meets(span)]
        for provider in setup.providers
    }
    for row in store.conn.execute(wanted.order_by(c.start)):
        add_absence(found, setup, schedule=row.schedule, absence=Absence(Span(row.start, row.end), row.reason))
    return {id_: tuple(items) for id_, items in found.items()}


def add_absence(found: dict[str, list[Absence]], setup: Setup, *, schedule: str, absence: Absence) -> None:
    """Put an absence with the provider whose schedule it is.

    A schedule that is named like its owner needs no record.
    """
    provider = setup.schedules.get(schedule) or schedule
    found.setdefault(provider, []).append(absence)


def away_at(store: Store, setup: Setup, provider: str, span: Span) -> tuple[Absence, ...]:
    """The absences of one provider that meet a stretch."""
    return absences_between(store, setup, span).get(provider, ())
