"""Booked visits by their start: those that come soon, and those whose time has gone by without an arrival."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.appointments.tables import appointment_row
from clinic.fhir.store import Store

_a = appointment_row.c


@dataclass(frozen=True, slots=True)
class Expected:
    """A booked visit: whose, when, of which type, with whom first."""

    id: str
    start: datetime
    patient_id: str
    type_id: str


def booked_between(store: Store, after: datetime, until: datetime) -> list[Expected]:
    """Booked visits that start after one instant and not after another, by time; each once; one statement."""
    rows = store.conn.execute(_booked(), {"after": after, "until": until})
    found = {row[0]: Expected(*row) for row in rows}
    return list(found.values())


@cache
def _booked() -> sa.Select[Any]:
    after, until = (sa.bindparam(name, type_=_a.start.type) for name in ("after", "until"))
    wanted = sa.select(_a.id, _a.start, _a.patient_id, _a.type_id).where(_a.start > after, _a.start <= until)
    return wanted.where(_a.status == "booked").order_by(_a.start, _a.id)
