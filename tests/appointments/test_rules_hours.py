"""Working hours in wall time, over both clock changes."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.appointments.rules.hours import Absence, Hours, open_spans, shut_spans, site_at, working_spans
from clinic.appointments.rules.spans import Span, clip, merge, subtract
from clinic.core.days import day_bounds, local

NEW_YORK = "America/New_York"
ZONES = st.sampled_from(
    [
        NEW_YORK,
        "Europe/Amsterdam",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "America/St_Johns",
        "Pacific/Apia",
    ]
)
EVERY_DAY = frozenset(range(7))
WEEK = frozenset(range(5))
NINE_TO_FIVE = (Hours(WEEK, time(9), time(12)), Hours(WEEK, time(13), time(17)))
TUESDAY = date(2027, 3, 9)


def utc(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=UTC)


def span(first: int, last: int) -> Span:
    return Span(utc(9, 0) + timedelta(minutes=first), utc(9, 0) + timedelta(minutes=last))


MINUTES = st.integers(0, 600)
SPANS = st.lists(st.tuples(MINUTES, MINUTES).map(lambda pair: span(*pair)), max_size=8)


def minutes_of(spans: list[Span]) -> set[int]:
    return {
        minute
        for item in spans
        for minute in range(
            (item.start - utc(9, 0)) // timedelta(minutes=1), (item.end - utc(9, 0)) // timedelta(minutes=1)
        )
    }


@given(SPANS)
def test_merging_keeps_every_minute_and_leaves_no_touching_neighbours(spans: list[Span]) -> None:
    merged = merge(spans)
    assert minutes_of(list(merged)) == minutes_of(spans)
    assert all(one.end < two.start for one, two in itertools.pairwise(merged))


@given(SPANS, SPANS)
def test_subtracting_takes_out_exactly_the_minutes_of_the_holes(spans: list[Span], holes: list[Span]) -> None:
    assert minutes_of(list(subtract(spans, holes))) == minutes_of(spans) - minutes_of(holes)


@given(SPANS)
def test_clipping_keeps_only_what_lies_in_the_frame(spans: list[Span]) -> None:
    frame = span(100, 300)
    assert minutes_of(list(clip(spans, frame))) == minutes_of(spans) & minutes_of([frame])


def test_touching_spans_do_not_meet() -> None:
    assert not span(0, 10).meets(span(10, 20))
    assert span(0, 11).meets(span(10, 20))


def test_a_working_day_has_a_morning_and_an_afternoon() -> None:
    assert working_spans(NINE_TO_FIVE, TUESDAY, NEW_YORK) == (
        Span(utc(9, 14), utc(9, 17)),
        Span(utc(9, 18), utc(9, 22)),
    )


def test_nine_o_clock_stays_nine_o_clock_over_the_clock_change() -> None:
    friday = working_spans(NINE_TO_FIVE, date(2027, 3, 12), NEW_YORK)[0].start
    monday = working_spans(NINE_TO_FIVE, date(2027, 3, 15), NEW_YORK)[0].start
    assert (friday.hour, monday.hour) == (14, 13)
    assert local(friday, NEW_YORK).time() == local(monday, NEW_YORK).time() == time(9)


def test_hours_hold_only_between_their_dates_both_included() -> None:
    hours = [Hours(EVERY_DAY, time(9), time(10), since=date(2027, 3, 8), until=date(2027, 3, 9))]
    worked = [bool(working_spans(hours, date(2027, 3, day), NEW_YORK)) for day in (7, 8, 9, 10)]
    assert worked == [False, True, True, False]


def test_closing_at_midnight_lasts_to_the_end_of_the_day() -> None:
    assert working_spans([Hours(EVERY_DAY, time(20), time(0))], TUESDAY, NEW_YORK) == (Span(utc(10, 1), utc(10, 5)),)


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 14), 23), (date(2027, 11, 7), 25), (TUESDAY, 24)])
def test_round_the_clock_is_as_long_as_the_day_really_is(day: date, hours: int) -> None:
    worked = working_spans([Hours(EVERY_DAY, time(0), time(0))], day, NEW_YORK)
    assert sum((item.length for item in worked), timedelta()) == timedelta(hours=hours)


def test_an_hour_that_spring_skips_is_not_worked_twice() -> None:
    hours = [Hours(EVERY_DAY, time(2), time(3)), Hours(EVERY_DAY, time(3), time(4))]
    worked = working_spans(hours, date(2027, 3, 14), NEW_YORK)
    assert sum((item.length for item in worked), timedelta()) == timedelta(hours=1)


@given(ZONES, st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.times(), st.times())
def test_working_time_never_leaves_its_local_day(zone: str, day: date, opens: time, closes: time) -> None:
    start, end = day_bounds(day, zone)
    for worked in working_spans([Hours(EVERY_DAY, opens, closes)], day, zone):
        assert start <= worked.start < worked.end
        assert worked.end <= max(end, worked.start + timedelta(hours=1))


@given(ZONES, st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_open_and_shut_together_make_the_whole_day(zone: str, day: date) -> None:
    start, end = day_bounds(day, zone)
    hours = [Hours(EVERY_DAY, time(1, 30), time(6)), Hours(EVERY_DAY, time(7), time(19))]
    absence = Absence(Span(start + timedelta(hours=8), start + timedelta(hours=10)), "Training")
    worked = working_spans(hours, day, zone)
    shut = shut_spans(worked, [absence], Span(start, end))
    opened = open_spans(hours, [absence], day, zone)
    assert merge([*opened, *(item.span for item in shut)]) == (Span(start, end),)
    assert not any(a.span.meets(b) for a in shut for b in opened)


def test_closed_time_says_why_by_its_place_in_the_day() -> None:
    frame = Span(utc(9, 13), utc(9, 23))
    absence = Absence(Span(utc(9, 20), utc(9, 21)), "Case meeting")
    shut = shut_spans(working_spans(NINE_TO_FIVE, TUESDAY, NEW_YORK), [absence], frame)
    assert [(item.kind, item.reason) for item in shut] == [
        ("before", ""),
        ("break", ""),
        ("absence", "Case meeting"),
        ("after", ""),
    ]


def test_a_day_without_hours_is_off_and_a_long_gap_is_not_a_break() -> None:
    frame = Span(utc(9, 13), utc(9, 23))
    assert [item.kind for item in shut_spans((), (), frame)] == ["off"]
    worked = (Span(utc(9, 13), utc(9, 14)), Span(utc(9, 20), utc(9, 23)))
    assert [item.kind for item in shut_spans(worked, (), frame)] == ["off"]


def test_two_reasons_for_one_absence_are_both_named_once() -> None:
    away = [
        Absence(Span(utc(9, 14), utc(9, 16)), "Leave"),
        Absence(Span(utc(9, 15), utc(9, 18)), "Congress"),
        Absence(Span(utc(9, 15), utc(9, 16)), "Leave"),
    ]
    shut = shut_spans((Span(utc(9, 13), utc(9, 23)),), away, Span(utc(9, 13), utc(9, 23)))
    assert [(item.span, item.reason) for item in shut] == [(Span(utc(9, 14), utc(9, 18)), "Leave, Congress")]


def test_a_person_works_at_the_site_that_the_rule_names() -> None:
    hours = (Hours(WEEK, time(9), time(12), site="harbour"), Hours(WEEK, time(13), time(17), site="park"))
    assert site_at(hours, utc(9, 15), NEW_YORK) == "harbour"
    assert site_at(hours, utc(9, 19), NEW_YORK) == "park"
    assert site_at(hours, utc(9, 17, 30), NEW_YORK) == ""
    assert site_at(hours, utc(13, 15), NEW_YORK) == ""
