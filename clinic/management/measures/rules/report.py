"""The table that every measure ends in: shown, drawn and given as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Unit = Literal["count", "minutes", "percent", "days", "hours"]
Value = float | int | None


@dataclass(frozen=True)
class Column:
    """One figure of each line."""

    name: str
    label: str
    unit: Unit = "count"
    only: str = ""
    """Which of the visits of a line it counts, where these can be listed by themselves."""


@dataclass(frozen=True)
class Line:
    """The figures of one provider, hour, type and so on, now and in the period before.

    `number` is how many visits they were reckoned from. `few` says that these are too few to say more than how many.
    """

    key: str
    label: str
    now: Mapping[str, Value]
    before: Mapping[str, Value]
    number: int
    few: bool = False
    behind: str = ""
    """Where the visits behind it are listed; empty for nowhere."""

    def change(self, name: str) -> Value:
        """By how much a figure is more than before; None when one of the two is not known."""
        now, before = self.now.get(name), self.before.get(name)
        return None if now is None or before is None else round(now - before, 1)


@dataclass(frozen=True)
class Report:
    """The lines of a measure and all of them together; `main` is drawn, with `mark` beside it."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    total: Line
    main: str
    mark: str = ""
    stacked: bool = False
    """Whether the mark is drawn as a second part of the bar, not as a line further out."""
    facts: tuple[tuple[str, str], ...] = field(default=())
    """What else is to be said: a value with its words."""

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(one for one in self.columns if one.name == name)
