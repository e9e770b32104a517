"""A new week from a day on, and the old one until the day before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

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


def latest_week(hours: Iterable[Hours]) -> tuple[Hours, ...]:
    """The week that holds in the end: without those that have a last day and without exceptions."""
    return tuple(rule for rule in hours if rule.until is None and not rule.instead)


def begins(hours: Iterable[Hours]) -> list[date]:
    """The days on which another week begins, in order."""
    return sorted({rule.since for rule in hours if rule.since is not None and not rule.instead})
