"""What a number means: periods, quantiles, buckets, clocks, open time, bars."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as some

from clinic.appointments.rules.hours import Absence, Hours
from clinic.appointments.rules.resources import Room
from clinic.appointments.rules.setup import Provider, Setup
from clinic.appointments.rules.spans import Span
from clinic.core.days import day_bounds, local
from clinic.management.measures.drawing import END, LEFT, MOST, drawn
from clinic.management.measures.rules.leads import LEADS, lead_bucket, lead_range
from clinic.management.measures.rules.opening import days_of, provider_minutes, resource_minutes
from clinic.management.measures.rules.periods import LONGEST, Period, own_period, period_around
from clinic.management.measures.rules.report import Column, Line, Report
from clinic.management.measures.rules.spread import Spread, share
from clinic.management.measures.rules.zones import stretches

DAYS = some.dates(date(2000, 1, 1), date(2090, 12, 31))
ZONES = some.sampled_from(
    ["America/New_York", "Europe/Amsterdam", "UTC", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"]
)


@given(some.sampled_from(["day", "week", "month"]), DAYS)
def test_a_period_holds_its_day_and_touches_those_around_it(kind: str, day: date) -> None:
    period = period_around(kind, day)
    assert period.first <= day <= period.last
    assert period.before().last + timedelta(days=1) == period.first
    assert period.after().first - timedelta(days=1) == period.last
    assert period.before().after() == period
    assert kind != "week" or (period.first.weekday(), period.days) == (0, 7)
    assert kind != "month" or (period.first.day, (period.last + timedelta(days=1)).day) == (1, 1)


@given(DAYS, DAYS)
def test_an_own_range_is_turned_round_and_never_too_long(one: date, other: date) -> None:
    period = own_period(one, other)
    assert period.first == min(one, other)
    assert 1 <= period.days <= LONGEST
    assert period.before().days == period.days
    assert period == own_period(other, one)


@given(some.lists(some.integers(-60, 300), min_size=1, max_size=80), some.integers(1, 100))
def test_a_quantile_is_the_smallest_value_that_enough_do_not_exceed(values: list[int], percent: int) -> None:
    found = Spread.of(values).quantile(percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)


@given(some.lists(some.integers(-60, 300), min_size=1), some.lists(some.integers(-60, 300)))
def test_spreads_that_are_joined_are_that_of_all_values(one: list[int], other: list[int]) -> None:
    joined = Spread.of(one)
    joined.join(Spread.of(other))
    assert joined.counts == Spread.of([*one, *other]).counts
    assert joined.number == len(one) + len(other)
    assert joined.quantile(50) == median_low([*one, *other])
    assert joined.above(5) == sum(value > 5 for value in [*one, *other])


def test_nothing_has_no_quantile_and_no_share() -> None:
    assert Spread().quantile(50) is None
    assert share(1, 0) is None
    assert share(1, 3) == 33.3


@given(some.integers(-5, 400))
def test_every_lead_time_has_one_bucket_that_holds_it(days: int) -> None:
    bucket = lead_bucket(days)
    first, last = lead_range(bucket)
    assert first <= max(0, days)
    assert last is None or days <= last
    assert 0 <= bucket < len(LEADS)


@given(ZONES, DAYS, some.integers(1, 800), some.integers(0, 10_000))
def test_the_wall_clock_within_a_stretch_is_that_of_the_zone(zone: str, day: date, days: int, part: int) -> None:
    start, end = day_bounds(day, zone)[0], day_bounds(day + timedelta(days=days), zone)[0]
    instant = start + (end - start) * part / 10_000
    instant = instant.replace(microsecond=0)
    raw = round(instant.timestamp() * 1000)
    found = stretches(start, end, zone)
    ahead = next((one.ahead for one in found[:-1] if raw < one.until), found[-1].ahead)
    assert ahead == (local(instant, zone).utcoffset() or timedelta()).total_seconds() * 1000


def test_a_year_in_new_york_has_three_stretches() -> None:
    start, end = datetime(2027, 1, 1, 5, tzinfo=UTC), datetime(2028, 1, 1, 5, tzinfo=UTC)
    hours = [one.ahead // 3_600_000 for one in stretches(start, end, "America/New_York")]
    assert hours == [-5, -4, -5]


WEEKDAYS = frozenset(range(5))
SETUP = Setup(
    providers=(
        Provider("a", "A", (Hours(WEEKDAYS, time(8), time(12)), Hours(WEEKDAYS, time(13), time(17))), site="s"),
        Provider("b", "B", (Hours(WEEKDAYS, time(10), time(18)),), site="s"),
        Provider("c", "C", (Hours(WEEKDAYS, time(6), time(20)),), site="t"),
    ),
    rooms=(Room("r", "R", site="s", capacity=2), Room("q", "Q", hours=(Hours(WEEKDAYS, time(9), time(10)),))),
)
WEEK = days_of(date(2027, 3, 8), date(2027, 3, 14))
ZONE = "America/New_York"


def test_open_minutes_are_the_hours_without_the_absences() -> None:
    start = datetime(2027, 3, 9, 13, tzinfo=UTC)  # 8 in New York
    away = {"a": (Absence(Span(start, start + timedelta(hours=2))),)}
    assert provider_minutes(SETUP, SETUP.providers[0], WEEK, {}, ZONE) == 5 * 8 * 60
    assert provider_minutes(SETUP, SETUP.providers[0], WEEK, away, ZONE) == 5 * 8 * 60 - 120


def test_a_room_without_hours_is_open_while_somebody_works_at_its_site_for_each_of_its_places() -> None:
    assert resource_minutes(SETUP, SETUP.rooms[0], WEEK, {}, ZONE) == 5 * 10 * 60 * 2
    assert resource_minutes(SETUP, SETUP.rooms[1], WEEK, {}, ZONE) == 5 * 60


def _report(values: list[int | None], marks: list[int | None], *, stacked: bool = False) -> Report:
    columns = (Column("main", "Main"), Column("mark", "Mark"))
    lines = tuple(
        Line(str(number), "x" * number, {"main": value, "mark": mark}, {}, 9)
        for number, (value, mark) in enumerate(zip(values, marks, strict=True))
    )
    return Report(columns, lines, Line("", "All", {}, {}, 9), "main", "mark", stacked=stacked)


FIGURES = some.one_of(some.none(), some.integers(-50, 400))


@given(some.lists(some.tuples(FIGURES, FIGURES), max_size=40), some.booleans())
def test_every_bar_stays_within_the_picture(pairs: list[tuple[int | None, int | None]], stacked: bool) -> None:
    picture = drawn(_report([one for one, _mark in pairs], [mark for _one, mark in pairs], stacked=stacked))
    assert len(picture.bars) <= MOST
    for bar in picture.bars:
        assert bar.value is not None
        assert 0 <= bar.width <= END - LEFT
        reach = LEFT + bar.width + (bar.mark or 0) if stacked else (bar.mark or LEFT)
        assert reach <= END + 0.01
        assert 0 < bar.y < picture.height
    assert [tick.x for tick in picture.ticks] == sorted(tick.x for tick in picture.ticks)


@pytest.mark.parametrize("kind", ["day", "week", "month"])
def test_the_period_before_the_first_of_march_is_not_of_another_length_than_its_kind(kind: str) -> None:
    before = period_around(kind, date(2028, 3, 1)).before()
    assert before.days == {"day": 1, "week": 7, "month": 29}[kind]
    assert Period("own", date(2027, 1, 1), date(2027, 3, 31)).is_long
