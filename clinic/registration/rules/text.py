"""Which text a name or a line may hold. Names come in every script; hidden and control characters do not."""

from __future__ import annotations

import re
import unicodedata

from clinic.core.errors import Invalid

NAME_LIMIT = 200
LINE_LIMIT = 200

_NAME_MARKS = frozenset(" -'’‘ʼʻ`´.,()/·‐‑־׳״،;&~")
_JOINERS = frozenset("\u200c\u200d")
_HIDDEN = frozenset("\u200b\u200e\u200f\u061c\u2060\ufeff\u00ad")


def clean(text: str) -> str:
    """The text composed (NFC), trimmed, with each run of white space made one blank."""
    return re.sub(r"[ \t\r\n\u00a0\u2000-\u200a\u202f\u3000]+", " ", unicodedata.normalize("NFC", text)).strip()


def read_line(text: str, *, field: str, label: str, limit: int = LINE_LIMIT) -> str:
    """One line of free text. Refuses control, hidden and direction-changing characters and too much text."""
    value = clean(text)
    if len(value) > limit:
        raise Invalid("%(label)s is longer than %(limit)d characters", field=field, label=label, limit=limit)
    for place, character in enumerate(value):
        if _hidden(character, place, value):
            raise Invalid("%(label)s holds a character that cannot be seen; type it again", field=field, label=label)
    return value


def read_name(text: str, *, field: str, label: str) -> str:
    """A name or part of one, in any script. Refuses symbols, emoji and markup, and a name without letters."""
    value = read_line(text, field=field, label=label, limit=NAME_LIMIT)
    if not value:
        return ""
    for character in value:
        if not _in_name(character):
            raise Invalid(
                "%(label)s cannot hold “%(character)s”; use letters, blanks, hyphens and apostrophes",
                field=field,
                label=label,
                character=character,
            )
    if not any(unicodedata.category(character).startswith("L") for character in value):
        raise Invalid("%(label)s has no letter in it", field=field, label=label)
    return value


def _in_name(character: str) -> bool:
    if character in _NAME_MARKS or character in _JOINERS:
        return True
    return unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "Nl")


def _hidden(character: str, place: int, value: str) -> bool:
    if character in _JOINERS:
        return place == 0 or not unicodedata.category(value[place - 1]).startswith(("L", "M", "S"))
    return character in _HIDDEN or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
