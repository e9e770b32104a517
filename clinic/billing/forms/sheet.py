"""The sheet as it is typed: texts on one side, values on the other, faults beside their cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from clinic.billing.rules import MOST_MODIFIERS, ChargeLine, Diagnosis, Sheet
from clinic.billing.rules.sheet import OFFICE
from clinic.codes.systems import OWN_PROCEDURES
from clinic.core.money import Money, parse_money
from clinic.web.forms import ScreenForm

_UNITS = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?")
_MODIFIER = re.compile(r"[A-Z0-9]{2}")
_MOST_CENTS = 99_999_999
_MOST_ROWS = 60
_LONGEST = 24


class SheetForm(ScreenForm):
    """Token, one-time key and version; the cells are read by `RawSheet`."""


@dataclass(slots=True)
class RawLine:
    """One charge line as typed. `faults` are messages by cell: units, fee, modifiers."""

    code: str
    modifiers: list[str]
    pointers: list[int]
    units: str
    fee: str
    day: str = ""
    faults: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class RawSheet:
    """The whole sheet as typed, with what stands in the two empty rows."""

    diagnoses: list[str]
    lines: list[RawLine]
    place: str = OFFICE
    new_diagnosis: str = ""
    new_line: str = ""

    @classmethod
    def of_form(cls, form: MultiDict[str, str]) -> RawSheet:
        """What a browser sent; more rows than a claim could hold are cut."""
        numbers = [n for n in form.getlist("line") if n.isascii() and n.isdigit()][:_MOST_ROWS]
        return cls(
            [code[:_LONGEST] for code in form.getlist("dx") if code.strip()][:_MOST_ROWS],
            [_raw_line(form, number) for number in numbers],
            form.get("place", OFFICE)[:4],
            (form.get("dx-pick") or form.get("dx-new", ""))[:200],
            (form.get("line-pick") or form.get("line-new", ""))[:200],
        )

    @classmethod
    def of_sheet(cls, sheet: Sheet) -> RawSheet:
        """A kept sheet, ready to be typed over."""
        lines = [
            RawLine(
                line.code,
                list(line.modifiers),
                list(line.pointers),
                units_text(line.units),
                str(Money(line.fee).decimal),
                line.day.isoformat() if line.day else "",
            )
            for line in sheet.lines
        ]
        return cls([each.code for each in sheet.diagnoses], lines, sheet.place)

    @property
    def faulty(self) -> bool:
        """Whether something could not be read; `sheet` must have been called."""
        return any(line.faults for line in self.lines)

    def sheet(self) -> Sheet:
        """The values; what cannot be read gets a fault beside it and a harmless value."""
        lines = tuple(_line(raw) for raw in self.lines)
        return Sheet(tuple(Diagnosis(code.strip()) for code in self.diagnoses), lines, self.place)


def units_text(units: Decimal) -> str:
    """Units without zeros that say nothing: 1, 1.5."""
    text = f"{units:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _raw_line(form: MultiDict[str, str], number: str) -> RawLine:
    def one(name: str) -> str:
        return form.get(f"line-{number}-{name}", "").strip()

    pointers = [int(p) for p in form.getlist(f"line-{number}-ptr") if p.isascii() and p.isdigit() and len(p) < 3]
    modifiers = [m.strip().upper() for m in form.getlist(f"line-{number}-mod") if m.strip()]
    return RawLine(one("code")[:_LONGEST], modifiers[:8], pointers[:12], one("units"), one("fee"), one("day"))


def _line(raw: RawLine) -> ChargeLine:
    raw.faults = {}
    wrong = [each for each in raw.modifiers if not _MODIFIER.fullmatch(each)]
    if wrong:
        raw.faults["modifiers"] = _("A modifier is two letters or digits.")
    if len(raw.modifiers) > MOST_MODIFIERS + 1:
        raw.faults["modifiers"] = _("A line has room for four modifiers.")
    return ChargeLine(
        code=raw.code,
        system=OWN_PROCEDURES,
        modifiers=tuple(each for each in raw.modifiers if each not in wrong),
        pointers=tuple(sorted(raw.pointers)),
        units=_units(raw),
        fee=_fee(raw),
        day=_day(raw.day),
    )


def _units(raw: RawLine) -> Decimal:
    if not _UNITS.fullmatch(raw.units):
        raw.faults["units"] = _("Write a number, such as 1 or 1.5.")
        return Decimal(1)
    return Decimal(raw.units.replace(",", "."))


def _fee(raw: RawLine) -> int:
    try:
        cents = parse_money(raw.fee).cents
    except ValueError:
        raw.faults["fee"] = _("Write an amount, such as 105 or 105.50.")
        return 0
    if abs(cents) > _MOST_CENTS:
        raw.faults["fee"] = _("A fee lies below one million.")
        return 0
    return cents


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
