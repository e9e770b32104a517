"""Small parts of an item: texts, options, limits and typed values."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from clinic.core.json import Json
from clinic.intake.questionnaire import extensions as ext
from clinic.intake.questionnaire.model import Limits, Option, Text, Value
from clinic.intake.questionnaire.valuesets import options_of

_TYPES: dict[str, tuple[type[Any], ...]] = {
    "Boolean": (bool,), "Decimal": (Decimal, int), "Integer": (int,), "Date": (str,), "DateTime": (str,),
    "Time": (str,), "String": (str,), "Uri": (str,), "Code": (str,), "Attachment": (dict,), "Coding": (dict,),
    "Quantity": (dict,), "Reference": (dict,),
}  # fmt: skip


def listed(holder: Any, key: str) -> list[Json]:
    """The objects in a list, or none when there is no list."""
    found = holder.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def typed(holder: Json, stem: str = "value") -> Value | None:
    """The value[x] (or answer[x]) of an object when its JSON type fits its name, else None."""
    for suffix, types in _TYPES.items():
        found: Any = holder.get(stem + suffix)
        if isinstance(found, types) and (suffix == "Boolean" or not isinstance(found, bool)):
            return found  # type: ignore[no-any-return]
    return None


def text_of(holder: Any, key: str) -> Text:
    """A text with its translations (`_key` carries them)."""
    said = holder.get(key)
    words: dict[str, str] = {}
    for extension in ext.every(holder.get("_" + key), ext.TRANSLATION):
        language, content = ext.first(extension, "lang"), ext.first(extension, "content")
        if isinstance(language, str) and isinstance(content, str):
            words[language] = content
    return Text(said if isinstance(said, str) else "", words)


def control_of(raw: Json) -> str:
    """The code of itemControl; a display with a category is what its category says."""
    return ext.code_of(ext.first(raw, ext.ITEM_CONTROL))


def options_for(raw: Json, kind: str, contained: dict[str, Json]) -> tuple[Option, ...] | None:
    """The permitted answers: listed, or of a value set; None when the value set is not known."""
    listed = raw.get("answerOption")
    if isinstance(listed, list) and listed:
        found = (_option(one) for one in listed if isinstance(one, dict))
        return tuple(option for option in found if option)
    address = raw.get("answerValueSet")
    if not isinstance(address, str) or kind in ("group", "display"):
        return ()
    return options_of(address, contained)


def _option(raw: Json) -> Option | None:
    value = typed(raw)
    if value is None:
        return None
    text = text_of(value, "display") if isinstance(value, dict) else Text(str(value))
    if isinstance(value, str):
        text = text_of(raw, "valueString") or text
    if not text and isinstance(value, dict):
        text = Text(str(value.get("code", "")))
    score = ext.first(raw, ext.ORDINAL)
    if score is None:
        score = ext.first(raw, ext.ITEM_WEIGHT)
    if score is None and isinstance(value, dict):
        score = ext.first(value, ext.ORDINAL)
    return Option(
        value=value,
        text=text,
        prefix=str(ext.first(raw, ext.OPTION_PREFIX) or ""),
        score=Decimal(score) if isinstance(score, Decimal | int) else None,
        exclusive=ext.first(raw, ext.OPTION_EXCLUSIVE) is True,
        initial=raw.get("initialSelected") is True,
    )


def limits_of(raw: Json) -> Limits:
    """Every limit that the form sets on an answer."""
    longest = raw.get("maxLength")
    size = ext.first(raw, ext.MAX_SIZE)
    mime = tuple(str(ext.value_of(extension)) for extension in ext.every(raw, ext.MIME_TYPE))
    return Limits(
        max_length=longest if isinstance(longest, int) else None,
        min_length=_whole(ext.first(raw, ext.MIN_LENGTH)),
        least=_bound(ext.first(raw, ext.MIN_VALUE)),
        most=_bound(ext.first(raw, ext.MAX_VALUE)),
        decimals=_whole(ext.first(raw, ext.DECIMAL_PLACES)),
        pattern=_pattern(ext.first(raw, ext.REGEX)),
        min_occurs=_whole(ext.first(raw, ext.MIN_OCCURS)),
        max_occurs=_whole(ext.first(raw, ext.MAX_OCCURS)),
        mime=mime,
        max_bytes=int(size * 1_000_000 if size <= 100 else size) if isinstance(size, Decimal | int) else None,
    )


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _bound(value: Any) -> Value | None:
    return value if isinstance(value, int | Decimal | str) and not isinstance(value, bool) else None


def _pattern(value: Any) -> str:
    """A regular expression that is short, valid and cannot run away (no repetition of a repetition)."""
    if not isinstance(value, str) or len(value) > 300 or re.search(r"[+*}]\)?[+*{]|[+*]\)[+*{]", value):
        return ""
    try:
        re.compile(value)
    except re.error:
        return ""
    return value
