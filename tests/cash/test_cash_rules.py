"""What is owed, what a drawer should hold, how money is counted."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.cash.rules import (
    PIECES,
    TENDERS,
    Charge,
    Copay,
    amount_due,
    check_payment,
    check_reason,
    counted,
    expected_cash,
)
from clinic.core.errors import Invalid

DAY = date(2027, 3, 9)


@pytest.mark.parametrize(
    ("charges", "copays", "paid", "due"),
    [
        ([], [], 0, 0),
        ([Charge(DAY)], [], 0, 0),
        ([Charge(DAY)], [Copay(3000)], 0, 3000),
        ([Charge(DAY, 10500)], [Copay(3000)], 0, 3000),
        ([Charge(DAY, 10500, self_pay=True)], [], 0, 10500),
        ([Charge(DAY, 10500, self_pay=True)], [], 10500, 0),
        ([Charge(DAY, 10500, self_pay=True)], [], 12000, -1500),
        ([Charge(DAY), Charge(date(2027, 3, 1))], [Copay(3000)], 3000, 3000),
        ([Charge(DAY)], [Copay(2000, 2), Copay(3000, 1)], 0, 3000),
        ([Charge(DAY)], [Copay(3000, starts="2027-03-10")], 0, 0),
        ([Charge(DAY)], [Copay(3000, ends="2027-03-09")], 0, 3000),
        ([Charge(DAY)], [Copay(3000, ends="2027-03-08"), Copay(1000, 2)], 0, 1000),
        ([Charge(DAY)], [Copay(3000, ends="")], 0, 3000),
    ],
)
def test_what_a_patient_owes(charges: list[Charge], copays: list[Copay], paid: int, due: int) -> None:
    assert amount_due(charges, copays, paid) == due


def test_the_drawer_holds_the_float_and_the_cash_reversals_included() -> None:
    assert expected_cash(20000, [("cash", 3000), ("card", 9000), ("cash", -3000), ("cash", 1250)]) == 21250


@given(st.dictionaries(st.sampled_from(PIECES["USD"]), st.integers(0, 9999)))
def test_a_count_is_the_sum_of_its_pieces(pieces: dict[int, int]) -> None:
    assert counted(pieces, "USD") == sum(piece * many for piece, many in pieces.items())


@pytest.mark.parametrize("pieces", [{3: 1}, {100: -1}, {100: 10_000}, {20_000: 1}])
def test_an_impossible_count_is_refused(pieces: dict[int, int]) -> None:
    with pytest.raises(Invalid):
        counted(pieces, "USD")


def test_other_currencies_have_their_own_pieces() -> None:
    assert counted({20_000: 1, 200: 3}, "EUR") == 20_600
    assert counted({100: 1}, "XYZ") == 100


@pytest.mark.parametrize(
    ("cents", "tender", "field"),
    [
        (0, "cash", "amount"),
        (-1, "cash", "amount"),
        (10**9, "card", "amount"),
        (1, "gold", "tender"),
        (1, "", "tender"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_beside_its_field(cents: int, tender: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_payment(cents, tender)
    assert refused.value.field == field


def test_every_means_of_payment_is_taken() -> None:
    for tender in TENDERS:
        check_payment(1, tender)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 401])
def test_a_reason_is_words(reason: str) -> None:
    with pytest.raises(Invalid):
        check_reason(reason)
    assert check_reason("  wrong   patient ") == "wrong patient"
