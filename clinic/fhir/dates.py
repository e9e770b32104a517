"""FHIR dates as ranges of time: a year is a range of a year, an instant one of a millisecond or a second."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from clinic.core.days import zone_of

OPEN_LOW = -(10**15)
OPEN_HIGH = 10**15
"""Ends of a period that has no beginning or no end, in milliseconds since the epoch."""

_DAY = 86_400_000
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 wall time has no zone
_EPOCH_DAY = _EPOCH.toordinal()
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)


@dataclass(frozen=True)
class Span:
    """A half-open range in milliseconds since the epoch; `floating` when it is wall time without a zone."""

    low: int
    high: int
    floating: bool

    def in_zone(self, zone: str) -> Span:
        """The same wall time as an instant in a zone; an instant stays as it is."""
        if not self.floating:
            return self
        return Span(_to_utc(self.low, zone), _to_utc(self.high, zone), False)

    def on_the_wall(self, zone: str) -> Span:
        """What the clock of a zone says during this range; wall time stays as it is."""
        if self.floating:
            return self
        return Span(_to_wall(self.low, zone), _to_wall(self.high, zone), True)


def span_of(text: str) -> Span:
    """The range that a FHIR date, dateTime or instant covers. Raises ValueError for anything else."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is not a date")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    if "00" in (month, day):
        raise ValueError(f"{text[:40]!r} is not a date")
    if hour is None:
        return _of_days(int(year), int(month or 0), int(day or 0))
    low = _midnight(date(int(year), int(month), int(day)))
    if int(hour) > 24 or int(minute) > 59 or int(second or 0) > 60:
        raise ValueError(f"{text[:40]!r} is not a time")
    low += (int(hour) * 60 + int(minute)) * 60_000 + int(second or 0) * 1000
    width = 1000 if second else 60_000
    if fraction:
        low, width = low + int(float(fraction) * 1000), 1
    low -= _offset(zone)
    return Span(low, low + width, zone is None)


def period_of(value: Any) -> Span | None:
    """The range of a Period; None when it says nothing readable."""
    start, end = value.get("start"), value.get("end")
    first = _read(start)
    last = _read(end)
    if first is None and last is None:
        return None
    low = OPEN_LOW if first is None else first.low
    high = OPEN_HIGH if last is None else last.high
    return Span(low, max(low + 1, high), (first or last or Span(0, 0, False)).floating)


def _read(text: Any) -> Span | None:
    try:
        return span_of(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _of_days(year: int, month: int, day: int) -> Span:
    """A missing part is 0; one that is written 00 is no date."""
    if day:
        first = last = date(year, month, day)
    elif month:
        first = date(year, month, 1)
        last = date(year, 12, 31) if month == 12 else date(year, month + 1, 1) - timedelta(days=1)
    else:
        first, last = date(year, 1, 1), date(year, 12, 31)
    return Span(_midnight(first), _midnight(last) + _DAY, True)


def _midnight(day: date) -> int:
    return (day.toordinal() - _EPOCH_DAY) * _DAY


def _offset(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    sign = -1 if zone[0] == "-" else 1
    return sign * (int(zone[1:3]) * 60 + int(zone[4:6])) * 60_000


def _to_utc(wall: int, zone: str) -> int:
    if not _near(wall):
        return wall
    moment = (_EPOCH + timedelta(milliseconds=wall)).replace(tzinfo=zone_of(zone))
    return round(moment.timestamp() * 1000)


def _to_wall(instant: int, zone: str) -> int:
    if not _near(instant):
        return instant
    moment = (_EPOCH + timedelta(milliseconds=instant)).replace(tzinfo=UTC).astimezone(zone_of(zone))
    return (moment.replace(tzinfo=None) - _EPOCH) // timedelta(milliseconds=1)


def _near(value: int) -> bool:
    """Whether a clock can show it: years 2 to 9998."""
    return -62_000_000_000_000 < value < 253_300_000_000_000
