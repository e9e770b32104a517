"""What stands on a screen of the waiting room and on the own telephone: numbers, places and minutes, never a name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.access.sessions import digest
from clinic.appointments.tables import appointment_row
from clinic.core.days import day_bounds, local
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store
from clinic.visits.queries.waits import Told
from clinic.visits.rules import ARRIVED, CHECK_IN, LEFT, WAITING
from clinic.visits.rules.arriving import Coming
from clinic.visits.tables import visit_row, wait_told, waiting_screen

CALLED_FOR = timedelta(minutes=5)
"""How long a called number stands on the screen."""
_QUEUE = (ARRIVED, CHECK_IN, WAITING)
_EXPECTED = ("booked", "pending", "proposed")
_v, _w, _s, _a = visit_row.c, wait_told.c, waiting_screen.c, appointment_row.c


@dataclass(frozen=True, slots=True)
class Number:
    """One ticket of today."""

    visit_id: str
    ticket: int
    station: str
    provider: str
    called: datetime | None
    called_to: str
    told: Told
    due: datetime

    @property
    def waits(self) -> bool:
        """Whether this number is still to be taken."""
        return self.station in _QUEUE


@dataclass(frozen=True)
class Room:
    """What the waiting room sees: the numbers just called, the newest first, and those that wait, the next first."""

    called: tuple[Number, ...]
    waiting: tuple[Number, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen of the waiting room; its secret address is not kept."""

    id: str
    name: str
    language: str
    site: str
    created: datetime
    revoked: datetime | None


def screen_of(store: Store, token: str) -> Screen | None:
    """The screen with this secret address, unless it was taken back."""
    wanted = sa.select(*_screen()).where(_s.token == digest(token), _s.revoked.is_(None))
    row = store.conn.execute(wanted).first()
    return Screen(*row) if row else None


def screens(store: Store) -> list[Screen]:
    """Every screen, those in use first."""
    wanted = sa.select(*_screen()).order_by(_s.revoked.is_not(None), _s.name, _s.id)
    return [Screen(*row) for row in store.conn.execute(wanted)]


def _screen() -> tuple[sa.Column[Any], ...]:
    return (_s.id, _s.name, _s.language, _s.site, _s.created, _s.revoked)


def waiting_room(store: Store, *, site: str = "") -> Room:
    """The numbers of today, of one site or of all; one statement."""
    day = local(store.now, store.practice.zone).date()
    start, end = day_bounds(day, store.practice.zone)
    rows = store.conn.execute(_numbers(), {"start": start, "end": end, "site": site, "all": not site})
    found = [_number(row) for row in rows]
    since = store.now - CALLED_FOR
    called = sorted((one for one in found if one.called and one.called >= since), key=_called, reverse=True)
    waiting = sorted((one for one in found if one.waits and one not in called), key=lambda one: (one.due, one.ticket))
    minute = int(store.now.timestamp()) // 60
    shown = [(one.ticket, one.station, one.called, one.called_to) for one in (*called, *waiting)]
    mark = hashlib.sha256(repr((minute, shown, sorted(store.practice.arriving.items()))).encode()).hexdigest()[:24]
    return Room(tuple(called), tuple(waiting), mark)


def _number(row: Sequence[Any]) -> Number:
    values = [*row[:6], Told(*row[6:10]), row[10]]
    return Number(*values)


def _called(one: Number) -> datetime:
    assert one.called is not None
    return one.called


@cache
def _numbers() -> sa.Select[Any]:
    start, end = (sa.bindparam(name, type_=UtcDateTime) for name in ("start", "end"))
    at_site = sa.select(sa.literal(1)).where(_a.id == _v.appointment_id, _a.site == sa.bindparam("site"))
    return (
        sa.select(
            _v.id, _v.ticket, _v.station, _v.provider, _v.called, _v.called_to,
            _w.least, _w.most, sa.func.coalesce(_w.at, _v.arrived, type_=UtcDateTime), _w.seen,
            sa.func.coalesce(_w.due, _v.arrived, type_=UtcDateTime),
        )
        .select_from(visit_row.outerjoin(wait_told, _w.id == _v.id))
        .where(_v.arrived >= start, _v.arrived < end, _v.station != LEFT, _v.ticket > 0)
        .where(sa.or_(sa.bindparam("all", type_=sa.Boolean), at_site.exists()))
    )  # fmt: skip


@dataclass(frozen=True)
class Own:
    """What the own telephone shows of one visit: its number, where it stands, how many are ahead, what was told."""

    ticket: int
    station: str
    called: datetime | None
    called_to: str
    ahead: int
    told: Told


def own_visit(store: Store, visit_id: str) -> Own | None:
    """The visit behind a link, with how many wait for the same provider before it; None once it is over."""
    room = waiting_room(store)
    everyone = {one.visit_id: one for one in (*room.called, *room.waiting)} | _others(store, visit_id)
    mine = everyone.get(visit_id)
    if mine is None:
        return None
    before = [
        one
        for one in everyone.values()
        if one.waits and one.provider == mine.provider and (one.due, one.ticket) < (mine.due, mine.ticket)
    ]
    called = mine.called if mine.called and (mine.called >= store.now - CALLED_FOR or not mine.waits) else None
    return Own(mine.ticket, mine.station, called, mine.called_to, len(before), mine.told)


def _others(store: Store, visit_id: str) -> dict[str, Number]:
    """The visit itself, wherever it stands."""
    start = store.now - timedelta(hours=24)
    given = {"start": start, "end": store.now + timedelta(minutes=1), "site": "", "all": True}
    rows = store.conn.execute(_numbers().where(_v.id == sa.bindparam("visit")), given | {"visit": visit_id})
    return {row[0]: _number(row) for row in rows}


def coming_with(store: Store, birth_date: str) -> list[Coming]:
    """The visits of today that somebody born on this day may come for."""
    zone = store.practice.zone
    start, end = day_bounds(local(store.now, zone).date(), zone)
    wanted = sa.select(_a.id, _a.patient_id, _a.start, _a.birth_date, _a.patient_name).where(
        _a.start >= start, _a.start < end, _a.birth_date == birth_date, _a.status.in_(_EXPECTED)
    )
    rows = store.conn.execute(wanted.order_by(_a.start)).all()
    return [Coming(row[0], row[1], row[2], local(row[2], zone).time(), row[3], row[4]) for row in rows]
