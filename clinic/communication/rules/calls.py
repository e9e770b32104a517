"""A phone call at the desk: what it was about, what came of it, when to call back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.core.days import local, read_date, read_time, to_utc
from clinic.core.errors import Detail, Invalid

REASONS = ("appointment", "refill", "results", "bill", "worse", "referral", "forms", "other")
OUTCOMES = ("done", "call-back", "message", "no-answer", "wrong-number")
LONGEST_NOTE = 1000
HOT_AFTER = timedelta(minutes=30)
"""A call that waits longer is shown as late."""

_RELATIVE = re.compile(r"(?:in\s+)?(\d{1,3})\s*(m|min|minutes?|h|hours?|d|days?)", re.IGNORECASE)


@dataclass(frozen=True)
class Call:
    """One call as the desk logs it."""

    patient_id: str = ""
    caller: str = ""
    number: str = ""
    incoming: bool = True
    reason: str = "other"
    outcome: str = "done"
    note: str = ""
    due: datetime | None = None
    """When to call back."""


def check(call: Call, now: datetime) -> None:
    """Refuse a call that nobody could return. Raises Invalid with each fault beside its field."""
    faults = tuple(_faults(call, now))
    if faults:
        raise Invalid("Please correct the marked fields.", details=faults)


def _faults(call: Call, now: datetime) -> Iterable[Detail]:
    if call.reason not in REASONS:
        yield Detail("reason", "Choose what the call was about.")
    if call.outcome not in OUTCOMES:
        yield Detail("outcome", "Choose what came of it.")
    if not (call.patient_id or call.caller.strip() or call.number.strip()):
        yield Detail("caller", "Say who called: a patient, a name or a number.")
    if call.outcome == "call-back" and call.due is None:
        yield Detail("due", "Say when to call back, for example “in 30 min” or “14:30”.")
    if call.due is not None and call.due < now - timedelta(minutes=1):
        yield Detail("due", "This time has passed.")


def read_due(text: str, now: datetime, zone: str, order: str = "mdy") -> datetime:
    """When to call back, as people say it: `in 30 min`, `2h`, `14:30`, `tomorrow 9`, `3/12 10am`. Raises ValueError."""
    bare = " ".join(text.casefold().split())
    relative = _RELATIVE.fullmatch(bare)
    if relative:
        unit = {"m": "minutes", "h": "hours", "d": "days"}[relative[2][0]]
        return now + timedelta(**{unit: int(relative[1])})
    today = local(now, zone).date()
    day_words, _, clock = bare.rpartition(" ")
    day = _day(day_words, today, order)
    due = to_utc(datetime.combine(day, read_time(clock)), zone)
    if not day_words and due < now:
        return to_utc(datetime.combine(day + timedelta(days=1), read_time(clock)), zone)
    return due


def _day(words: str, today: date, order: str) -> date:
    if words in ("", "today"):
        return today
    if words == "tomorrow":
        return today + timedelta(days=1)
    try:
        return read_date(words, today=date(today.year + 1, 12, 31), order=order)
    except ValueError:
        return read_date(f"{words}/{today.year}", today=date(today.year + 1, 12, 31), order=order)
