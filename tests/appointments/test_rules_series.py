"""Series: dates by rule, the clock time kept through both changes of the clock, never endless."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.appointments.rules.series import (
    MOST,
    Pattern,
    further,
    nth_of,
    occurrences,
    read_rule,
    rule_text,
    shifted,
    shifted_pattern,
)
from clinic.core.days import local, to_utc
from clinic.core.errors import Invalid

ZONES = (
    "America/New_York", "Europe/Amsterdam", "Australia/Sydney", "America/St_Johns", "Australia/Lord_Howe",
    "Pacific/Chatham",
)  # fmt: skip
NEW_YORK = ZONES[0]
PATTERNS = st.builds(
    Pattern,
    every=st.sampled_from(["day", "week", "month"]),
    interval=st.integers(1, 6),
    weekdays=st.frozensets(st.integers(0, 6), max_size=4),
    by=st.sampled_from(["date", "weekday"]),
    count=st.integers(1, 12),
)
FIRST = st.dates(date(2026, 1, 1), date(2028, 12, 31))


def days(pattern: Pattern, first: date) -> list[str]:
    return [one.day.isoformat() for one in occurrences(pattern, first, time(9), NEW_YORK)]


def test_every_second_tuesday_ten_times() -> None:
    found = occurrences(Pattern(interval=2, count=10), date(2027, 3, 2), time(9), NEW_YORK)
    assert [one.number for one in found] == list(range(1, 11))
    assert {one.day.weekday() for one in found} == {1}
    assert {(b.day - a.day).days for a, b in itertools.pairwise(found)} == {14}
    assert {local(one.start, NEW_YORK).time() for one in found} == {time(9)}
    assert len({one.start.time() for one in found}) == 2


@pytest.mark.parametrize("zone", ZONES)
@given(pattern=PATTERNS, first=FIRST, minute=st.integers(0, 287))
def test_the_clock_time_is_the_same_on_every_date_in_six_zones(
    zone: str, pattern: Pattern, first: date, minute: int
) -> None:
    wall = (datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=5 * minute)).time()
    for one in occurrences(pattern, first, wall, zone):
        shown = local(one.start, zone)
        if _skipped(one.day, wall, zone):
            assert shown.date() == one.day
            assert shown.time() > wall
        else:
            assert (shown.date(), shown.time()) == (one.day, wall)


def _skipped(day: date, wall: time, zone: str) -> bool:
    """Whether spring leaves this time of day out."""
    return local(to_utc(datetime.combine(day, wall), zone), zone).replace(tzinfo=None) != datetime.combine(day, wall)


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_of_weeks_crosses_both_changes_of_the_clock(zone: str) -> None:
    found = occurrences(Pattern(count=52), date(2027, 1, 4), time(14, 30), zone)
    assert len({local(one.start, zone).utcoffset() for one in found}) == 2
    assert {local(one.start, zone).time() for one in found} == {time(14, 30)}


@given(pattern=PATTERNS, first=FIRST)
def test_dates_go_forward_and_the_rule_can_be_read_back(pattern: Pattern, first: date) -> None:
    found = days(pattern, first)
    assert found == sorted(set(found))
    again = read_rule(rule_text(pattern, first))
    assert days(again, first) == found


@pytest.mark.parametrize(
    ("pattern", "first", "expected"),
    [
        (Pattern("month", count=4), date(2027, 1, 31), ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        (Pattern("month", by="weekday", count=3), date(2027, 3, 9), ["2027-03-09", "2027-04-13", "2027-05-11"]),
        (Pattern("month", by="weekday", count=3), date(2027, 3, 31), ["2027-03-31", "2027-04-28", "2027-05-26"]),
        (Pattern("day", 2, count=3), date(2027, 3, 9), ["2027-03-09", "2027-03-11", "2027-03-13"]),
        (
            Pattern("week", 2, frozenset({1, 3}), count=4),
            date(2027, 3, 9),
            ["2027-03-09", "2027-03-11", "2027-03-23", "2027-03-25"],
        ),
        (Pattern("week", until=date(2027, 3, 23)), date(2027, 3, 9), ["2027-03-09", "2027-03-16", "2027-03-23"]),
    ],
)
def test_months_weekdays_and_ends(pattern: Pattern, first: date, expected: list[str]) -> None:
    assert days(pattern, first) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        Pattern(),
        Pattern(count=MOST + 1),
        Pattern("day", until=date(2028, 3, 1)),
        Pattern(until=date(2031, 1, 1)),
        Pattern(until=date(2027, 1, 1)),
        Pattern(interval=0, count=3),
        Pattern(interval=99, count=3),
        Pattern(count=-4),
    ],
)
def test_no_series_is_endless_too_long_or_empty(pattern: Pattern) -> None:
    with pytest.raises(Invalid):
        occurrences(pattern, date(2027, 3, 9), time(9), NEW_YORK)


def test_one_that_carries_on_is_booked_half_a_year_ahead_and_goes_on_from_its_last_date() -> None:
    pattern = Pattern(interval=2, carries_on=True)
    found = occurrences(pattern, date(2027, 3, 9), time(9), NEW_YORK)
    assert (len(found), found[-1].day) == (14, date(2027, 9, 7))
    assert next(further(read_rule(rule_text(pattern, date(2027, 3, 9))), found[-1].day)) == date(2027, 9, 21)


def test_moving_a_date_keeps_or_changes_the_clock_time() -> None:
    start = to_utc(datetime(2027, 3, 9, 9), NEW_YORK)
    assert local(shifted(start, days=7, wall=None, zone=NEW_YORK), NEW_YORK).isoformat()[:16] == "2027-03-16T09:00"
    assert local(shifted(start, days=-1, wall=time(14), zone=NEW_YORK), NEW_YORK).isoformat()[:16] == "2027-03-08T14:00"
    assert shifted_pattern(Pattern(weekdays=frozenset({1, 6})), 1).weekdays == {2, 0}


def test_a_fifth_weekday_means_the_last() -> None:
    assert [nth_of(date(2027, 3, day)) for day in (2, 9, 30, 31)] == [1, 2, -1, -1]
