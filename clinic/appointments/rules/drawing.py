"""What the calendar shows: columns with their events, closed time, holds and how full they are.

Words are chosen by the templates; here every event only gets the code of its state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import NamedTuple

from clinic.appointments.rules.board import Board, BoardRow, HoldRow
from clinic.appointments.rules.grid import Frame, Place, drawn_place, frame_of, lanes
from clinic.appointments.rules.hours import Absence, Shut, shut_spans
from clinic.appointments.rules.owners import By, Owner, absences_of, working_of
from clinic.appointments.rules.setup import STANDARD_MINUTES, Setup
from clinic.appointments.rules.spans import Span, subtract
from clinic.appointments.rules.status import MOVABLE
from clinic.core.days import CELL, day_bounds, local

LATE_AFTER = timedelta(minutes=5)
TWO_LINES = 6
"""Rows: from thirty minutes on an event has a second line."""
TIGHT = 3
MOST_BESIDE = 24
"""Visits that stand beside each other in one column; more share the last place."""
_KEPT_EVENTS = 8192
_KEPT_COLUMNS = 600


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
    beside: int = 1
    """Into how many places its stretch of the column is divided."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One provider, room, device or site on one day.

    The same visits in the same state are the same column, however often it is drawn.
    """

    owner: Owner
    frame: Frame
    working: tuple[Span, ...]
    events: tuple[Event, ...]
    closed: tuple[Closed, ...]
    held: tuple[Kept, ...]
    taken: int
    places: int
    now_row: int | None

    @property
    def works(self) -> bool:
        """Whether anybody can be booked in it that day."""
        return bool(self.working)

    @property
    def wide(self) -> int:
        """How many ordinary columns it takes: one, or more where whole crowds stand beside each other."""
        beside = max((event.beside for event in self.events), default=1)
        return -(-beside // 2) if beside > 3 else 1

    @property
    def key(self) -> str:
        """A name for it on the page."""
        return f"{self.owner.id}-{self.frame.day}"


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
        classes += f" of{min(place.of, MOST_BESIDE)} k{min(place.at, MOST_BESIDE - 1)}"
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
        beside=place.of,
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
    def _by_owner(self) -> dict[str, dict[str, list[BoardRow]]]:
        return {}

    def rows_of(self, owner: Owner) -> list[BoardRow]:
        """The visits of one column, by time; one that several providers share stands once in a room or a site."""
        found = self._by_owner.get(owner.by)
        if found is None:
            found = self._by_owner[owner.by] = _sorted_out(self.board.rows, owner.by)
        own, used = found.get(owner.id, []), self.board.uses.get(owner.id)
        return sorted([*own, *used], key=attrgetter("start", "lane", "id")) if used else own


def _sorted_out(rows: Iterable[BoardRow], by: By) -> dict[str, list[BoardRow]]:
    whose = _WHOSE[by]
    found: dict[str, list[BoardRow]] = {}
    for row in rows:
        found.setdefault(whose(row), []).append(row)
    if by == "provider":
        return found
    return {id_: list({row.id: row for row in some}.values()) for id_, some in found.items()}


_WHOSE: dict[By, Callable[[BoardRow], str]] = {
    "provider": attrgetter("provider"),
    "room": attrgetter("room"),
    "device": lambda _row: "",
    "site": attrgetter("site"),
}


def draw_column(drawing: Drawing, owner: Owner, frame: Frame) -> Column:
    """One column of one day."""
    board = drawing.board
    first, last = frame.span
    return _column(
        owner,
        frame,
        tuple([row for row in drawing.rows_of(owner) if row.start < last and row.end > first]),
        _Around(
            working_of(drawing.setup, owner, frame.day, frame.zone),
            tuple([away for away in absences_of(owner, board.absences) if away.span.meets(frame.span)]),
            _holds(drawing, owner, frame),
        ),
        _minute(drawing.now, frame),
    )


class _Around(NamedTuple):
    """What surrounds the visits of a column."""

    working: tuple[Span, ...]
    absences: tuple[Absence, ...]
    held: tuple[Kept, ...]


def _minute(now: datetime, frame: Frame) -> datetime:
    """The moment a column is drawn for: all of a day to come looks alike until it begins."""
    return frame.span.start - CELL if now < frame.span.start else now.replace(second=0, microsecond=0)


@lru_cache(maxsize=_KEPT_COLUMNS)
def _column(owner: Owner, frame: Frame, rows: tuple[BoardRow, ...], around: _Around, now: datetime) -> Column:
    """A column is drawn anew only when something in it is another: most of a day stands as it stood."""
    working, absences, held = around
    places = lanes(rows)
    return Column(
        owner=owner,
        frame=frame,
        working=working,
        events=tuple([draw_event(row, frame, place, now) for row, place in zip(rows, places, strict=True)]),
        closed=tuple([Closed(shut, _box(frame, shut.span)) for shut in shut_spans(working, absences, frame.span)]),
        held=held,
        taken=len(rows),
        places=len(rows) + _free_places(working, absences, rows) if owner.by == "provider" else 0,
        now_row=frame.row(now) if frame.shows(now) else None,
    )


def _drawn(start: datetime, end: datetime, frame: Frame) -> bool:
    return start < frame.span.end and end > frame.span.start


def _holds(drawing: Drawing, owner: Owner, frame: Frame) -> tuple[Kept, ...]:
    if owner.by != "provider" or not drawing.board.holds:
        return ()
    return tuple(
        Kept(hold, _box(frame, Span(hold.start, hold.end)), own=hold.owner == drawing.viewer)
        for hold in drawing.board.holds
        if hold.provider == owner.id and _drawn(hold.start, hold.end, frame)
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


def owned_frame(drawing: Drawing, owner: Owner, day: date, zone: str) -> Frame:
    """The frame in which one column's working time and visits of a day can be drawn."""
    whole = Span(*day_bounds(day, zone))
    working = [span for span in working_of(drawing.setup, owner, day, zone) if span != whole]
    return frame_of(day, zone, {*working, *(Span(row.start, row.end) for row in drawing.rows_of(owner))})
