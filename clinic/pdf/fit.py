"""Does an answer fit its box? First at full size, then smaller, then on two lines, then on a further page."""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from clinic.pdf.fonts import ANSWER_FONT, ARABIC_FONT, font_file

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

Step = Literal["", "small", "two", "more"]
FULL, SMALL = 10.0, 8.5
"""Sizes of an answer in points."""
TWO_LINES = 2
_MM = 25.4 / 72
_SAFE = 1.04
"""Room for kerning that measuring letter by letter does not see."""
_UNITS = 100
_UNKNOWN = 0.62
"""Width of a letter in ems when no font can be asked."""
_LEAST_WORDS = 12


@dataclass(frozen=True)
class Fitted:
    """How an answer is set: the step's name is its class in the style sheet; `shown` is what the box holds.

    With the step `more` the box holds the beginning and the whole answer stands on a further page.
    """

    step: Step
    shown: str


@functools.lru_cache(maxsize=2)
def _font(name: str) -> FreeTypeFont | None:
    from PIL import ImageFont

    path = font_file(name)
    return ImageFont.truetype(str(path), _UNITS, layout_engine=ImageFont.Layout.BASIC) if path else None


@functools.lru_cache(maxsize=4096)
def _ems(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    arabic = unicodedata.bidirectional(letter) == "AL"
    font = _font(ARABIC_FONT if arabic else ANSWER_FONT)
    return font.getlength(letter) / _UNITS if font else _UNKNOWN


def width_mm(text: str, points: float = FULL) -> float:
    """How wide a text is in the answers' type, in millimetres; never too narrow."""
    return sum(map(_ems, text)) * points * _MM * _SAFE


def lines_needed(text: str, wide: float, points: float = FULL) -> int:
    """How many lines a text takes in a box of this width in millimetres, broken between words."""
    return sum(_lines(line.split(), wide, points) for line in text.splitlines() or [""])


def _lines(words: list[str], wide: float, points: float) -> int:
    count, used, space = 1, 0.0, width_mm(" ", points)
    for word in words:
        long = width_mm(word, points)
        if used and used + space + long > wide:
            count, used = count + 1, 0.0
        used += (space if used else 0.0) + long
        if used > wide:  # a word longer than the line is broken anywhere
            extra = int(used / wide)
            count, used = count + extra, used - extra * wide
    return count


def fit(text: str, wide: float, lines: int = 1) -> Fitted:
    """How to set an answer in a box `wide` millimetres across and `lines` lines high at full size."""
    text = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
    flat = " ".join(text.split()) if lines == 1 else text
    if lines_needed(flat, wide) <= lines:
        return Fitted("", flat)
    if lines_needed(flat, wide, SMALL) <= lines:
        return Fitted("small", flat)
    most = TWO_LINES if lines == 1 else lines + 1
    if lines_needed(flat, wide, SMALL) <= most:
        return Fitted("two", flat)
    return Fitted("more", _beginning(flat, wide * (1 if lines == 1 else lines - 1) * 0.9))


def _beginning(text: str, room: float) -> str:
    """The first words that fit into so many millimetres at the small size."""
    end, used = 0, 0.0
    for end, letter in enumerate(text):  # noqa: B007 - the place where it stopped
        used += width_mm(letter, SMALL)
        if used > room:
            break
    cut = text[:end].replace("\n", " ")
    words, space, _ = cut.rpartition(" ")
    return words if space and len(words) >= _LEAST_WORDS else cut
