"""Closed time as lists: the acts in which time was closed, one of them, and the booked visits that they meet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clinic.appointments.queries.board import LONGEST
from clinic.appointments.replan_tables import replan
from clinic.appointments.rules.closing import Closable, closables
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import absence_row, appointment_part, appointment_row
from clinic.fhir.store import Store

PAGE = 30
MOST = 400
_b, _a, _p, _r = absence_row.c, appointment_row.c, appointment_part.c, replan.c
_KEY = sa.case((_b.batch == "", _b.id), else_=_b.batch)
_BOOKED = ("booked", "pending")
_COLUMNS = (
    _a.id, _a.start, _a.end, _a.patient_id, _a.patient_name, _a.birth_date, _a.provider, _a.provider_name,
    _a.type_name, _a.room, _a.site,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shut:
    """One act in which time was closed: of whom or what, when and why."""

    key: str
    span: Span
    kind: str
    reason: str
    who: tuple[Closable, ...] = ()
    plan: str = ""
    """The plan for the visits of a provider who is out, when this is one."""
    years: int = 0
    """In how many years after the same day is closed by the same act."""

    @property
    def whole(self) -> tuple[str, ...]:
        """The names of all that is closed."""
        return tuple(one.name for one in self.who)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the list."""

    words: str = ""
    past: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class HitVisit:
    """A booked visit that closed time meets; `by` is the key of what is closed."""

    id: str
    start: datetime
    end: datetime
    patient_id: str
    patient_name: str
    birth_date: str
    provider: str
    provider_name: str
    type_name: str
    room: str
    site: str
    by: str = ""


def closed_times(store: Store, setup: Setup, wanted: Wanted) -> tuple[list[Shut], int]:
    """One page of what is closed from now on, soonest first, or was, latest first; and how many there are."""
    start = sa.func.min(_b.start)
    query = sa.select(_KEY.label("key"), sa.func.count().over().label("acts")).group_by(_KEY)
    query = query.where(_b.end <= store.now if wanted.past else _b.end > store.now)
    for word in wanted.words.split()[:5]:
        like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        named = [one.id for one in closables(setup).values() if word.casefold() in one.name.casefold()]
        schedules = [*named, *(id_ for id_, owner in setup.schedules.items() if owner in named)]
        query = query.where(sa.or_(_b.reason.ilike(like, escape="\\"), _b.schedule.in_(schedules)))
    query = query.order_by(start.desc() if wanted.past else start, _KEY)
    rows = store.conn.execute(query.limit(PAGE).offset((wanted.page - 1) * PAGE)).all()
    return _shut(store, setup, [row.key for row in rows]), int(rows[0].acts) if rows else 0


def closed_time(store: Store, setup: Setup, key: str) -> Shut | None:
    """One act, with all that it closed."""
    return next(iter(_shut(store, setup, [key])), None)


def slots_of(store: Store, key: str, *, following: bool = False) -> list[str]:
    """The ids of the Slots of one act; with those of the years after, when they are asked for."""
    mine = sa.or_(_b.batch == key, sa.and_(_b.id == key, _b.batch == ""))
    family = key.rpartition(".")[0]
    if following and family:
        begins = sa.select(sa.func.min(_b.start)).where(_b.batch == key).scalar_subquery()
        mine = sa.and_(_b.batch.like(f"{family}.%"), _b.start >= begins)
    return list(store.conn.execute(sa.select(_b.id).where(mine).order_by(_b.start, _b.id)).scalars())


def slot_over(store: Store, setup: Setup, owner: str, span: Span) -> str:
    """The Slot that closes somebody's time for exactly this stretch; empty when there is none."""
    schedules = {owner, *(id_ for id_, whose in setup.schedules.items() if whose == owner)}
    mine = sa.select(_b.id).where(_b.schedule.in_(sorted(schedules)), _b.start == span.start, _b.end == span.end)
    return str(store.conn.execute(mine.order_by(_b.id).limit(1)).scalar() or "")


