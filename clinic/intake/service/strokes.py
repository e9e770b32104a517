"""A drawn signature: points from the browser in, a small SVG made here out; nothing else gets through."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

from clinic.core.errors import Invalid
from clinic.core.json import BadJson, loads
from clinic.intake.questionnaire.messages import N_

MOST_POINTS = 6_000
LONGEST = 400_000
FARTHEST = 5_000
LEAST_LENGTH = 40.0
"""Shorter than that (in CSS pixels of a 360 pixel pad) is a dot or a slip of the finger."""

_Point = tuple[float, float]


def svg_of(text: str) -> str:
    """The picture of a signature from signature_pad's points; empty text is no signature.

    Raises Invalid when it is no list of strokes, or is only a dot.
    """
    if not text or text == "[]":
        return ""
    strokes = _strokes(text)
    if not strokes:
        return ""
    length = sum(_length(stroke) for stroke in strokes)
    if length < LEAST_LENGTH:
        raise Invalid(N_("This signature is too short. Please draw it again or type your name."), field="signature")
    return _draw(strokes)


def _strokes(text: str) -> list[list[_Point]]:
    wrong = Invalid(N_("The signature could not be read. Please draw it again or type your name."), field="signature")
    if len(text) > LONGEST:
        raise wrong
    try:
        raw = loads(text)
    except BadJson as error:
        raise wrong from error
    if not isinstance(raw, list):
        raise wrong
    strokes = [_points(one) for one in raw]
    if None in strokes or sum(len(stroke or []) for stroke in strokes) > MOST_POINTS:
        raise wrong
    return [stroke for stroke in strokes if stroke]


def _points(raw: Any) -> list[_Point] | None:
    listed = raw.get("points") if isinstance(raw, dict) else None
    if not isinstance(listed, list):
        return None
    found = [_point(one) for one in listed]
    return None if None in found else [one for one in found if one]


def _point(raw: Any) -> _Point | None:
    pair: tuple[Any, ...] = (raw.get("x"), raw.get("y")) if isinstance(raw, dict) else ()
    numbers = [float(one) for one in pair if isinstance(one, int | Decimal)]
    if len(numbers) != 2 or max(map(abs, numbers)) > FARTHEST:
        return None
    return round(numbers[0], 1), round(numbers[1], 1)


def _length(stroke: list[_Point]) -> float:
    return sum(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 for (x1, y1), (x2, y2) in pairwise(stroke))


def _draw(strokes: list[list[_Point]]) -> str:
    xs = [x for stroke in strokes for x, _ in stroke]
    ys = [y for stroke in strokes for _, y in stroke]
    left, top = min(xs) - 6, min(ys) - 6
    width, height = max(xs) - left + 6, max(ys) - top + 6
    paths = "".join(f'<path d="{_path(stroke, left, top)}"/>' for stroke in strokes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}">'
        '<g fill="none" stroke="#1b2430" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round">'
        f"{paths}</g></svg>"
    )


def _path(stroke: list[_Point], left: float, top: float) -> str:
    moved = [f"{x - left:.1f} {y - top:.1f}" for x, y in stroke]
    return f"M{moved[0]}" + "".join(f"L{one}" for one in moved[1:] or moved)
