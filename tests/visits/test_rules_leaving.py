"""What is still to see to before somebody goes home."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.errors import Invalid
from clinic.visits.rules.leaving import (
    ANSWERS,
    CHARGES,
    FORMS,
    GIVEN,
    ITEMS,
    LEFT_OPEN,
    MONEY,
    NEXT,
    NOT_WANTED,
    PAPERS,
    TOLD,
    Leaving,
    Said,
    check_said,
    items_of,
    open_items,
    seconds_of,
    window_around,
)

NOW = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
ALL_DONE = Leaving(coming=True, charged=True)


def test_nothing_is_open_when_all_of_it_happened() -> None:
    assert open_items(items_of(ALL_DONE, {})) == ()


def test_everything_but_the_charges_is_open_at_first() -> None:
    items = items_of(Leaving(due_cents=1, unsigned=1, papers=1), {})
    assert open_items(items) == (NEXT, MONEY, FORMS, PAPERS)
    assert [item.state for item in items if item.name == CHARGES] == ["told"], "billing enters them later"


def test_forms_in_the_hands_of_the_patient_are_open_and_a_credit_is_not() -> None:
    assert open_items(items_of(Leaving(coming=True, in_hands=True, due_cents=-500), {})) == (FORMS,)


@pytest.mark.parametrize(("how", "state"), [(NOT_WANTED, "said"), (GIVEN, "said"), (LEFT_OPEN, "left"), (TOLD, "told")])
def test_what_was_said_closes_a_thing(how: str, state: str) -> None:
    said = {name: Said(name, how, NOW) for name in ITEMS}
    items = items_of(Leaving(due_cents=1, unsigned=1, papers=1), said)
    assert {item.state for item in items} == {state}
    assert open_items(items) == ()


@given(
    st.builds(
        Leaving,
        coming=st.booleans(),
        charged=st.booleans(),
        due_cents=st.integers(-100, 100),
        unsigned=st.integers(0, 2),
        in_hands=st.booleans(),
        papers=st.integers(0, 2),
    ),
    st.sets(st.sampled_from(ITEMS)),
)
def test_saying_something_never_opens_anything(known: Leaving, names: set[str]) -> None:
    before = set(open_items(items_of(known, {})))
    after = set(open_items(items_of(known, {name: Said(name, LEFT_OPEN, NOW, "why") for name in names})))
    assert after == before - names


def test_what_happened_goes_before_what_was_said() -> None:
    [item] = [one for one in items_of(ALL_DONE, {NEXT: Said(NEXT, LEFT_OPEN, NOW, "later")}) if one.name == NEXT]
    assert item.state == "done"


def test_an_order_is_open_until_it_is_booked_whatever_else_is_booked() -> None:
    assert open_items(items_of(Leaving(coming=True, ordered=True), {})) == (NEXT,)


@given(st.integers(0, 3660))
def test_the_days_around_a_day_hold_it_never_begin_before_today_and_grow_with_the_distance(ahead: int) -> None:
    today = date(2026, 3, 9)
    due = today + timedelta(days=ahead)
    window, later = window_around(due, today), window_around(due + timedelta(days=1), today)
    assert today <= window.first <= due <= window.last
    assert window.last - due <= later.last - (due + timedelta(days=1)) <= timedelta(days=14)


def test_a_reason_is_tidied_and_needed_where_something_is_left_or_not_charged() -> None:
    assert check_said(MONEY, LEFT_OPEN, "  no   card ") == "no card"
    assert check_said(NEXT, NOT_WANTED, "") == ""
    for item, how in ((MONEY, LEFT_OPEN), (CHARGES, NOT_WANTED), (PAPERS, LEFT_OPEN)):
        with pytest.raises(Invalid) as refused:
            check_said(item, how, "  ")
        assert refused.value.field == "reason"


@pytest.mark.parametrize(
    ("item", "how"), [("shoes", LEFT_OPEN), (MONEY, NOT_WANTED), (CHARGES, LEFT_OPEN), (NEXT, TOLD), (FORMS, GIVEN)]
)
def test_what_cannot_be_said_of_a_thing_is_refused(item: str, how: str) -> None:
    assert how not in ANSWERS.get(item, ())
    with pytest.raises(Invalid):
        check_said(item, how, "because")


def test_a_reason_of_more_than_two_hundred_letters_is_refused() -> None:
    assert check_said(MONEY, LEFT_OPEN, "x" * 200)
    with pytest.raises(Invalid):
        check_said(MONEY, LEFT_OPEN, "x" * 201)


def test_the_time_at_a_station_is_that_of_the_last_stay_there() -> None:
    log = [("check-out", NOW), ("provider", NOW + timedelta(seconds=9)), ("check-out", NOW + timedelta(seconds=60))]
    assert seconds_of(log, "check-out") == 9
    assert seconds_of([*log, ("left", NOW + timedelta(seconds=155))], "check-out") == 95
    assert seconds_of(log[:1], "check-out") is None
    assert seconds_of([], "check-out") is None
