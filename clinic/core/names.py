"""Names as people search for them."""

from __future__ import annotations

import re
import unicodedata

_PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ħ": "h"}
)
_SPLIT = re.compile(r"[^\w]+", re.UNICODE)


def fold(text: str) -> str:
    """Lower case without diacritics: `García` and `GARCIA` fold to the same text."""
    loose = unicodedata.normalize("NFKD", text.casefold()).casefold()
    bare = "".join(mark for mark in loose if not unicodedata.combining(mark))
    return unicodedata.normalize("NFC", bare.translate(_PLAIN))


def words(text: str) -> list[str]:
    """The folded words of a name; apostrophes join (`O'Dowd` is `odowd`), hyphens part."""
    joined = re.sub(r"['\u2019\u02bc`]", "", fold(text))
    return [word for word in _SPLIT.split(joined) if word]
