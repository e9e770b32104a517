"""Which people, rooms and devices a visit can have at a time, and from when to when it can begin for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from clinic.appointments.rules.resources import Need, Part
from clinic.appointments.rules.spans import Span, merge
from clinic.core.days import CELL

Taken = Mapping[str, Sequence[tuple[int, Span]]]
"""For each actor the lanes and times that are claimed."""


class Option(NamedTuple):
    """One person, room or device that could meet a need, with the stretches in which it can be used.

    Each of its places has stretches of its own, because one visit stays in one place.
    """

    actor: str
    name: str
    free: tuple[Span, ...]
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Pool:
    """A need and everything that could meet it, the preferred first."""

    need: Need
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """How many minutes stay free before and after."""

    before: int = 0
    after: int = 0

    def hole(self, taken: Span) -> Span:
        """The stretch that a use with these margins must not meet because of a claim."""
        if not self.before and not self.after:
            return taken
        return Span(taken.start - timedelta(minutes=self.after), taken.end + timedelta(minutes=self.before))


NO_MARGINS = Around()


def use(need: Need, minutes: int) -> timedelta:
    """How long something is needed in a visit of so many minutes."""
    rest = max(minutes - need.offset, 0)
    return timedelta(minutes=min(need.minutes, rest) if need.minutes else rest)


def starts_of(pool: Pool, minutes: int) -> tuple[Span, ...]:
    """From when to when a visit of this length may begin so that something in the pool is free: whole steps."""
    offset, length = timedelta(minutes=min(pool.need.offset, minutes)), use(pool.need, minutes)
    return merge(
        Span(gap.start - offset, gap.end - offset - length + CELL)
        for option in pool.options
        for gap in option.free
        if gap.end - gap.start >= length
    )


def common_starts(pools: Sequence[Pool], minutes: int) -> tuple[Span, ...]:
    """The starts that suit every pool, each looked at by itself."""
    found: tuple[Span, ...] | None = None
    for pool in pools:
        own = starts_of(pool, minutes)
        found = own if found is None else common(found, own)
    return found or ()


def common(one: Sequence[Span], two: Sequence[Span]) -> tuple[Span, ...]:
    """The time that both have, each given sorted and merged."""
    found: list[Span] = []
    i = j = 0
    while i < len(one) and j < len(two):
        start, end = max(one[i].start, two[j].start), min(one[i].end, two[j].end)
        if start < end:
            found.append(Span(start, end))
        if one[i].end <= two[j].end:
            i += 1
        else:
            j += 1
    return tuple(found)


def assign(pools: Sequence[Pool], visit: Span, used: frozenset[str] = frozenset()) -> tuple[Part, ...] | None:
    """Somebody or something different for every need of a visit at its time; None when that cannot be.

    The parts come in the order of the pools. A choice that leaves a later need with nothing is taken back.
    """
    if not pools:
        return ()
    need, rest = pools[0].need, pools[1:]
    wanted = need.span(visit)
    for option in pools[0].options:
        if option.actor in used or not any(gap.holds(wanted) for gap in option.free):
            continue
        others = assign(rest, visit, used | {option.actor})
        if others is not None:
            return (part_of(need, option), *others)
    return None


def part_of(need: Need, option: Option) -> Part:
    """The share of a visit that somebody or something has by a need."""
    return Part(option.actor, option.name, need.offset, need.minutes, option.before, option.after)
