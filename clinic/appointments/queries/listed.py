"""The lists of a day: visits that have an order instead of a time; one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from clinic.appointments.queries.board import HIDDEN
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.status import MOVABLE
from clinic.appointments.tables import appointment_row
from clinic.core.days import day_bounds
from clinic.fhir.store import Store
from clinic.registration.tables import patient_row

_a, _p = appointment_row.c, patient_row.c


@dataclass(frozen=True, slots=True)
class Listed:
    """One visit of a list. Of a closed record the name alone."""

    id: str
    provider: str
    provider_name: str
    start: datetime
    status: str
    patient_id: str
    patient_name: str
    birth_date: str
    type_name: str
    note: str
    phones: str = ""
    street: str = ""
    postal_code: str = ""
    closed: bool = False

    @property
    def movable(self) -> bool:
        """Whether it can still get another place."""
        return self.status in MOVABLE


def listed_of(store: Store, setup: Setup, day: date, *, provider: str = "") -> list[Listed]:
    """The visits in the lists of a day, of one provider or by provider, in their order."""
    types = [one.id for one in setup.types if one.untimed]
    if not types:
        return []
    start, end = day_bounds(day, store.practice.zone)
    wanted = sa.select(
        _a.id, _a.provider, _a.provider_name, _a.start, _a.status, _a.patient_id, _a.patient_name, _a.birth_date,
        _a.type_name, _a.note, *(sa.func.coalesce(one, "") for one in (_p.phones, _p.street, _p.postal_code)),
    ).outerjoin(patient_row, _p.id == _a.patient_id)  # fmt: skip
    wanted = wanted.where(_a.start >= start, _a.start < end, _a.type_id.in_(types))
    wanted = wanted.where(_a.status.not_in((*HIDDEN, "noshow")))
    if provider:
        wanted = wanted.where(_a.provider == provider)
    rows = store.conn.execute(wanted.order_by(_a.provider_name, _a.provider, _a.start, _a.id))
    return [_shown(store, Listed(*row)) for row in rows]


def _shown(store: Store, row: Listed) -> Listed:
    if not store.is_closed(row.patient_id):
        return row
    return Listed(
        row.id, row.provider, row.provider_name, row.start, row.status, row.patient_id, row.patient_name,
        row.birth_date[:4], "", "", closed=True,
    )  # fmt: skip


def is_booked(store: Store, type_id: str) -> bool:
    """Whether a visit of this type is still to come."""
    wanted = sa.select(_a.id).where(_a.type_id == type_id, _a.end > store.now, _a.status.not_in((*HIDDEN, "noshow")))
    return store.conn.execute(wanted.limit(1)).first() is not None
