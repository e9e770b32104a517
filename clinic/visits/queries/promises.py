"""How often what was told of the wait came true: counted by the database, for each day and provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.core.days import day_bounds, local
from clinic.fhir.store import Store
from clinic.visits.tables import wait_told

_MINUTE, _DAY = 60_000, 86_400_000
_EPOCH = date(1970, 1, 1)
_w = wait_told.c


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the promises of one day, week or provider."""

    told: int = 0
    """Promises whose wait has ended."""
    kept: int = 0
    sooner: int = 0
    later: int = 0
    untold: int = 0
    """Waits of which too little was known to tell anything."""
    minutes: float = 0.0
    """All waits together, told or not."""

    def __add__(self, other: Kept) -> Kept:
        """Both together."""
        return Kept(
            self.told + other.told, self.kept + other.kept, self.sooner + other.sooner, self.later + other.later,
            self.untold + other.untold, self.minutes + other.minutes,
        )  # fmt: skip

    @property
    def share(self) -> int | None:
        """Per cent of promises that were kept."""
        return round(100 * self.kept / self.told) if self.told else None

    @property
    def usual(self) -> int | None:
        """Minutes that people waited on average."""
        return round(self.minutes / (self.told + self.untold)) if self.told + self.untold else None


@dataclass(frozen=True, slots=True)
class Line:
    """One day of one provider."""

    day: date
    provider: str
    provider_name: str
    kept: Kept


def promises(store: Store, first: date, last: date) -> list[Line]:
    """Every day and provider with a wait that ended, both days included; one statement."""
    zone = store.practice.zone
    start, end = day_bounds(first, zone)[0], day_bounds(last, zone)[1]
    given = {"start": _raw(start), "end": _raw(end), "ahead": _offset(local(end - timedelta(hours=12), zone))}
    lines = []
    for row in store.conn.execute(_counted(), given):
        kept = Kept(int(row.told), int(row.kept), int(row.sooner), int(row.later), int(row.untold), float(row.minutes))
        lines.append(Line(_EPOCH + timedelta(days=int(row.day)), row.provider, row.provider_name, kept))
    return lines


def _raw(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def _offset(moment: datetime) -> int:
    return round((moment.utcoffset() or timedelta()).total_seconds() * 1000)


@cache
def _counted() -> sa.Select[Any]:
    at, seen = sa.type_coerce(_w.at, sa.BigInteger), sa.type_coerce(_w.seen, sa.BigInteger)
    start, end, ahead = (sa.bindparam(name, type_=sa.BigInteger) for name in ("start", "end", "ahead"))
    waited = seen - at
    day = sa.cast((at + ahead) // _DAY, sa.BigInteger).label("day")
    later, sooner = waited >= (_w.most + 1) * _MINUTE, waited < _w.least * _MINUTE
    told = _w.least.is_not(None)

    def count(*when: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((sa.and_(*when), 1), else_=0))

    return (
        sa.select(
            day, _w.provider, sa.func.max(_w.provider_name).label("provider_name"), count(told).label("told"),
            count(told, ~later, ~sooner).label("kept"), count(told, sooner, ~later).label("sooner"),
            count(told, later).label("later"), count(~told).label("untold"),
            (sa.func.sum(waited) / sa.literal(float(_MINUTE))).label("minutes"),
        )
        .where(at >= start, at < end)
        .where(_w.seen.is_not(None), waited >= 0)
        .group_by(day, _w.provider)
        .order_by(day, _w.provider)
    )  # fmt: skip
