"""By how much the wall clock is ahead of UTC, and until when: what a database needs to tell the hour of a visit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from clinic.core.days import local

_STEP = timedelta(days=1)


class Stretch(NamedTuple):
    """Milliseconds since the epoch before which the clock is ahead by so many milliseconds."""

    until: int
    ahead: int


def stretches(start: datetime, end: datetime, zone: str) -> tuple[Stretch, ...]:
    """The stretches from start to end in which the clock does not change; the last one has no other end."""
    found: list[Stretch] = []
    at, ahead = start, _ahead(start, zone)
    while at < end:
        following = min(at + _STEP, end)
        other = _ahead(following, zone)
        if other != ahead:
            found.append(Stretch(_raw(_change(at, following, zone)), ahead))
            ahead = other
        at = following
    return (*found, Stretch(_raw(end), ahead))


def _change(low: datetime, high: datetime, zone: str) -> datetime:
    """The instant between two at which the clock has changed."""
    before = _ahead(low, zone)
    while high - low > timedelta(milliseconds=1):
        middle = low + (high - low) // 2
        if _ahead(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high


def _ahead(instant: datetime, zone: str) -> int:
    return round((local(instant, zone).utcoffset() or timedelta()).total_seconds() * 1000)


def _raw(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
