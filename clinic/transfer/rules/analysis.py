"""What a file holds: how it is read, its columns with samples and the words in them, how many rows."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import IO, Any

from clinic.core.errors import N_, Invalid
from clinic.regions import Region
from clinic.transfer.rules.columns import header_row
from clinic.transfer.rules.encoding import ENCODINGS, encoding_of, kind_of
from clinic.transfer.rules.lines import DELIMITERS, Format, Line, delimiter_of, lines_of
from clinic.transfer.rules.sheets import rows_of, sheet_names

SAMPLES = 5
MOST_WORDS = 40
SHEET_ROWS = 20_000
"""Rows of a workbook that are looked at before the mapping; all of them are when it is checked."""
HEAD_ROWS = 15
NO_ROWS = N_("This file has a header and nobody in it.")
ONE_COLUMN = N_("This file has one column only. Is the delimiter right?")


@dataclass(frozen=True)
class Reading:
    """How a file is read. `header` is the number of the header's line, 0 when there is none."""

    kind: str
    encoding: str = ""
    delimiter: str = ","
    quotes: bool = True
    sheet: str = ""
    header: int = -1

    @classmethod
    def of_json(cls, value: dict[str, Any]) -> Reading:
        """As it was kept."""
        return cls(**value)

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


@dataclass(frozen=True)
class Column:
    """One column: its head, some values, and every word in it with its count when there are few."""

    head: str
    samples: tuple[str, ...] = ()
    filled: int = 0
    words: dict[str, int] | None = None


@dataclass(frozen=True)
class Found:
    """What a look at the file found. `whole` is False when a workbook has more rows than were looked at."""

    reading: Reading
    columns: tuple[Column, ...] = ()
    total: int = 0
    faults: int = 0
    whole: bool = True
    sheets: tuple[str, ...] = ()
    types: dict[str, int] = field(default_factory=dict)
    """Of FHIR: how many records of each type."""

    @classmethod
    def of_json(cls, value: dict[str, Any], reading: Reading) -> Found:
        """As it was kept."""
        columns = tuple(Column(**{**one, "samples": tuple(one["samples"])}) for one in value.get("columns", ()))
        rest = {name: value[name] for name in ("total", "faults", "whole", "types") if name in value}
        return cls(reading, columns, sheets=tuple(value.get("sheets", ())), **rest)

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {name: value for name, value in asdict(self).items() if name != "reading"}

    @property
    def heads(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.head for column in self.columns)


def read_as(file: IO[bytes], name: str) -> Reading:
    """How a file is to be read, by its first bytes and lines. Raises Invalid for what is no list."""
    file.seek(0)
    start = file.read(4096)
    kind = kind_of(start, name)
    if kind == "fhir":
        return Reading("fhir")
    if kind == "sheet":
        names = sheet_names(file)
        return Reading("sheet", sheet=names[0] if names else "")
    encoding = encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=None)
    sample = text.read(65536)
    text.detach()
    return Reading("text", encoding=encoding, delimiter=delimiter_of(sample))


def look_at(file: IO[bytes], reading: Reading, region: Region) -> Found:
    """The columns of a table and what stands in them. Raises Invalid with what is wrong with the whole file."""
    _require_known(reading)
    sheets = tuple(sheet_names(file)) if reading.kind == "sheet" else ()
    most = SHEET_ROWS if reading.kind == "sheet" else None
    lines = table(file, reading)
    first = list(islice(lines, HEAD_ROWS))
    if not first:
        raise Invalid(NO_ROWS, field="file")
    reading = _with_header(reading, first, region)
    heads = _heads(first, reading)
    count = _Counting(len(heads))
    for line in _below((*first, *islice(lines, most)), reading):
        count.add(line)
    more = next(lines, None) is not None
    lines.close()
    if len(heads) < 2:
        raise Invalid(ONE_COLUMN, field="file")
    if not count.total:
        raise Invalid(NO_ROWS, field="file")
    return Found(reading, count.columns(heads), count.total, count.faults, not more, sheets)


def table(file: IO[bytes], reading: Reading) -> Any:
    """Every row of a text or of a sheet."""
    file.seek(0)
    if reading.kind == "sheet":
        return rows_of(file, reading.sheet)
    return lines_of(file, Format(reading.encoding, reading.delimiter, reading.quotes))


def people_of(file: IO[bytes], reading: Reading) -> Iterator[Line]:
    """Every row below the header."""
    return _below(table(file, reading), reading)


def _below(lines: Iterable[Line], reading: Reading) -> Iterator[Line]:
    return (line for line in lines if line.number > reading.header)


def _require_known(reading: Reading) -> None:
    wide = reading.encoding in ("utf-16-le", "utf-16-be")
    if reading.kind == "text" and not (wide or reading.encoding in ENCODINGS):
        raise Invalid(N_("Choose an encoding from the list."), field="encoding")
    if reading.kind == "text" and reading.delimiter not in DELIMITERS:
        raise Invalid(N_("Choose a delimiter from the list."), field="delimiter")


def _with_header(reading: Reading, first: Sequence[Line], region: Region) -> Reading:
    if reading.header >= 0:
        return reading
    place = header_row([line.cells for line in first], region)
    return Reading(**{**reading.to_json(), "header": first[place].number if place >= 0 else 0})


def _heads(first: Sequence[Line], reading: Reading) -> list[str]:
    """The names of the columns, each once; a column without one has its place for a name."""
    header = next((line for line in first if line.number == reading.header), None)
    width = max(len(line.cells) for line in first)
    given = list(header.cells) if header else []
    heads: list[str] = []
    for place in range(len(given) if header else width):
        name = " ".join(given[place].split())[:80] if header else ""
        name = name or f"#{place + 1}"
        heads.append(f"{name} ({place + 1})" if name in heads else name)
    return heads


class _Counting:
    """Goes through the rows once and keeps little of each column."""

    def __init__(self, width: int) -> None:
        self.total = 0
        self.faults = 0
        self._samples: list[list[str]] = [[] for _ in range(width)]
        self._filled = [0] * width
        self._words: list[dict[str, int] | None] = [{} for _ in range(width)]

    def add(self, line: Line) -> None:
        self.total += 1
        if line.fault:
            self.faults += 1
            return
        for place, cell in enumerate(line.cells[: len(self._filled)]):
            if cell:
                self._filled[place] += 1
                self._note(place, cell)

    def _note(self, place: int, cell: str) -> None:
        samples, words = self._samples[place], self._words[place]
        if len(samples) < SAMPLES and cell not in samples:
            samples.append(cell[:80])
        if words is None:
            return
        word = cell[:60]
        words[word] = words.get(word, 0) + 1
        if len(words) > MOST_WORDS:
            self._words[place] = None

    def columns(self, heads: Sequence[str]) -> tuple[Column, ...]:
        return tuple(
            Column(head, tuple(self._samples[place]), self._filled[place], self._words[place])
            for place, head in enumerate(heads)
        )
