"""The JSON forms of FHIR's primitive types (http://hl7.org/fhir/R4/datatypes.html#primitive).

A check gives an empty text when the value is right, else the rest of a sentence that begins with its place.
"""

from __future__ import annotations

import binascii
import re
from calendar import monthrange
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Check = Callable[[Any], str]

LONGEST_TEXT = 1_048_576
"""Characters of a string, by the specification. Base64 content is bounded by the size of the request."""
WIDEST_NUMBER = 300
"""Powers of ten that a decimal may span either way; beyond it arithmetic would fill the memory."""
SHOWN = 60

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_YEAR = r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
_ZONE = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_MONTH = r"-(0[1-9]|1[0-2])"
_DAY = r"-(0[1-9]|[12][0-9]|3[01])"
_SPACE = re.compile(r"\s")


def quoted(value: object) -> str:
    """Show a value in a sentence, shortened; what is inside an object or list is never gone into."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    text = str(value)
    return f'"{text[:SHOWN]}…"' if len(text) > SHOWN else f'"{text}"'


def _text(value: Any) -> str:
    if type(value) is not str:
        return "must be a text (a JSON string)."
    if not value or value.isspace():
        return "is an empty text; leave the element out instead."
    if len(value) > LONGEST_TEXT:
        return f"is longer than {LONGEST_TEXT} characters."
    if _FORBIDDEN.search(value):
        return "holds a control character or half of a character."
    return ""


def _pattern(pattern: str, wanted: str) -> Check:
    matches = re.compile(pattern).fullmatch

    def check(value: Any) -> str:
        return _text(value) or ("" if matches(value) else f"is {quoted(value)}, which is not {wanted}.")

    return check


def _dated(pattern: str, wanted: str) -> Check:
    spelled = _pattern(pattern, wanted)

    def check(value: Any) -> str:
        fault = spelled(value)
        if fault or len(value) < 10 or int(value[8:10]) <= 28:
            return fault
        if int(value[8:10]) > monthrange(int(value[:4]), int(value[5:7]))[1]:
            return f"is {quoted(value)}, a day that does not exist."
        return ""

    return check


def _boolean(value: Any) -> str:
    return "" if type(value) is bool else f"must be true or false without quotation marks, not {quoted(value)}."


def _between(least: int) -> Check:
    def check(value: Any) -> str:
        if type(value) is not int:
            return f"must be a whole number without quotation marks, not {quoted(value)}."
        return "" if least <= value <= 2_147_483_647 else f"is {value}; it must be {least} to 2147483647."

    return check


def _decimal(value: Any) -> str:
    if type(value) is int:
        return "" if -(10**WIDEST_NUMBER) < value < 10**WIDEST_NUMBER else "is too large a number."
    if isinstance(value, float):
        value = Decimal(repr(value))
    if not isinstance(value, Decimal) or not value.is_finite():
        return f"must be a number without quotation marks, not {quoted(value)}."
    return "" if not value or abs(value.adjusted()) <= WIDEST_NUMBER else "is too large or too small a number."


def _base64(value: Any) -> str:
    if type(value) is not str:
        return "must be a text (a JSON string)."
    if not value:
        return "is an empty text; leave the element out instead."
    try:
        binascii.a2b_base64(_SPACE.sub("", value), strict_mode=True)
    except ValueError:
        return "is not base64."
    return ""


_URI = _pattern(r"\S*", "an address (it holds a space)")

CHECKS: dict[str, Check] = {
    "boolean": _boolean,
    "integer": _between(-2_147_483_648),
    "unsignedInt": _between(0),
    "positiveInt": _between(1),
    "decimal": _decimal,
    "string": _text,
    "markdown": _text,
    "xhtml": _text,
    "code": _pattern(r"\S+(\s\S+)*", "a code (it begins, ends or is interrupted by too much space)"),
    "id": _pattern(r"[A-Za-z0-9\-.]{1,64}", "an id (1 to 64 of letters, digits, - and .)"),
    "uri": _URI,
    "url": _URI,
    "canonical": _URI,
    "oid": _pattern(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+", "an OID such as urn:oid:1.2.3"),
    "uuid": _pattern(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "a UUID such as urn:uuid:c757873d-…"),
    "base64Binary": _base64,
    "date": _dated(f"{_YEAR}({_MONTH}({_DAY})?)?", "a date such as 2027-03-09, 2027-03 or 2027"),
    "dateTime": _dated(
        f"{_YEAR}({_MONTH}({_DAY}(T{_TIME}{_ZONE})?)?)?",
        "a date, or a date and time with seconds and zone such as 2027-03-09T10:24:00-05:00",
    ),
    "instant": _dated(
        f"{_YEAR}{_MONTH}{_DAY}T{_TIME}{_ZONE}",
        "a date and time with seconds and zone such as 2027-03-09T15:24:00Z",
    ),
    "time": _pattern(_TIME, "a time with seconds such as 10:24:00"),
}
