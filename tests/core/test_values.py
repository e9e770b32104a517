"""Money, names, ids, hooks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.actor import SYSTEM, Actor
from clinic.core.errors import Invalid, Missing, Stale
from clinic.core.hooks import Hooks
from clinic.core.ids import new_id, new_token
from clinic.core.money import Money, of_decimal, parse_money
from clinic.core.names import fold, words


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("30", 3000), ("30.5", 3050), ("$1,250.00", 125000), ("12,50", 1250), ("1.250,00", 125000), ("-5", -500),
     ("\u22125.00", -500), ("1,000,000", 100000000)],
)  # fmt: skip
def test_amounts_are_read_as_people_type_them(typed: str, cents: int) -> None:
    assert parse_money(typed) == Money(cents)


@pytest.mark.parametrize("typed", ["", "thirty", "1.234", "--1", "1e9", "NaN", "٣٠", "9" * 20])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        parse_money(typed)


@given(st.integers(-(10**11), 10**11))
def test_money_survives_its_decimal(cents: int) -> None:
    assert of_decimal(Money(cents).decimal) == Money(cents)
    assert str(Money(cents).decimal).split(".")[1].__len__() == 2


@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_money_adds_and_takes_away_exactly(one: int, other: int) -> None:
    assert (Money(one) + Money(other)) - Money(other) == Money(one)


def test_rounding_is_half_up_and_only_when_multiplying() -> None:
    assert Money(5).times(Decimal("0.5")) == Money(3)
    assert Money(101).times(Decimal("1.5")) == Money(152)
    with pytest.raises(ValueError):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(ValueError):
        of_decimal("NaN")


def test_names_fold_without_their_marks() -> None:
    assert fold("GARCÍA") == fold("garcia")
    assert words("Seán O’Dowd-Łukasz") == ["sean", "odowd", "lukasz"]
    assert words("Søren Đức Straße") == ["soren", "duc", "strasse"]


def test_ids_are_ordered_and_never_repeat() -> None:
    made = [new_id() for _ in range(5000)]
    assert len(set(made)) == 5000
    assert made == sorted(made)
    assert made[0][14] == "7"
    assert len({new_token() for _ in range(50)}) == 50


def test_listeners_are_told_in_order_and_once() -> None:
    hooks, told = Hooks(), []

    def first(_store: Any, resource: dict[str, Any]) -> None:
        told.append(("first", resource["id"]))

    hooks.listen("patient_renamed", first)
    hooks.listen("patient_renamed", first)
    hooks.tell("patient_renamed", None, {"id": "1"})
    assert told == [("first", "1")]
    with pytest.raises(AttributeError):
        hooks.listen("no_such_news", first)


def test_errors_say_their_kind_and_fill_their_places() -> None:
    error = Missing("There is no %(type)s with this number.", type="Patient")
    assert str(error) == "There is no Patient with this number."
    assert (error.kind, Stale("x", current={}).kind, Invalid("y").kind) == ("missing", "conflict", "invalid")


def test_only_the_system_may_without_permission() -> None:
    assert SYSTEM.may("anything")
    assert not Actor("u", "U").may("anything")
    assert Actor("u", "U", permissions=frozenset({"a"})).may("a")
