"""The calendar's pages: one day of everybody (or every room, device or site), or one week of one of them."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from clinic.appointments.queries.board import board, day_span, month_minutes
from clinic.appointments.queries.mark import mark_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.uses import uses
from clinic.appointments.rules.board import Board
from clinic.appointments.rules.drawing import Column, Drawing, draw_column, frames, owned_frame
from clinic.appointments.rules.grid import Frame
from clinic.appointments.rules.month import least_booked, month_days, open_minutes
from clinic.appointments.rules.owners import MOST_COLUMNS, By, Owner, chosen_of, owners
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span
from clinic.core.days import local
from clinic.fhir.store import Store

_WEEK = 7
_KEPT_MONTHS = 60


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
class Asked:
    """What somebody wants to see: columns by what, of which site, whose week, and which columns they chose.

    Without `month` the small month is left out: a board that renews itself does not show it.
    """

    by: By = "provider"
    site: str = ""
    who: str = ""
    chosen: tuple[str, ...] = ()
    month: bool = True

    @property
    def text(self) -> str:
        """The same as one line, to tell one view from another."""
        return f"{self.by} {self.site} {self.who} {','.join(sorted(self.chosen))}"


@dataclass(frozen=True)
class CalendarPage:
    """All that a calendar page shows. `owners` are all that could have a column, `hidden` counts those left out."""

    day: date
    today: date
    columns: tuple[Column, ...]
    frame: Frame
    setup: Setup
    asked: Asked
    owners: tuple[Owner, ...]
    mark: str
    month: Month | None = None
    owner: Owner | None = None
    hidden: int = 0

    @property
    def taken(self) -> int:
        """Visits on the page."""
        return sum(column.taken for column in self.columns)

    @property
    def places(self) -> int:
        """Visits on the page and those for which there is still time."""
        return sum(column.places for column in self.columns)

    @property
    def hours(self) -> list[tuple[int, datetime]]:
        """Row and wall time of every hour mark of the page."""
        return self.frame.hours()

    @property
    def site(self) -> str:
        """The id of the site that is shown alone, or nothing."""
        return self.asked.site


@dataclass(frozen=True)
class Months:
    """What the small months say, kept as long as nothing changes: `kept` by the pulse of the practice."""

    kept: dict[tuple[object, ...], Month]
    pulse: str


def day_page(store: Store, day: date, asked: Asked = Asked(), months: Months | None = None) -> CalendarPage:
    """One day; a column for each that works or has visits, at most sixty."""
    setup, zone = calendar_setup(store), store.practice.zone
    found = board(store, setup, day_span(store, day), away_span=_month_span(store, day) if asked.month else None)
    everybody = owners(setup, asked.by, asked.site)
    drawing = _drawing(store, setup, found, everybody)
    frame = frames(setup, found, day, zone)
    drawn = [draw_column(drawing, owner, frame) for owner in chosen_of(everybody, asked.chosen)]
    columns = [column for column in drawn if column.works or column.events] or drawn
    return CalendarPage(
        day=day,
        today=local(store.now, zone).date(),
        columns=tuple(columns[:MOST_COLUMNS]),
        frame=frame,
        setup=setup,
        asked=asked,
        owners=everybody,
        mark=mark_of(store, found, setup, f"day {day} {asked.text}"),
        month=_month(store, setup, found, day, months) if asked.month else None,
        hidden=max(len(columns) - MOST_COLUMNS, 0) + (len(everybody) - len(drawn)),
    )


def week_page(store: Store, day: date, asked: Asked = Asked(), months: Months | None = None) -> CalendarPage:
    """Seven days of one provider, room, device or site, from Monday; of the first one when none is named."""
    setup, zone = calendar_setup(store), store.practice.zone
    everybody = owners(setup, asked.by)
    owner = next((one for one in everybody if one.id == asked.who), None) or Owner(asked.by, "", "")
    if not owner.id and everybody:
        owner = everybody[0]
    monday = day - timedelta(days=day.weekday())
    away = _month_span(store, day) if asked.month else None
    found = board(store, setup, day_span(store, monday, _WEEK), away_span=away)
    drawing = _drawing(store, setup, found, (owner,))
    tall = _shared_frames(drawing, owner, [monday + timedelta(days=offset) for offset in range(_WEEK)], zone)
    return CalendarPage(
        day=day,
        today=local(store.now, zone).date(),
        columns=tuple(draw_column(drawing, owner, frame) for frame in tall),
        frame=max(tall, key=lambda frame: frame.rows),
        setup=setup,
        asked=asked,
        owners=everybody,
        mark=mark_of(store, found, setup, f"week {monday} {asked.text}"),
        month=_month(store, setup, found, day, months) if asked.month else None,
        owner=owner,
    )


def _drawing(store: Store, setup: Setup, found: Board, shown: Sequence[Owner]) -> Drawing:
    """The board with what rooms and devices are used for, where these have the columns."""
    if found.span is not None and shown and shown[0].by in ("room", "device"):
        found = replace(found, uses=uses(store, shown, found.rows, found.span))
    return Drawing(setup, found, store.now, store.actor.id)


def _shared_frames(drawing: Drawing, owner: Owner, week: list[date], zone: str) -> list[Frame]:
    """Frames that begin and end at the same wall time on every day of the week."""
    own = [owned_frame(drawing, owner, day, zone) for day in week]
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


def _month_span(store: Store, day: date) -> Span:
    days = list(_shown_days(day))
    return day_span(store, days[0], len(days))


def _shown_days(day: date) -> Iterator[date]:
    for week in calendar.Calendar().monthdatescalendar(day.year, day.month):
        yield from week


def _month(store: Store, setup: Setup, found: Board, day: date, months: Months | None) -> Month:
    days = tuple(_shown_days(day))
    away = tuple((id_, items) for id_, items in found.absences.items() if items)
    key = (months.pulse, days[0], days[-1], day.replace(day=1), away) if months else ()
    known = months.kept.get(key) if months else None
    if known is not None:
        return known
    hours = open_minutes(setup, found.absences, days, store.practice.zone)
    booked = month_minutes(store, days[0], days[-1], least=least_booked(hours))
    states = month_days(hours, booked)
    drawn = [MonthDay(each, each.month == day.month, *states[each]) for each in days]
    first = day.replace(day=1)
    made = Month(
        first=first,
        weeks=tuple(tuple(drawn[start : start + _WEEK]) for start in range(0, len(drawn), _WEEK)),
        before=(first - timedelta(days=1)).replace(day=1),
        after=(first + timedelta(days=32)).replace(day=1),
    )
    if months:
        if len(months.kept) >= _KEPT_MONTHS:
            months.kept.clear()
        months.kept[key] = made
    return made
