"""Words that are one letter off: what somebody meant who struck one key too many, too few, or the wrong one."""

from __future__ import annotations

from collections.abc import Iterator

_SCRIPTS = {
    "latin": "abcdefghijklmnopqrstuvwxyz",
    "greek": "αβγδεζηθικλμνξοπρστυφχψω",
    "cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяєіїґ",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "hebrew": "אבגדהוזחטיכלמנסעפצקרשת",
}
_SHORTEST, _LONGEST = 4, 14
"""Shorter words are one letter from half the register; in longer ones a slip is rare, and the list would be long."""


def near_words(word: str) -> list[str]:
    """Every word that is one letter off from a folded word: left out, too many, another, or two swapped.

    Some 400 for seven Latin letters; none for a word of fewer than four letters, of more than fourteen, or of a
    script whose letters are not known here (Chinese names are not spelt).
    """
    letters = next((letters for letters in _SCRIPTS.values() if word and word[0] in letters), "")
    if not letters or not _SHORTEST <= len(word) <= _LONGEST:
        return []
    return [near for near in dict.fromkeys(_near(word, letters)) if near != word]


def _near(word: str, letters: str) -> Iterator[str]:
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        if after:
            yield before + after[1:]
        for letter in letters:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
