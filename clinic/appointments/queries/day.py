"""The calendar's pages: one day of everybody, or one week of one provider; three statements each."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.appointments.queries.board import board, day_span, month_minutes
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.board import Board
from clinic.appointments.rules.drawing import Column, Drawing, draw_column, frames
from clinic.appointments.rules.grid import Frame
from clinic.appointments.rules.month import least_booked, month_days, open_minutes
from clinic.appointments.rules.setup import Provider, Setup
from clinic.appointments.rules.spans import Span
from clinic.core.days import local
from clinic.fhir.store import Store

_WEEK = 7


@dataclass(frozen=True, slots=True)
class MonthDay:
    """One day of the small month: `full` when nothing is left, `off` when nobody works."""

    day: date
    inside: bool
    full: bool
    off: bool


@dataclass(frozen=True)
class Month:
    """The small month beside the day, in whole weeks from Monday."""

    first: date
    weeks: tuple[tuple[MonthDay, ...], ...]
    before: date
    after: date


@dataclass(frozen=True)
class CalendarPage:
    """All that a calendar page shows."""

    day: date
    today: date
    columns: tuple[Column, ...]
    frame: Frame
    setup: Setup
    month: Month
    site: str = ""
    provider: Provider | None = None

    @property
    def taken(self) -> int:
        """Visits on the page."""
        return sum(column.taken for column in self.columns)

    @property
    def places(self) -> int:
        """Visits, and the standard lengths that still fit."""
        return sum(column.places for column in self.columns)

    @property
    def hours(self) -> list[tuple[int, datetime]]:
        """The hour marks of the gutter."""
        return self.frame.hours()


def day_page(store: Store, day: date, site: str = "") -> CalendarPage:
    """Everybody's columns of one day; people without hours and visits on it are left out."""
    setup, zone = calendar_setup(store), store.practice.zone
    month = _month_span(store, day)
    found = board(store, setup, day_span(store, day), away_span=month)
    frame = frames(setup, found, day, zone)
    drawing = Drawing(setup, found, store.now, store.actor.id)
    drawn = [draw_column(drawing, person, frame) for person in setup.columns(site)]
    columns = tuple(column for column in drawn if column.works or column.events) or tuple(drawn)
    return CalendarPage(
        day=day,
        today=local(store.now, zone).date(),
        columns=columns,
        frame=frame,
        setup=setup,
        month=_month(store, setup, found, day),
        site=site,
    )


def week_page(store: Store, day: date, provider_id: str) -> CalendarPage:
    """Seven days of one provider, from Monday; the first provider when none is named."""
    setup, zone = calendar_setup(store), store.practice.zone
    people = setup.columns()
    person = setup.provider(provider_id) or (people[0] if people else Provider("", ""))
    monday = day - timedelta(days=day.weekday())
    found = board(store, setup, day_span(store, monday, _WEEK), away_span=_month_span(store, day))
    drawing = Drawing(setup, found, store.now, store.actor.id)
    week = [monday + timedelta(days=offset) for offset in range(_WEEK)]
    tall = _shared_frames(Setup(providers=(person,)), found, week, zone)
    columns = tuple(draw_column(drawing, person, frame) for frame in tall)
    return CalendarPage(
        day=day,
        today=local(store.now, zone).date(),
        columns=columns,
        frame=max(tall, key=lambda frame: frame.rows),
        setup=setup,
        month=_month(store, setup, found, day),
        provider=person,
    )


def _shared_frames(setup: Setup, found: Board, week: list[date], zone: str) -> list[Frame]:
    """Frames that begin and end at the same wall time on every day of the week."""
    own = [frames(setup, _of_provider(found, setup), day, zone) for day in week]
    first = min(local(frame.span.start, zone).time() for frame in own)
    rows = max(
        frame.rows
        + (datetime.combine(day, local(frame.span.start, zone).time()) - datetime.combine(day, first))
        // timedelta(minutes=5)
        for day, frame in zip(week, own, strict=True)
    )
    starts = [
        frame.span.start - (datetime.combine(day, local(frame.span.start, zone).time()) - datetime.combine(day, first))
        for day, frame in zip(week, own, strict=True)
    ]
    length = rows * timedelta(minutes=5)
    return [Frame(day, Span(start, start + length), zone) for day, start in zip(week, starts, strict=True)]


def _of_provider(found: Board, setup: Setup) -> Board:
    own = {person.id for person in setup.providers}
    return Board(tuple(row for row in found.rows if row.provider in own), found.holds, found.absences)


def _month_span(store: Store, day: date) -> Span:
    days = list(_shown_days(day))
    return day_span(store, days[0], len(days))


def _shown_days(day: date) -> Iterator[date]:
    for week in calendar.Calendar().monthdatescalendar(day.year, day.month):
        yield from week


def _month(store: Store, setup: Setup, found: Board, day: date) -> Month:
    days = list(_shown_days(day))
    hours = open_minutes(setup, found.absences, days, store.practice.zone)
    booked = month_minutes(store, days[0], days[-1], least=least_booked(hours))
    states = month_days(hours, booked)
    drawn = [MonthDay(each, each.month == day.month, *states[each]) for each in days]
    first = day.replace(day=1)
    return Month(
        first=first,
        weeks=tuple(tuple(drawn[start : start + _WEEK]) for start in range(0, len(drawn), _WEEK)),
        before=(first - timedelta(days=1)).replace(day=1),
        after=(first + timedelta(days=32)).replace(day=1),
    )
