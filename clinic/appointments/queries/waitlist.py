"""The waiting list as the desk sees it: who waits, what is offered now, how often a freed time was filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clinic.appointments.queries.waiting import ENTRY_COLUMNS, OFFER_COLUMNS, OfferRow, entry_of_row
from clinic.appointments.rules.waitlist import OPEN_STATES, Entry
from clinic.appointments.waitlist_tables import waitlist_offer, wish_row
from clinic.fhir.store import Store

PAGE = 50
STATES = ("waiting", "booked", "ended")
_w, _o = wish_row.c, waitlist_offer.c
_MOST_OPEN = 100


@dataclass(frozen=True)
class Sought:
    """What the list is searched for; empty values match everything. `state` is one of STATES."""

    words: str = ""
    type_id: str = ""
    state: str = "waiting"
    page: int = 1


@dataclass(frozen=True)
class Waiter:
    """One line of the list, and whether a time is offered to them now."""

    entry: Entry
    offers: int
    offered: bool


@dataclass(frozen=True)
class Offered:
    """An open offer and whom it is made to."""

    offer: OfferRow
    entry: Entry


@dataclass(frozen=True)
class Fill:
    """How the waiting list filled freed times in a period: the measures' figures.

    `times` are the times that were offered, `filled` those that somebody took; `answers` the minutes from telling to
    the answer of each who answered, sorted; `wishes` how many put on the list in the period were booked.
    """

    times: int = 0
    filled: int = 0
    offers: int = 0
    declined: int = 0
    expired: int = 0
    answers: tuple[float, ...] = ()
    put_on: int = 0
    booked: int = 0


def list_wishes(store: Store, sought: Sought) -> tuple[list[Waiter], int]:
    """One page of the list in the order in which it is served, and how many there are in all; one statement."""
    mine = waitlist_offer.c.wish == _w.id
    open_now = sa.select(sa.func.count()).where(mine, _o.state.in_(OPEN_STATES)).scalar_subquery()
    offered = sa.select(sa.func.count()).select_from(waitlist_offer).where(mine).scalar_subquery()
    total = sa.func.count().over()
    wanted = sa.select(*ENTRY_COLUMNS, offered, open_now, total).where(*_where(store, sought))
    order = (_w.urgency, _w.created, _w.id) if sought.state == "waiting" else (_w.created.desc(), _w.id)
    rows = store.conn.execute(wanted.order_by(*order).limit(PAGE).offset((sought.page - 1) * PAGE)).all()
    width = len(ENTRY_COLUMNS)
    found = [Waiter(_shown(store, entry_of_row(row[:width])), row[width], row[width + 1] > 0) for row in rows]
    return found, int(rows[0][-1]) if rows else 0


def _where(store: Store, sought: Sought) -> list[sa.ColumnElement[bool]]:
    waits = sa.and_(_w.status == "waitlist", _w.until > store.now)
    where: list[sa.ColumnElement[bool]] = [
        {"booked": _w.booked != "", "ended": sa.and_(~waits, _w.booked == "")}.get(sought.state, waits)
    ]
    if sought.type_id:
        where.append(_w.type_id == sought.type_id)
    for word in sought.words.split()[:5]:
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        where.append(_w.patient_name.ilike(f"%{escaped}%", escape="\\"))
    return where


def open_offers(store: Store) -> list[Offered]:
    """What is offered now and waits for an answer, the first to run out first; one statement."""
    wanted = sa.select(*OFFER_COLUMNS, *ENTRY_COLUMNS).select_from(waitlist_offer.join(wish_row, _w.id == _o.wish))
    rows = store.conn.execute(
        wanted.where(_o.state.in_(OPEN_STATES)).order_by(_o.expires, _o.round, _o.id).limit(_MOST_OPEN)
    )
    width = len(OFFER_COLUMNS)
    return [Offered(OfferRow(*row[:width]), _shown(store, entry_of_row(row[width:]))) for row in rows]


def wishes_of(store: Store, patient_id: str) -> list[Entry]:
    """What a patient waits for now."""
    wanted = sa.select(*ENTRY_COLUMNS).where(_w.patient_id == patient_id, _w.status == "waitlist", _w.until > store.now)
    return [entry_of_row(row) for row in store.conn.execute(wanted.order_by(_w.created))]


def fill_of(store: Store, since: datetime, until: datetime) -> Fill:
    """How the waiting list filled what became free between two moments; two statements."""
    query = sa.select(_o.provider, _o.start, _o.state, _o.told, _o.answered).where(_o.made >= since, _o.made < until)
    rows = store.conn.execute(query).all()
    counted = [row for row in rows if row.state != "withdrawn"]
    put_on, booked = store.conn.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(sa.case((_w.booked != "", 1), else_=0)), 0)).where(
            _w.created >= since, _w.created < until
        )
    ).one()
    return Fill(
        times=len({(row.provider, row.start) for row in counted}),
        filled=len({(row.provider, row.start) for row in counted if row.state == "accepted"}),
        offers=len(counted),
        declined=_count(counted, "declined"),
        expired=_count(counted, "expired"),
        answers=tuple(sorted(_minutes(row) for row in counted if row.answered)),
        put_on=int(put_on),
        booked=int(booked),
    )


def _count(rows: Sequence[Any], state: str) -> int:
    return sum(row.state == state for row in rows)


def _minutes(row: Any) -> float:
    return max(0.0, (row.answered - (row.told or row.answered)).total_seconds() / 60)


def _shown(store: Store, entry: Entry) -> Entry:
    """Of a restricted patient that they wait and for whom, not why."""
    if not store.is_closed(entry.patient_id):
        return entry
    return replace(entry, birth_date=entry.birth_date[:4], note="")
