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
_TICK = 10.4
_LABEL, _WORD = 7.0, 8.4
_LONG_LINES = 3
COLUMNS = 3
"""In how many columns options stand that do not fit on one line."""
MOST_OPTIONS = 24
"""More options than that are not drawn as boxes: the answer is written on a line."""
MOST_COLUMNS = 4
_NOTHING = Fitted("", "")
_SIMPLE = frozenset({"line", "number", "date", "time"})
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
    """One question in its row. `more` is its number among the answers that go on elsewhere, 0 when it fits;
    `widths` are those of its options.
    """

    field: Any
    kind: str
    units: int
    wide: float = 0.0
    shown: Fitted = _NOTHING
    columns: bool = False
    widths: tuple[float, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class Table:
    """Questions that repeat, such as medicines: one column for each, one row for each time."""

    heads: tuple[Any, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Continued:
    """An answer too long for its box, to be printed whole on a further page."""

    number: int
    label: Any
    text: str


@dataclass(frozen=True)
class Laid:
    """The rows of every section, and what did not fit."""

    sections: tuple[tuple[tuple[Cell, ...] | Table, ...], ...]
    more: tuple[Continued, ...]


def lay_out(sections: Iterable[Any], paper: str) -> Laid:
    """Put the fields of every section into rows as wide as the paper allows."""
    wide = WIDTHS.get(paper, WIDTHS["a4"])
    more: list[Continued] = []
    laid = []
    for section in sections:
        parts: list[tuple[Cell, ...] | Table] = []
        for fields, cycle in _runs(section.fields):
            if cycle:
                parts.append(_table(fields, cycle, wide, more))
            else:
                rows = _rows([_cell(field, wide) for field in fields])
                parts += [tuple(_set(cell, wide, more) for cell in row) for row in rows]
        laid.append(tuple(parts))
    return Laid(tuple(laid), tuple(more))


def _runs(fields: Sequence[Any]) -> list[tuple[list[Any], int]]:
    """The fields cut where something repeats: a run and the length of its cycle, 0 for what does not repeat."""
    found: list[tuple[list[Any], int]] = []
    at = 0
    while at < len(fields):
        cycle = _cycle(fields, at)
        if cycle:
            end = at + cycle
            while _same(fields, at, end, cycle):
                end += cycle
            found.append((list(fields[at:end]), cycle))
            at = end
            continue
        if not found or found[-1][1]:
            found.append(([], 0))
        found[-1][0].append(fields[at])
        at += 1
    return found


def _cycle(fields: Sequence[Any], at: int) -> int:
    """How many simple questions come round again from here."""
    for size in range(2, MOST_COLUMNS + 1):
        simple = all(field.kind in _SIMPLE and not field.options for field in fields[at : at + size])
        if simple and _same(fields, at, at + size, size):
            return size
    return 0


def _same(fields: Sequence[Any], first: int, second: int, size: int) -> bool:
    one = [field.link_id for field in fields[first : first + size]]
    other = [field.link_id for field in fields[second : second + size]]
    return bool(one[0]) and one == other


def _table(fields: list[Any], cycle: int, wide: float, more: list[Continued]) -> Table:
    column = round(wide / cycle, 2)
    cells = [_fitted(Cell(field, "line", UNITS // cycle), column, more) for field in fields]
    rows = tuple(tuple(cells[at : at + cycle]) for at in range(0, len(cells), cycle))
    return Table(tuple(field.label for field in fields[:cycle]), rows)


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
    return _fitted(cell, round(cell.units / UNITS * (wide + GAP) - GAP, 2), more)


def _fitted(cell: Cell, own: float, more: list[Continued]) -> Cell:
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
    third = own / COLUMNS - 0.6
    widths = tuple(round(third if cell.columns else _option(option), 1) for option in cell.field.options)
    return replace(cell, wide=own, shown=shown, widths=widths, more=number)
