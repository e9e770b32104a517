"""Who takes part in a group, and who waits for a seat."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from clinic.appointments.errors import NOT_A_GROUP
from clinic.appointments.tables import appointment_row
from clinic.core.errors import Missing
from clinic.fhir.store import Store

_a = appointment_row.c
_GONE = ("cancelled", "entered-in-error")


@dataclass(frozen=True)
class Seat:
    """One patient in a group."""

    id: str
    patient_id: str
    patient_name: str
    birth_date: str
    status: str
    note: str
    version: int


@dataclass(frozen=True)
class GroupPage:
    """A group with its people; `left` are those who gave their seat back."""

    id: str
    title: str
    type_name: str
    start: datetime
    end: datetime
    provider_name: str
    room_name: str
    status: str
    seats: int
    note: str
    version: int
    seated: tuple[Seat, ...]
    waiting: tuple[Seat, ...]
    left: tuple[Seat, ...]

    @property
    def free(self) -> int:
        """How many seats nobody has."""
        return max(self.seats - len(self.seated), 0)


def in_group(group_id: str) -> sa.ColumnElement[bool]:
    """The rows of a group and of its seats, by the index that has only those that belong to one."""
    return sa.and_(_a.group_id == group_id, _a.group_id != sa.literal_column("''"))


def group_page(store: Store, group_id: str) -> GroupPage:
    """A group and everybody in it, by name; one statement. Of closed records only the name. Raises Missing."""
    columns = (
        _a.id, _a.patient_id, _a.patient_name, _a.birth_date, _a.status, _a.note, _a.version, _a.seats, _a.start,
        _a.end, _a.provider_name, _a.room_name, _a.type_name,
    )  # fmt: skip
    found = store.conn.execute(sa.select(*columns).where(in_group(group_id)).order_by(_a.patient_name, _a.id))
    rows = {row.id: row for row in found}
    host = rows.pop(group_id, None)
    if host is None or not host.seats:
        raise Missing(NOT_A_GROUP)
    people = [_closed(store, Seat(*row[:7])) for row in rows.values()]
    waiting = tuple(sorted((one for one in people if one.status == "waitlist"), key=lambda one: one.id))
    return GroupPage(
        id=group_id, title=host.patient_name, type_name=host.type_name, start=host.start, end=host.end,
        provider_name=host.provider_name, room_name=host.room_name, status=host.status, seats=host.seats,
        note=host.note, version=host.version,
        seated=tuple(one for one in people if one.status not in (*_GONE, "waitlist", "noshow")),
        waiting=waiting, left=tuple(one for one in people if one.status in (*_GONE, "noshow")),
    )  # fmt: skip


def _closed(store: Store, seat: Seat) -> Seat:
    return replace(seat, birth_date=seat.birth_date[:4], note="") if store.is_closed(seat.patient_id) else seat
