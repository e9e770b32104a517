"""The report of deliberate overbookings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from clinic.appointments.tables import appointment_row, overbooking
from clinic.core.days import day_bounds
from clinic.fhir.store import Store

PAGE = 50
_MOST = 20_000
_a, _o = appointment_row.c, overbooking.c


@dataclass(frozen=True)
class Wanted:
    """What the report is about; empty values match everything. Words are looked for in patient and reason."""

    first: date
    last: date
    provider: str = ""
    words: str = ""
    page: int = 1


@dataclass(frozen=True)
class OverbookedRow:
    """One deliberate overbooking: what, why, by whom and when; `status` is what became of the visit."""

    appointment: str
    start: datetime
    provider_name: str
    reason: str
    author_name: str
    at: datetime
    patient_id: str
    patient_name: str
    type_name: str
    status: str


@dataclass(frozen=True)
class Count:
    """How many of them one provider has, or one person made."""

    name: str
    number: int


def overbooked(store: Store, wanted: Wanted) -> tuple[list[OverbookedRow], int]:
    """One page of the report by time, and how many there are in all; one statement."""
    query = _rows(store, wanted).add_columns(sa.func.count().over())
    rows = store.conn.execute(query.limit(PAGE).offset((wanted.page - 1) * PAGE)).all()
    return [_row(store, row[:-1]) for row in rows], int(rows[0][-1]) if rows else 0


def all_overbooked(store: Store, wanted: Wanted) -> Iterator[OverbookedRow]:
    """Every line of the report, for a file."""
    return (_row(store, row) for row in store.conn.execute(_rows(store, wanted).limit(_MOST)))


def counts(store: Store, wanted: Wanted) -> tuple[list[Count], list[Count]]:
    """How many by provider and by who booked them, most first; one statement."""
    c = _rows(store, wanted).order_by(None).subquery().c
    one = sa.select(sa.literal(0), c.provider_name, sa.func.count()).group_by(c.provider_name)
    two = sa.select(sa.literal(1), c.author_name, sa.func.count()).group_by(c.author_name)
    found: tuple[list[Count], list[Count]] = ([], [])
    for kind, name, number in store.conn.execute(sa.union_all(one, two)):
        found[kind].append(Count(name, int(number)))
    for part in found:
        part.sort(key=lambda item: (-item.number, item.name))
    return found


def _rows(store: Store, wanted: Wanted) -> sa.Select[Any]:
    zone = store.practice.zone
    start, end = day_bounds(wanted.first, zone)[0], day_bounds(wanted.last, zone)[1]
    present = (
        sa.select(
            _a.id, sa.func.min(_a.patient_id).label("patient_id"), sa.func.min(_a.patient_name).label("patient_name"),
            sa.func.min(_a.type_name).label("type_name"), sa.func.min(_a.status).label("status"),
        )
        .where(_a.id.in_(sa.select(_o.appointment).where(_o.start >= start, _o.start < end)))
        .group_by(_a.id)
        .subquery()
    )  # fmt: skip
    p = present.c
    query = (
        sa.select(
            _o.appointment, _o.start, _o.provider_name, _o.reason, _o.author_name, _o.at, p.patient_id,
            p.patient_name, p.type_name, p.status,
        )
        .select_from(overbooking.join(present, p.id == _o.appointment))
        .where(_o.start >= start, _o.start < end)
        .order_by(_o.start.desc(), _o.appointment)
    )  # fmt: skip
    if wanted.provider:
        query = query.where(_o.provider == wanted.provider)
    for word in wanted.words.split()[:5]:
        like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(sa.or_(p.patient_name.ilike(like, escape="\\"), _o.reason.ilike(like, escape="\\")))
    return query


def _row(store: Store, row: Any) -> OverbookedRow:
    """Of a restricted patient the time and the name, not why."""
    found = OverbookedRow(*row)
    return replace(found, reason="") if store.is_closed(found.patient_id) else found
