"""Reading the content of a request: JSON that every reader would understand in the same way, and no more of it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from clinic.core.json import BadJson, loads
from clinic.fhir_api.errors import Refused

DEEPEST = 100
_LONGEST_WHOLE = 2**63
_ODD = re.compile("[\x00\ud800-\udfff]")


def read_json(raw: bytes) -> Any:
    """The value of a request's content. Raises Refused (400) with the reason."""
    if not raw.strip():
        raise Refused(400, "The request has no content.", "http.body", "structure")
    try:
        value = loads(raw.removeprefix(b"\xef\xbb\xbf"))
        _check(value, "", 0)
    except BadJson as error:
        raise Refused(400, str(error), "http.body", "structure") from None
    except RecursionError:
        raise Refused(400, "The JSON is nested too deeply.", "http.body", "too-costly") from None
    return value


def _check(value: Any, where: str, depth: int) -> None:
    """Refuse what no database keeps: endless depth, NUL and half characters, whole numbers beyond 64 bits."""
    if depth > DEEPEST:
        raise Refused(400, f"The JSON is nested more than {DEEPEST} deep.", where, "too-costly")
    if isinstance(value, str):
        if _ODD.search(value):
            raise Refused(400, "A text holds a NUL or half of a character.", where, "value")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key, where, depth)
            _check(inner, f"{where}.{key}".lstrip(".") if depth < 12 else where, depth + 1)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            _check(inner, f"{where}[{at}]" if depth < 12 else where, depth + 1)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        _check_number(value, where)


def _check_number(value: int | Decimal, where: str) -> None:
    if isinstance(value, int) and not -_LONGEST_WHOLE <= value < _LONGEST_WHOLE:
        raise Refused(400, "A whole number is larger than 64 bits.", where, "value")
    if isinstance(value, Decimal) and abs(value.adjusted()) > 400:
        raise Refused(400, "A number is out of every range.", where, "value")
