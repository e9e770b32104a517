"""Free times and status steps."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.appointments.rules.free import Opening, PartOfDay, Wish, free_times, in_part, is_free
from clinic.appointments.rules.hours import Hours, open_spans
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.status import HOLDING, STATUSES, holds_time, may_step, next_steps
from clinic.core.days import CELL, local

ZONE = "America/New_York"
TUESDAY = date(2027, 3, 9)


def utc(hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 3, 9, hour, minute, tzinfo=UTC)


def day_of(provider: str, *, rank: int = 0, room: str = "") -> Opening:
    return Opening(provider, TUESDAY, (Span(utc(14), utc(17)), Span(utc(18), utc(22))), room, rank)


SPANS = st.lists(
    st.tuples(st.integers(0, 96), st.integers(1, 20)).map(
        lambda pair: Span(utc(14) + CELL * pair[0], utc(14) + CELL * sum(pair))
    ),
    max_size=10,
)


@given(
    SPANS,
    st.integers(1, 24),
    st.integers(0, 100),
    st.sampled_from(["any", "morning", "afternoon", "evening"]),
)
def test_every_offer_is_free_open_and_not_before_the_moment_asked_for(
    held: list[Span], steps: int, after: int, part: PartOfDay
) -> None:
    wish = Wish(steps * 5, utc(14) + timedelta(minutes=after), ZONE, part=part, spread=99)
    opening = day_of("a")
    for offer in free_times(wish, [opening], {"a": held}):
        span = Span(offer.start, offer.end)
        assert is_free(span, opening.open, held)
        assert offer.start >= wish.earliest
        assert span.length == timedelta(minutes=steps * 5)
        assert in_part(offer.start, part, ZONE)


@given(SPANS, st.integers(1, 12))
def test_no_gap_that_is_long_enough_is_overlooked(held: list[Span], steps: int) -> None:
    opening = day_of("a")
    wish = Wish(steps * 5, utc(0), ZONE, spread=999)
    possible = any(
        is_free(Span(at, at + CELL * steps), opening.open, held) for at in (utc(14) + CELL * i for i in range(97))
    )
    assert bool(free_times(wish, [opening], {"a": held})) == possible


def test_offers_come_soonest_first_and_preferred_first_at_the_same_moment() -> None:
    wish = Wish(30, utc(15), ZONE)
    offers = free_times(wish, [day_of("late", rank=1), day_of("own", rank=0)], {"own": [Span(utc(18), utc(19))]})
    assert [(offer.provider, local(offer.start, ZONE).hour) for offer in offers] == [
        ("own", 10),
        ("late", 10),
        ("late", 13),
        ("own", 14),
    ]


def test_a_taken_room_is_as_good_as_a_taken_provider() -> None:
    wish = Wish(30, utc(14), ZONE)
    offers = free_times(wish, [day_of("a", room="r1")], {"r1": [Span(utc(14), utc(16, 30))]})
    assert offers[0].start == utc(16, 30)


def test_spread_keeps_offers_apart() -> None:
    assert len(free_times(Wish(30, utc(14), ZONE), [day_of("a")], {})) == 2
    assert len(free_times(Wish(30, utc(14), ZONE, spread=3), [day_of("a")], {})) == 6


def test_a_deadline_and_weekdays_are_kept() -> None:
    assert free_times(Wish(30, utc(14), ZONE, latest=utc(14)), [day_of("a")], {}) == []
    assert free_times(Wish(30, utc(14), ZONE, weekdays=frozenset({0})), [day_of("a")], {}) == []


def test_offers_on_the_short_day_are_in_wall_time() -> None:
    day = date(2027, 3, 14)
    opened = open_spans([Hours(frozenset({6}), time(1), time(4))], (), day, ZONE)
    offers = free_times(Wish(60, datetime(2027, 3, 14, tzinfo=UTC), ZONE, spread=9), [Opening("a", day, opened)], {})
    assert [local(offer.start, ZONE).hour for offer in offers] == [1, 3]


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("proposed", "booked", True), ("booked", "arrived", True), ("arrived", "checked-in", True),
        ("checked-in", "fulfilled", True), ("booked", "noshow", True), ("booked", "cancelled", True),
        ("waitlist", "booked", True), ("cancelled", "booked", True), ("noshow", "booked", True),
        ("fulfilled", "booked", False), ("fulfilled", "cancelled", False), ("cancelled", "fulfilled", False),
        ("noshow", "fulfilled", False), ("proposed", "fulfilled", False), ("waitlist", "arrived", False),
        ("entered-in-error", "booked", False), ("booked", "booked", True), ("booked", "nonsense", False),
        ("nonsense", "booked", False), ("fulfilled", "entered-in-error", True),
    ],
)  # fmt: skip
def test_status_steps(before: str, after: str, allowed: bool) -> None:
    assert may_step(before, after) is allowed


def test_every_next_step_is_a_known_state() -> None:
    for status in STATUSES:
        assert next_steps(status) <= set(STATUSES)
    assert {status for status in STATUSES if holds_time(status)} == HOLDING
