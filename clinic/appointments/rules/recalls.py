"""Orders and recalls: what is to be booked for whom, by when, how often somebody was tried, and when it is over."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.core.errors import N_, Detail, Invalid

ORDER, RECALL = "order", "recall"
KINDS = (ORDER, RECALL)
PRIORITIES = ("stat", "asap", "urgent", "routine")
"""FHIR request-priority, the most urgent first."""
ACTIVE, COMPLETED, REVOKED, MISTAKE = "active", "completed", "revoked", "entered-in-error"
REACHED, NO_ANSWER, MESSAGE, DECLINED, WRONG = "done", "no-answer", "message", "declined", "wrong-number"
OUTCOMES = (REACHED, NO_ANSWER, MESSAGE, DECLINED, WRONG)
"""What came of an attempt, by the codes of the call log."""
FAILED = frozenset({NO_ANSWER, WRONG, MESSAGE})
"""Outcomes after which nobody has spoken with the patient yet."""
LONGEST_NOTE, MOST_DAYS, MOST_AHEAD = 400, 366, 3660
MOST_MONTHS, MOST_AGE, MOST_FAILED = 120, 130, 20
TASK, LETTER = "task", "letter"
AFTERWARDS = (TASK, LETTER)

UNREAD = N_("Write when, such as “6 weeks”, “3 months” or a day.")
TOO_FAR = N_("This is more than ten years ahead.")
GONE_BY = N_("This day is over.")

_SPAN = re.compile(r"(?:\D{1,6}\s+)?(\d{1,3})\s*([^\W\d_]+)\.?", re.UNICODE)
_UNITS = {
    "days": ("d", "day", "days", "dag", "dagen", "dia", "dias", "día", "días", "يوم", "أيام"),
    "weeks": ("w", "wk", "wks", "week", "weeks", "weken", "semana", "semanas", "sem", "أسبوع", "أسابيع"),
    "months": ("m", "mo", "mos", "month", "months", "maand", "maanden", "mnd", "mes", "meses", "شهر", "أشهر"),
    "years": ("y", "yr", "yrs", "year", "years", "jaar", "jaren", "año", "años", "سنة", "سنوات"),
}
"""How people say it in the languages of the screens."""
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}


@dataclass(frozen=True)
class Policy:
    """What happens after attempts in vain: how many, and whether it becomes a task or a letter."""

    most_failed: int = 3
    then: str = TASK
    version: int = 0


@dataclass(frozen=True)
class Tried:
    """A call to the patient: what came of it, a note, the number that was dialled, and when to try again."""

    outcome: str
    note: str = ""
    number: str = ""
    again: date | None = None


@dataclass(frozen=True)
class Tally:
    """The attempts so far: how many, how many of them in vain since somebody was last reached, and the last one."""

    attempts: int = 0
    failed: int = 0
    outcome: str = ""
    at: datetime | None = None
    again: date | None = None
    """The day on which to try again; until then it stands back."""
    handed: str = ""
    """Whether it went to a person as a `task`, or is proposed for a `letter`, after too many attempts in vain."""

    def after(self, tried: Tried, at: datetime, policy: Policy) -> Tally:
        """The tally with one attempt more, handed on when that was one in vain too many."""
        failed = self.failed + 1 if tried.outcome in FAILED else 0
        handed = self.handed if failed else ""
        if failed >= policy.most_failed:
            handed = handed or policy.then
        return Tally(self.attempts + 1, failed, tried.outcome, at, tried.again, handed)


@dataclass(frozen=True)
class Recall:
    """An order for a visit, or a recall: what, for whom, when, with whom, and what became of it.

    It is wanted on `due`, give or take `days`. `what` is the visit type's name or words of its own; `rule` and
    `follows` say which rule made it, after which visit. `booked` is the appointment that came of it.
    """

    patient_id: str
    due: date
    kind: str = ORDER
    type_id: str = ""
    what: str = ""
    days: int = 0
    priority: str = "routine"
    provider_id: str = ""
    provider_name: str = ""
    requester_id: str = ""
    requester_name: str = ""
    note: str = ""
    rule: str = ""
    follows: str = ""
    patient_name: str = ""
    birth_date: str = ""
    id: str = ""
    status: str = ACTIVE
    booked: str = ""
    closed: str = ""
    tally: Tally = Tally()
    asked: datetime | None = None
    version: int = 0

    @property
    def first(self) -> date:
        """The earliest day that fits."""
        return self.due - timedelta(days=self.days)

    @property
    def last(self) -> date:
        """The latest day that fits."""
        return self.due + timedelta(days=self.days)

    @property
    def open(self) -> bool:
        """Whether somebody still has to book it."""
        return self.status == ACTIVE

    def overdue(self, today: date) -> bool:
        """Whether the latest day has gone by unbooked."""
        return self.open and self.last < today

    def fits(self, type_id: str) -> bool:
        """Whether a visit of this type would be what was asked for."""
        return self.open and bool(self.type_id) and self.type_id == type_id


@dataclass(frozen=True)
class Rule:
    """So many months after the last such visit, if none is booked: for which patients, and what is to be booked.

    Empty or zero bounds leave everybody in. It comes onto the list `ahead` days before its day.
    """

    id: str = ""
    type_id: str = ""
    months: int = 12
    wanted: str = ""
    """The visit type to book; empty for the same as before."""
    age_from: int = 0
    age_to: int = 0
    sex: str = ""
    flag: str = ""
    days: int = 14
    ahead: int = 30
    priority: str = "routine"
    same_provider: bool = True
    active: bool = True
    version: int = 0

    @property
    def books(self) -> str:
        """The visit type that the recall asks for."""
        return self.wanted or self.type_id


@dataclass(frozen=True)
class Someone:
    """A patient as a rule looks at them."""

    age: int | None
    sex: str
    flags: frozenset[str] = frozenset()
    deceased: bool = False
    active: bool = True
    declined: bool = False
    """Whether they took their consent back or want no contact at all."""


def add_months(day: date, months: int) -> date:
    """The same day of the month some months later; the last one where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def read_due(text: str, today: date, read_day: Callable[[str], date]) -> date:
    """The day that "6 weeks", "3 months", "in 1 year" or a date means. Raises Invalid at the field `due`."""
    found = _span_day(text, today) or _named_day(text, read_day)
    if found > today + timedelta(days=MOST_AHEAD):
        raise Invalid(TOO_FAR, field="due")
    return found


