"""Words of one direction inside words of the other."""

from __future__ import annotations

import unicodedata

_FIRST_STRONG, _POP = "\u2068", "\u2069"
_RIGHT = frozenset({"R", "AL", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI", "AN"})


def isolated(text: object, direction: str = "ltr") -> str:
    """A value that keeps its own direction and cannot turn the words around it.

    Plain left-to-right words on a left-to-right page stay as they are.
    """
    words = str(text)
    mixed = direction == "rtl" or any(unicodedata.bidirectional(letter) in _RIGHT for letter in words)
    return f"{_FIRST_STRONG}{words}{_POP}" if words and mixed else words
