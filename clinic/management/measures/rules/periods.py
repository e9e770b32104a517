"""The days that are looked at, and those before them that they are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

KINDS: Final = ("day", "week", "month", "own")
USUAL: Final = "month"
LONGEST: Final = 1096
"""Days of the longest range."""
LONG: Final = 62
"""Days above which a page is shown at once and its numbers follow by themselves."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """From a first to a last day, both included."""

    kind: str
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def is_long(self) -> bool:
        """Whether reckoning it may take a while."""
        return self.days > LONG

    def before(self) -> Period:
        """The period of its kind that ends the day before it begins."""
        last = self.first - _DAY
        if self.kind == "month":
            return Period(self.kind, last.replace(day=1), last)
        return Period(self.kind, last - timedelta(days=self.days - 1), last)

    def after(self) -> Period:
        """The period of its kind that begins the day after it ends."""
        first = self.last + _DAY
        if self.kind == "month":
            return Period(self.kind, first, _month_end(first))
        return Period(self.kind, first, first + timedelta(days=self.days - 1))


def period_around(kind: str, day: date) -> Period:
    """The day, the week from Monday, or the month that holds a day."""
    if kind == "day":
        return Period(kind, day, day)
    if kind == "week":
        first = day - timedelta(days=day.weekday())
        return Period(kind, first, first + timedelta(days=6))
    first = day.replace(day=1)
    return Period("month", first, _month_end(first))


def own_period(first: date, last: date) -> Period:
    """A range as it was entered: turned round when it runs backwards, cut at its first days when it is too long."""
    first, last = min(first, last), max(first, last)
    return Period("own", first, min(last, first + timedelta(days=LONGEST - 1)))


def _month_end(first: date) -> date:
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - _DAY
