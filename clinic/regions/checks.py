"""Checks of numbers. Each takes what was typed and gives the kept form, or raises ValueError with the reason.

Check digits come from python-stdnum where it has them; the rest follow the issuers' published rules.
"""

from __future__ import annotations

import re

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.nl import bsn as nl_bsn
from stdnum.us import itin as us_itin
from stdnum.us import ssn as us_ssn

_ISSUERS = (
    " AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK "
    "OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI AB BC MB NB NL NS NT NU ON PE QC SK YT "
)
"""States, territories and the provinces of Canada, who all give out driver's licences that are shown here."""
_MBI = re.compile(
    r"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]"
    r"[AC-HJKMNP-RT-Y]{2}[0-9]{2}"
)
_PLAIN = re.compile(r"[0-9A-Z][0-9A-Z -]{1,38}[0-9A-Z]")


def compact(text: str) -> str:
    """The number without the spaces, dots and dashes people write for reading, letters in capitals."""
    return re.sub(r"[\s.\-–/]", "", text).upper()


def _digits(text: str, count: int, name: str) -> str:
    number = compact(text)
    if not number.isascii() or not number.isdigit() or len(number) != count:
        raise ValueError(f"{name} has {count} digits")
    return number


def ssn(text: str) -> str:
    """United States social security number: nine digits, no 000, 666 or 9xx area, none of the published fakes."""
    number = _digits(text, 9, "A social security number")
    try:
        us_ssn.validate(us_ssn.format(number))
    except ValidationError as fault:
        raise ValueError("No such social security number was ever given out") from fault
    return number


def itin(text: str) -> str:
    """United States individual taxpayer number: 9xx with a group in the ranges that are in use."""
    number = _digits(text, 9, "A taxpayer number (ITIN)")
    try:
        us_itin.validate(us_itin.format(number))
    except ValidationError as fault:
        raise ValueError("A taxpayer number (ITIN) begins with 9 and has a group from 50 to 99") from fault
    return number


def npi(text: str) -> str:
    """National provider identifier: ten digits whose last is a Luhn digit over 80840 and the first nine."""
    number = _digits(text, 10, "A provider number (NPI)")
    if number[0] not in "12" or not luhn.is_valid("80840" + number):
        raise ValueError("The last digit of this provider number (NPI) does not fit the others")
    return number


def mbi(text: str) -> str:
    """Medicare beneficiary identifier: eleven places, letters and digits in fixed places, no S, L, O, I, B, Z."""
    number = compact(text)
    if not _MBI.fullmatch(number):
        raise ValueError("A Medicare number has eleven characters like 1EG4-TE5-MK73, without S, L, O, I, B or Z")
    return number


def bsn(text: str) -> str:
    """Dutch citizen service number: eight or nine digits that pass the eleven test."""
    number = compact(text)
    try:
        return str(nl_bsn.validate(number))
    except ValidationError as fault:
        raise ValueError("This citizen service number (BSN) does not pass the eleven test") from fault


def agb(text: str) -> str:
    """Dutch care provider code: eight digits, of which the first two name the kind of care."""
    number = _digits(text, 8, "An AGB code")
    if number[:2] == "00":
        raise ValueError("An AGB code does not begin with 00")
    return number


def plain(text: str) -> str:
    """A number without a public rule (passport, licence): 3 to 40 letters, digits, spaces and dashes."""
    number = re.sub(r"\s+", " ", text.strip()).upper()
    if not _PLAIN.fullmatch(number):
        raise ValueError("Use 3 to 40 letters and digits, with spaces or dashes between")
    return number


def us_licence(text: str) -> str:
    """United States driver's licence: the state's two letters and its number, which each state shapes as it likes."""
    number = plain(text)
    state, rest = number[:2], number[2:].strip(" -")
    if not state.isalpha() or not 1 <= len(compact(rest)) <= 25 or f" {state} " not in _ISSUERS:
        raise ValueError("Begin with the two letters of the state, like NY 123 456 789")
    return f"{state} {compact(rest)}"


def us_postcode(text: str) -> str:
    """United States ZIP code, five digits or five and four."""
    number = re.sub(r"\s", "", text)
    match = re.fullmatch(r"(\d{5})-?(\d{4})?", number, re.ASCII)
    if not match:
        raise ValueError("A ZIP code has five digits, or five and four")
    return f"{match[1]}-{match[2]}" if match[2] else match[1]


def nl_postcode(text: str) -> str:
    """Dutch postcode: four digits not beginning with 0, two letters, and never SA, SD or SS."""
    number = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[1-9]\d{3}[A-Z]{2}", number, re.ASCII) or number[4:] in ("SA", "SD", "SS"):
        raise ValueError("A postcode is four digits and two letters, like 1012 AB")
    return f"{number[:4]} {number[4:]}"


def any_postcode(text: str) -> str:
    """A postcode of an unknown country: up to twelve letters, digits, spaces and dashes."""
    number = re.sub(r"\s+", " ", text.strip()).upper()
    if not re.fullmatch(r"[0-9A-Z][0-9A-Z -]{1,11}", number):
        raise ValueError("Use up to twelve letters and digits")
    return number
