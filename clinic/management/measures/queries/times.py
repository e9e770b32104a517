"""Minutes of visits: at each station, until somebody is taken in, and how late both sides are."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clinic.fhir.store import Store
from clinic.management.measures.queries.asked import Asked, Bounds, Label, counted, raw_of
from clinic.management.measures.rules.spread import Spread
from clinic.visits.tables import visit_time

_t = visit_time.c
STEPS: Final = {
    "wait": _t.wait, "arrived": _t.in_arrived, "check-in": _t.in_check_in, "waiting": _t.in_waiting,
    "room": _t.in_room, "provider": _t.in_provider, "check-out": _t.in_check_out, "whole": _t.whole,
}  # fmt: skip
"""The wait until somebody is taken in, each station in the order of the visit, and the whole of it."""
SIDES: Final = {"patients": _t.late, "providers": _t.late_provider}
BY: Final = ("provider", "hour", "weekday", "site", "type")
Groups = dict[str, tuple[Spread, Spread]]
"""By the key of each line: the period, and the one before."""


def minutes_by(store: Store, asked: Asked, column: Any) -> Groups:
    """The spread of one column by provider, hour, weekday, site or type; one statement."""
    bounds = Bounds.of(store, asked.period)
    wanted = _spread(asked, bounds, key_of(asked.by, bounds), column)
    return _groups(store, wanted)


def minutes_by_step(store: Store, asked: Asked) -> Groups:
    """The spread of every step; one statement."""
    bounds = Bounds.of(store, asked.period)
    parts = [_spread(asked, bounds, sa.literal_column(f"'{step}'"), column) for step, column in STEPS.items()]
    return _groups(store, sa.union_all(*parts))


def key_of(by: str, bounds: Bounds) -> Label:
    """What the lines are, of the time of arrival."""
    raw = raw_of(_t.arrived)
    if by == "hour":
        return bounds.hour(raw)
    if by == "weekday":
        return bounds.weekday(raw)
    return {"site": _t.site, "type": _t.type_id}.get(by, _t.provider)


def filters(asked: Asked) -> list[sa.ColumnElement[bool]]:
    """The filters that were chosen."""
    chosen = ((_t.provider, asked.provider), (_t.type_id, asked.type_id), (_t.site, asked.site))
    return [column == value for column, value in chosen if value]


def _spread(asked: Asked, bounds: Bounds, key: Label, column: Any) -> sa.Select[Any]:
    now = sa.case((_t.arrived >= bounds.start, 1), else_=0)
    labels = [key.label("key"), now.label("now"), column.label("value")]
    inside = [_t.arrived >= bounds.before, _t.arrived < bounds.end, column.is_not(None)]
    return counted(labels, visit_time, [*inside, *filters(asked)])


def _groups(store: Store, wanted: Any) -> Groups:
    found: Groups = {}
    for key, now, value, number in store.conn.execute(wanted):
        pair = found.setdefault(str(key), (Spread(), Spread()))
        pair[1 - now].add(value, number)
    return found
