"""What a patient owes, what a drawer should hold, and how money is counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from clinic.core.errors import Invalid

CASH, CARD, CHEQUE, LINK = "cash", "card", "cheque", "link"
TENDERS = (CASH, CARD, CHEQUE, LINK)
MOST = 9_999_999
_MOST_PIECES = 9_999
_FOREVER = "9999-12-31"

PIECES = {
    "USD": (10_000, 5_000, 2_000, 1_000, 500, 100, 25, 10, 5, 1),
    "EUR": (20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5),
}
"""Notes and coins of a currency in cents, the largest first."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One visit: what its lines come to and whether the patient pays them; no lines yet is 0."""

    day: date
    cents: int = 0
    self_pay: bool = False


@dataclass(frozen=True, slots=True)
class Copay:
    """What one coverage leaves to the patient at a visit between two days, both included."""

    cents: int
    rank: int = 1
    starts: str = ""
    ends: str = _FOREVER

    def in_force(self, on: date) -> bool:
        """Whether the coverage pays on this day."""
        return self.starts <= on.isoformat() <= (self.ends or _FOREVER)


def amount_due(charges: Iterable[Charge], copays: Iterable[Copay], paid: int) -> int:
    """What the patient owes in cents; below 0 it is a credit.

    A visit costs the patient the charges when no coverage was in force, else the copay of the
    first coverage that was. A visit without charges and without coverage costs nothing yet.
    """
    known = sorted(copays, key=lambda each: each.rank)
    owed = 0
    for charge in charges:
        first = next((each for each in known if each.in_force(charge.day)), None)
        if charge.self_pay:
            owed += charge.cents
        elif first is not None:
            owed += first.cents
    return owed - paid


def expected_cash(float_cents: int, payments: Iterable[tuple[str, int]]) -> int:
    """What the drawer should hold: the float and every payment and reversal in cash."""
    return float_cents + sum(cents for tender, cents in payments if tender == CASH)


def counted(pieces: Mapping[int, int], currency: str) -> int:
    """The sum of a count. Raises Invalid for a piece the currency does not have, or an impossible number."""
    known = PIECES.get(currency, PIECES["USD"])
    for piece, many in pieces.items():
        if piece not in known:
            raise Invalid("This note or coin is not in use.", field=f"piece-{piece}")
        if not 0 <= many <= _MOST_PIECES:
            raise Invalid("A number of pieces lies between 0 and 9,999.", field=f"piece-{piece}")
    return sum(piece * many for piece, many in pieces.items())


def check_payment(cents: int, tender: str) -> None:
    """Refuse an amount or a means that cannot be. Raises Invalid beside the field."""
    if tender not in TENDERS:
        raise Invalid("Choose how it is paid.", field="tender")
    if not 0 < cents <= MOST:
        raise Invalid("An amount lies between 0.01 and 99,999.99.", field="amount")


def check_reason(reason: str) -> str:
    """The reason, tidied. Raises Invalid when there is none."""
    tidy = " ".join(reason.split())
    if not tidy or len(tidy) > 400:
        raise Invalid("Say why, in at most 400 letters.", field="reason")
    return tidy
