"""What is known of waits: to learn from, to show beside a visit, and to report how often a promise was kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from clinic.appointments.tables import appointment_row
from clinic.core.days import local
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store
from clinic.visits.rules import ARRIVED, CHECK_IN, PROVIDER, ROOM, WAITING
from clinic.visits.rules.waits import Range, Seen, delay_of
from clinic.visits.tables import station_time, visit_row, wait_told

LEARNED_FROM = timedelta(days=120)
_MOST = 300
_w, _v, _s, _a = wait_told.c, visit_row.c, station_time.c, appointment_row.c
_IN_QUEUE = (ARRIVED, CHECK_IN, WAITING)


def known_waits(store: Store, provider: str) -> tuple[list[Seen], list[tuple[str, datetime]]]:
    """The last waits of a provider and of the whole practice, and who waits for this provider now; one statement.

    The second is the id of each visit with the time it was booked for.
    """
    given = {"provider": provider, "since": store.now - LEARNED_FROM, "here": store.now - timedelta(hours=12)}
    known, queue = [], []
    for row in store.conn.execute(_known(), given):
        if row.tag == "q":
            queue.append((row.id, row.due))
            continue
        delay = delay_of(row.at, row.due, row.seen)
        if delay is not None:
            known.append(Seen(row.provider, row.type_id, row.part, row.ahead, delay))
    return known, queue


@cache
def _known() -> sa.CompoundSelect[Any]:
    since, here = (sa.bindparam(name, type_=UtcDateTime) for name in ("since", "here"))
    columns = (_w.id, _w.provider, _w.type_id, _w.part, _w.ahead, _w.at, _w.due, _w.seen)
    seen = sa.select(sa.literal_column("'s'").label("tag"), *columns).where(_w.at >= since, _w.seen.is_not(None))
    last = seen.order_by(_w.at.desc()).limit(_MOST)
    own, all_ = last.where(_w.provider == sa.bindparam("provider")).subquery(), last.subquery()
    queue = (
        sa.select(sa.literal_column("'q'").label("tag"), *columns)
        .join(visit_row, _v.id == _w.id)
        .where(_w.provider == sa.bindparam("provider"), _w.at >= here, _w.seen.is_(None), _v.station.in_(_IN_QUEUE))
    )
    return sa.union(sa.select(*own.c), sa.select(*all_.c), queue)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A visit from before waits were noted."""

    id: str
    provider: str
    provider_name: str
    type_id: str
    at: datetime
    due: datetime
    seen: datetime | None


def earlier_visits(store: Store) -> Iterator[list[Earlier]]:
    """The visits to learn from, those of one provider on one day together."""
    first = sa.and_(_s.id == _v.id, _s.place == 0)
    stay = station_time.alias("stay").c
    inside = sa.select(sa.func.min(stay.start)).where(stay.id == _v.id, stay.station.in_((ROOM, PROVIDER)))
    taken = inside.scalar_subquery()
    booked = sa.and_(_a.id == _v.appointment_id, _a.provider == _v.provider)
    wanted = (
        sa.select(_v.id, _v.provider, _v.provider_name, _s.type_id, _v.arrived, _a.start, taken)
        .select_from(visit_row.join(station_time, first).outerjoin(appointment_row, booked))
        .where(_v.arrived >= store.now - LEARNED_FROM)
        .order_by(_v.provider, _v.arrived)
    )
    found = (Earlier(*row[:5], row[5] or row[4], row[6]) for row in store.conn.execute(wanted).all())
    zone = store.practice.zone
    for _key, visits in groupby(found, key=lambda one: (one.provider, local(one.at, zone).date())):
        yield list(visits)


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody was told on arrival, and how many minutes ago."""

    least: int | None
    most: int | None
    at: datetime
    seen: datetime | None

    def left(self, now: datetime) -> Range | None:
        """What is left of the promise; None when nothing was told or it is over."""
        if self.least is None or self.most is None:
            return None
        return Range(self.least, self.most).left(int((now - self.at) / timedelta(minutes=1)))

    def over(self, now: datetime) -> bool:
        """Whether it takes longer than was told."""
        return self.most is not None and self.seen is None and self.left(now) is None


def told_to(store: Store, visit_ids: Sequence[str]) -> dict[str, Told]:
    """What was told to each of these visits."""
    wanted = sa.select(_w.id, _w.least, _w.most, _w.at, _w.seen).where(_w.id.in_(visit_ids))
    return {row.id: Told(*row[1:]) for row in store.conn.execute(wanted)} if visit_ids else {}
