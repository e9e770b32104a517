"""Days, wall times and what people type."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core import days

TODAY = date(2027, 3, 9)


@pytest.mark.parametrize(
    ("typed", "order", "meant"),
    [
        ("3/2/80", "mdy", date(1980, 3, 2)),
        ("3/2/80", "dmy", date(1980, 2, 3)),
        ("3 feb 1980", "mdy", date(1980, 2, 3)),
        ("feb 3, 80", "dmy", date(1980, 2, 3)),
        ("800203", "mdy", date(1980, 2, 3)),
        ("19800203", "dmy", date(1980, 2, 3)),
        ("02031980", "mdy", date(1980, 2, 3)),
        ("1980-02-03", "dmy", date(1980, 2, 3)),
        ("14.8.79", "mdy", date(1979, 8, 14)),
        ("3 mrt 61", "dmy", date(1961, 3, 3)),
        ("3 ene 1961", "dmy", date(1961, 1, 3)),
        ("1/1/27", "mdy", date(2027, 1, 1)),
        ("1/1/28", "mdy", date(1928, 1, 1)),
    ],
)
def test_dates_are_read_as_people_say_them(typed: str, order: str, meant: date) -> None:
    assert days.read_date(typed, today=TODAY, order=order) == meant


@pytest.mark.parametrize(
    "typed", ["", "yesterday", "31/2/80", "13/13/13", "1/2", "12345", "٣/٢/٨٠", "1/2/3/4", "x" * 99]
)
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        days.read_date(typed, today=TODAY)


@given(st.text(max_size=60))
def test_reading_any_text_as_a_date_gives_a_date_or_a_value_error(text: str) -> None:
    try:
        assert isinstance(days.read_date(text, today=TODAY), date)
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("9", time(9)), ("930", time(9, 30)), ("9:30", time(9, 30)), ("9.30", time(9, 30)), ("2 pm", time(14)),
     ("12am", time(0)), ("12 PM", time(12)), ("1745", time(17, 45)), ("2:15p", time(14, 15))],
)  # fmt: skip
def test_times_are_read_as_people_say_them(typed: str, meant: time) -> None:
    assert days.read_time(typed) == meant


@pytest.mark.parametrize("typed", ["", "25", "9:75", "13pm", "0am", "nine"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        days.read_time(typed)


def test_days_of_23_and_25_hours_are_told_apart() -> None:
    spring = days.day_bounds(date(2027, 3, 14), "America/New_York")
    autumn = days.day_bounds(date(2027, 11, 7), "America/New_York")
    assert spring[1] - spring[0] == timedelta(hours=23)
    assert autumn[1] - autumn[0] == timedelta(hours=25)


def test_a_time_that_occurs_twice_is_its_first_occurrence() -> None:
    assert days.to_utc(datetime(2027, 11, 7, 1, 30), "America/New_York") == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)


def test_somebody_born_on_29_february_turns_a_year_older_on_1_march() -> None:
    assert days.age(date(2000, 2, 29), date(2027, 2, 28)) == 26
    assert days.age(date(2000, 2, 29), date(2027, 3, 1)) == 27


@given(st.integers(0, 10**7), st.integers(1, 600))
def test_every_touched_cell_is_named_once(start_minute: int, length: int) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=start_minute)
    end = start + timedelta(minutes=length)
    found = days.cells(start, end)
    assert days.cell_start(found[0]) <= start < days.cell_start(found[0]) + days.CELL
    assert days.cell_start(found[-1]) < end <= days.cell_start(found[-1]) + days.CELL


def test_an_instant_is_written_and_read_alike() -> None:
    for text in ("2027-03-09T15:24:00Z", "2027-03-09T15:24:00.125Z"):
        assert days.instant_text(days.read_instant(text)) == text
    with pytest.raises(ValueError):
        days.read_instant("2027-03-09T15:24:00")
