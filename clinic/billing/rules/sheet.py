"""What was found and what was done at one visit: the sheet that becomes a claim."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

LETTERS = "ABCDEFGHIJKL"
MOST_DIAGNOSES = len(LETTERS)
MOST_LINES = 50
MOST_MODIFIERS = 4
MOST_POINTERS = 4
OFFICE = "11"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One diagnosis by its code; its letter is its place on the sheet."""

    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """One thing that was done.

    `pointers` are the places of its diagnoses on the sheet, from 1; `fee` is cents for one unit.
    """

    code: str
    system: str
    display: str = ""
    modifiers: tuple[str, ...] = ()
    pointers: tuple[int, ...] = ()
    units: Decimal = Decimal(1)
    fee: int = 0
    day: date | None = None

    @property
    def total(self) -> int:
        """Units times fee in cents, rounded half up."""
        return int((self.units * self.fee).quantize(Decimal(1), rounding=ROUND_HALF_UP))

    @property
    def letters(self) -> str:
        """The diagnoses as their letters, in the order of the sheet."""
        return "".join(letter(each) for each in self.pointers)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All diagnoses and charge lines of one visit, and the place of service."""

    diagnoses: tuple[Diagnosis, ...] = ()
    lines: tuple[ChargeLine, ...] = ()
    place: str = OFFICE

    @property
    def total(self) -> int:
        """The sum of the lines in cents."""
        return sum(line.total for line in self.lines)


def letter(place: int) -> str:
    """The letter of the diagnosis at this place (from 1); "?" outside the sheet."""
    return LETTERS[place - 1] if 1 <= place <= MOST_DIAGNOSES else "?"
