"""The honest wait: learned from the practice's own times, told as a range or not at all, and kept as it was told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import book
from clinic.visits import service
from clinic.visits.queries.promises import Kept, promises
from clinic.visits.queries.waits import Told, known_waits, told_to
from clinic.visits.rules import CHECK_IN, LEFT, ROOM, WAITING
from clinic.visits.rules.waits import (
    KEPT,
    LATER,
    SOONER,
    WIDEST,
    Asked,
    Range,
    Seen,
    delay_of,
    expected_wait,
    half_day,
    outcome,
)
from clinic.visits.screens import today_of
from clinic.visits.service import waits
from clinic.visits.words import told_word
from tests.visits.conftest import Desk

DOCTOR = "d1"
ASKED = Asked(DOCTOR, "follow-up", 2, 0)
NINE = datetime(2027, 3, 9, 14, 0, tzinfo=UTC)


def seen(delay: float, *, provider: str = DOCTOR, kind: str = "follow-up", part: int = 2, ahead: int = 0) -> Seen:
    return Seen(provider, kind, part, ahead, delay)


def test_nothing_is_told_while_too_little_is_known() -> None:
    assert expected_wait([], ASKED) is None
    assert expected_wait([seen(10)] * 11, ASKED) is None
    assert expected_wait([seen(10)] * 12, ASKED) is not None


def test_nothing_is_told_of_a_provider_whom_nobody_has_seen_yet() -> None:
    known = [seen(10, provider="d2")] * 200
    assert expected_wait(known, ASKED) is None
    assert expected_wait([*known, *[seen(10)] * 4], ASKED) is not None


def test_the_own_times_of_a_provider_count_more_the_more_there_are() -> None:
    others = [seen(5, provider="d2")] * 100
    few = expected_wait([*others, *[seen(45)] * 4], ASKED)
    many = expected_wait([*others, *[seen(45)] * 100], ASKED)
    assert few is not None
    assert many is not None
    assert few.most < many.most
    assert few.least < 25 < many.least


def test_three_odd_mornings_say_little() -> None:
    usual = [seen(10, part=4)] * 60
    odd = expected_wait([*usual, *[seen(60)] * 3], ASKED)
    assert odd is not None
    assert odd.most < 60


def test_more_people_ahead_are_a_longer_wait() -> None:
    known = [seen(5 + 12 * ahead, ahead=ahead) for ahead in range(4) for _ in range(30)]
    alone = expected_wait(known, ASKED)
    fourth = expected_wait(known, Asked(DOCTOR, "follow-up", 2, 3))
    assert alone is not None
    assert fourth is not None
    assert alone.most < fourth.most


def test_nobody_is_called_before_the_time_unless_people_are() -> None:
    early = expected_wait([seen(0)] * 50, Asked(DOCTOR, "follow-up", 2, 0, until=20))
    assert early == Range(20, 25)
    taken_early = expected_wait([seen(-10)] * 50, Asked(DOCTOR, "follow-up", 2, 0, until=20))
    assert taken_early == Range(10, 15)


def test_a_range_that_says_nothing_is_not_told() -> None:
    assert expected_wait([seen(0), seen(150)] * 40, ASKED) is None


@given(
    some.lists(some.floats(-30, 200, allow_nan=False), min_size=12, max_size=60),
    some.integers(0, 5),
    some.floats(0, 90, allow_nan=False),
)
def test_a_range_is_in_steps_of_five_never_below_zero_and_never_too_wide(
    delays: list[float], ahead: int, until: float
) -> None:
    told = expected_wait([seen(delay) for delay in delays], Asked(DOCTOR, "follow-up", 2, ahead, until))
    if told is not None:
        assert 0 <= told.least < told.most
        assert told.least % 5 == told.most % 5 == 0
        assert told.most - told.least <= WIDEST


@given(some.lists(some.floats(0, 60, allow_nan=False), min_size=30, max_size=30), some.integers(1, 40))
def test_a_wait_that_is_longer_for_everybody_is_never_told_as_shorter(delays: list[float], more: int) -> None:
    now = expected_wait([seen(delay) for delay in delays], ASKED)
    later = expected_wait([seen(delay + more) for delay in delays], ASKED)
    if now is not None and later is not None:
        assert later.least >= now.least
        assert later.most >= now.most


def test_a_delay_is_counted_from_the_later_of_arrival_and_appointment() -> None:
    assert delay_of(NINE, NINE + timedelta(minutes=20), NINE + timedelta(minutes=30)) == 10
    assert delay_of(NINE, NINE - timedelta(minutes=20), NINE + timedelta(minutes=30)) == 30
    assert delay_of(NINE, NINE + timedelta(minutes=20), NINE + timedelta(minutes=10)) == -10
    assert delay_of(NINE, NINE, NINE - timedelta(minutes=1)) is None
    assert delay_of(NINE, NINE, NINE + timedelta(hours=5)) is None
    assert half_day(datetime(2027, 3, 9, 12, 59)) + 1 == half_day(datetime(2027, 3, 9, 13, 0))


@pytest.mark.parametrize(
    ("minutes", "expected"), [(9, SOONER), (10, KEPT), (20, KEPT), (20.9, KEPT), (21, LATER), (90, LATER)]
)
def test_a_promise_is_kept_within_its_range(minutes: float, expected: str) -> None:
    assert outcome(Range(10, 20), timedelta(minutes=minutes)) == expected


def test_what_is_left_of_a_promise_is_said_and_that_it_is_over_too() -> None:
    told = Told(10, 20, NINE, None)
    assert told_word(told, NINE + timedelta(minutes=4)) == "6 to 16 min"
    assert told_word(told, NINE + timedelta(minutes=15)) == "up to 5 min"
    assert told_word(told, NINE + timedelta(minutes=20)) == "longer than told"
    assert told.over(NINE + timedelta(minutes=20))
    assert told_word(Told(None, None, NINE, None), NINE) == ""
    assert not Told(None, None, NINE, None).over(NINE + timedelta(hours=3))
    assert told_word(Told(10, 20, NINE, NINE), NINE) == ""


def _a_busy_week(desk: Desk, visits: int = 24) -> None:
    """Visits of the same provider, each taken to a room 15 minutes after the time."""
    began = desk.store.now
    for number in range(visits):
        day = (1, 4, 5)[number // 8]
        start = began.replace(hour=13, minute=0) - timedelta(days=day) + timedelta(minutes=30 * (number % 8))
        desk.store.now = start - timedelta(hours=1)
        kind = desk.made.types["Annual visit"]
        made = book(desk.store, Booking(desk.patient_id, desk.made.providers[0], kind, start))
        desk.store.now = start
        encounter = service.arrive(desk.store, made["id"])
        service.move_to(desk.later(15), encounter["id"], ROOM)
        service.move_to(desk.later(5), encounter["id"], LEFT)
    desk.store.now = began


def test_a_wait_is_told_on_arrival_and_never_changed_afterwards(desk: Desk) -> None:
    _a_busy_week(desk)
    desk.later(31)
    encounter = service.arrive(desk.store, desk.appointment_id)
    told = told_to(desk.store, [encounter["id"]])[encounter["id"]]
    assert (told.least, told.most) == (15, 20)
    service.move_to(desk.later(6), encounter["id"], CHECK_IN)
    service.move_to(desk.later(3), encounter["id"], WAITING)
    moved = service.move_to(desk.later(9), encounter["id"], ROOM)
    kept = told_to(desk.store, [encounter["id"]])[encounter["id"]]
    assert (kept.least, kept.most, kept.at) == (told.least, told.most, told.at)
    assert kept.seen == desk.store.now
    service.undo(desk.later(0.5), encounter["id"], version=int(moved["meta"]["versionId"]))
    assert told_to(desk.store, [encounter["id"]])[encounter["id"]].seen is None


def test_the_first_patients_are_told_nothing_and_an_arrival_taken_back_told_nothing(desk: Desk) -> None:
    encounter = service.arrive(desk.store, desk.appointment_id)
    told = told_to(desk.store, [encounter["id"]])[encounter["id"]]
    assert (told.least, told.most) == (None, None)
    service.undo(desk.later(0.1), encounter["id"], version=1)
    assert told_to(desk.store, [encounter["id"]]) == {}


def test_who_waits_for_the_same_provider_is_ahead(desk: Desk) -> None:
    service.arrive(desk.store, desk.appointment_id)
    _known, queue = known_waits(desk.store, desk.made.providers[0])
    assert len(queue) == 1
    assert known_waits(desk.store, desk.made.providers[1])[1] == []


def test_the_report_counts_what_came_true(desk: Desk) -> None:
    _a_busy_week(desk)
    desk.later(31)
    encounter = service.arrive(desk.store, desk.appointment_id)
    service.move_to(desk.later(50), encounter["id"], ROOM)
    today = today_of(desk.store)
    lines = promises(desk.store, today - timedelta(days=30), today)
    total = sum((line.kept for line in lines), Kept())
    assert total.later == 1
    assert total.told + total.untold == 25
    assert total.kept + total.sooner + total.later == total.told
    assert [line.day for line in lines][-1] == today
    assert promises(desk.store, today + timedelta(days=1), today + timedelta(days=9)) == []


def test_visits_from_before_are_learned_from_and_promises_stay(desk: Desk) -> None:
    _a_busy_week(desk)
    before = known_waits(desk.store, desk.made.providers[0])[0]
    waits.learn_earlier(desk.store)
    assert known_waits(desk.store, desk.made.providers[0])[0] == before
    from clinic.visits.tables import wait_told

    desk.store.conn.execute(wait_told.delete())
    waits.learn_earlier(desk.store)
    again = known_waits(desk.store, desk.made.providers[0])[0]
    assert sorted(one.delay for one in again) == sorted(one.delay for one in before)
