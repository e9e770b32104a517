"""The honest wait: a range learned from the practice's own times, or nothing while too little is known.

A wait is counted from arrival, but nobody is called before the appointed time: what is learned is the delay, the
minutes between the later of arrival and appointment and the moment in which somebody is taken to a room. It is below
zero when people are taken early.

The quantiles of the delay are drawn together over four circles, from the whole practice to this provider, this
provider and visit type, and the same half of the same weekday. Each circle moves the quantiles of the wider one as
far as its own observations weigh against `PRIOR` of them, so that three odd mornings say little. An observation
weighs half for each person more or less who was ahead then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

PRIOR = 8.0
"""The weight of the wider circle, in observations."""
LEAST_KNOWN = 12.0
"""Observations in the practice below which nothing is told."""
LEAST_OWN = 4.0
"""Observations of this provider below which nothing is told."""
EARLY, LATE = 0.10, 0.85
"""The quantiles that are told: three waits in four lie between them, and few are longer."""
WIDEST = 75
"""A wider range, in minutes, says nothing to anybody, so it is not told."""
LONGEST = timedelta(hours=4)
"""A longer delay is a visit that was forgotten on the board, not a wait."""
STEP = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """One visit that came to its room: for whom and what, in which half day, how many were ahead, minutes of delay."""

    provider: str
    type_id: str
    part: int
    ahead: int
    delay: float


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks how long it takes: minutes until the appointed time (0 once it is over), and how many are ahead."""

    provider: str
    type_id: str
    part: int
    ahead: int
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Range:
    """From least to most minutes."""

    least: int
    most: int

    def left(self, gone: int) -> Range | None:
        """What is left of it after some minutes; None once it is over."""
        return Range(max(0, self.least - gone), self.most - gone) if gone < self.most else None


def half_day(moment: datetime) -> int:
    """Which half of which weekday a local time is in: 0 for Monday morning, 13 for Sunday afternoon."""
    return moment.weekday() * 2 + (moment.hour >= 13)


def delay_of(arrived: datetime, due: datetime, seen: datetime) -> float | None:
    """Minutes between the later of arrival and appointment and being taken in; None for what was no wait."""
    late = seen - max(arrived, due)
    return None if seen < arrived or late > LONGEST else late / timedelta(minutes=1)


def expected_wait(known: Sequence[Seen], asked: Asked) -> Range | None:
    """The minutes that somebody will wait, as a range in steps of five; None while too little is known."""
    marks: tuple[float, float] | None = None
    before = -1
    for place, fits in enumerate(_circles(asked)):
        inside = sorted((one.delay, 0.5 ** abs(one.ahead - asked.ahead)) for one in known if fits(one))
        weight = sum(weight for _, weight in inside)
        if weight < (LEAST_KNOWN, LEAST_OWN, 0.0, 0.0)[place]:
            return None
        if inside and len(inside) != before:  # a circle that holds the same visits says nothing new
            own = _quantile(inside, EARLY), _quantile(inside, LATE)
            marks = own if marks is None else _drawn(marks, own, weight)
        before = len(inside)
    return _told(marks, asked.until) if marks else None


def _circles(asked: Asked) -> tuple[Callable[[Seen], bool], ...]:
    return (
        lambda _one: True,
        lambda one: one.provider == asked.provider,
        lambda one: (one.provider, one.type_id) == (asked.provider, asked.type_id),
        lambda one: (one.provider, one.type_id, one.part) == (asked.provider, asked.type_id, asked.part),
    )


def _drawn(wide: tuple[float, float], own: tuple[float, float], weight: float) -> tuple[float, float]:
    share = weight / (weight + PRIOR)
    return wide[0] + share * (own[0] - wide[0]), wide[1] + share * (own[1] - wide[1])


def _quantile(weighed: Sequence[tuple[float, float]], share: float) -> float:
    """The value below which this share of the weight lies; `weighed` in order."""
    wanted = share * sum(weight for _, weight in weighed)
    gone = 0.0
    for value, weight in weighed:
        gone += weight
        if gone >= wanted:
            return value
    return weighed[-1][0]


def _told(marks: tuple[float, float], until: float) -> Range | None:
    least = max(0, int((until + marks[0]) // STEP) * STEP)
    most = max(least + STEP, -int(-(until + marks[1]) // STEP) * STEP)
    return Range(least, most) if most - least <= WIDEST else None


def ahead_of(others: Iterable[datetime], due: datetime) -> int:
    """How many of those who wait now will be taken before somebody who is due then."""
    return sum(one <= due for one in others)


SOONER, KEPT, LATER = "sooner", "kept", "later"


def outcome(told: Range, waited: timedelta) -> str:
    """Whether a promise was kept: the wait lay in the range, up to the whole minute; or it was shorter, or longer."""
    minutes = waited / timedelta(minutes=1)
    if minutes >= told.most + 1:
        return LATER
    return SOONER if minutes < told.least else KEPT
