"""How the questions of a form stand on paper: which share a row, how wide each is, what goes to a further page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from clinic.pdf.fit import FULL, Fitted, fit, width_mm

WIDTHS = {"letter": 149.8, "a4": 143.9}
"""Room for fields beside the margin column, in millimetres."""
UNITS = 12
GAP = 3.0
_BOX_EDGE = 4.4
_TICK = 9.8
_LABEL, _WORD = 7.0, 8.4
_LONG_LINES = 3
MOST_OPTIONS = 24
"""More options than that are not drawn as boxes: the answer is written on a line."""
_SHARES = {"date": 4, "time": 3, "number": 4, "line": 6, "choice": 3}


class Said(Protocol):
    """A text in one or two languages."""

    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def second(self) -> str: ...  # noqa: D102


class Asked(Protocol):
    """A question on paper."""

    @property
    def label(self) -> Said: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def answers(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def options(self) -> Sequence[Any]: ...  # noqa: D102


@dataclass(frozen=True)
class Cell:
    """One question in its row. `more` is its number among the answers that go on elsewhere, 0 when it fits."""

    field: Any
    kind: str
    units: int
    wide: float = 0.0
    shown: Fitted = Fitted("", "")
    columns: bool = False
    more: int = 0


@dataclass(frozen=True)
class Continued:
    """An answer too long for its box, to be printed whole on a further page."""

    number: int
    label: Any
    text: str


@dataclass(frozen=True)
class Laid:
    """The rows of every section, and what did not fit."""

    sections: tuple[tuple[tuple[Cell, ...], ...], ...]
    more: tuple[Continued, ...]


def lay_out(sections: Iterable[Any], paper: str) -> Laid:
    """Put the fields of every section into rows as wide as the paper allows."""
    wide = WIDTHS.get(paper, WIDTHS["a4"])
    more: list[Continued] = []
    laid = []
    for section in sections:
        rows = _rows([_cell(field, wide) for field in section.fields])
        laid.append(tuple(tuple(_set(cell, wide, more) for cell in row) for row in rows))
    return Laid(tuple(laid), tuple(more))


def _cell(field: Asked, wide: float) -> Cell:
    kind = "line" if len(field.options) > MOST_OPTIONS else field.kind
    units = _SHARES.get(kind, UNITS)
    label = width_mm(f"{field.label.text} {field.label.second}", _LABEL) + GAP
    units = max(units, min(UNITS, math.ceil(label / wide * UNITS)))
    columns = False
    if kind in ("choice", "checks"):
        needed = sum(_option(option) for option in field.options) + 2
        columns = needed > wide
        units = UNITS if columns else max(units, math.ceil(needed / wide * UNITS))
    elif kind in ("line", "number", "date", "time"):
        needed = width_mm("; ".join(field.answers), FULL) + _BOX_EDGE + GAP
        units = max(units, min(UNITS, math.ceil(needed / wide * UNITS)))
    return Cell(field, kind, units, columns=columns)


def _option(option: Any) -> float:
    words = option.words
    return _TICK + max(width_mm(words.text, _WORD) * 1.1, width_mm(words.second, _LABEL))


def _rows(cells: list[Cell]) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for cell in cells:
        if rows and sum(one.units for one in rows[-1]) + cell.units <= UNITS:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return [_filled(row) for row in rows]


def _filled(row: list[Cell]) -> list[Cell]:
    """What is left of a row goes to the last line to write on."""
    left = UNITS - sum(cell.units for cell in row)
    growing = [place for place, cell in enumerate(row) if cell.kind == "line"]
    if left and growing:
        last = growing[-1]
        row[last] = replace(row[last], units=row[last].units + left)
    return row


def _set(cell: Cell, wide: float, more: list[Continued]) -> Cell:
    own = round(cell.units / UNITS * (wide + GAP) - GAP, 2)
    if cell.kind in ("choice", "checks", "tick"):
        chosen = {option.words.text for option in cell.field.options if option.chosen}
        text = "" if cell.kind == "tick" else "; ".join(one for one in cell.field.answers if one not in chosen)
    else:
        text = ("\n" if cell.kind == "lines" else "; ").join(cell.field.answers)
    shown = fit(text, own - _BOX_EDGE, _LONG_LINES if cell.kind == "lines" else 1)
    number = 0
    if shown.step == "more":
        number = len(more) + 1
        more.append(Continued(number, cell.field.label, text))
    return replace(cell, wide=own, shown=shown, more=number)
