"""Lines of CSV files: every cell quoted, and none that a spreadsheet takes for a formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_STARTERS: Final = frozenset("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20\u2212")


def neutral(cell: str) -> str:
    """A text cell that a spreadsheet reads as text: what looks like a formula gets an apostrophe in front."""
    return "'" + cell if cell[:1] in _STARTERS else cell


def csv_line(cells: Sequence[str]) -> str:
    """One line of a CSV file, every cell quoted and neutral."""
    quoted = ('"' + neutral(cell).replace('"', '""') + '"' for cell in cells)
    return ",".join(quoted) + "\r\n"
