"""Quantiles of whole numbers that were counted: exact, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

FEW: Final = 5
"""Visits below which a number would speak of single people and of chance, so it is not shown."""
MEDIAN, HIGH = 50, 90


@dataclass
class Spread:
    """How often each value occurred."""

    counts: dict[int, int] = field(default_factory=dict)

    @staticmethod
    def of(values: Iterable[int]) -> Spread:
        """The spread of single values."""
        made = Spread()
        for value in values:
            made.add(value)
        return made

    def add(self, value: int, times: int = 1) -> None:
        """Count a value."""
        self.counts[value] = self.counts.get(value, 0) + times

    def join(self, other: Spread) -> None:
        """Count all of another spread as well."""
        for value, times in other.counts.items():
            self.add(value, times)

    @property
    def number(self) -> int:
        """How many values were counted."""
        return sum(self.counts.values())

    def quantile(self, percent: int) -> int | None:
        """The smallest value that at least so many per cent do not exceed; None for nothing."""
        wanted = -(-self.number * percent // 100)
        gone = 0
        for value in sorted(self.counts):
            gone += self.counts[value]
            if gone >= wanted:
                return value
        return None

    def above(self, limit: int) -> int:
        """How many values exceed a limit."""
        return sum(times for value, times in self.counts.items() if value > limit)


def share(part: float, whole: float) -> float | None:
    """Per cent with one decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None


def joined(spreads: Mapping[str, Spread]) -> Spread:
    """All of them together."""
    made = Spread()
    for one in spreads.values():
        made.join(one)
    return made
