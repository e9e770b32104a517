"""The practice's set-up, and who is away when."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from clinic.appointments.mapping.practice import Fact, setup_of
from clinic.appointments.rules.closing import with_sites
from clinic.appointments.rules.hours import Absence
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import absence_row, practice_setup
from clinic.core.json import loads
from clinic.fhir.store import Store

_s = practice_setup.c
_ALL = sa.select(_s.type, _s.id, _s.name, _s.active, sa.type_coerce(_s.facts, sa.Text).label("facts"))
_OWN = _ALL.where(sa.or_(_s.organization == "", _s.organization == sa.bindparam("own")))
_a = absence_row.c
_ABSENCES = (
    sa.select(_a.schedule, _a.start, _a.end, _a.reason)
    .where(_a.end > sa.bindparam("since"), _a.start < sa.bindparam("until"))
    .order_by(_a.start)
)


def calendar_setup(store: Store) -> Setup:
    """Providers, rooms, sites and visit types of this practice, in the order in which they are shown.

    Records that another organisation owns (they came with an import) are left out.
    """
    own = store.practice.organization_id
    rows = store.conn.execute(_OWN, {"own": own}) if own else store.conn.execute(_ALL)
    return _setup_of_rows(tuple(map(tuple, rows.all())))


@lru_cache(maxsize=16)
def _setup_of_rows(rows: tuple[tuple[Any, ...], ...]) -> Setup:
    """The set-up that these rows mean. They are read each time, and understood anew only when they differ."""
    found = setup_of(Fact(type_, id_, name, active, loads(facts)) for type_, id_, name, active, facts in rows)
    mark = hashlib.sha256(repr(sorted(rows)).encode("utf-8", "replace")).hexdigest()[:16]
    return replace(found, mark=mark)


def absences_between(store: Store, setup: Setup, span: Span) -> dict[str, tuple[Absence, ...]]:
    """Leave, meetings and closures that meet a stretch of time, by provider, room, device and site; one statement."""
    found: dict[str, list[Absence]] = {
        provider.id: [absence for absence in provider.absences if absence.span.meets(span)]
        for provider in setup.providers
    }
    for row in store.conn.execute(_ABSENCES, {"since": span.start, "until": span.end}):
        add_absence(found, setup, schedule=row.schedule, absence=Absence(Span(row.start, row.end), row.reason))
    return {id_: tuple(items) for id_, items in with_sites(setup, found, span, store.practice.zone).items()}


def add_absence(found: dict[str, list[Absence]], setup: Setup, *, schedule: str, absence: Absence) -> None:
    """Put an absence with the provider whose schedule it is.

    A schedule that is named like its owner needs no record.
    """
    provider = setup.schedules.get(schedule) or schedule
    found.setdefault(provider, []).append(absence)


def away_at(store: Store, setup: Setup, provider: str, span: Span) -> tuple[Absence, ...]:
    """The absences of one provider that meet a stretch."""
    return absences_between(store, setup, span).get(provider, ())
