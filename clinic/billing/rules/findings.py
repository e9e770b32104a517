"""What a check says: how bad it is, which field it is about, why, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Level(IntEnum):
    """`STOP` keeps a sheet from being ready; the others only speak."""

    STOP = 0
    LOOK = 1
    TOLD = 2
    FINE = 3


@dataclass(frozen=True, slots=True)
class Repair:
    """One press that mends it: `deed` is read by `repairs.apply`, `label` is the word on the button."""

    deed: str
    label: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of the checks.

    `rule` is the name in the list of rules, `where` the field ("dx-2", "line-3-units", "coverage");
    `title` and `reason` are gettext ids with `values` for their places.
    """

    rule: str
    level: Level
    where: str
    title: str
    reason: str
    values: dict[str, Any] = field(default_factory=dict)
    repairs: tuple[Repair, ...] = ()

    @property
    def line(self) -> int | None:
        """The number of the charge line it is about, if it is about one."""
        parts = self.where.split("-")
        return int(parts[1]) if parts[0] == "line" else None


def N_(text: str) -> str:  # noqa: N802 the name that message extraction looks for
    """Mark a text for translation where it stands; it is translated where it is shown."""
    return text
