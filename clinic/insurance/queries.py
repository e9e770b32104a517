"""The cover in force on a day, for many patients at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import sqlalchemy as sa

from clinic.db.together import read_together
from clinic.fhir.store import Store
from clinic.insurance.rules import Term, chosen, in_force
from clinic.insurance.tables import coverage_row
from clinic.registration.queries.people import Beside, people_list, people_of

_c = coverage_row.c
Policies = sa.Row[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Cover:
    """What a patient's insurance says about one day.

    `state`: `active`, `ended` (there was one), `future` (it begins later), `self` (pays alone) or `none`.
    """

    coverage_id: str
    payer: str
    plan: str
    state: str
    ends: date | None
    copay_cents: int | None


def covers_on(store: Store, patient_ids: Sequence[str], on: date) -> dict[str, Cover]:
    """The first cover in force on a day for each patient, or the nearest one that is not; one statement.

    Patients without any policy are left out.
    """
    return {patient_id: cover_on(found, on) for patient_id, found in policies_of(store, patient_ids).items()}


def policies_of(store: Store, patient_ids: Sequence[str]) -> dict[str, list[Policies]]:
    """The policies of each patient that were not cancelled, for `cover_on`; one statement."""
    if not patient_ids:
        return {}
    rows: dict[str, list[Policies]] = {}
    wanted = sa.select(coverage_row).where(_c.patient_id.in_(patient_ids), ~_c.cancelled)
    for row in store.conn.execute(wanted.order_by(_c.rank, _c.starts, _c.id)):
        rows.setdefault(row.patient_id, []).append(row)
    return rows


@dataclass(frozen=True, slots=True)
class Shared:
    """A policy in force of somebody in the family, which may cover this patient too."""

    coverage_id: str
    payer: str
    plan: str
    name: str
    relation: str
    """What that person is to this patient."""


def family_of(store: Store, patient_id: str) -> list[Beside]:
    """The people beside a patient who may hold a policy; one statement."""
    rows = read_together(store.conn, [people_list()], {"patient_id": patient_id})[0]
    return [one for one in people_of(rows) if one.active and not store.is_closed(one.patient_id)]


def shared_covers(store: Store, family: Sequence[Beside], on: date) -> list[Shared]:
    """The policies in force of the family's patients, each payer, plan and person once; one statement."""
    people = {one.patient_id: one for one in family if one.patient_id}
    if not people:
        return []
    wanted = sa.select(coverage_row).where(_c.patient_id.in_(people), ~_c.cancelled, ~_c.self_pay)
    found = []
    for row in store.conn.execute(wanted.order_by(_c.rank, _c.id)):
        if in_force(Term(row.id, row.rank, row.starts, row.ends), on):
            one = people[row.patient_id]
            found.append(Shared(row.id, row.payer, row.plan, one.name, one.relation))
            store.saw_in_list(row.patient_id, "insurance of the family")
    return found


def cover_on(rows: list[Policies], on: date) -> Cover:
    """What some policies of one patient say about a day."""
    now: list[Any] = chosen(cast("list[Term]", rows), on)
    if now:
        row = now[0]
        state = "self" if row.self_pay else "active"
    else:
        ended = [row for row in rows if row.ends is not None and row.ends < on]
        row = max(ended, key=lambda one: one.ends) if ended else rows[0]
        state = "ended" if ended else "future"
    return Cover(row.id, row.payer, row.plan, state, row.ends, row.copay_cents)
