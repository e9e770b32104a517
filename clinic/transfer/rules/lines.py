"""Reading a text as a table, line by line, so that one broken line costs that line only."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from clinic.core.errors import N_, Invalid

DELIMITERS = {",": N_("comma"), ";": N_("semicolon"), "\t": N_("tab"), "|": N_("pipe")}
MOST_COLUMNS = 500
MOST_ROWS = 200_000
LONGEST_LINE = 1024 * 1024
MOST_LINES = 50
"""Lines that one value in quotation marks may go over."""
MOST_UNCLOSED = 1000

UNCLOSED = N_("A quotation mark on this line is not closed.")
TOO_WIDE = N_("This file has more than %(most)s columns; there is no such list of people. Is the delimiter right?")
TOO_LONG_LINE = N_("Line %(line)s is longer than a million characters. Is this a list of people?")
TOO_MANY_ROWS = N_("This file has more than %(most)s lines; split it, and bring the parts in one by one.")
ALL_UNCLOSED = N_("More than %(most)s lines have a quotation mark that is not closed. Read the file without them.")
MORE_VALUES = N_("This line has %(has)s values, the header has %(wanted)s. Is there a delimiter within a value?")
UNREADABLE = N_("This line holds characters that the chosen encoding cannot read.")
_END = "\x1dend"
_NUL = "\0"


@dataclass(frozen=True)
class Line:
    """One row of a file with the number of its first line; `fault` says why it cannot be used."""

    number: int
    cells: list[str]
    fault: str = ""
    params: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Format:
    """How a text is read as a table."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    quotes: bool = True


def lines_of(file: IO[bytes], form: Format) -> Iterator[Line]:
    """Every row that is not blank. Raises Invalid when the whole file cannot be such a table."""
    text = io.TextIOWrapper(file, encoding=form.encoding, errors="replace", newline=None)
    try:
        yield from _Reader(text, form).rows()
    finally:
        text.detach()


class _Reader:
    """Splits lines into values; a quotation mark that is not closed spoils its own line and no other."""

    def __init__(self, text: IO[str], form: Format) -> None:
        self.text = text
        self.form = form
        self.number = 0
        self.again: deque[str] = deque()
        self.width = 0
        self.unclosed = 0
        self.count = 0

    def rows(self) -> Iterator[Line]:
        while (line := self._next()) is not None:
            if not line.strip() or (self.number == 1 and line.startswith("sep=")):
                continue
            self.count += 1
            if self.count > MOST_ROWS:
                raise Invalid(TOO_MANY_ROWS, field="file", most=MOST_ROWS)
            yield self._row(line)

    def _next(self) -> str | None:
        if self.again:
            self.number += 1
            return self.again.popleft()
        line = self.text.readline(LONGEST_LINE + 1)
        if not line:
            return None
        self.number += 1
        if len(line) > LONGEST_LINE:
            raise Invalid(TOO_LONG_LINE, field="file", line=self.number)
        return line.replace(_NUL, "").rstrip("\r\n")

    def _row(self, line: str) -> Line:
        number = self.number
        delimiter = self.form.delimiter
        if not self.form.quotes or '"' not in line:
            return self._checked(number, line.split(delimiter))
        taken = [line]
        cells = _closed(line, delimiter)
        while cells is None and len(taken) < MOST_LINES and (more := self._next()) is not None:
            taken.append(more)
            if '"' not in more:
                continue
            cells, broken = _over_lines(taken, delimiter)
            if broken:
                break
        if cells is None or (len(taken) > 1 and self.width and len(cells) != self.width):
            return self._spoiled(number, taken)
        return self._checked(number, cells)

    def _spoiled(self, number: int, taken: list[str]) -> Line:
        self.unclosed += 1
        if self.unclosed > MOST_UNCLOSED:
            raise Invalid(ALL_UNCLOSED, field="file", most=MOST_UNCLOSED)
        self.again.extendleft(reversed(taken[1:]))
        self.number = number
        return Line(number, taken[0].split(self.form.delimiter)[: self.width or MOST_COLUMNS], UNCLOSED)

    def _checked(self, number: int, cells: list[str]) -> Line:
        if len(cells) > MOST_COLUMNS and not self.width:
            raise Invalid(TOO_WIDE, field="file", most=MOST_COLUMNS)
        self.width = self.width or (len(cells) if len(cells) > 1 else 0)
        return fitted(Line(number, [cell.strip() for cell in cells]), self.width)


def fitted(line: Line, width: int) -> Line:
    """The line with as many values as the header: missing ones are empty, more than empty ones are a fault."""
    cells = line.cells
    if any("\ufffd" in cell for cell in cells):
        return Line(line.number, cells[:width] if width else cells, UNREADABLE)
    if width and len(cells) > width:
        if any(cells[width:]):
            return Line(line.number, cells[:width], MORE_VALUES, {"has": len(cells), "wanted": width})
        cells = cells[:width]
    return Line(line.number, cells, line.fault, line.params)


def _closed(line: str, delimiter: str) -> list[str] | None:
    """The values of a row on one line, or None while a quotation mark is open."""
    try:
        rows = list(csv.reader([line + "\n", _END], delimiter=delimiter))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 2 and rows[1] == [_END] else None


def _over_lines(taken: list[str], delimiter: str) -> tuple[list[str] | None, bool]:
    """(the values of a row on several lines, whether they can never be one); no values while a mark is open."""
    try:
        rows = list(csv.reader([line + "\n" for line in taken], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return None, "unexpected end" not in str(error)
    return rows[0], False


def delimiter_of(sample: str) -> str:
    """The delimiter under which the first lines have the same number of values, and the most."""
    stated = re.match(r"sep=([,;|\t])\r?\n", sample)
    if stated:
        return stated[1]
    lines = [line for line in sample.splitlines()[:60] if line.strip()]
    best, found = 0.0, ","
    for delimiter in DELIMITERS:
        widths = Counter(_width(line, delimiter) for line in lines)
        if not widths:
            continue
        width, times = max(widths.items(), key=lambda one: (one[1] * (one[0] > 1), one[0]))
        score = (width > 1) * (times / len(lines)) * (1 + min(width, 40) / 40)
        if score > best:
            best, found = score, delimiter
    return found


def _width(line: str, delimiter: str) -> int:
    if '"' not in line:
        return line.count(delimiter) + 1
    try:
        return len(next(csv.reader([line], delimiter=delimiter)))
    except (csv.Error, StopIteration):
        return 1
