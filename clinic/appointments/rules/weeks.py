"""A new week from a day on, and the old one until the day before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Final

from clinic.appointments.rules.hours import Hours


def with_new_week(present: Iterable[Hours], new: Iterable[Hours], since: date | None) -> tuple[Hours, ...]:
    """The hours when a new week holds from a day on, or (None) always.

    What held before that day stays for it; what was to begin later is replaced. Exceptions (`instead`) stay.
    """
    kept = [rule for rule in present if rule.instead]
    for rule in present:
        if rule.instead or since is None or (rule.since is not None and rule.since >= since):
            continue
        ends = rule.until if rule.until is not None and rule.until < since else since - timedelta(days=1)
        kept.append(replace(rule, until=ends))
    return (*kept, *(replace(rule, since=since) for rule in new))


@dataclass(frozen=True)
class Part:
    """Which part of somebody's hours a week is: at one site (their own, when none is named), for some visit types."""

    site: str = ""
    types: frozenset[str] = frozenset()

    def holds(self, rule: Hours) -> bool:
        """Whether a stretch belongs to it; exceptions belong to none."""
        return not rule.instead and (rule.site, rule.types) == (self.site, self.types)


WHOLE: Final = Part()
"""The ordinary week: at the usual site, for all visit types."""


@dataclass(frozen=True)
class PartWeek:
    """A week for one part of somebody's hours; the other parts stay as they are."""

    hours: tuple[Hours, ...]
    part: Part


def parts_of(hours: Iterable[Hours]) -> tuple[Part, ...]:
    """The parts that somebody's hours have, the ordinary one first."""
    found = {Part(rule.site, rule.types) for rule in hours if not rule.instead} | {Part()}
    return tuple(sorted(found, key=lambda part: (part != Part(), part.site, sorted(part.types))))


def with_new_part(present: Iterable[Hours], new: Iterable[Hours], since: date | None, part: Part) -> tuple[Hours, ...]:
    """The hours when one part of them gets a new week from a day on; the other parts stay as they are."""
    rules = list(present)
    mine = with_new_week((rule for rule in rules if part.holds(rule)), new, since)
    return (*(rule for rule in rules if not part.holds(rule)), *mine)


def elsewhere(hours: Iterable[Hours], part: Part) -> bool:
    """Whether somebody would have to be at this site and at another one at the same time."""
    rules = [rule for rule in hours if not rule.instead]
    here = [rule for rule in rules if part.holds(rule)]
    return any(_meet(one, other) for one in here for other in rules if other.site != part.site)


def _meet(one: Hours, other: Hours) -> bool:
    ends = [rule.closes if rule.closes > rule.opens else time.max for rule in (one, other)]
    same_time = one.opens < ends[1] and other.opens < ends[0] and bool(one.weekdays & other.weekdays)
    first, last = (
        max(one.since or date.min, other.since or date.min),
        min(one.until or date.max, other.until or date.max),
    )
    return same_time and first <= last


def latest_week(hours: Iterable[Hours]) -> tuple[Hours, ...]:
    """The week that holds in the end: without those that have a last day and without exceptions."""
    return tuple(rule for rule in hours if rule.until is None and not rule.instead)


def begins(hours: Iterable[Hours]) -> list[date]:
    """The days on which another week begins, in order."""
    return sorted({rule.since for rule in hours if rule.since is not None and not rule.instead})
