"""How a description becomes searchable words, and how everyday words become those of the classification."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

_APOSTROPHES = str.maketrans("", "", "'\u2019`")
_WORD = re.compile(r"[a-z0-9]+")
_LETTER_NUMBER = re.compile(r"\b([a-z])-(\d+)\b")
DATA = Path(__file__).parent / "data"
LONGEST_QUERY = 120
MOST_WORDS = 8
_LEAST_ALONE = 4


def plain(text: str) -> str:
    """Lower case, without accents and apostrophes."""
    text = text.translate(_APOSTROPHES).casefold()
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def words(text: str) -> list[str]:
    """The plain words of a text in their order; "vitamin b-12" is found by "b12" too."""
    bare = plain(text)
    joined = [letter + number for letter, number in _LETTER_NUMBER.findall(bare)] if "-" in bare else []
    return [*_WORD.findall(bare), *joined]


def query_words(text: str) -> list[str]:
    """The words of something typed, cut to what a person could mean."""
    bare = _LETTER_NUMBER.sub(r"\1\2", plain(text[:LONGEST_QUERY]))
    return list(dict.fromkeys(_WORD.findall(bare)))[:MOST_WORDS]


@cache
def lay_terms() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Everyday words and what the classification calls them, longest first."""
    pairs = []
    for line in (DATA / "lay_terms.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        lay, official = line.split("\t")
        pairs.append((tuple(words(lay)), tuple(words(official))))
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def in_official_words(typed: list[str]) -> list[str] | None:
    """The query with everyday words replaced, or None when it holds none."""
    for lay, official in lay_terms():
        for start in range(len(typed) - len(lay) + 1):
            if tuple(typed[start : start + len(lay)]) == lay:
                rest = [*typed[:start], *typed[start + len(lay) :]]
                return list(dict.fromkeys([*official, *(in_official_words(rest) or rest)]))
    return None


def in_unfinished_lay_terms(typed: list[str]) -> list[list[str]]:
    """The official words of every everyday term that begins with what was typed so far ("high blood")."""
    whole, last = tuple(typed[:-1]), typed[-1]
    if not whole and len(last) < _LEAST_ALONE:
        return []
    place = len(whole)
    found = (
        official
        for lay, official in lay_terms()
        if len(lay) > place and lay[:place] == whole and lay[place].startswith(last)
    )
    return [list(each) for each in dict.fromkeys(found)][:MOST_WORDS]
