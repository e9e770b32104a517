"""How much of the open time of providers, rooms and devices was booked, and how much of it was used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from clinic.appointments.queries.practice import absences_between
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import appointment_part, appointment_row
from clinic.fhir.store import Store
from clinic.management.measures.queries.asked import MINUTE_MS, Asked, Bounds, Label, raw_of, whole
from clinic.management.measures.rules.opening import Away, days_of, provider_minutes, resource_minutes
from clinic.management.measures.rules.periods import Period

WHATS: Final = ("provider", "room", "device")
_a, _p = appointment_row.c, appointment_part.c
HELD: Final = ("pending", "booked", "arrived", "checked-in", "fulfilled", "noshow")
"""States in which a visit has or had its time."""


@dataclass
class Use:
    """Minutes that were open, booked, and lost because somebody did not come; and by how many visits."""

    open: int = 0
    booked: int = 0
    lost: int = 0
    visits: int = 0

    def __add__(self, other: Use) -> Use:
        """Both together."""
        return Use(
            self.open + other.open, self.booked + other.booked, self.lost + other.lost, self.visits + other.visits
        )


def used(store: Store, setup: Setup, asked: Asked) -> dict[str, tuple[Use, Use]]:
    """The use of each provider, room or device (`asked.what`) now and before; two statements."""
    bounds = Bounds.of(store, asked.period)
    found: dict[str, tuple[Use, Use]] = {id_: (Use(), Use()) for id_ in _ids(setup, asked)}
    for id_, now, status, minutes, visits in store.conn.execute(_booked(asked, bounds)):
        if id_ not in found:
            continue
        one = found[id_][1 - now]
        one.booked += int(minutes or 0)
        one.visits += visits
        one.lost += int(minutes or 0) if status == "noshow" else 0
    away = absences_between(store, setup, Span(bounds.before, bounds.end))
    for place, period in enumerate((asked.period, asked.period.before())):
        for id_, minutes in _open(setup, asked, period, away=away, zone=bounds.zone).items():
            found[id_][place].open = minutes
    return found


def _ids(setup: Setup, asked: Asked) -> list[str]:
    """Those that are looked at: in use now, of the site and provider that were chosen."""
    if asked.what == "provider":
        people = (one for one in setup.columns(asked.site) if asked.provider in ("", one.id))
        return [one.id for one in people]
    things = setup.rooms if asked.what == "room" else setup.devices
    return [one.id for one in things if asked.site in ("", one.site)]


def _open(setup: Setup, asked: Asked, period: Period, *, away: Away, zone: str) -> Mapping[str, int]:
    days, found = days_of(period.first, period.last), {}
    for id_ in _ids(setup, asked):
        person = setup.provider(id_)
        if asked.what == "provider" and person is not None:
            found[id_] = provider_minutes(setup, person, days, away, zone)
            continue
        thing = setup.room(id_) if asked.what == "room" else setup.device(id_)
        if thing is not None:
            found[id_] = resource_minutes(setup, thing, days, away, zone)
    return found


def _booked(asked: Asked, bounds: Bounds) -> Any:
    if asked.what == "provider":
        return _sums(_own(asked, bounds, _a.provider, once=False))
    if asked.what == "room":
        return _sums(sa.union_all(_own(asked, bounds, _a.room, once=True), _parts(asked, bounds, "Location/")))
    return _sums(_parts(asked, bounds, "Device/"))


def _sums(rows: Any) -> sa.Select[Any]:
    c = rows.subquery().c
    return sa.select(c.id, c.now, c.status, sa.func.sum(c.minutes), sa.func.count()).group_by(c.id, c.now, c.status)


def _own(asked: Asked, bounds: Bounds, column: Label, *, once: bool) -> sa.Select[Any]:
    where = [*_inside(asked, bounds), column != "", *([first_row()] if once else [])]
    return sa.select(column.label("id"), _now(bounds), _a.status, _a.minutes.label("minutes")).where(*where)


def _parts(asked: Asked, bounds: Bounds, kind: str) -> sa.Select[Any]:
    minutes = whole(raw_of(_p.end) - raw_of(_p.start), MINUTE_MS)
    same = sa.and_(_a.id == _p.id, _a.start <= _p.start, _a.end > _p.start)
    inside = [_p.start >= bounds.before, _p.start < bounds.end, _p.actor.startswith(kind)]
    return (
        sa.select(
            sa.func.substr(_p.actor, len(kind) + 1).label("id"), _now(bounds), _a.status, minutes.label("minutes")
        )
        .select_from(appointment_part.join(appointment_row, same))
        .where(*inside, *_inside(asked, bounds), first_row())
    )


def first_row() -> sa.ColumnElement[bool]:
    """Of a visit with several providers the row of the first."""
    other = appointment_row.alias("other").c
    return ~sa.exists().where(other.start == _a.start, other.id == _a.id, other.provider < _a.provider)


def _inside(asked: Asked, bounds: Bounds) -> list[sa.ColumnElement[bool]]:
    chosen = ((_a.provider, asked.provider), (_a.type_id, asked.type_id), (_a.site, asked.site))
    return [
        _a.start >= bounds.before, _a.start < bounds.end, _a.status.in_(HELD),
        *(column == value for column, value in chosen if value),
    ]  # fmt: skip


def _now(bounds: Bounds) -> Label:
    return sa.case((_a.start >= bounds.start, 1), else_=0).label("now")
