"""The rules of DESIGN for templates that a policy without inline script and style asks for."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
SCREENS = sorted(path for path in TEMPLATES.rglob("*.html") if "pdf" not in path.relative_to(TEMPLATES).parts)
STATIC = ROOT / "clinic" / "static"
LONGEST = 150

_JINJA_NOTE = re.compile(r"{#.*?#}", re.DOTALL)
_JINJA = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)
_POST = re.compile(r"<form\b[^>]*\bmethod=[\"']?post\b.*?</form>", re.DOTALL | re.IGNORECASE)
_TOKEN = re.compile(r"form_head\(|csrf_token")
_INCLUDE = re.compile(r"{%-?\s*include\s+'([^']+)'[^%]*%}")
_ICON = re.compile(r"\bicon\(\s*'([^']+)'")


class _Markup(HTMLParser):
    """Collects what the policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style":
            self.faults.append("a <style> element")
        if tag == "script" and "src" not in names:
            self.faults.append("a <script> without src")
        for name, value in attrs:
            if name == "style" or re.fullmatch(r"on[a-z]+", name):
                self.faults.append(f"{name}= on <{tag}>")
            if name.startswith(("hx-on", "data-hx-on")):
                self.faults.append(f"{name} on <{tag}>")
            if (value or "").strip().lower().startswith(("js:", "javascript:")):
                self.faults.append(f"{name} holds script on <{tag}>")
            if name == "hx-trigger" and "[" in (value or ""):
                self.faults.append(f"a filter in hx-trigger on <{tag}>")


def _plain(path: Path) -> str:
    """The markup alone, with Jinja's own parts taken out so that they cannot hide or fake an attribute."""
    return _JINJA.sub("", _JINJA_NOTE.sub("", path.read_text(encoding="utf-8")))


def _whole(path: Path) -> str:
    """A template with what it includes in its place."""
    text = _JINJA_NOTE.sub("", path.read_text(encoding="utf-8"))
    return _INCLUDE.sub(lambda found: _whole(TEMPLATES / found[1]), text)


def _name(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


def test_there_are_templates_to_check() -> None:
    assert len(SCREENS) > 10


@pytest.mark.parametrize("path", SCREENS, ids=_name)
def test_a_template_holds_no_inline_script_or_style(path: Path) -> None:
    markup = _Markup()
    markup.feed(_plain(path))
    assert markup.faults == []


@pytest.mark.parametrize("path", SCREENS, ids=_name)
def test_every_form_that_posts_carries_the_csrf_token(path: Path) -> None:
    text = _whole(path)
    forms = _POST.findall(text)
    opened = re.findall(r"<form\b[^>]*\bmethod=[\"']?post\b", text, re.IGNORECASE)
    assert len(forms) == len(opened), "a posting form is not closed in the same template"
    assert [form[:120] for form in forms if not _TOKEN.search(form)] == []


@pytest.mark.parametrize("path", SCREENS, ids=_name)
def test_a_template_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def _drawn(sprite: str) -> set[str]:
    return set(re.findall(r'<symbol\b[^>]*\bid="([^"]+)"', (STATIC / sprite).read_text(encoding="utf-8")))


def _is_tablet(path: Path) -> bool:
    """Whether it draws from the tablet's sprite: its own pages, and those for patients that take its icons."""
    own = _name(path).startswith(("intake/", "_layout/tablet", "_layout/phone"))
    return own or "from 'intake/_icons.html' import icon" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SCREENS, ids=_name)
def test_every_icon_that_is_asked_for_is_in_the_sprite(path: Path) -> None:
    macro = (TEMPLATES / "_parts" / "icons.html").read_text(encoding="utf-8")
    also = dict(re.findall(r"'([^']+)': '([^']+)'", macro))
    drawn = _drawn("icons.svg")
    assert {name for name in also.values() if name not in drawn} == set()
    if _is_tablet(path):
        drawn |= _drawn("tablet-icons.svg")
    asked = set(_ICON.findall(_JINJA_NOTE.sub("", path.read_text(encoding="utf-8"))))
    assert {name for name in asked if also.get(name, name) not in drawn} == set()


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="color:red">',
        "<p onclick=go()>",
        "<script>go()</script>",
        "<style>p{}</style>",
        '<a hx-on:click="go()">',
        '<a hx-vals="js:{a: 1}">',
        '<a hx-trigger="click[ctrlKey]">',
        '<a href="javascript:go()">',
    ],
)
def test_the_check_sees_what_the_policy_refuses(markup: str) -> None:
    seen = _Markup()
    seen.feed(markup)
    assert seen.faults
