"""What a series would meet: each date free or not, with free times close to it; and the series there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clinic.appointments.mapping.bonds import SERIES
from clinic.appointments.queries.board import HIDDEN
from clinic.appointments.queries.free import Search, find_times, preferred_first
from clinic.appointments.queries.listing import visits_from
from clinic.appointments.rules.booking import is_past
from clinic.appointments.rules.free import Offer
from clinic.appointments.rules.series import EXTEND_BEFORE, Pattern, read_rule
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import appointment_row, appointment_series
from clinic.core.days import day_bounds, local
from clinic.fhir.index_tables import ix_token
from clinic.fhir.store import Store

PAGE = 50
_NEAR = timedelta(days=3)
_ALTERNATIVES = 3
_a, _s, _t = appointment_row.c, appointment_series.c, ix_token.c


@dataclass(frozen=True)
class Asked:
    """One date that is thought of: its number, when and with whom; `id` is the visit that would move there."""

    number: int
    start: datetime
    provider: str
    id: str = ""
    version: int = 0
    before: datetime | None = None
    """Where the visit is now."""


@dataclass(frozen=True)
class Looked:
    """A date as it would be: free, taken, past, or at a time when the patient is elsewhere, and times close to it."""

    asked: Asked
    state: str
    offers: tuple[Offer, ...] = ()
    elsewhere: str = ""
    """With whom the patient is then."""


@dataclass(frozen=True)
class Frame:
    """What all dates share."""

    minutes: int
    type_id: str
    patient: str = ""


def look_ahead(store: Store, setup: Setup, dates: Sequence[Asked], frame: Frame) -> tuple[Looked, ...]:
    """Every date with its state. The patient's own visits are read once, free time once a date."""
    own = {one.id for one in dates if one.id}
    visits = visits_from(store, frame.patient, min(one.start for one in dates)) if frame.patient and dates else []
    others = [(Span(one.start, one.end), one.provider_name) for one in visits if one.id not in own]
    moving = [Span(one.before, one.before + timedelta(minutes=frame.minutes)) for one in dates if one.before]
    return tuple(_looked(store, setup, one, frame, (others, moving)) for one in dates)


def _looked(
    store: Store, setup: Setup, one: Asked, frame: Frame, around: tuple[list[tuple[Span, str]], list[Span]]
) -> Looked:
    others, moving = around
    span = Span(one.start, one.start + timedelta(minutes=frame.minutes))
    clash = next((name for other, name in others if other.meets(span)), None)
    if is_past(one.start, store.now):
        return Looked(one, "past")
    search = Search(
        frame.minutes, one.start, (one.provider,), limit=1, except_for=one.id, type_id=frame.type_id,
        latest=one.start + timedelta(minutes=5),
    )  # fmt: skip
    fits = find_times(store, setup, search).fits or any(there.meets(span) for there in moving)
    if fits and clash is None:
        return Looked(one, "free")
    busy = tuple(other for other, _name in others)
    return Looked(one, "twice" if fits else "taken", _offers(store, setup, replace(search, busy=busy)), clash or "")


def _offers(store: Store, setup: Setup, search: Search) -> tuple[Offer, ...]:
    """Free times close to one that is not: of that day first, the same provider before others."""
    zone, asked = store.practice.zone, search.earliest
    day = local(asked, zone).date()
    begins, ends = day_bounds(day, zone)
    people = preferred_first(setup, search.type_id, search.providers[0])
    wide = replace(search, earliest=max(begins, store.now), latest=ends + _NEAR, providers=people, spread=99, limit=400)
    found = find_times(store, setup, wide).offers
    ordered = sorted(found, key=lambda offer: (offer.start >= ends, abs(offer.start - asked), offer.rank))
    return tuple(sorted(_apart(ordered)))


def _apart(offers: Sequence[Offer]) -> list[Offer]:
    """The first few that differ in time."""
    kept: dict[datetime, Offer] = {}
    for offer in offers:
        kept.setdefault(offer.start, offer)
    return list(kept.values())[:_ALTERNATIVES]


@dataclass(frozen=True)
class SeriesRow:
    """One series in the list: whose, with whom, how it goes on, and what is left of it."""

    id: str
    pattern: Pattern
    patient_id: str
    patient_name: str
    provider_name: str
    type_name: str
    wall_time: str
    left: int
    next: datetime | None
    last: datetime
    to_extend: bool


def list_series(store: Store, words: str, *, state: str, page: int) -> tuple[list[SeriesRow], int]:
    """One page of series, those to extend first, then by their last date; and how many there are. One statement.

    `state` is `extend`, `coming` or `all`; words are looked for in the patient's name.
    """
    until = store.now + EXTEND_BEFORE
    coming = sa.case((sa.and_(_a.start > store.now, _a.status.not_in((*HIDDEN, "noshow"))), 1), else_=0)
    soonest = sa.func.min(sa.case((coming == 1, _a.start)))
    last, left = sa.func.max(_a.start), sa.func.sum(coming)
    urgent = sa.case((sa.and_(_s.carries_on, last < until), 0), else_=1)
    joined = appointment_series.join(
        ix_token, sa.and_(_t.type == "Appointment", _t.param == "identifier", _t.code == _s.id, _t.system == SERIES)
    ).join(appointment_row, _a.id == _t.id)
    query = (
        sa.select(
            _s.id, _s.rule, _s.wall_time, sa.func.max(_a.patient_id), sa.func.max(_a.patient_name),
            sa.func.max(_a.provider_name), sa.func.max(_a.type_name), left, soonest, last, urgent,
            sa.func.count().over(),
        )
        .select_from(joined)
        .where(_a.status != "entered-in-error", *_named(words))
        .group_by(_s.id, _s.rule, _s.wall_time, _s.carries_on)
        .order_by(urgent, last.desc(), _s.id)
    )  # fmt: skip
    if state == "extend":
        query = query.having(sa.and_(_s.carries_on, last < until))
    elif state == "coming":
        query = query.having(left > 0)
    rows = store.conn.execute(query.limit(PAGE).offset((page - 1) * PAGE)).all()
    return [_series(row) for row in rows], int(rows[0][11]) if rows else 0


def _series(row: Any) -> SeriesRow:
    id_, rule, wall, patient, name, provider, kind, left, soonest, last, urgent, _total = row
    pattern = read_rule(rule)
    return SeriesRow(id_, pattern, patient, name, provider, kind, wall, int(left), soonest, last, urgent == 0)


def _named(words: str) -> list[sa.ColumnElement[bool]]:
    escaped = [word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for word in words.split()[:5]]
    return [_a.patient_name.ilike(f"%{word}%", escape="\\") for word in escaped]


@dataclass(frozen=True)
class Rule:
    """How a series was said, and whether it has no end."""

    pattern: Pattern
    wall_time: str
    carries_on: bool


def series_row(store: Store, series_id: str) -> Rule | None:
    """The rule of one series."""
    row = store.conn.execute(sa.select(_s.rule, _s.wall_time, _s.carries_on).where(_s.id == series_id)).first()
    return Rule(read_rule(row.rule), row.wall_time, bool(row.carries_on)) if row else None
