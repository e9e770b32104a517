"""Money as integer minor units (cents) plus currency. No floats anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_AMOUNT = re.compile(r"^[+-]?\d{1,12}([.,]\d{1,2})?$")


@dataclass(frozen=True, order=True)
class Money:
    """An amount: `cents` in the currency's minor unit (all shipped currencies have two places)."""

    cents: int
    currency: str = "USD"

    @property
    def decimal(self) -> Decimal:
        """The amount with exactly two places, as FHIR's Money.value wants it."""
        return Decimal(self.cents).scaleb(-2)

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.cents - other.cents, self.currency)

    def times(self, factor: Decimal | int) -> Money:
        """The amount times a factor, rounded half up to whole cents (as at posting)."""
        exact = Decimal(self.cents) * Decimal(factor)
        return Money(int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)), self.currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")


def of_decimal(value: Decimal | int | str, currency: str = "USD") -> Money:
    """Money from a decimal, rounded half up to cents; raises ValueError for NaN and the like."""
    try:
        amount = Decimal(value)
        cents = int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except (InvalidOperation, OverflowError) as error:
        raise ValueError(f"not an amount: {value}") from error
    return Money(cents, currency)


def parse_money(text: str, currency: str = "USD") -> Money:
    """Read an amount as people type it: `30`, `30.5`, `$1,250.00`, `12,50`.

    Raises ValueError when it cannot be read, or names more than two decimal places.
    """
    bare = re.sub(r"[\s$€£\u00a0']", "", text.strip()).replace("\u2212", "-")
    if "," in bare and "." in bare:
        last = max(bare.rfind(","), bare.rfind("."))
        bare = re.sub(r"[.,]", "", bare[:last]) + "." + bare[last + 1 :]
    elif re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", bare):
        bare = bare.replace(",", "")
    if not _AMOUNT.match(bare) or not bare.isascii():
        raise ValueError(f"not an amount: {text}")
    return of_decimal(bare.replace(",", "."), currency)
