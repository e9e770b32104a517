"""The table of a measure as a file, for spreadsheets."""

from __future__ import annotations

from io import BytesIO

from flask_babel import gettext as _

from clinic.core.csvline import csv_line, neutral
from clinic.management.measures.rules.report import Line, Report, Value

CSV, XLSX = "csv", "xlsx"
MIME = {
    CSV: "text/csv",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def table_of(report: Report, first: str) -> list[list[str | Value]]:
    """The heads, each line and the total: the period, then the one before; what is not known is empty."""
    units = {"minutes": _("min"), "percent": "%", "days": _("days"), "hours": _("h"), "count": ""}
    names = [f"{one.label} ({units[one.unit]})" if units[one.unit] else one.label for one in report.columns]
    heads: list[str | Value] = [first, *names, *(_("%(name)s, before", name=name) for name in names)]
    return [heads, *(_cells(report, line) for line in (*report.lines, report.total))]


def as_csv(table: list[list[str | Value]]) -> bytes:
    """Lines of CSV, with the mark by which spreadsheets know UTF-8."""
    lines = (",".join(_written(cell) for cell in row) for row in table)
    return ("\ufeff" + "".join(line + "\r\n" for line in lines)).encode()


def _written(cell: str | Value) -> str:
    """A figure bare, so that one below zero stays a figure; text quoted and neutral."""
    if isinstance(cell, str):
        return csv_line([cell]).rstrip("\r\n")
    return "" if cell is None else str(cell)


def as_xlsx(table: list[list[str | Value]], title: str) -> bytes:
    """A workbook with one sheet; figures are figures, and no text is a formula."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("".join(one for one in title if one not in r"[]:*?/\\")[:31] or "1")
    for row in table:
        sheet.append([neutral(cell) if isinstance(cell, str) else cell for cell in row])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _cells(report: Report, line: Line) -> list[str | Value]:
    found = [line.now.get(one.name) for one in report.columns]
    found += [line.before.get(one.name) for one in report.columns]
    return [line.label, *(int(one) if one is not None and float(one).is_integer() else one for one in found)]
