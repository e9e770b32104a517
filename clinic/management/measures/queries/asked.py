"""What a measure is asked of, and the expressions that every statement of it shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from clinic.core.days import day_bounds
from clinic.fhir.store import Store
from clinic.management.measures.rules.periods import Period
from clinic.management.measures.rules.zones import stretches

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
MINUTE_MS: Final = 60_000
Label = sa.ColumnElement[Any]


@dataclass(frozen=True)
class Asked:
    """The period, the filters (empty for all), what the lines are, and which of several numbers is meant."""

    period: Period
    by: str = "provider"
    what: str = ""
    provider: str = ""
    type_id: str = ""
    site: str = ""


@dataclass(frozen=True)
class Bounds:
    """The instants at which the period before, the period, and what follows it begin."""

    before: datetime
    start: datetime
    end: datetime
    zone: str

    @staticmethod
    def of(store: Store, period: Period) -> Bounds:
        """The bounds in the practice's zone."""
        zone = store.practice.zone
        before, start = (day_bounds(one.first, zone)[0] for one in (period.before(), period))
        return Bounds(before, start, day_bounds(period.last, zone)[1], zone)

    def local_ms(self, raw: Label) -> Label:
        """Milliseconds of the wall clock at an instant within the bounds."""
        *rest, last = stretches(self.before, self.end, self.zone)
        if not rest:
            return raw + last.ahead
        whens = [(raw < one.until, sa.literal(one.ahead, sa.BigInteger)) for one in rest]
        return raw + sa.case(*whens, else_=sa.literal(last.ahead, sa.BigInteger))

    def hour(self, raw: Label) -> Label:
        """The hour of the day, 0 to 23."""
        return whole(self.local_ms(raw) % DAY_MS, HOUR_MS)

    def weekday(self, raw: Label) -> Label:
        """The day of the week, Monday 0."""
        return (whole(self.local_ms(raw), DAY_MS) + 3) % 7


def raw_of(column: Any) -> Label:
    """An instant as the milliseconds that are kept."""
    return sa.type_coerce(column, sa.BigInteger)


def whole(number: Label, by: int) -> Label:
    """Whole times that a number above zero holds another."""
    return sa.type_coerce(number, sa.BigInteger) // by


def counted(labels: Sequence[Label], source: Any, where: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    """How many rows there are of each combination of labels, `n`.

    The labels are named in a selection of their own: PostgreSQL does not see that two expressions with bound values
    are the same.
    """
    inner = sa.select(*labels).select_from(source).where(*where).subquery()
    return sa.select(*inner.c, sa.func.count().label("n")).group_by(*inner.c)
