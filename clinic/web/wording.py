"""Words and addresses of templates, kept: a page asks for some hundred of them, and they rarely differ.

What is kept belongs to one application, by language, so that a page pays for looking up and not for making.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property
from typing import Any

from flask import Flask, current_app, g, has_request_context, render_template, request, url_for
from flask_babel import Babel, Domain, get_locale, get_translations
from markupsafe import Markup

from clinic.web.state import state_of

_PLAIN = re.compile(r"[A-Za-z0-9-]+").fullmatch
_MOST = 20_000
"""Kept things of one kind; beyond it they are forgotten and made anew."""
_MOST_PARTS = 400


def install(app: Flask) -> None:
    """Give them to the templates, in place of the slower ones of the same names."""
    said = app.jinja_env.globals["gettext"] = gettext
    app.jinja_env.globals.update(_=said, url_for=address, remembered=remembered)


def gettext(message: str, /, **values: Any) -> Markup:
    """A message in the page's language; values are escaped. `%%` is a per cent sign."""
    table = _table()
    if values:
        found = table.get(message)
        if found is None:
            found = table[message] = Markup(get_translations().ugettext(message))  # noqa: S704 our own words
        return found % values
    key = ("plain", message)
    plain = table.get(key)
    if plain is None:
        plain = table[key] = Markup(get_translations().ugettext(message)) % {}  # noqa: S704 our own words
    return plain


def _table() -> dict[Any, Markup]:
    """What was said so far in the language that is spoken now."""
    if not g:
        return {}
    here = _here()
    kept: tuple[Any, dict[Any, Markup]] | None = here.get("said")
    if kept is not None and kept[0] is _spoken(here):
        return kept[1]
    locale = get_locale()
    table: dict[Any, Markup] = state_of(current_app).extra.setdefault("said", {}).setdefault(str(locale), {})
    if len(table) > _MOST:
        table.clear()
    g.said = (locale, table)
    return table


def _here() -> Any:
    """What Flask's `g` stands for now: asked for once, since the stand-in costs more than what is looked up in it."""
    return g._get_current_object()  # noqa: SLF001 the object behind Flask's proxy


def _spoken(here: Any) -> Any:
    """The language that Flask-Babel has found for this page already, or None; `force_locale` changes it."""
    return getattr(here.get("_flask_babel"), "babel_locale", None)


class Words(Domain):
    """Flask-Babel's catalogues, found once for a page and language instead of for each word."""

    def get_translations(self) -> Any:
        """The catalogue of the language that is spoken now."""
        if not g:
            return super().get_translations()
        here = _here()
        kept = here.get("catalogue")
        if kept is None or kept[0] is None or kept[0] is not _spoken(here):
            found = super().get_translations()
            kept = here.catalogue = (_spoken(here), found)
        return kept[1]


class Languages(Babel):  # type: ignore[misc]
    """Flask-Babel with these catalogues."""

    @cached_property
    def domain_instance(self) -> Words:
        """The catalogues of an application."""
        return Words(domain=self.domain)


def address(endpoint: str, **values: Any) -> str:
    """`url_for`; its pattern is made once for each view and place the application is mounted at.

    Only for values that stand in an address as they are, such as ids and days; all else is left to Flask.
    """
    values = {name: value.isoformat() if type(value) is date else value for name, value in values.items()}
    if endpoint[:1] == "." or not has_request_context() or not all(map(_is_plain, values, values.values())):
        return url_for(endpoint, **values)
    known: dict[tuple[str, ...], str] = state_of(current_app).extra.setdefault("addresses", {})
    key = (request.root_path, endpoint, *values)
    pattern = known.get(key)
    if pattern is None:
        pattern = known[key] = _pattern(endpoint, list(values))
    return pattern % values if pattern else url_for(endpoint, **values)


def _pattern(endpoint: str, names: list[str]) -> str:
    """The address with a place for each value; empty for a view that takes only some values."""
    marks: dict[str, Any] = {name: f"90817263{place:03d}45" for place, name in enumerate(names)}
    try:
        pattern = url_for(endpoint, **marks).replace("%", "%%")
    except ValueError:
        return ""
    for name, mark in marks.items():
        pattern = pattern.replace(mark, f"%({name})s")
    return pattern


def _is_plain(name: str, value: object) -> bool:
    return type(value) is str and name[:1] != "_" and _PLAIN(value) is not None


def remembered(draw: Any) -> Any:
    """A macro whose drawings are kept, for one that makes the same of the same few arguments."""
    drawn: dict[tuple[Any, ...], Any] = {}

    def again(*given: Any, **named: Any) -> Any:
        key = (*given, *named.items())
        found = drawn.get(key)
        if found is None:
            if len(drawn) > _MOST:
                drawn.clear()
            found = drawn[key] = draw(*given, **named)
        return found

    return again


def kept_part(template: str, **lines: Any) -> Markup:
    """A part of a page that is the same for the same lines, in one language; nothing about a patient stands in it."""
    table: dict[tuple[Any, ...], Markup] = state_of(current_app).extra.setdefault("parts", {})
    key = (str(get_locale()), template, request.root_path, tuple(lines.items()))
    found = table.get(key)
    if found is None:
        if len(table) > _MOST_PARTS:
            table.clear()
        found = table[key] = Markup(render_template(template, **lines))  # noqa: S704 our own template
    return found
