"""The drawn day: five-minute rows, hour marks, lanes for what overlaps, snapping and resizing.

A row is five minutes that really pass, counted from the first drawn instant. A day of 23 or 25 hours
therefore has 276 or 300 rows, and an hour that comes twice has two marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, Protocol

from clinic.appointments.rules.spans import Span
from clinic.core.days import CELL, cells, day_bounds, local, to_utc

LEAST_DRAWN = 3
"""Rows: an event shorter than fifteen minutes is drawn as fifteen (LOOK.md, Calendar)."""
_LEAST_LENGTH = LEAST_DRAWN * CELL
LEAST_MINUTES = 5
MOST_MINUTES = 12 * 60
_OPENS, _CLOSES = time(8), time(17)
_CELL_SECONDS = CELL.total_seconds()
_ALMOST_A_CELL = CELL - timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Frame:
    """The drawn part of one local day."""

    day: date
    span: Span
    zone: str

    @property
    def rows(self) -> int:
        """How many five-minute rows are drawn."""
        return -int(-self.span.length.total_seconds() // _CELL_SECONDS)

    def row(self, instant: datetime) -> int:
        """The row in which an instant falls, kept inside the frame."""
        row = int((instant - self.span.start).total_seconds() // _CELL_SECONDS)
        return min(max(row, 0), self.rows)

    def place(self, start: datetime, end: datetime) -> tuple[int, int]:
        """First row and number of rows of an event, at least the height that can be read."""
        return drawn_place(self.span, start, end)

    def shows(self, instant: datetime) -> bool:
        """Whether the instant lies in the drawn part."""
        return self.span.start <= instant < self.span.end

    def at(self, row: int) -> datetime:
        """The instant at which a row begins."""
        return self.span.start + row * CELL

    def hours(self) -> list[tuple[int, datetime]]:
        """Row and local time of every hour mark."""
        return list(_hours(self))


@lru_cache(maxsize=64)
def _hours(frame: Frame) -> tuple[tuple[int, datetime], ...]:
    walls = ((row, local(frame.at(row), frame.zone)) for row in range(frame.rows))
    return tuple((row, wall) for row, wall in walls if wall.minute == 0)


@lru_cache(maxsize=8192)
def drawn_place(span: Span, start: datetime, end: datetime) -> tuple[int, int]:
    """First row and number of rows of an event; the visits of a day begin at a few dozen times, reckoned once."""
    frame = Frame(span.start.date(), span, "UTC")
    first = min(frame.row(start), frame.rows - LEAST_DRAWN)
    last = frame.row(end + _ALMOST_A_CELL)
    return first, max(last - first, LEAST_DRAWN)


def frame_of(day: date, zone: str, spans: Iterable[Span]) -> Frame:
    """The frame that shows every given span of the day in whole hours, at least eight to five."""
    whole = Span(*day_bounds(day, zone))
    start, end = to_utc(datetime.combine(day, _OPENS), zone), to_utc(datetime.combine(day, _CLOSES), zone)
    for span in spans:
        if span.meets(whole):
            start, end = min(start, span.start), max(end, span.end)
    return Frame(day, Span(max(_hour_down(start, zone), whole.start), min(_hour_up(end, zone), whole.end)), zone)


def _hour_down(instant: datetime, zone: str) -> datetime:
    return instant - _past_the_hour(instant, zone)


def _hour_up(instant: datetime, zone: str) -> datetime:
    past = _past_the_hour(instant, zone)
    return instant + (timedelta(hours=1) - past) if past else instant


def _past_the_hour(instant: datetime, zone: str) -> timedelta:
    wall = local(instant, zone)
    return timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)


class Timed(Protocol):
    """Whatever has a start and an end."""

    @property
    def start(self) -> datetime:
        """UTC."""

    @property
    def end(self) -> datetime:
        """UTC, not included."""


class Place(NamedTuple):
    """The share of a column that one event gets: the `at`-th of `of` equal widths, from 0."""

    at: int
    of: int


def lanes(events: Sequence[Timed]) -> list[Place]:
    """Side-by-side places for the events of one column, in the order given.

    Events that overlap as drawn never share a place; those of one unbroken cluster get the same width,
    and an event that meets no other keeps the whole column.
    """
    result: list[Place] = [Place(0, 1)] * len(events)
    if all(max(before.end, before.start + _LEAST_LENGTH) <= after.start for before, after in pairwise(events)):
        return result
    spans = [_drawn(event) for event in events]
    order = sorted(range(len(events)), key=lambda i: (spans[i].start, -spans[i].length, i))
    cluster: list[tuple[int, int]] = []
    ends: list[datetime] = []
    for index in order:
        span = spans[index]
        if ends and span.start >= max(ends):
            _close(cluster, len(ends), result)
            cluster, ends = [], []
        lane = next((i for i, end in enumerate(ends) if end <= span.start), len(ends))
        ends[lane : lane + 1] = [span.end]
        cluster.append((index, lane))
    _close(cluster, len(ends), result)
    return result


def _close(cluster: list[tuple[int, int]], width: int, result: list[Place]) -> None:
    for index, lane in cluster:
        result[index] = Place(lane, width)


def _drawn(event: Timed) -> Span:
    return Span(event.start, max(event.end, event.start + _LEAST_LENGTH))


def snap(instant: datetime) -> datetime:
    """The five-minute step at or before an instant, as a pointer means it."""
    return instant - (instant - datetime(2000, 1, 1, tzinfo=instant.tzinfo)) % CELL


def snap_minutes(minutes: int) -> int:
    """A length in whole five-minute steps, rounded up, between five minutes and twelve hours."""
    return min(max(-(-minutes // 5) * 5, LEAST_MINUTES), MOST_MINUTES)


def cell_count(start: datetime, end: datetime) -> int:
    """How many five-minute claims an event needs."""
    return len(cells(start, end))
