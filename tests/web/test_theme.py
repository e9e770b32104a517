"""The tokens: one truth for chosen and automatic themes, readable on every ground, and no raw colour elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "clinic" / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text(encoding="utf-8")
THEMES = {
    "light": r":root \{(.*?)\}",
    "dark": r"\[data-theme=dark\] \{(.*?)\}",
    "contrast": r"\[data-theme=contrast\] \{(.*?)\}",
    "dark by itself": r"prefers-color-scheme: dark\) \{\s*:root:not\(\[data-theme\]\) \{(.*?)\}",
    "contrast by itself": r"prefers-contrast: more\) \{\s*:root:not\(\[data-theme\]\) \{(.*?)\}",
}
DESK_SHEETS = sorted(path for path in CSS.glob("*.css") if path.name not in ("tokens.css", "fonts.css", "tablet.css"))
"""The tablet has tokens of its own, at the head of its sheet."""

TEXT = 4.5
EDGE = 3.0
GROUNDS = ("--surface", "--canvas")


def _theme(name: str) -> dict[str, str]:
    found = re.search(THEMES[name], TOKENS, re.DOTALL)
    assert found, name
    return {key: value.strip() for key, value in re.findall(r"(--[\w-]+|color-scheme):\s*([^;]+);", found[1])}


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _ratio(one: str, other: str) -> float:
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_a_theme_is_the_same_whether_chosen_or_automatic() -> None:
    assert _theme("dark by itself") == _theme("dark")
    assert _theme("contrast by itself") == _theme("contrast")


@pytest.mark.parametrize("name", ["light", "dark", "contrast"])
def test_every_theme_sets_every_colour(name: str) -> None:
    sizes = {"--r", "--r-s", "--r-xs", "--r-l", "--f", "--row", "--ctl", "--slot", "--bar"}
    assert set(_theme("light")) - sizes == set(_theme(name)) - sizes


@pytest.mark.parametrize("name", ["light", "dark", "contrast"])
def test_words_can_be_read_on_their_ground(name: str) -> None:
    t = _theme(name)
    pairs = [
        (ink, ground)
        for ink in ("--ink", "--muted", "--accent-ink")
        for ground in (*GROUNDS, "--sunken", "--accent-weak")
    ]
    pairs += [(f"--{kind}", f"--{kind}-bg") for kind in ("ok", "warn", "danger", "info")]
    pairs += [(f"--{kind}", ground) for kind in ("ok", "warn", "danger", "info") for ground in GROUNDS]
    pairs += [
        ("--on-accent", "--accent"),
        ("--on-accent", "--accent-2"),
        ("--on-danger", "--danger"),
        ("--muted", "--hover"),
    ]
    poor = {pair: round(_ratio(t[pair[0]], t[pair[1]]), 2) for pair in pairs if _ratio(t[pair[0]], t[pair[1]]) < TEXT}
    assert poor == {}


@pytest.mark.parametrize("name", ["light", "dark", "contrast"])
def test_edges_of_fields_and_focus_can_be_seen(name: str) -> None:
    t = _theme(name)
    pairs = [(edge, ground) for edge in ("--field", "--focus") for ground in GROUNDS]
    assert {pair for pair in pairs if _ratio(t[pair[0]], t[pair[1]]) < EDGE} == set()


@pytest.mark.parametrize("sheet", DESK_SHEETS, ids=lambda path: path.name)
def test_sheets_use_tokens_and_logical_sides(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    portrait_tints = re.compile(r"^\.pic\.[^{]*\{.*\}$", re.MULTILINE)
    raw = re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s,)])", portrait_tints.sub("", text))
    assert raw == []
    assert re.findall(r"(?:margin|padding|border)-(?:left|right)\b|[{;]\s*(?:left|right):", text) == []
