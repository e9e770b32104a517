"""Series: a rule over local wall time, and the dates that it means.

A series is kept as it is said ("every second Tuesday at nine, ten times"), so its clock time survives both changes
of the clock; only the dates that are asked for become instants. No series is endless.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final, Literal

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday

from clinic.core.days import local, to_utc
from clinic.core.errors import N_, Invalid

Every = Literal["day", "week", "month"]
By = Literal["date", "weekday"]
Scope = Literal["one", "following", "all"]
EVERY: tuple[Every, ...] = ("day", "week", "month")
SCOPES: tuple[Scope, ...] = ("one", "following", "all")
MOST = 60
"""Visits that one series may have at a time."""
FARTHEST = timedelta(days=731)
AHEAD = timedelta(days=182)
"""How far a series without an end is booked; after that somebody has to extend it."""
EXTEND_BEFORE = timedelta(days=42)
"""From when a series without an end stands on the list of those to extend."""
NO_END = N_("Say how often, or until when.")
TOO_MANY = N_("A series has %(most)s visits at most. Give an earlier end.")
TOO_FAR = N_("A series ends within two years.")
NO_DATES = N_("No date fits this rule before its end.")
ODD_INTERVAL = N_("Choose an interval between 1 and 52.")
_FREQUENCY: Final = {"day": DAILY, "week": WEEKLY, "month": MONTHLY}
_NAMES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY"}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LAST_DAYS = 28


@dataclass(frozen=True)
class Pattern:
    """Every so many days, weeks or months. `weekdays` counts from Monday = 0 and is empty for the first day's own.

    A month is repeated by its date (the last day where the month is shorter) or by its weekday (the second Tuesday,
    the last Friday). It ends after `count` visits or on `until`; one that `carries_on` is booked half a year ahead.
    """

    every: Every = "week"
    interval: int = 1
    weekdays: frozenset[int] = frozenset()
    by: By = "date"
    count: int = 0
    until: date | None = None
    carries_on: bool = False


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a series, counted from 1."""

    number: int
    day: date
    start: datetime


def occurrences(pattern: Pattern, first: date, wall: time, zone: str, *, number: int = 1) -> tuple[Occurrence, ...]:
    """Every date of a series with its instant, the clock time the same on each.

    A clock time that spring skips moves on by the gap on that day alone. Raises Invalid for a rule without an end,
    with too many dates or none.
    """
    _require_end(pattern, first)
    days = list(islice(_days(pattern, first), MOST + 1))
    if len(days) > MOST:
        raise Invalid(TOO_MANY, field="until" if pattern.until else "count", most=MOST)
    if not days:
        raise Invalid(NO_DATES, field="until" if pattern.until else "count")
    return tuple(Occurrence(number + at, day, to_utc(datetime.combine(day, wall), zone)) for at, day in enumerate(days))


def further(pattern: Pattern, last: date) -> Iterator[date]:
    """The dates after one of a series, by its rule and without an end."""
    endless = replace(pattern, count=0, until=last + FARTHEST, carries_on=False)
    return (day for day in _days(endless, last) if day > last)


def _require_end(pattern: Pattern, first: date) -> None:
    if not 1 <= pattern.interval <= 52:
        raise Invalid(ODD_INTERVAL, field="interval")
    if pattern.until is not None and pattern.until > first + FARTHEST:
        raise Invalid(TOO_FAR, field="until")
    if pattern.count > MOST:
        raise Invalid(TOO_MANY, field="count", most=MOST)
    if pattern.count < 1 and pattern.until is None and not pattern.carries_on:
        raise Invalid(NO_END, field="count")


def _days(pattern: Pattern, first: date) -> Iterator[date]:
    until = pattern.until
    if until is None and not pattern.count:
        until = first + AHEAD
    frequency: Any = _FREQUENCY[pattern.every]
    found = rrule(
        frequency,
        dtstart=datetime.combine(first, time()),
        interval=pattern.interval,
        count=pattern.count if until is None else None,
        until=datetime.combine(until, time()) if until else None,
        **_parts(pattern, first),
    )
    return (moment.date() for moment in found if moment.date() <= first + FARTHEST)


def _parts(pattern: Pattern, first: date) -> dict[str, Any]:
    """The BY parts of the rule; without weekdays every one of them counts for days, the first one's for weeks."""
    if pattern.every == "week":
        return {"byweekday": sorted(pattern.weekdays) or [first.weekday()]}
    if pattern.every == "day":
        return {"byweekday": sorted(pattern.weekdays)} if pattern.weekdays else {}
    if pattern.by == "weekday":
        return {"byweekday": weekday(first.weekday(), nth_of(first))}
    if first.day <= _LAST_DAYS:
        return {"bymonthday": first.day}
    return {"bymonthday": list(range(_LAST_DAYS, first.day + 1)), "bysetpos": -1}


def nth_of(day: date) -> int:
    """Which of its weekdays in the month a day is; -1 for a fifth, which stands for the last."""
    number = (day.day - 1) // 7 + 1
    return -1 if number == 5 else number


def rule_text(pattern: Pattern, first: date) -> str:
    """The rule as RFC 5545 writes it."""
    parts = [f"FREQ={_NAMES[pattern.every]}", f"INTERVAL={pattern.interval}"]
    days = pattern.weekdays or ({first.weekday()} if pattern.every == "week" else frozenset())
    if pattern.every != "month" and days:
        parts.append("BYDAY=" + ",".join(_DAYS[day] for day in sorted(days)))
    elif pattern.every == "month" and pattern.by == "weekday":
        parts.append(f"BYDAY={nth_of(first)}{_DAYS[first.weekday()]}")
    elif pattern.every == "month":
        numbers = [first.day] if first.day <= _LAST_DAYS else range(_LAST_DAYS, first.day + 1)
        parts.append("BYMONTHDAY=" + ",".join(str(number) for number in numbers))
        parts += ["BYSETPOS=-1"] if first.day > _LAST_DAYS else []
    if pattern.until is not None:
        parts.append(f"UNTIL={pattern.until:%Y%m%d}")
    elif pattern.count:
        parts.append(f"COUNT={pattern.count}")
    return ";".join(parts)


def read_rule(text: str) -> Pattern:
    """The pattern of a rule that `rule_text` wrote."""
    parts = dict(item.split("=", 1) for item in text.split(";"))
    every = next(code for code in EVERY if _NAMES[code] == parts["FREQ"])
    days = parts.get("BYDAY", "")
    by_weekday = every == "month" and bool(days)
    until = parts.get("UNTIL", "")
    return Pattern(
        every=every,
        interval=int(parts["INTERVAL"]),
        weekdays=frozenset(_DAYS.index(day) for day in days.split(",")) if days and not by_weekday else frozenset(),
        by="weekday" if by_weekday else "date",
        count=int(parts.get("COUNT", 0)),
        until=datetime.strptime(until, "%Y%m%d").date() if until else None,  # noqa: DTZ007 a day has no zone
        carries_on=not until and "COUNT" not in parts,
    )


def shifted(start: datetime, *, days: int, wall: time | None, zone: str) -> datetime:
    """A date of a series so many days on, at another clock time when one is given."""
    then = local(start, zone)
    at = wall if wall is not None else then.time()
    return to_utc(datetime.combine(then.date() + timedelta(days=days), at), zone)


def shifted_pattern(pattern: Pattern, days: int) -> Pattern:
    """The rule of a series whose dates all went so many days on."""
    turned = frozenset((day + days) % 7 for day in pattern.weekdays)
    until = pattern.until + timedelta(days=days) if pattern.until else None
    return replace(pattern, weekdays=turned, until=until)
