"""The waiting list: what somebody waits for, whether a time fits it, who is asked first and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from clinic.appointments.rules.free import PartOfDay, in_part
from clinic.appointments.rules.setup import Provider
from clinic.appointments.rules.spans import Span
from clinic.core.days import local, to_utc

URGENT, SOON, NORMAL = 1, 5, 9
URGENCIES = (URGENT, SOON, NORMAL)
"""Appointment.priority, as iCalendar counts it: 1 is the most urgent."""
OPEN_STATES = ("ready", "open")
"""States of an offer that keep its time."""
LEAST_TO_ANSWER = timedelta(minutes=5)
"""An offer that could be answered for less than this is not made."""
MOST_AT_ONCE, MOST_NOTICE, MOST_HOLD = 20, 24 * 60, 24 * 60
_ASKING_BEGINS, _ASKING_ENDS = time(8), time(20)


@dataclass(frozen=True)
class Wants:
    """What somebody waits for, besides the visit type. Empty means that all will do.

    `notice` is how many hours they need to come; `instead` is a booked visit that an earlier time replaces.
    """

    providers: tuple[str, ...] = ()
    site: str = ""
    parts: frozenset[PartOfDay] = frozenset()
    weekdays: frozenset[int] = frozenset()
    notice: int = 0
    language: str = ""
    instead: str = ""


@dataclass(frozen=True)
class Entry:
    """One entry of the waiting list; it is valid from `since` until `until`, half-open."""

    patient_id: str
    type_id: str
    since: datetime
    until: datetime
    wants: Wants = Wants()
    urgency: int = NORMAL
    minutes: int = 0
    note: str = ""
    patient_name: str = ""
    birth_date: str = ""
    type_name: str = ""
    id: str = ""
    status: str = "waitlist"
    created: datetime | None = None
    booked: str = ""
    version: int = 0


@dataclass(frozen=True)
class Rule:
    """How a visit type's freed times are offered: to `at_once` people, 0 meaning not at all."""

    type_id: str = ""
    at_once: int = 1
    notice_hours: int = 4
    hold_minutes: int = 60


@dataclass(frozen=True)
class Moment:
    """A time that could be offered, and where the provider would be."""

    provider: Provider
    span: Span
    site: str = ""


@dataclass(frozen=True)
class When:
    """The present, the practice's zone, and the rule of the visit type."""

    now: datetime
    zone: str
    rule: Rule = field(default_factory=Rule)


def fits(entry: Entry, moment: Moment, when: When) -> bool:
    """Whether somebody who waits could take a time: who, where, when, and early enough to be told."""
    return suits(entry, moment.provider, moment.site) and fits_time(entry, moment.span, when)


def suits(entry: Entry, provider: Provider, site: str) -> bool:
    """Whether the provider is one of those wished for, does the visit, speaks the language and works there."""
    wants = entry.wants
    if wants.providers and provider.id not in wants.providers:
        return False
    if wants.language and wants.language not in provider.languages:
        return False
    return provider.does(entry.type_id) and wants.site in ("", site)


def fits_time(entry: Entry, span: Span, when: When) -> bool:
    """Whether a stretch lies in the days and parts of the day wished for, with enough notice."""
    wants = entry.wants
    if not entry.since <= span.start < entry.until or span.start < notice_ends(entry, when):
        return False
    if wants.weekdays and local(span.start, when.zone).weekday() not in wants.weekdays:
        return False
    return not wants.parts or any(in_part(span.start, part, when.zone) for part in wants.parts)


def notice_ends(entry: Entry, when: When) -> datetime:
    """The earliest start that leaves the notice both the visit type and the person need."""
    return when.now + timedelta(hours=max(entry.wants.notice, when.rule.notice_hours))


def in_turn(entries: Iterable[Entry]) -> list[Entry]:
    """Who is asked first: the most urgent, then who has waited longest."""
    return sorted(entries, key=lambda entry: (entry.urgency, entry.created or entry.since, entry.id))


def answer_by(told: datetime, start: datetime, when: When) -> datetime | None:
    """Until when an offer is kept; None when there is too little time to ask anybody.

    Nobody is asked at night: what is told after eight in the evening may be answered from eight in the morning on.
    """
    ends = min(asking_begins(told, when.zone) + timedelta(minutes=when.rule.hold_minutes), start)
    return ends if ends - max(told, when.now) >= LEAST_TO_ANSWER else None


def asking_begins(moment: datetime, zone: str) -> datetime:
    """The moment itself by day; by night eight o'clock of the next morning."""
    wall = local(moment, zone)
    if _ASKING_BEGINS <= wall.time() < _ASKING_ENDS:
        return moment
    day = wall.date() if wall.time() < _ASKING_BEGINS else wall.date() + timedelta(days=1)
    return to_utc(datetime.combine(day, _ASKING_BEGINS), zone)


def checked(rule: Rule) -> Rule:
    """A rule within its bounds. Raises ValueError for one that no practice would mean."""
    bounds = ((rule.at_once, MOST_AT_ONCE), (rule.notice_hours, MOST_NOTICE), (rule.hold_minutes, MOST_HOLD))
    if any(not 0 <= value <= most for value, most in bounds) or rule.hold_minutes < LEAST_TO_ANSWER.seconds // 60:
        raise ValueError("out of bounds")
    return rule