def _shut(store: Store, setup: Setup, keys: Sequence[str]) -> list[Shut]:
    """These acts in the order given; two statements."""
    columns = (_KEY.label("key"), _b.id, _b.schedule, _b.start, _b.end, _b.kind, _b.reason)
    rows = store.conn.execute(sa.select(*columns).where(_KEY.in_(list(keys))).order_by(_b.start, _b.id)).all()
    plans = dict(store.conn.execute(sa.select(_r.slot, _r.id).where(_r.slot.in_([row.id for row in rows]))).all())
    found: dict[str, Shut] = {}
    names = {one.id: one for one in closables(setup).values()}
    for row in rows:
        owner = setup.schedules.get(row.schedule) or row.schedule
        one = names.get(owner) or Closable("", f"/{owner}", owner)
        known = found.get(row.key) or Shut(row.key, Span(row.start, row.end), row.kind, row.reason)
        found[row.key] = replace(known, who=(*known.who, one), plan=known.plan or plans.get(row.id, ""))
    return [_named(setup, found[key]) for key in keys if key in found]


def _named(setup: Setup, shut: Shut) -> Shut:
    """In the order in which they are shown; somebody who is not in use any more keeps their name."""
    order = {key: number for number, key in enumerate(closables(setup))}
    named = [one if one.kind else one._replace(name=_old_name(setup, one.id)) for one in shut.who]
    return replace(shut, who=tuple(sorted(named, key=lambda one: (order.get(one.key, len(order)), one.name))))


def _old_name(setup: Setup, id_: str) -> str:
    person = setup.provider(id_)
    return person.name if person else "–"


def years_after(store: Store, key: str) -> int:
    """How many times the same act closes the same day in later years."""
    family = key.rpartition(".")[0]
    if not family:
        return 0
    begins = sa.select(sa.func.min(_b.start)).where(_b.batch == key).scalar_subquery()
    later = sa.select(sa.func.count(sa.distinct(_b.batch))).where(_b.batch.like(f"{family}.%"), _b.start > begins)
    return int(store.conn.execute(later).scalar_one())


def visits_hit(store: Store, who: Sequence[str], spans: Iterable[Span]) -> list[HitVisit]:
    """The booked visits that need somebody or something of these while it is closed, soonest first, at most 400.

    A visit is named once, by the first of its provider, its room, what else it needs, and its site. A group is one
    visit, and so is each of its seats, so that every patient is named. Of closed records the name alone.
    """
    stretches = [span for span in spans if span.end > store.now]
    if not who or not stretches:
        return []
    ids = [key.partition("/")[2] for key in who]
    met = sa.or_(*(_meets(_a, span) for span in stretches))
    parts = sa.select(_p.id, _p.actor).where(_p.actor.in_(who), sa.or_(*(_meets(_p, span) for span in stretches)))
    uses = sa.or_(_a.provider.in_(ids), _a.room.in_(ids), _a.site.in_(ids), _a.id.in_(parts.with_only_columns(_p.id)))
    wanted = sa.select(*_COLUMNS).where(met, uses, _a.end > store.now, _a.status.in_(_BOOKED))
    rows = store.conn.execute(wanted.order_by(_a.start, _a.id).limit(MOST)).all()
    actors = dict(store.conn.execute(parts.order_by(_p.actor.desc())).all()) if rows else {}
    found = {row.id: _hit(store, HitVisit(*row), who, actors) for row in reversed(rows)}
    return list(reversed(found.values()))


def _meets(columns: Any, span: Span) -> sa.ColumnElement[bool]:
    return sa.and_(columns.start > span.start - LONGEST, columns.start < span.end, columns.end > span.start)


def _hit(store: Store, one: HitVisit, who: Sequence[str], actors: dict[str, str]) -> HitVisit:
    named = (f"Practitioner/{one.provider}", f"Location/{one.room}", actors.get(one.id, ""), f"Location/{one.site}")
    closed = store.is_closed(one.patient_id)
    return replace(
        one,
        by=next((key for key in named if key in who), ""),
        birth_date=one.birth_date[:4] if closed else one.birth_date,
        type_name="" if closed else one.type_name,
    )