def _span_day(text: str, today: date) -> date | None:
    match = _SPAN.fullmatch(" ".join(text.casefold().split()))
    unit = _UNIT_OF.get(match[2]) if match else None
    if match is None or unit is None:
        return None
    number = int(match[1])
    if unit in ("days", "weeks"):
        return today + timedelta(days=number * (7 if unit == "weeks" else 1))
    months = number * (12 if unit == "years" else 1)
    if months > MOST_AHEAD // 28:
        raise Invalid(TOO_FAR, field="due")
    return add_months(today, months)


def _named_day(text: str, read_day: Callable[[str], date]) -> date:
    try:
        return read_day(text)
    except ValueError:
        raise Invalid(UNREAD, field="due") from None


def rank_of(priority: str) -> int:
    """Where a priority stands: 0 is the most urgent; what nobody said is routine."""
    return PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES) - 1


def concerns(rule: Rule, someone: Someone) -> bool:
    """Whether a rule means this patient: age, sex, flag, and that they can and want to be asked at all."""
    if stops(someone):
        return False
    if (rule.age_from or rule.age_to) and someone.age is None:
        return False
    age = someone.age or 0
    if age < rule.age_from or (rule.age_to and age > rule.age_to):
        return False
    return rule.sex in ("", someone.sex) and (not rule.flag or rule.flag in someone.flags)


def stops(someone: Someone) -> str:
    """Why nobody is recalled: `deceased`, `inactive`, `declined`; empty when they may be."""
    found = {"deceased": someone.deceased, "inactive": not someone.active, "declined": someone.declined}
    return next((why for why, true in found.items() if true), "")


def due_after(rule: Rule, last: date) -> date:
    """When the next visit is due after the last one."""
    return add_months(last, rule.months)


def latest_last(rule: Rule, today: date) -> date:
    """The latest day of a last visit whose recall comes onto the list today: one day of grace for short months."""
    return add_months(today + timedelta(days=rule.ahead), -rule.months) + timedelta(days=1)


def is_due(rule: Rule, last: date, today: date) -> bool:
    """Whether the recall after a visit of this day is to be made by now."""
    return due_after(rule, last) <= today + timedelta(days=rule.ahead)


def check_rule(rule: Rule) -> Rule:
    """A rule within its bounds. Raises Invalid with each fault at its field."""
    found = []
    if not 1 <= rule.months <= MOST_MONTHS:
        found.append(Detail("months", N_("Between 1 and 120 months.")))
    if not 0 <= rule.age_from <= MOST_AGE or not 0 <= rule.age_to <= MOST_AGE:
        found.append(Detail("age_from", N_("Between 0 and 130 years.")))
    elif rule.age_to and rule.age_from > rule.age_to:
        found.append(Detail("age_to", N_("The second age is below the first.")))
    if not 0 <= rule.days <= MOST_DAYS or not 0 <= rule.ahead <= MOST_DAYS:
        found.append(Detail("days", N_("Between 0 and 366 days.")))
    if rule.priority not in PRIORITIES:
        found.append(Detail("priority", N_("Choose how urgent it is.")))
    if found:
        raise Invalid("Please correct the marked fields.", details=tuple(found))
    return rule


def check_policy(policy: Policy) -> Policy:
    """What is done after attempts in vain, within its bounds. Raises Invalid."""
    if not 1 <= policy.most_failed <= MOST_FAILED or policy.then not in AFTERWARDS:
        raise Invalid(N_("Choose 1 to 20 attempts, and what follows."), field="most_failed")
    return policy


_STEPS = {
    "draft": {ACTIVE, "on-hold", REVOKED},
    ACTIVE: {"on-hold", REVOKED, COMPLETED},
    "on-hold": {ACTIVE, REVOKED, COMPLETED},
    REVOKED: {ACTIVE},
    COMPLETED: {ACTIVE, REVOKED},
}


def may_step(before: str, after: str) -> bool:
    """Whether an order in one state may be saved in the other; every order may be called a mistake."""
    return after in (before, MISTAKE) or after in _STEPS.get(before, ())
