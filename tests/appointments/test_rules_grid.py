"""The drawn day and the places of events in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.appointments.rules.grid import (
    LEAST_DRAWN,
    Place,
    cell_count,
    frame_of,
    lanes,
    snap,
    snap_minutes,
)
from clinic.appointments.rules.spans import Span
from clinic.core.days import CELL, day_bounds

NEW_YORK = "America/New_York"
ZONES = st.sampled_from([NEW_YORK, "Europe/Amsterdam", "Australia/Lord_Howe", "Asia/Kathmandu"])
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
TUESDAY = date(2027, 3, 9)


def utc(hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 3, 9, hour, minute, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    start: datetime
    end: datetime


EVENTS = st.lists(
    st.builds(
        lambda at, long: Event(utc(12) + CELL * at, utc(12) + CELL * (at + long)),
        st.integers(0, 60),
        st.integers(1, 14),
    ),
    max_size=14,
)


def test_an_empty_day_is_drawn_from_eight_to_five() -> None:
    frame = frame_of(TUESDAY, NEW_YORK, [])
    assert (frame.span, frame.rows) == (Span(utc(13), utc(22)), 108)
    assert [wall.hour for _row, wall in frame.hours()] == list(range(8, 17))


def test_the_frame_grows_to_whole_hours_around_early_and_late_work() -> None:
    frame = frame_of(TUESDAY, NEW_YORK, [Span(utc(12, 20), utc(12, 40)), Span(utc(22), utc(23, 5))])
    assert (frame.hours()[0][1].hour, frame.rows) == (7, 12 * 12)


def test_work_of_another_day_does_not_stretch_the_frame() -> None:
    yesterday = Span(utc(1) - timedelta(days=2), utc(3) - timedelta(days=2))
    assert frame_of(TUESDAY, NEW_YORK, [yesterday]).rows == 108


@pytest.mark.parametrize(
    ("day", "rows", "ones"), [(date(2027, 3, 14), 276, 1), (date(2027, 11, 7), 300, 2), (TUESDAY, 288, 1)]
)
def test_a_whole_day_has_as_many_rows_as_it_really_lasts(day: date, rows: int, ones: int) -> None:
    frame = frame_of(day, NEW_YORK, [Span(*day_bounds(day, NEW_YORK))])
    assert frame.rows == rows
    assert [wall.hour for _row, wall in frame.hours()].count(1) == ones


@given(ZONES, DAYS, st.integers(0, 400), st.integers(1, 200))
def test_every_event_is_drawn_inside_the_frame_and_tall_enough(zone: str, day: date, at: int, long: int) -> None:
    frame = frame_of(day, zone, [Span(*day_bounds(day, zone))])
    first, count = frame.place(frame.at(at), frame.at(at + long))
    assert 0 <= first <= frame.rows - LEAST_DRAWN
    assert count >= LEAST_DRAWN
    if at + long <= frame.rows:
        assert (first, count) == (min(at, frame.rows - LEAST_DRAWN), max(long, LEAST_DRAWN))


@given(ZONES, DAYS, st.integers(0, 260))
def test_a_row_and_its_instant_belong_to_each_other(zone: str, day: date, row: int) -> None:
    frame = frame_of(day, zone, [Span(*day_bounds(day, zone))])
    assert frame.row(frame.at(row)) == row


def test_a_visit_from_the_evening_before_begins_at_the_top() -> None:
    frame = frame_of(TUESDAY, NEW_YORK, [])
    assert frame.place(utc(9), utc(14)) == (0, 12)


@given(EVENTS)
def test_events_that_overlap_as_drawn_never_share_a_lane(events: list[Event]) -> None:
    places = lanes(events)
    for i, one in enumerate(events):
        assert 0 <= places[i].at < places[i].of
        for j in range(i):
            other = events[j]
            ends = max(one.end, one.start + 3 * CELL), max(other.end, other.start + 3 * CELL)
            if one.start < ends[1] and other.start < ends[0]:
                assert places[i].at != places[j].at
                assert places[i].of == places[j].of


@given(EVENTS)
def test_no_lane_is_drawn_that_is_not_needed(events: list[Event]) -> None:
    drawn = [(item.start, max(item.end, item.start + 3 * CELL)) for item in events]
    most = max((sum(s <= at < e for s, e in drawn) for at, _ in drawn), default=0)
    assert max((place.of for place in lanes(events)), default=0) == most


def test_an_event_alone_keeps_the_whole_column() -> None:
    events = [Event(utc(14), utc(15)), Event(utc(14, 30), utc(15)), Event(utc(15), utc(16))]
    assert lanes(events) == [Place(0, 2), Place(1, 2), Place(0, 1)]


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)))
def test_snapping_goes_to_the_step_at_or_before(moment: datetime) -> None:
    at = moment.replace(tzinfo=UTC)
    snapped = snap(at)
    assert timedelta() <= at - snapped < CELL
    assert (snapped.minute % 5, snapped.second, snapped.microsecond) == (0, 0, 0)


@pytest.mark.parametrize(("asked", "given_"), [(-5, 5), (0, 5), (1, 5), (5, 5), (17, 20), (30, 30), (9999, 720)])
def test_a_length_is_whole_steps_within_reason(asked: int, given_: int) -> None:
    assert snap_minutes(asked) == given_


def test_claims_cover_every_step_that_an_event_touches() -> None:
    assert cell_count(utc(14), utc(14, 30)) == 6
    assert cell_count(utc(14, 2), utc(14, 31)) == 7
