"""The small month beside the day: which days are full, and on which nobody works."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from clinic.appointments.rules.hours import Absence
from clinic.appointments.rules.setup import STANDARD_MINUTES, Provider, Setup
from clinic.appointments.rules.spans import subtract

Minutes = Mapping[date, Mapping[str, int]]
"""Minutes of each provider on each day."""


def open_minutes(
    setup: Setup, absences: Mapping[str, Sequence[Absence]], days: Iterable[date], zone: str
) -> dict[date, dict[str, int]]:
    """Minutes in which each provider can be booked on each day."""
    steady = [person for person in setup.columns() if _is_steady(person, absences)]
    others = [person for person in setup.columns() if not _is_steady(person, absences)]
    weekly: dict[int, dict[str, int]] = {}
    found: dict[date, dict[str, int]] = {}
    for day in days:
        weekday = day.weekday()
        if weekday not in weekly:
            weekly[weekday] = {person.id: _minutes(setup, person, day, zone=zone) for person in steady}
        found[day] = weekly[weekday] | {
            person.id: _minutes(setup, person, day, zone=zone, away=absences.get(person.id, ())) for person in others
        }
    return found


def _is_steady(person: Provider, absences: Mapping[str, Sequence[Absence]]) -> bool:
    """Whether somebody works alike in every week: then each weekday is reckoned once."""
    return not absences.get(person.id) and all(rule.since is None and rule.until is None for rule in person.hours)


def _minutes(setup: Setup, person: Provider, day: date, *, zone: str, away: Sequence[Absence] = ()) -> int:
    spans = setup.working(person, day, zone)
    if away:
        spans = subtract(spans, [absence.span for absence in away])
    return sum(int(span.length.total_seconds()) // 60 for span in spans)


def least_booked(hours: Minutes) -> int:
    """From how many booked minutes on a day can be full for somebody; fewer need not be read."""
    shortest = min((minutes for day in hours.values() for minutes in day.values() if minutes), default=0)
    return max(shortest - STANDARD_MINUTES + 1, 0)


def month_days(hours: Minutes, booked: Minutes) -> dict[date, tuple[bool, bool]]:
    """For each day whether it is full, and whether nobody works."""
    found = {}
    for day, each in hours.items():
        works = any(each.values())
        taken = booked.get(day, {})
        full = works and all(minutes - taken.get(id_, 0) < STANDARD_MINUTES for id_, minutes in each.items())
        found[day] = (full, not works)
    return found
