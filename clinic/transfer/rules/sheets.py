"""Reading a workbook (XLSX): values only, never a formula, within limits that a small file cannot blow up."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from clinic.core.errors import N_, Invalid
from clinic.transfer.rules.lines import MOST_COLUMNS, MOST_ROWS, TOO_MANY_ROWS, TOO_WIDE, Line, fitted

MOST_UNPACKED = 400 * 1024 * 1024
MOST_TEXTS = 80 * 1024 * 1024
"""Of the one part that has to be in memory as a whole: the texts that cells share."""
MOST_PARTS = 2000
MOST_TIMES = 250
_SMALL = 1024 * 1024

NOT_A_WORKBOOK = N_("This file is not a workbook that can be read; save it as .xlsx or CSV.")
BOMB = N_("This workbook would be too large when unpacked; save the sheet as CSV.")
NO_SHEET = N_("There is no sheet with this name.")
_WRONG = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"})


def sheet_names(file: IO[bytes]) -> list[str]:
    """The sheets of a workbook. Raises Invalid when it is none or too large."""
    book = _opened(file)
    try:
        return [sheet.title for sheet in book.worksheets]
    finally:
        book.close()


def rows_of(file: IO[bytes], sheet: str) -> Iterator[Line]:
    """Every row of a sheet that is not blank. Raises Invalid for a missing sheet and for what is no table."""
    book = _opened(file)
    try:
        if sheet not in [one.title for one in book.worksheets]:
            raise Invalid(NO_SHEET, field="sheet")
        page = book[sheet]
        page.reset_dimensions()
        yield from _rows(page)
    except (ParseError, zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as fault:
        raise Invalid(NOT_A_WORKBOOK, field="file") from fault
    finally:
        book.close()


def _rows(page: Any) -> Iterator[Line]:
    width = 0
    count = 0
    for number, values in enumerate(page.iter_rows(values_only=True), start=1):
        cells = [cell_text(value) for value in values[: MOST_COLUMNS + 1]]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        count += 1
        if count > MOST_ROWS:
            raise Invalid(TOO_MANY_ROWS, field="file", most=MOST_ROWS)
        if len(cells) > MOST_COLUMNS:
            raise Invalid(TOO_WIDE, field="file", most=MOST_COLUMNS)
        width = width or (len(cells) if len(cells) > 1 else 0)
        yield fitted(Line(number, cells), width)


def cell_text(value: object) -> str:
    """A value as a text; a day as 1980-02-03, a whole number without a point, a wrong formula as nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = str(value).replace("\0", "").strip()
    return "" if text in _WRONG else text


def _opened(file: IO[bytes]) -> Any:
    file.seek(0)
    _require_small(file)
    file.seek(0)
    try:
        return load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except (
        InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, OSError, EOFError,
        AttributeError, IndexError,
    ) as fault:  # fmt: skip
        raise Invalid(NOT_A_WORKBOOK, field="file") from fault


def _require_small(file: IO[bytes]) -> None:
    """Refuse by the sizes that the archive states; what unpacks to more than it states is refused by zipfile."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, EOFError, ValueError) as fault:
        raise Invalid(NOT_A_WORKBOOK, field="file") from fault
    total = sum(part.file_size for part in parts)
    texts = sum(part.file_size for part in parts if "sharedStrings" in part.filename or "styles" in part.filename)
    packed = any(part.file_size > _SMALL and part.file_size > MOST_TIMES * max(part.compress_size, 1) for part in parts)
    if len(parts) > MOST_PARTS or total > MOST_UNPACKED or texts > MOST_TEXTS or packed:
        raise Invalid(BOMB, field="file")
