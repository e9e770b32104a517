"""Overbookings, freed times that were offered, and promises of a wait: counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from clinic.appointments.tables import overbooking
from clinic.appointments.waitlist_tables import waitlist_offer, wish_row
from clinic.fhir.store import Store
from clinic.management.measures.queries.asked import MINUTE_MS, Asked, Bounds, counted, raw_of
from clinic.management.measures.rules.spread import Spread
from clinic.visits.queries.promises import Kept, promises

_o, _w, _r = overbooking.c, waitlist_offer.c, wish_row.c
OVERBOOKED_BY: Final = ("provider", "author", "weekday", "hour")
WAITLIST_BY: Final = ("type", "provider")
_MOST = 100_000


def overbooked_by(store: Store, asked: Asked) -> dict[str, tuple[int, int]]:
    """How many deliberate overbookings there are by provider, who booked them, weekday or hour; one statement."""
    bounds = Bounds.of(store, asked.period)
    raw = raw_of(_o.start)
    key: Any = {"author": _o.author_name, "weekday": bounds.weekday(raw), "hour": bounds.hour(raw)}.get(
        asked.by, _o.provider
    )
    now = sa.case((_o.start >= bounds.start, 1), else_=0)
    where = [_o.start >= bounds.before, _o.start < bounds.end]
    where += [_o.provider == asked.provider] if asked.provider else []
    found: dict[str, tuple[int, int]] = {}
    for name, is_now, number in store.conn.execute(counted([key.label("key"), now.label("now")], overbooking, where)):
        had = found.get(str(name), (0, 0))
        found[str(name)] = (had[0] + number, had[1]) if is_now else (had[0], had[1] + number)
    return found


@dataclass
class Fill:
    """Freed times that were offered, and those of them that somebody took, with the minutes that it took."""

    offered: int = 0
    taken: Spread = field(default_factory=Spread)


def filled_by(store: Store, asked: Asked) -> dict[str, tuple[Fill, Fill]]:
    """Freed times by visit type of who was asked, or by provider; one statement.

    A time is one start of one provider, however many were asked and in how many rounds; it was freed when it was
    first offered.
    """
    bounds = Bounds.of(store, asked.period)
    found: dict[str, tuple[Fill, Fill]] = {}
    for row in store.conn.execute(_times(asked, bounds)):
        now, before = found.setdefault(str(row.key), (Fill(), Fill()))
        fill = now if row.freed >= round(bounds.start.timestamp() * 1000) else before
        fill.offered += 1
        if row.taken is not None:
            fill.taken.add(max(0, int(row.taken - row.freed) // MINUTE_MS))
    return found


def _times(asked: Asked, bounds: Bounds) -> sa.Select[Any]:
    accepted = sa.case((_w.state == "accepted", raw_of(_w.answered)))
    key = sa.func.min(_r.type_id) if asked.by == "type" else _w.provider
    freed = sa.func.min(raw_of(_w.made))
    chosen = ((_w.provider, asked.provider), (_r.type_id, asked.type_id))
    return (
        sa.select(key.label("key"), freed.label("freed"), sa.func.min(accepted).label("taken"))
        .select_from(waitlist_offer.join(wish_row, _r.id == _w.wish))
        .where(_w.made >= bounds.before, _w.made < bounds.end)
        .where(*(column == value for column, value in chosen if value))
        .group_by(_w.provider, _w.start)
        .limit(_MOST)
    )


def promises_by(store: Store, asked: Asked) -> dict[str, tuple[Kept, Kept]]:
    """What became of what was told on arrival, by provider or weekday; one statement."""
    found: dict[str, tuple[Kept, Kept]] = {}
    for line in promises(store, asked.period.before().first, asked.period.last):
        if asked.provider not in ("", line.provider):
            continue
        key = str(line.day.weekday()) if asked.by == "weekday" else line.provider
        now, before = found.get(key, (Kept(), Kept()))
        if line.day >= asked.period.first:
            now += line.kept
        else:
            before += line.kept
        found[key] = (now, before)
    return found


PROMISED_BY: Final = ("provider", "weekday")
