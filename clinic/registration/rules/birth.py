"""Birth dates as people say them: full, partial, or an age that makes an estimate."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.core.days import read_date
from clinic.core.errors import Invalid

OLDEST_SURE = 120
"""Years above which a birth date is asked about."""
OLDEST = 150
"""Years above which it is refused."""

_AGE = re.compile(
    r"(?:about|approx\.?|around|ca\.?|circa|age[d]?|~)?\s*(\d{1,3})\s*"
    r"(years?|yrs?|y|yo|y/o|months?|mths?|mo|weeks?|wks?|w|days?|d|jaar|años|maanden|meses)?(?:\s+old)?"
)
_SAYS_AGE = re.compile(r"about|approx|around|ca\b|circa|age|~|[a-zñ]+\s*(?:old)?$")
_MONTH_YEAR = re.compile(r"(?:(\d{1,2})\s*[/.\-]\s*|([^\W\d_]{3,10})\.?\s+)(\d{4})")
_GUESS = re.compile(r"(?:about|~)\s*((?:18|19|20)\d\d(?:-\d\d){0,2})", re.ASCII)
_YEAR_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True)
class Birth:
    """A birth date as FHIR writes it (1980, 1980-02 or 1980-02-03) and whether it was guessed from an age."""

    value: str
    estimated: bool = False


def birth_day(value: str) -> date:
    """A FHIR birth date as a day; a partial one as the middle of what is known. Raises ValueError."""
    parts = [int(part) for part in value.split("-")]
    if len(parts) == 1:
        return date(parts[0], 7, 1)
    if len(parts) == 2:
        return date(parts[0], parts[1], 15)
    return date(*parts)


def read_birth(text: str, *, today: date, order: str = "mdy", field: str = "birth_date") -> Birth:
    """A birth date or an age in any usual form.

    `3/2/80` (by the practice's date order), `3 feb 1980`, `800203`, `14.8.79`, `feb 1980`, `1980`; as an
    estimate `about 40`, `40y`, `6 months`, `about 1980`.
    Raises Invalid for what is no date, lies ahead or is over 150 years ago.
    """
    typed = " ".join(text.casefold().split())
    if not typed:
        raise Invalid("Give a birth date, or an age such as “about 40”", field=field)
    guess = _GUESS.fullmatch(typed)
    birth = _guessed(guess[1]) if guess else _partial(typed, today) or _aged(typed, today) or _full(typed, today, order)
    if birth is None:
        raise Invalid("This does not read as a birth date; try 14/8/79, 3 Feb 1980, or “about 40”", field=field)
    return _plausible(birth, today, field)


def too_old(value: str, today: date) -> bool:
    """Whether a birth date makes someone older than anyone is likely to be: ask, do not refuse."""
    return (today - birth_day(value)).days > OLDEST_SURE * 365.25


def _plausible(birth: Birth, today: date, field: str) -> Birth:
    first = birth.value + "-01-01"[3 * birth.value.count("-") :]
    if first > today.isoformat():
        raise Invalid("This birth date lies in the future", field=field)
    if int(birth.value[:4]) < today.year - OLDEST:
        raise Invalid("This birth date is more than 150 years ago", field=field)
    return birth


def _guessed(value: str) -> Birth | None:
    try:
        birth_day(value)
    except ValueError:
        return None
    return Birth(value, estimated=True)


def _partial(typed: str, today: date) -> Birth | None:
    if re.fullmatch(r"(1[89]|2[01])\d\d", typed, re.ASCII):
        return Birth(typed)
    known = _YEAR_MONTH.fullmatch(typed)
    if known and 1 <= int(known[2]) <= 12:
        return Birth(typed)
    spoken = _MONTH_YEAR.fullmatch(typed)
    if not spoken:
        return None
    try:
        month = int(spoken[1]) if spoken[1] else read_date(f"1 {spoken[2]} {spoken[3]}", today=today).month
    except ValueError:
        return None
    return Birth(f"{spoken[3]}-{month:02d}") if 1 <= month <= 12 else None


def _aged(typed: str, today: date) -> Birth | None:
    said = _AGE.fullmatch(typed)
    if not said or (not typed.isascii() and "ñ" not in typed) or not _SAYS_AGE.search(typed):
        return None
    count, unit = int(said[1]), (said[2] or "y")[:3]
    if unit.startswith(("y", "j", "a")):
        return Birth(f"{today.year - count:04d}", estimated=True) if count < today.year else None
    days = {"m": 30.44, "w": 7.0, "d": 1.0}[unit[0]] * count
    day = today - timedelta(days=days)
    return Birth(day.isoformat()[: 10 if unit[0] == "d" else 7], estimated=True)


def _full(typed: str, today: date, order: str) -> Birth | None:
    other = "dmy" if order == "mdy" else "mdy"
    year_first = re.match(r"\d{4}|3[2-9]|[4-9]\d", typed, re.ASCII)
    for attempt in (order, "ymd", other) if year_first else (order, other):
        day = _day(typed, today, attempt)
        if day:
            return Birth(day.isoformat())
    return None


def _day(typed: str, today: date, order: str) -> date | None:
    run = typed if re.fullmatch(r"\d{6}", typed, re.ASCII) else ""
    try:
        if run and order != "ymd":
            typed = f"{run[:2]}/{run[2:4]}/{run[4:]}"
        day = read_date(typed, today=today, order=order)
    except (ValueError, OverflowError):
        return None
    two_figures = not re.search(r"\d{4}", typed)
    if day > today and two_figures:
        return _century_before(day)
    return day


def _century_before(day: date) -> date | None:
    try:
        return day.replace(year=day.year - 100)
    except ValueError:
        return None
