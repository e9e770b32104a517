"""The visits behind a number, one page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from clinic.appointments.tables import appointment_part, appointment_row
from clinic.fhir.store import Store
from clinic.management.measures.queries import bookings, times, use
from clinic.management.measures.queries.asked import Asked, Bounds
from clinic.visits.tables import visit_row, visit_time

PAGE: Final = 50
NO_KEY: Final = "*"
"""Stands for all lines."""
OUTCOMES: Final = (bookings.NO_SHOW, bookings.LATE, bookings.CANCELLED)
_t, _v, _a, _p = visit_time.c, visit_row.c, appointment_row.c, appointment_part.c


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: when, whom, with whom, and what was counted of it: minutes, days, or what became of it."""

    appointment: str
    patient_id: str
    at: datetime
    patient_name: str
    provider_name: str
    type_name: str
    value: int | str | None
    closed: bool = False
    """A restricted patient: the name is not shown to who may not open the record."""


@dataclass(frozen=True)
class Wanted:
    """The line (`NO_KEY` for all of them), which of its visits (`only` one outcome), and which page."""

    key: str = "*"
    only: str = ""
    page: int = 1


def visits_behind(store: Store, topic: str, asked: Asked, line: Wanted) -> tuple[list[Visit], int]:
    """The visits of a line, the longest or the latest first, and how many there are; two statements at most."""
    key = line.key
    bounds = Bounds.of(store, asked.period)
    if topic in ("waiting", "lateness"):
        wanted = _timed(topic, asked, bounds, key)
    elif topic == "ahead":
        wanted = _booked(asked, bounds, key=key, value=bookings.lead_days(), until=bounds.end)
        wanted = wanted.where(_a.booked.is_not(None)).order_by(None).order_by(sa.desc("value"), _a.start, _a.id)
    elif topic == "missed":
        wanted = _booked(asked, bounds, key=key, value=bookings.outcome(store), until=min(bounds.end, store.now))
        wanted = _of_outcome(wanted, line.only)
    else:
        wanted = _of_thing(asked, bounds, key)
    rows = store.conn.execute(_paged(wanted, line.page)).all()
    found = [_visit(store, row) for row in rows]
    return found, int(rows[0].total) if rows else 0


def _timed(topic: str, asked: Asked, bounds: Bounds, key: str) -> sa.Select[Any]:
    step = key if asked.by == "step" and key in times.STEPS else asked.what
    column = times.STEPS[step] if topic == "waiting" else times.SIDES[asked.what]
    where = [_t.arrived >= bounds.start, _t.arrived < bounds.end, column.is_not(None), *times.filters(asked)]
    if key != NO_KEY and asked.by != "step":
        where.append(_matches(times.key_of(asked.by, bounds), asked.by, key))
    return (
        sa.select(
            _t.appointment_id.label("appointment"), _t.patient_id, _t.arrived.label("at"), _v.patient_name,
            _v.provider_name, _v.type_name, column.label("value"),
        )
        .select_from(visit_time.join(visit_row, _v.id == _t.id))
        .where(*where)
        .order_by(sa.desc("value"), _t.arrived, _t.id)
    )  # fmt: skip


def _booked(asked: Asked, bounds: Bounds, *, key: str, value: Any, until: datetime) -> sa.Select[Any]:
    where = [_a.start >= bounds.start, *bookings.inside(asked, bounds, until)]
    if key != NO_KEY:
        where.append(_matches(bookings.key_of(asked.by, bounds), asked.by, key))
    return _rows(value).where(*where).order_by(_a.start.desc(), _a.id)


def _of_outcome(wanted: sa.Select[Any], only: str) -> sa.Select[Any]:
    c = wanted.order_by(None).subquery().c
    outcomes = (only,) if only in OUTCOMES else (bookings.CAME, bookings.NO_SHOW, bookings.LATE)
    return sa.select(*c).where(c.value.in_(outcomes)).order_by(c.at.desc(), c.appointment)


def _of_thing(asked: Asked, bounds: Bounds, key: str) -> sa.Select[Any]:
    """The visits that had time of a provider, a room or a device."""
    where = [_a.start >= bounds.start, _a.start < bounds.end, _a.status.in_(use.HELD)]
    filters = ((_a.provider, asked.provider), (_a.type_id, asked.type_id), (_a.site, asked.site))
    where += [column == value for column, value in filters if value]
    if key != NO_KEY:
        actor = ("Location/" if asked.what == "room" else "Device/") + key
        part = sa.exists().where(_p.id == _a.id, _p.actor == actor)
        where.append(_a.provider == key if asked.what == "provider" else sa.or_(_a.room == key, part))
    return _rows(_a.minutes).where(*where).order_by(_a.start.desc(), _a.id)


def _rows(value: Any) -> sa.Select[Any]:
    return sa.select(
        _a.id.label("appointment"), _a.patient_id, _a.start.label("at"), _a.patient_name, _a.provider_name,
        _a.type_name, value.label("value"),
    )  # fmt: skip


def _matches(column: Any, by: str, key: str) -> sa.ColumnElement[bool]:
    return sa.cast(column, sa.String) == key if by in ("hour", "weekday") else column == key


def _paged(wanted: sa.Select[Any], page: int) -> sa.Select[Any]:
    total = sa.func.count().over().label("total")
    return wanted.add_columns(total).limit(PAGE).offset((page - 1) * PAGE)


def _visit(store: Store, row: Any) -> Visit:
    found = Visit(*row[:-1])
    if not store.is_closed(found.patient_id):
        return found
    return Visit("", found.patient_id, found.at, "", found.provider_name, type_name="", value=found.value, closed=True)
