"""What hour it is for a patient, and when the next one comes at which they may be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from functools import lru_cache

import phonenumbers

from clinic.core.days import local

_STEP = timedelta(minutes=5)
_FARTHEST = timedelta(hours=48)
_MOST_ZONES = 4
"""A number that may be anywhere in a wide country says nothing about the hour."""


@lru_cache(maxsize=4096)
def zones_of_number(number: str) -> tuple[str, ...]:
    """The time zones in which a telephone number may be, as its first figures tell; none when they do not."""
    from phonenumbers import timezone

    try:
        found = timezone.time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ()
    known = tuple(zone for zone in found if zone != timezone.UNKNOWN_TIMEZONE)
    return known if len(known) <= _MOST_ZONES else ()


def zones_for(number: str, practice_zone: str) -> tuple[str, ...]:
    """Where a patient may be: in the practice's zone, and in those of the number. Both must be awake."""
    return tuple(dict.fromkeys((practice_zone, *zones_of_number(number))))


def clocks(at: datetime, zones: Iterable[str]) -> list[time]:
    """What the clocks say there."""
    return [local(at, zone).time() for zone in zones]


def next_moment(at: datetime, zones: Iterable[str], allows: Callable[[time], bool]) -> datetime | None:
    """The next moment at which every clock allows it, within two days; for zones that never meet, the last one's."""
    known = tuple(zones)
    for wanted in (known, known[-1:]):
        moment = at
        while moment <= at + _FARTHEST:
            if all(allows(clock) for clock in clocks(moment, wanted)):
                return moment
            moment += _STEP - timedelta(
                minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond
            )
    return None
