"""Coming visits of somebody, and the list of those that a change of hours left outside; one statement each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clinic.appointments.tables import appointment_part, appointment_row, visit_outside
from clinic.fhir.store import Store

_a, _o, _p = appointment_row.c, visit_outside.c, appointment_part.c
_WAITED_FOR = ("booked", "pending")
MOST = 500


@dataclass(frozen=True, slots=True)
class Outside:
    """A booked visit that falls outside somebody's hours."""

    id: str
    start: datetime
    end: datetime
    patient_id: str
    patient_name: str
    provider: str
    provider_name: str
    type_id: str
    type_name: str
    reason: str = ""


_COLUMNS = (
    _a.id, _a.start, _a.end, _a.patient_id, _a.patient_name, _a.provider, _a.provider_name, _a.type_id, _a.type_name,
)  # fmt: skip


def coming_visits(store: Store, provider: str) -> list[Outside]:
    """The booked visits of a provider from now on that were not put beside the hours on purpose."""
    wanted = sa.select(*_COLUMNS).where(
        _a.provider == provider, _a.start > store.now, _a.status.in_(_WAITED_FOR), _a.lane == 0, _a.reason == ""
    )
    return [_outside(row) for row in store.conn.execute(wanted.order_by(_a.start, _a.id))]


def uses_to_come(store: Store, key: str) -> list[Outside]:
    """The booked visits that use a room or a device from now on, each for the time in which it is used."""
    waited = (_a.status.in_(_WAITED_FOR), _a.start > store.now)
    whole = sa.select(*_COLUMNS).where(_a.room == key.partition("/")[2], *waited)
    part = sa.select(_a.id, _p.start, _p.end, *_COLUMNS[3:]).join(appointment_part, _p.id == _a.id)
    found = sa.union(whole, part.where(_p.actor == key, *waited))
    return sorted((_outside(row) for row in store.conn.execute(found)), key=lambda one: (one.start, one.id))


def starts_of(store: Store, ids: Sequence[str]) -> dict[str, datetime]:
    """When these visits begin."""
    return dict(store.conn.execute(sa.select(_a.id, _a.start).where(_a.id.in_(list(ids)))).all())


def outside_visits(store: Store) -> list[Outside]:
    """The visits that still wait for another time or place; one that moved, began or was cancelled is done."""
    same = sa.and_(_a.id == _o.appointment, _a.start == _o.start)
    wanted = sa.select(*_COLUMNS, _o.reason).select_from(visit_outside.join(appointment_row, same))
    actors = [sa.literal(f"{type_}/").concat(_o.actor) for type_ in ("Device", "Practitioner", "Location")]
    part = sa.select(_p.id).where(_p.id == _a.id, _p.actor.in_(actors)).exists()
    here = sa.or_(_a.provider == _o.actor, _a.room == _o.actor, _a.site == _o.actor, part)
    wanted = wanted.where(here, _a.start > store.now, _a.status.in_(_WAITED_FOR))
    rows = store.conn.execute(wanted.order_by(_a.start, _a.id).limit(MOST))
    return list({row.id: _outside(row) for row in rows}.values())


def _outside(row: Any) -> Outside:
    return Outside(*row)
