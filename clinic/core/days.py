"""Days, wall times and instants.

Instants are UTC; a rule such as "every Tuesday 09:00" is wall time plus zone. Ranges are half-open.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

CELL = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = {
    "jan": 1, "ene": 1, "feb": 2, "mar": 3, "mrt": 3, "maa": 3, "apr": 4, "abr": 4, "may": 5, "mei": 5,
    "jun": 6, "jul": 7, "aug": 8, "ago": 8, "sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dic": 12,
}  # fmt: skip


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The IANA zone; raises ZoneInfoNotFoundError for a name that is none."""
    return ZoneInfo(name)


def local(instant: datetime, zone: str) -> datetime:
    """The wall time of an instant in a zone, aware."""
    return instant.astimezone(zone_of(zone))


def to_utc(wall: datetime, zone: str) -> datetime:
    """The instant of a naive wall time.

    A time that occurs twice (autumn) is its first occurrence; one that is skipped (spring) is moved
    forward by the gap, as a wall clock would be.
    """
    return wall.replace(tzinfo=zone_of(zone), fold=0).astimezone(UTC)


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The instants at which a local day begins and ends; 23 to 25 hours apart."""
    start = to_utc(datetime.combine(day, time()), zone)
    return start, to_utc(datetime.combine(day + timedelta(days=1), time()), zone)


def cell_of(instant: datetime) -> int:
    """The whole five-minute steps since the epoch, the unit of a slot claim."""
    return (instant - _EPOCH) // CELL


@lru_cache(maxsize=16_384)
def cell_start(cell: int) -> datetime:
    """The instant at which a five-minute cell begins."""
    return datetime.fromtimestamp(cell * 300, UTC)


def cells(start: datetime, end: datetime) -> range:
    """Every five-minute cell that the half-open range touches."""
    first = cell_of(start)
    last = -((_EPOCH - end) // CELL)
    return range(first, max(last, first))


def age(birth: date, on: date) -> int:
    """Whole years lived on a day; someone born on 29 February turns a year older on 1 March."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def instant_text(instant: datetime) -> str:
    """An instant as FHIR writes it, in UTC to the millisecond when there are any."""
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    text = utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds")
    return text + "Z"


def read_instant(text: str) -> datetime:
    """A FHIR instant or dateTime with a time, as an aware UTC value; raises ValueError."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError("a time needs its zone")
    return value.astimezone(UTC)


def read_date(text: str, *, today: date, order: str = "mdy") -> date:
    """Read a date in any of the forms people say it.

    `3/2/80` (by `order`: mdy, dmy or ymd), `3 feb 1980`, `feb 3 80`, `800203`, `19800203`, `1980-02-03`.
    Two-figure years are the latest that do not lie in the future. Raises ValueError.
    """
    bare = " ".join(re.sub(r"[^\w\s]|_", " ", text.casefold()).split())
    if not bare or len(bare) > 40:
        raise ValueError("no date")
    parts = re.findall(r"[^\W\d_]+|\d+", bare)
    names = [part for part in parts if not part.isdigit()]
    numbers = [part for part in parts if part.isdigit() and part.isascii()]
    if names:
        return _named(names, numbers, today)
    if len(numbers) == 1 and len(numbers[0]) in (6, 8):
        return _run_together(numbers[0], today, order)
    if len(numbers) != 3:
        raise ValueError("no date")
    return _three(numbers, today, order)


def _named(names: list[str], numbers: list[str], today: date) -> date:
    known = [_MONTHS[name[:3]] for name in names if name[:3] in _MONTHS]
    if len(known) != 1 or len(numbers) != 2:
        raise ValueError("no date")
    first, second = numbers
    if len(first) == 4:
        first, second = second, first
    return date(_year(second, today), known[0], int(first))


def _run_together(run: str, today: date, order: str) -> date:
    if len(run) == 6:
        return date(_year(run[:2], today), int(run[2:4]), int(run[4:]))
    if 1800 <= int(run[:4]) <= 2200:
        return date(int(run[:4]), int(run[4:6]), int(run[6:]))
    return _three([run[:2], run[2:4], run[4:]], today, "dmy" if order == "dmy" else "mdy")


def _three(numbers: list[str], today: date, order: str) -> date:
    if len(numbers[0]) == 4:
        order = "ymd"
    places = dict(zip(order, numbers, strict=True))
    month, day = int(places["m"]), int(places["d"])
    if month > 12 >= day and order != "ymd":
        month, day = day, month
    return date(_year(places["y"], today), month, day)


def _year(text: str, today: date) -> int:
    if len(text) == 4:
        return int(text)
    if len(text) > 2:
        raise ValueError("no year")
    year = today.year // 100 * 100 + int(text)
    return year if year <= today.year else year - 100


def read_time(text: str) -> time:
    """Read a wall time as people type it: `9`, `930`, `9:30`, `9.30`, `9am`, `2 pm`. Raises ValueError."""
    bare = re.sub(r"\s", "", text.casefold()).replace(".", ":")
    match = re.fullmatch(r"(\d{1,2}):?(\d{2})?(am|pm|a|p|h|u)?(:m:)?", bare)
    if not match or not bare.isascii():
        raise ValueError("no time")
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "")[:1]
    if half in ("a", "p"):
        if not 1 <= hour <= 12:
            raise ValueError("no time")
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute)
