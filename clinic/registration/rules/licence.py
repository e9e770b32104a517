"""The PDF417 barcode on the back of a driving licence or identity card of the United States and Canada.

Follows the AAMVA DL/ID card design standard, versions 1 to 10, and what issuers really print: headers that say AAMVA
for ANSI, offsets that point nowhere, the street where a later version has the second address, a full name in one
element. So the offsets are not used: elements are found by their codes at the beginnings of lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from clinic.core.errors import N_, Invalid
from clinic.registration.rules.issuers import ISSUERS, PROVINCES, STATES

LONGEST = 4000
"""Characters; the largest PDF417 symbol holds fewer than 2,000 letters."""
_LONGEST_VALUE = 120

NOT_A_LICENCE = N_("This is not the barcode of a driving licence or identity card of the United States or Canada.")
TOO_LONG = N_("This is far longer than the barcode of a driving licence.")
NO_LINES = N_("The scanner leaves out the ends of lines. Set it to send Enter for a line feed, or use the camera.")
NO_NAME = N_("The barcode was read, but it holds no name and no birth date.")

_BREAK = re.compile(r"[\n\r\x1c-\x1f\x85\u2028\u2029]+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff\ufffd]")
_HEADER = re.compile(r"(?:ANSI|AAMVA)\s?(\d{6})(\d{2})")
_ELEMENT = re.compile(r"(?:DL|ID)?(D[A-D][A-Z])(.*)", re.DOTALL)
_FIRST = re.compile(r"(DL|ID)(D[A-D][A-Z])(.*)", re.DOTALL)
_ENTRY = re.compile(r"(DL|ID|Z[A-Z])\d{8}")
_NOTHING = frozenset({"", "NONE", "UNAVL", "UNAVAIL", "UNAVAILABLE", "N/A", "NMN", "NULL", "-"})
_SEXES = {"1": "male", "M": "male", "2": "female", "F": "female", "X": "other", "3": "other"}
_CUT = {"family": "DDE", "given": "DDF", "middle": "DDG"}


@dataclass(frozen=True)
class Licence:
    """What a card says of its holder, as printed. Dates are ISO or empty; `cut` names the names that were too long."""

    given: str = ""
    middle: str = ""
    family: str = ""
    suffix: str = ""
    birth_date: str = ""
    sex: str = ""
    line: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    number: str = ""
    issuer: str = ""
    issued: str = ""
    expires: str = ""
    height: str = ""
    eyes: str = ""
    card: str = "DL"
    version: int = 0
    cut: frozenset[str] = frozenset()

    def expired(self, today: date) -> bool:
        """Whether the card was no longer valid on this day."""
        return bool(self.expires) and self.expires < today.isoformat()


def read_licence(text: str) -> Licence:
    """What a barcode says. Raises Invalid, with what to do, for anything that is no licence."""
    if len(text) > LONGEST:
        raise Invalid(TOO_LONG)
    if _unbroken(text):
        raise Invalid(NO_LINES)
    header = _HEADER.search(text[:200])
    elements, card = _elements(text)
    if not elements or (not header and "DAQ" not in elements):
        raise Invalid(NOT_A_LICENCE)
    made = _licence(elements, header, card)
    if not made.birth_date and not (made.given or made.family):
        raise Invalid(NO_NAME)
    return made


def plain_licence(text: str) -> str:
    """The barcode with one line for each element and no unseen characters: what a form can carry and read again."""
    lines = (_UNSEEN.sub("", line).strip() for line in _BREAK.split(text[: LONGEST + 1]))
    return "\n".join(line for line in lines if line)


def _unbroken(text: str) -> bool:
    """Whether everything stands in one line, so that nobody can tell where a name ends."""
    return "DBB" in text and "DAQ" in text and sum(bool(line.strip()) for line in _BREAK.split(text)) < 4


def _elements(text: str) -> tuple[dict[str, str], str]:
    """Element code -> its value, the first of each, and the kind of card: DL or ID."""
    found: dict[str, str] = {}
    card = "DL"
    for line in _BREAK.split(text):
        code, value, kind = _element(line.strip(" \t"))
        card = kind or card
        if code and code not in found:
            found[code] = _clean(value)
    return found, card


def _element(line: str) -> tuple[str, str, str]:
    header = _HEADER.search(line[:40])
    if header:
        rest = _after_entries(line[header.end() :])
        first = _FIRST.match(rest) or _FIRST.search(rest)
        return (first[2], first[3], first[1]) if first else ("", "", "")
    match = _ELEMENT.match(line)
    if match is None:
        return "", "", ""
    return match[1], match[2], line[:2] if line[:2] in ("DL", "ID") else ""


def _after_entries(rest: str) -> str:
    """What follows the list of subfiles, whose entries hold a kind, an offset and a length."""
    while entry := _ENTRY.search(rest[:16]):
        rest = rest[entry.end() :]
    return rest


def _clean(value: str) -> str:
    plain = re.sub(r"\s+", " ", _UNSEEN.sub("", value)).strip(" ,")[:_LONGEST_VALUE]
    return "" if plain.upper() in _NOTHING else plain


def _licence(elements: dict[str, str], header: re.Match[str] | None, card: str) -> Licence:
    def first(*codes: str) -> str:
        return next((elements[code] for code in codes if elements.get(code)), "")

    state = first("DAJ", "DAO").upper()[:2]
    issuer = ISSUERS.get(header[1], "") if header else ""
    given, middle, family, suffix = _names(first)
    return Licence(
        given=given,
        middle=middle,
        family=family,
        suffix=suffix or first("DCU", "DAE"),
        birth_date=_day(first("DBB")),
        sex=_SEXES.get(first("DBC").upper()[:1], ""),
        line=first("DAG", "DAL"),
        line2=first("DAH", "DAM"),
        city=first("DAI", "DAN"),
        state=state,
        postal_code=_postcode(first("DAK", "DAP")),
        country=_country(first("DCG"), state or issuer),
        number=first("DAQ"),
        issuer=issuer or (state if state in STATES | PROVINCES else ""),
        issued=_day(first("DBD")),
        expires=_day(first("DBA")),
        height=first("DAU"),
        eyes=first("DAY"),
        card=card,
        version=int(header[2]) if header else 0,
        cut=frozenset(name for name, code in _CUT.items() if elements.get(code, "").upper() == "T"),
    )


def _names(first: Callable[..., str]) -> tuple[str, str, str, str]:
    """Given, middle, family and suffix: in elements of their own, the given ones together, or all in one."""
    family, given, middle = first("DCS", "DAB"), first("DAC"), first("DAD")
    if not given:
        given, middle = _split_given(first("DCT"), middle)
    if family or given:
        return given, re.sub(r"\s*[,$@]\s*", " ", middle), family, ""
    whole = [part.strip() for part in re.split(r"[,$@]", first("DAA"))]
    family, rest = whole[0], whole[1:]
    if len(whole) == 1 and " " in family:
        family, *rest = family.split(" ", 1)
    given, middle = _split_given(rest[0] if rest else "", " ".join(rest[1:2]))
    return given, middle, family, " ".join(rest[2:3])


def _split_given(text: str, middle: str) -> tuple[str, str]:
    words = [word for word in re.split(r"[,$@ ]+", text) if word]
    if middle or len(words) < 2:
        return " ".join(words), middle
    return words[0], " ".join(words[1:])


def _day(text: str) -> str:
    """CCYYMMDD or MMDDCCYY, told apart by which of them is a day: no month is 19 or 20."""
    figures = re.sub(r"[-/. ]", "", text)
    if not re.fullmatch(r"\d{8}", figures, re.ASCII):
        return ""
    year_first, year_last = (figures[:4], figures[4:6], figures[6:]), (figures[4:], figures[:2], figures[2:4])
    for year, month, day in (year_first, year_last):
        try:
            found = date(int(year), int(month), int(day))
        except ValueError:
            continue
        if 1880 <= found.year <= 2150:
            return found.isoformat()
    return ""


def _postcode(text: str) -> str:
    compact = re.sub(r"[\s-]", "", text).upper()
    if re.fullmatch(r"\d{9}", compact, re.ASCII):
        return compact[:5] if compact.endswith("0000") else f"{compact[:5]}-{compact[5:]}"
    if re.fullmatch(r"[A-Z]\d[A-Z]\d[A-Z]\d0*", compact, re.ASCII):
        return f"{compact[:3]} {compact[3:6]}"
    return compact[:5] if re.fullmatch(r"\d{5}0*", compact, re.ASCII) else compact


def _country(code: str, place: str) -> str:
    known = {"USA": "US", "US": "US", "CAN": "CA", "CA": "CA", "CDN": "CA"}.get(code.upper(), "")
    return known or ("CA" if place in PROVINCES else "US")
