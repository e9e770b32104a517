"""The shipped code lists, read from `data/` (its SOURCES.md says where each comes from)."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache

from clinic.codes.systems import HCPCS, ICD10CM, MODIFIER, PLACE, Code
from clinic.codes.text import DATA

ICD10CM_NEXT_RELEASE = date(2026, 10, 1)
"""From this day a newer release than the shipped one is in force."""


def rows(name: str) -> Iterator[list[str]]:
    """The rows of one shipped file, without its head."""
    packed = (DATA / name).read_bytes()
    text = (gzip.decompress(packed) if name.endswith(".gz") else packed).decode("utf-8")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    next(lines)
    yield from lines


def _day(text: str) -> date | None:
    return date(int(text[:4]), int(text[4:6]), int(text[6:])) if text else None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def icd10cm() -> list[Code]:
    """Diagnoses, the likely ones first: those a practice meets often, then the short and general."""
    common = {
        name: place for place, name in enumerate((DATA / "common_diagnoses.txt").read_text(encoding="utf-8").split())
    }
    codes = [
        Code(ICD10CM, name, "".join(display), billable=billable == "1")
        for name, billable, *display in rows("icd10cm_2026-04.tsv.gz")  # five texts hold a tab
    ]
    codes.sort(key=lambda each: _likelihood(each, common.get(each.code)))
    return codes


def _likelihood(code: Code, common: int | None) -> tuple[int, int, str]:
    if common is not None:
        return (0, common, code.code)
    first = code.code[0]
    accident = first in "VWXY"
    later_care = len(code.code) == 8 and not code.code.endswith("A")
    return (1 + 2 * accident + later_care + (first in "STO"), len(code.code), code.code)


def hcpcs() -> list[Code]:
    """Supplies, drugs and services; a code without a text is known but not offered."""
    codes = [
        Code(HCPCS, name, _sentence(long or short), True, bool(long or short), _day(added), _day(ended))
        for name, short, long, added, ended in rows("hcpcs_level2_2026q3.tsv.gz")
    ]
    first = "GJQAPHSTLECKMBRUV"
    codes.sort(key=lambda each: (not each.offered, first.find(each.code[0]), each.code))
    return codes


def modifiers() -> list[Code]:
    """Modifiers of HCPCS level II."""
    return [
        Code(MODIFIER, name, _sentence(long), True, True, _day(added), _day(ended))
        for name, long, added, ended in rows("hcpcs_modifiers_2019.tsv")
    ]


def places() -> list[Code]:
    """Places of service."""
    return [Code(PLACE, name, display) for name, display in rows("pos.tsv")]


@cache
def place_names() -> dict[str, str]:
    """The places of service by code, for a list to choose from."""
    return {each.code: each.display for each in places()}


SHIPPED: dict[str, tuple[str, Callable[[], list[Code]]]] = {
    ICD10CM: ("2026-04-01/1", icd10cm),
    HCPCS: ("2026-07-01/1", hcpcs),
    MODIFIER: ("2019-01-01/1", modifiers),
    PLACE: ("2023-10-01/1", places),
}
"""System -> release and order of the rows, and the function that reads them."""
