"""Reading and writing JSON without changing a single digit.

A price of 105.00 must leave the system as 105.00. The standard library reads it as a float and writes 105.0,
so fractions become Decimal here, and numbers whose spelling a Decimal would change (1.0E2, -0) keep their text.
Reading also refuses what different readers understand differently: NaN, a key given twice, half characters.
"""

from __future__ import annotations

import json
import re
import secrets
from decimal import Decimal
from typing import Any, Self

Json = dict[str, Any]

LONGEST_NUMBER = 1_000
"""Characters of one number; beyond it only an attack is plausible."""

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


class BadJson(ValueError):
    """The text is not JSON that every reader would understand in the same way."""


class Written(Decimal):
    """A number that keeps the way it was written, because Decimal would write it differently (1.0E2, -0)."""

    text: str

    def __new__(cls, text: str) -> Self:
        """Read the number and remember the text."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[type[Written], tuple[str]]:
        return (Written, (self.text,))


def loads(text: str | bytes) -> Any:
    """Read JSON text; fractions become Decimal. Raises BadJson (a ValueError) with the reason."""
    try:
        value = _decoder.decode(text if isinstance(text, str) else text.decode("utf-8"))
    except BadJson:
        raise
    except UnicodeDecodeError as error:
        raise BadJson("The text is not UTF-8.") from error
    except RecursionError as error:
        raise BadJson("The JSON is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise BadJson(f"Not JSON: {error.msg} (line {error.lineno}, column {error.colno}).") from error
    if (b"\\u" if isinstance(text, bytes) else "\\u") in text:  # type: ignore[operator]
        _refuse_half_characters(value)
    return value


def dumps(value: Any) -> str:
    """Write compact JSON, keeping the order of keys and the digits of every Decimal.

    Raises ValueError for NaN and infinity, TypeError for a value that JSON has no form for.
    """
    return _write(value, sort_keys=False)


def canonical(value: Any) -> str:
    """Write JSON with sorted keys, so that equal content is equal text (1.0 and 1.00 stay different)."""
    return _write(value, sort_keys=True)


def _write(value: Any, *, sort_keys: bool) -> str:
    numbers: list[Decimal] = []
    mark = ""

    def stand_in(found: Any) -> str:
        nonlocal mark
        if not isinstance(found, Decimal):
            raise TypeError(f"JSON has no form for {type(found).__name__}.")
        if not found.is_finite():
            raise ValueError("JSON has no form for NaN or infinity.")
        mark = mark or secrets.token_hex(16)
        numbers.append(found)
        return mark

    text = json.dumps(
        value,
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
        sort_keys=sort_keys,
        default=stand_in,
    )
    if not numbers:
        return text
    parts = text.split(f'"{mark}"')
    return "".join(part for pair in zip(parts, map(str, numbers), strict=False) for part in pair) + parts[-1]


def _fraction(text: str) -> Decimal:
    if len(text) > LONGEST_NUMBER:
        raise BadJson(f"A number has more than {LONGEST_NUMBER} characters.")
    number = Decimal(text)
    return number if str(number) == text else Written(text)


def _whole(text: str) -> int | Decimal:
    if len(text) > LONGEST_NUMBER:
        raise BadJson(f"A number has more than {LONGEST_NUMBER} characters.")
    return Written(text) if text == "-0" else int(text)


def _constant(text: str) -> Any:
    raise BadJson(f"{text} is not a JSON number.")


def _object(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise BadJson(f"The key {twice[:80]!r} is given twice in one object.")
    return found


def _refuse_half_characters(value: Any) -> None:
    if isinstance(value, str):
        if _HALF_CHARACTER.search(value):
            raise BadJson("A text holds half of a character (a lone surrogate).")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_half_characters(key)
            _refuse_half_characters(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_half_characters(inner)


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_fraction, parse_int=_whole, parse_constant=_constant
)
