"""What a value in a resource means for a search: tokens, texts, ranges and references, told by its shape."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from typing import Any

from clinic.core.names import fold
from clinic.fhir.dates import Span, period_of, span_of
from clinic.fhir.index_tables import LONGEST

ANY_SYSTEM = "*"
"""The system of a plain code or boolean: FHIR fixes it per element, so it matches whichever is asked."""

_NAME_PARTS = ("text", "family", "given", "prefix", "suffix")
_ADDRESS_PARTS = ("text", "line", "city", "district", "state", "postalCode", "country")
_HUGE = 1.7e308


def short(text: str) -> str:
    """The text, or for a very long one its beginning and a digest: still only equal to itself."""
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST - 65] + "#" + sha256(text.encode("utf-8", "replace")).hexdigest()


def tokens(value: Any) -> Iterator[tuple[str, str]]:
    """The (code, system) pairs of a code, Coding, CodeableConcept, Identifier, ContactPoint or boolean.

    A value without a code gives one pair of empty texts, so that `:missing` knows it is there.
    """
    if isinstance(value, bool):
        yield ("true" if value else "false"), ANY_SYSTEM
    elif isinstance(value, str | int | Decimal):
        yield short(str(value)), ANY_SYSTEM
    elif isinstance(value, dict):
        yield from _tokens_of(value)


def _tokens_of(value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "url" in value:
        yield from _tokens_of_extension(value)
        return
    codings = [one for one in _list(value.get("coding")) if isinstance(one, dict)]
    pairs = [(one.get("code"), one.get("system")) for one in codings]
    if not codings:
        pairs = [(value.get("code", value.get("value")), value.get("system"))]
    for code, system in pairs:
        yield short(_text(code)), short(_text(system))


def _tokens_of_extension(value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The value of an extension, its address as the system."""
    for name, inner in value.items():
        if name.startswith("value"):
            yield from ((code, short(_text(value["url"]))) for code, _system in tokens(inner))


def shown(value: Any) -> Iterator[str]:
    """The words that people see with a token: text and display names, for `:text`."""
    if isinstance(value, dict):
        for one in (value, value.get("type"), *_list(value.get("coding"))):
            if isinstance(one, dict):
                yield from (one[key] for key in ("text", "display") if isinstance(one.get(key), str))


def typed_tokens(value: Any) -> Iterator[tuple[str, str]]:
    """(type code | value, type system) of an Identifier, for `:of-type`."""
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, dict) and isinstance(value.get("value"), str):
        for code, system in tokens(kind):
            yield short(f"{code}|{value['value']}"), system


def texts(value: Any) -> Iterator[str]:
    """The texts of a string, HumanName, Address or CodeableConcept."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        if "family" in value or "given" in value:
            yield from _name(value)
        names = _ADDRESS_PARTS if _is_address(value) else (*_NAME_PARTS, "display", "value")
        for key in names:
            yield from (one for one in _list(value.get(key)) if isinstance(one, str))
        yield from (text for coding in _list(value.get("coding")) for text in texts(coding))


def _name(value: dict[str, Any]) -> Iterator[str]:
    parts = [*_list(value.get("given")), *_list(value.get("family"))]
    whole = " ".join(one for one in parts if isinstance(one, str))
    if whole and len(parts) > 1:
        yield whole


def _is_address(value: dict[str, Any]) -> bool:
    return any(key in value for key in ("line", "city", "postalCode", "state", "country", "district"))


def folded(text: str) -> str:
    """A text as it is compared: no case, no accents, single spaces, cut."""
    return " ".join(fold(text[: 4 * LONGEST]).split())[:LONGEST]


def spans(value: Any) -> Iterator[Span]:
    """The ranges of a date, Period or Timing; what cannot be read gives none."""
    if isinstance(value, str):
        try:
            yield span_of(value)
        except ValueError:
            return
    elif isinstance(value, dict):
        found = period_of(value)
        if found is not None:
            yield found
        repeat = value.get("repeat")
        inner = [*_list(value.get("event")), repeat.get("boundsPeriod") if isinstance(repeat, dict) else None]
        for one in inner:
            yield from spans(one)


def references(value: Any) -> Iterator[tuple[str, str]]:
    """(type, id) of a Reference to a record here, or ("", URL) of one elsewhere or of a canonical."""
    if isinstance(value, dict):
        value = value.get("reference") or value.get("url") or ""
    if not isinstance(value, str):
        return
    if "|" in value:
        yield "", short(value)
    yield place(value)


def place(text: str) -> tuple[str, str]:
    """Where a reference text points: (type, id), or ("", URL without its version)."""
    bare = text.split("/_history/", maxsplit=1)[0]
    if ":" not in bare and bare.count("/") == 1:
        type_, _, id_ = bare.partition("/")
        if type_ and id_ and len(id_) <= LONGEST and len(type_) <= 64:
            return type_, id_
    return "", short("" if text.startswith("#") else bare.split("|")[0])


def amounts(value: Any) -> Iterator[tuple[float, float, str, str]]:
    """(low, high, system, code) of a number, Quantity, Money or Range."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        yield _float(value), _float(value), "", ""
    elif isinstance(value, dict):
        low, high = value.get("low"), value.get("high")
        if isinstance(low, dict) or isinstance(high, dict):
            ends = [one if isinstance(one, dict) else {} for one in (low, high)]
            unit = ends[0] or ends[1]
            yield _float(ends[0].get("value"), -_HUGE), _float(ends[1].get("value"), _HUGE), *_unit(unit)
        elif isinstance(value.get("value"), int | float | Decimal):
            number = _float(value["value"])
            yield number, number, *_unit(value)


def _unit(value: dict[str, Any]) -> tuple[str, str]:
    code = value.get("code") or value.get("currency") or value.get("unit")
    return short(_text(value.get("system"))), short(_text(code))


def _float(value: Any, default: float = 0.0) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return default
    try:
        return max(-_HUGE, min(_HUGE, float(value)))
    except OverflowError:
        return _HUGE if value > 0 else -_HUGE


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
