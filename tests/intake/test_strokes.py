"""Drawn signatures: points in, our own picture out."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.errors import Invalid
from clinic.intake.service.strokes import MOST_POINTS, svg_of


def strokes(*lines: list[tuple[float, float]]) -> str:
    return json.dumps(
        [{"penColor": "red", "points": [{"x": x, "y": y, "pressure": 0.5} for x, y in line]} for line in lines]
    )


def test_strokes_become_a_small_picture_of_our_own() -> None:
    svg = svg_of(strokes([(10, 10), (60, 40)], [(5.55, 80.123), (90, 20)]))
    assert svg.startswith("<svg ")
    assert svg.count("<path ") == 2
    assert "red" not in svg


@pytest.mark.parametrize("text", ["", "[]", '[{"points": []}]'])
def test_nothing_drawn_is_no_signature(text: str) -> None:
    assert svg_of(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "{}",
        '[{"points": 3}]',
        '[{"points": [{"x": "<svg>", "y": 1}]}]',
        '[{"points": [{"x": 1}]}]',
        '[{"points": [{"x": 1e9, "y": 1}]}]',
        '[{"points": [{"x": NaN, "y": 1}]}]',
        "[" * 5_000,
        strokes([(float(at), 1.0) for at in range(MOST_POINTS + 1)]),
        "x" * 500_000,
    ],
    ids=["words", "object", "number", "markup", "half", "far", "nan", "deep", "many", "endless"],
)
def test_what_is_no_list_of_strokes_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="could not be read"):
        svg_of(text)


def test_a_dot_is_no_signature() -> None:
    with pytest.raises(Invalid, match="too short"):
        svg_of(strokes([(10, 10), (12, 12)]))


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        svg_of(text)
    except Invalid:
        return
