"""Lists of appointments: the search page, a patient's own, and those around a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clinic.appointments.queries.board import HIDDEN
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import appointment_row
from clinic.core.days import day_bounds
from clinic.db.together import Short
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store

NOT_COMING = (*HIDDEN, "noshow", "fulfilled")
"""States of a visit that nobody is expected for."""
PAGE = 50
_a = appointment_row.c
_MOST_COMING = 200
_COLUMNS = (
    _a.id, _a.start, _a.end, _a.status, _a.lane, _a.provider, _a.provider_name, _a.room_name, _a.patient_id,
    _a.patient_name, _a.birth_date, _a.type_name, _a.reason, _a.note, _a.version,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visit:
    """One appointment in a list."""

    id: str
    start: datetime
    end: datetime
    status: str
    lane: int
    provider: str
    provider_name: str
    room_name: str
    patient_id: str
    patient_name: str
    birth_date: str
    type_name: str
    reason: str
    note: str
    version: int


@dataclass(frozen=True)
class Wanted:
    """What the list is searched for; empty values match everything."""

    first: date
    last: date
    provider: str = ""
    status: str = ""
    words: str = ""
    page: int = 1


def list_visits(store: Store, wanted: Wanted) -> tuple[list[Visit], int]:
    """One page of appointments by time, and how many there are in all; one statement.

    Words are looked for in the patient's name as it is written, in any case.
    """
    where = _where(store, wanted)
    count = sa.func.count().over().label("total")
    query = sa.select(*_COLUMNS, count).where(*where).order_by(_a.start, _a.id, _a.provider)
    rows = store.conn.execute(query.limit(PAGE).offset((wanted.page - 1) * PAGE)).all()
    return [_shown(store, _visit(row[:-1])) for row in rows], int(rows[0].total) if rows else 0


def _where(store: Store, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    zone = store.practice.zone
    start, end = day_bounds(wanted.first, zone)[0], day_bounds(wanted.last, zone)[1]
    where: list[sa.ColumnElement[bool]] = [_a.start >= start, _a.start < end]
    if wanted.provider:
        where.append(_a.provider == wanted.provider)
    if wanted.status:
        where.append(_a.status == wanted.status)
    for word in wanted.words.split()[:5]:
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        where.append(_a.patient_name.ilike(f"%{escaped}%", escape="\\"))
    return where


_OF_PATIENT = sa.select(*_COLUMNS).where(_a.patient_id == sa.bindparam("patient_id"))
NEWEST = Short(_OF_PATIENT.where(_a.status != "entered-in-error"), (_a.start.desc(), _a.id), limit=6)
"""A patient's appointments, newest first, the coming ones included; each row makes a Visit."""
NEXT = Short(
    _OF_PATIENT.where(_a.end > sa.bindparam("now", type_=UtcDateTime), _a.status.not_in(NOT_COMING)),
    (_a.start, _a.id),
    limit=1,
)
"""The patient's next appointment, the one that is running included."""
AHEAD = Short(
    _OF_PATIENT.where(_a.start > sa.bindparam("now", type_=UtcDateTime), _a.status.in_(("booked", "pending"))),
    (_a.start, _a.id),
    limit=3,
)
"""The next visits of a patient that nobody has come for yet; each row makes a Visit."""


def visits_near(store: Store, patient_id: str, start: datetime, *, except_for: str = "") -> list[Visit]:
    """The patient's other visits within half a day of a time; one statement."""
    half = timedelta(hours=14)
    query = sa.select(*_COLUMNS).where(
        _a.patient_id == patient_id, _a.start > start - half, _a.start < start + half, _a.id != except_for
    )
    rows = store.conn.execute(query.where(_a.status.not_in((*HIDDEN, "noshow"))).order_by(_a.start))
    return [_visit(row) for row in rows]


def visits_from(store: Store, patient_id: str, since: datetime, *, except_for: str = "") -> list[Visit]:
    """The patient's visits that begin within half a day before a time or later, soonest first; one statement."""
    query = sa.select(*_COLUMNS).where(
        _a.patient_id == patient_id, _a.start > since - timedelta(hours=14), _a.id != except_for
    )
    rows = store.conn.execute(query.where(_a.status.not_in((*HIDDEN, "noshow"))).order_by(_a.start).limit(_MOST_COMING))
    return [_visit(row) for row in rows]


def busy_spans(store: Store, patient_id: str, since: datetime, *, except_for: str = "") -> tuple[Span, ...]:
    """When this patient is at one of their visits, from a time on; nobody is nowhere."""
    if not patient_id:
        return ()
    return tuple(Span(one.start, one.end) for one in visits_from(store, patient_id, since, except_for=except_for))


_SEEN = sa.select(_a.id).where(
    _a.patient_id == sa.bindparam("patient_id"), _a.status.in_(("arrived", "checked-in", "fulfilled"))
)


def is_known(store: Store, patient_id: str) -> bool:
    """Whether this patient has been here before; one statement."""
    return store.conn.execute(_SEEN.limit(1), {"patient_id": patient_id}).first() is not None


def visit(store: Store, id_: str) -> Visit | None:
    """One appointment as a row; None for one without a time."""
    row = store.conn.execute(sa.select(*_COLUMNS).where(_a.id == id_).limit(1)).first()
    return _visit(row) if row else None


def _shown(store: Store, visit: Visit) -> Visit:
    """Of a restricted patient the time and the name, not why."""
    if not store.is_closed(visit.patient_id):
        return visit
    return replace(visit, birth_date=visit.birth_date[:4], reason="", note="")


def _visit(row: Any) -> Visit:
    return Visit(*row)
