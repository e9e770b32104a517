"""What an import did, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class ImportReport:
    """Counts, and a line for everything a person should know."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    noted: int = 0
    lines: list[str] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)
    """Every reference to a record here, with the place that first named it."""

    def refuse(self, place: str, reasons: Iterable[str]) -> None:
        """A record or bundle that was not taken, with each reason."""
        self.refused += 1
        self.lines += [f"{place}: refused: {reason}" for reason in reasons]

    def note(self, place: str, text: str) -> None:
        """Something that was taken, with a remark."""
        self.noted += 1
        self.lines.append(f"{place}: {text}")

    def add(self, other: ImportReport) -> None:
        """Take over the counts and lines of a part that is committed."""
        for name in ("created", "updated", "unchanged", "refused", "noted"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.lines += other.lines
        for reference, place in other.references.items():
            self.references.setdefault(reference, place)

    @property
    def summary(self) -> str:
        """The closing line."""
        return (
            f"{self.created} new, {self.updated} changed, {self.unchanged} unchanged, {self.refused} refused, "
            f"{self.noted} remarks"
        )
