"""What the calendar shows: columns with their events, closed time, holds and how full they are.

Words are chosen by the templates; here every event only gets the code of its state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache

from clinic.appointments.rules.board import Board, BoardRow, HoldRow
from clinic.appointments.rules.grid import Frame, Place, drawn_place, frame_of, lanes
from clinic.appointments.rules.hours import Absence, Shut, shut_spans
from clinic.appointments.rules.setup import STANDARD_MINUTES, Provider, Setup
from clinic.appointments.rules.spans import Span, subtract
from clinic.appointments.rules.status import MOVABLE
from clinic.core.days import local

LATE_AFTER = timedelta(minutes=5)
TWO_LINES = 6
"""Rows: from thirty minutes on an event has a second line."""
TIGHT = 3
_KEPT_EVENTS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """One drawn visit: where it stands, its state, and the minutes that its words may need.

    The same visit in the same place and state is the same event, however often it is drawn.
    """

    row: BoardRow
    classes: str
    state: str
    minutes: int
    two_lines: bool
    movable: bool
    loud: bool
    """Whether the state says more than the visit type does."""
    times: str
    """Local times, HH:MM–HH:MM; ready here, as the next two, because a full day shows hundreds of them."""
    start_text: str
    end_text: str
    """The instants as an address writes them."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A drawn stretch of closed time."""

    shut: Shut
    classes: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A drawn time that is held."""

    hold: HoldRow
    classes: str
    own: bool


@dataclass(frozen=True)
class Column:
    """One provider on one day."""

    provider: Provider
    frame: Frame
    room_name: str
    events: tuple[Event, ...]
    closed: tuple[Closed, ...]
    held: tuple[Kept, ...]
    taken: int
    places: int
    now_row: int | None
    works: bool


def state_of(row: BoardRow, now: datetime) -> tuple[str, int]:
    """The state that a visit is shown in, and the minutes that belong to it.

    here: in the building; wait: here but past its time, late: not here and past its time, both with minutes;
    over: booked beside another; conf, open, done and missed.
    """
    late = now - row.start
    if row.status in ("arrived", "checked-in"):
        return ("wait", _minutes(late)) if row.status == "arrived" and late > LATE_AFTER else ("here", 0)
    if row.status in ("fulfilled", "noshow"):
        return ("done" if row.status == "fulfilled" else "missed"), 0
    if late > LATE_AFTER:
        return "late", _minutes(late)
    if row.lane:
        return "over", 0
    return ("conf" if row.status == "booked" else "open"), 0


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


_LOUD = frozenset({"wait", "late", "missed", "over"})
_CLASS = {"missed": "done", "late": "wait", "over": "fix", "open": ""}


def draw_event(row: BoardRow, frame: Frame, place: Place, now: datetime) -> Event:
    """The event with the classes that put it in its place."""
    return _event(row, frame.span, frame.zone, place, state_of(row, now))


@lru_cache(maxsize=_KEPT_EVENTS)
def _event(row: BoardRow, span: Span, zone: str, place: Place, shown: tuple[str, int]) -> Event:
    first, count = drawn_place(span, row.start, row.end)
    state, minutes = shown
    classes = f"{_CLASS.get(state, state)} r{first} n{count} s-{state}".lstrip()
    if place.of > 1:
        classes += f" of{min(place.of, 8)} k{min(place.at, 7)}"
    if count <= TIGHT:
        classes += " tight"
    return Event(
        row,
        classes,
        state,
        minutes,
        two_lines=count >= TWO_LINES,
        movable=row.status in MOVABLE,
        loud=state in _LOUD,
        times=f"{wall_text(row.start, zone)}–{wall_text(row.end, zone)}",
        start_text=_text(row.start),
        end_text=_text(row.end),
    )


@lru_cache(maxsize=4096)
def wall_text(instant: datetime, zone: str) -> str:
    """The wall time of an instant, HH:MM."""
    wall = local(instant, zone)
    return f"{wall.hour:02d}:{wall.minute:02d}"


@lru_cache(maxsize=4096)
def _text(instant: datetime) -> str:
    return instant.isoformat()


@dataclass(frozen=True)
class Drawing:
    """What all columns of one page share."""

    setup: Setup
    board: Board
    now: datetime
    viewer: str
    """The id of the person who looks, to tell one's own holds from those of others."""

    @cached_property
    def _by_provider(self) -> dict[str, list[BoardRow]]:
        found: dict[str, list[BoardRow]] = {}
        for row in self.board.rows:
            found.setdefault(row.provider, []).append(row)
        return found

    def rows_of(self, provider: str) -> list[BoardRow]:
        """The visits of one provider, by time."""
        return self._by_provider.get(provider, [])


def draw_column(drawing: Drawing, provider: Provider, frame: Frame) -> Column:
    """One provider's column of one day."""
    board = drawing.board
    first, last = frame.span
    rows = [row for row in drawing.rows_of(provider.id) if row.start < last and row.end > first]
    absences = board.absences.get(provider.id, ())
    working = drawing.setup.working(provider, frame.day, frame.zone)
    room = drawing.setup.room(provider.room)
    places = lanes(rows)
    return Column(
        provider=provider,
        frame=frame,
        room_name=room.name if room else "",
        events=tuple(draw_event(row, frame, place, drawing.now) for row, place in zip(rows, places, strict=True)),
        closed=tuple(Closed(shut, _box(frame, shut.span)) for shut in shut_spans(working, absences, frame.span)),
        held=_holds(drawing, provider.id, frame),
        taken=len(rows),
        places=len(rows) + _free_places(working, absences, rows),
        now_row=frame.row(drawing.now) if frame.shows(drawing.now) else None,
        works=bool(working),
    )


def _drawn(start: datetime, end: datetime, frame: Frame) -> bool:
    return start < frame.span.end and end > frame.span.start


def _holds(drawing: Drawing, provider: str, frame: Frame) -> tuple[Kept, ...]:
    return tuple(
        Kept(hold, _box(frame, Span(hold.start, hold.end)), own=hold.owner == drawing.viewer)
        for hold in drawing.board.holds
        if hold.provider == provider and _drawn(hold.start, hold.end, frame)
    )


def _box(frame: Frame, span: Span) -> str:
    first, last = frame.row(span.start), frame.row(span.end)
    return f"r{first} n{max(last - first, 1)}"


def _free_places(working: Sequence[Span], absences: Iterable[Absence], rows: Sequence[BoardRow]) -> int:
    busy = [*(absence.span for absence in absences), *(Span(row.start, row.end) for row in rows)]
    standard = timedelta(minutes=STANDARD_MINUTES)
    return sum(gap.length // standard for gap in subtract(working, busy))


def frames(setup: Setup, board: Board, day: date, zone: str) -> Frame:
    """The frame in which everybody's working time and every visit of the day can be drawn."""
    spans = {span for person in setup.columns() for span in setup.working(person, day, zone)}
    return frame_of(day, zone, spans | {Span(*times) for times in {(row.start, row.end) for row in board.rows}})
