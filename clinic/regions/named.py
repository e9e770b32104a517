"""Lists of codes with their names, read once from the files beside: race, ethnicity and tribes of the United States."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from clinic.core.names import fold


@dataclass(frozen=True)
class Named:
    """A code, its name, and the wider code it belongs to (empty for the widest)."""

    code: str
    name: str
    group: str = ""


class NamedCodes:
    """One list, found by code or by name in any case."""

    def __init__(self, rows: list[Named]) -> None:
        self.by_code = {row.code: row for row in rows}
        self._by_name = {fold(row.name): row for row in rows}

    def named(self, text: str) -> Named | None:
        """The entry with this name or code."""
        return self.by_code.get(text.strip()) or self._by_name.get(fold(" ".join(text.split())))

    def name(self, code: str) -> str:
        """The name of a code; the code itself when the list does not know it."""
        found = self.by_code.get(code)
        return found.name if found else code

    def starting(self, text: str, limit: int = 12) -> list[Named]:
        """Entries of which a word begins like this, the shortest names first."""
        typed = fold(text.strip())
        if not typed:
            return []
        found = [row for folded, row in self._by_name.items() if folded.startswith(typed) or f" {typed}" in folded]
        return sorted(found, key=lambda row: (not fold(row.name).startswith(typed), len(row.name)))[:limit]


@cache
def named_codes(name: str) -> NamedCodes:
    """The list `race`, `ethnicity` or `tribes`."""
    text = (files("clinic.regions") / "data" / f"{name}.tsv").read_text(encoding="utf-8")
    return NamedCodes([Named(*line.split("\t")) for line in text.splitlines()[1:]])
