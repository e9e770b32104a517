"""How a name sounds, as a short key: two spellings of one sound share it."""

from __future__ import annotations

from functools import lru_cache

import jellyfish


@lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """The metaphone key of a folded Latin word; a word of another script is its own key."""
    if not word.isascii():
        return word[:8]
    return str(jellyfish.metaphone(word)) or word[:4]


@lru_cache(maxsize=65536)
def opening(word: str) -> str:
    """The first three letters: what `fam giv` searches in either order are found by."""
    return word[:3]
