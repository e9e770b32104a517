"""Working hours: weekly wall time in the practice's zone, minus absences and closures.

A rule is kept as people say it ("Tuesdays from nine"), so it survives daylight saving; only the days
that are looked at are turned into instants.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from clinic.appointments.rules.spans import Span, clip, merge, subtract
from clinic.core.days import day_bounds, local, to_utc

ShutKind = Literal["absence", "break", "before", "after", "off"]
_LONGEST_BREAK = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Hours:
    """One weekly stretch of working time, with the days between which it holds.

    `weekdays` counts from Monday = 0. `closes` at or before `opens` means the end of the day: midnight.
    `site` is the id of the Location where the person works then, when it is known, `room` their room there. `types`
    are the visit types that are seen then, none meaning all. With `instead` it holds in place of the ordinary week
    of its site on every day of its validity: summer hours, one different Thursday.
    """

    weekdays: frozenset[int]
    opens: time
    closes: time
    since: date | None = None
    until: date | None = None
    site: str = ""
    types: frozenset[str] = frozenset()
    instead: bool = False
    room: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether this rule speaks about the day; the last day of validity is included."""
        return day.weekday() in self.weekdays and self.valid_on(day)

    def valid_on(self, day: date) -> bool:
        """Whether the day lies within its validity, whatever weekday it is."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def serves(self, type_id: str) -> bool:
        """Whether this visit type is seen then; an empty one always is."""
        return not type_id or not self.types or type_id in self.types


@dataclass(frozen=True, slots=True)
class Absence:
    """Time in which somebody who would work does not: leave, a closure, a meeting."""

    span: Span
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Shut:
    """A stretch of the drawn day in which nothing is offered, and why.

    `until` and `since` are the local times that the words need ("from 09:00", "until 16:00").
    """

    kind: ShutKind
    span: Span
    reason: str = ""


def worked_span(hours: Hours, day: date, zone: str) -> Span:
    """The instants of one rule on one day; a wall time that spring skips moves on with the clock."""
    return _worked(hours.opens, hours.closes, day, zone)


@lru_cache(maxsize=8192)
def _worked(opens: time, closes: time, day: date, zone: str) -> Span:
    start = to_utc(datetime.combine(day, opens), zone)
    if closes <= opens:
        return Span(start, day_bounds(day, zone)[1])
    return Span(start, to_utc(datetime.combine(day, closes), zone))


def rules_on(hours: Iterable[Hours], day: date) -> list[Hours]:
    """The rules that say when somebody works on a day.

    Where a rule holds `instead`, the ordinary ones of its site (of every site, when it names none) are silent.
    """
    valid = [rule for rule in hours if rule.valid_on(day)]
    silent = {rule.site for rule in valid if rule.instead}
    if silent:
        valid = [rule for rule in valid if rule.instead or ("" not in silent and rule.site not in silent)]
    return [rule for rule in valid if day.weekday() in rule.weekdays]


def working_spans(hours: Iterable[Hours], day: date, zone: str, type_id: str = "") -> tuple[Span, ...]:
    """When somebody works on a day (for a visit type, when one is named) before absences are taken out."""
    return merge(worked_span(rule, day, zone) for rule in rules_on(hours, day) if rule.serves(type_id))


def open_spans(
    hours: Iterable[Hours], absences: Iterable[Absence], day: date, zone: str, *, type_id: str = ""
) -> tuple[Span, ...]:
    """When somebody can be booked on a day, for a visit type when one is named."""
    return subtract(working_spans(hours, day, zone, type_id), (absence.span for absence in absences))


def shut_spans(working: Sequence[Span], absences: Sequence[Absence], frame: Span) -> tuple[Shut, ...]:
    """The closed time of a drawn day, in order: absences by their reason, the rest by its place.

    A gap of up to two hours between two working spans is a break; all other unworked time is before,
    after or, when nothing is worked at all, the whole day off.
    """
    away = clip((absence.span for absence in absences), frame)
    shut = [_absence(span, absences) for span in away]
    gaps = subtract(subtract([frame], working), away)
    shut += [Shut(_kind(gap, working), gap) for gap in gaps]
    return tuple(sorted(shut, key=lambda item: item.span))


def _absence(span: Span, absences: Sequence[Absence]) -> Shut:
    reasons = dict.fromkeys(absence.reason for absence in absences if absence.span.meets(span))
    return Shut("absence", span, ", ".join(reason for reason in reasons if reason))


def _kind(gap: Span, working: Sequence[Span]) -> ShutKind:
    before = [span for span in working if span.end <= gap.start]
    after = [span for span in working if span.start >= gap.end]
    if before and after:
        short = after[0].start - before[-1].end <= _LONGEST_BREAK
        return "break" if short else "off"
    if after:
        return "before"
    return "after" if before else "off"


def site_at(hours: Iterable[Hours], instant: datetime, zone: str) -> str:
    """The site where somebody works at a moment; an empty text when no rule says so."""
    rule = rule_at(hours, instant, zone)
    return rule.site if rule else ""


def rule_at(hours: Iterable[Hours], instant: datetime, zone: str) -> Hours | None:
    """The rule by which somebody works at a moment."""
    day = local(instant, zone).date()
    for rule in rules_on(hours, day):
        span = worked_span(rule, day, zone)
        if span.start <= instant < span.end:
            return rule
    return None
