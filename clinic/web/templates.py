"""The templates' environment: Flask's own, with less work for each part that a page is made of."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from flask import current_app
from flask.templating import Environment
from markupsafe import Markup


class Templates(Environment):
    """Flask's environment, whose templates share its globals as they are.

    Jinja lays an empty layer over them for each template, through which every imported macro and every part is
    looked up again; a page of forty macros spends a tenth of its time there. Nothing here gives one template
    globals of its own; where somebody does, Jinja's own way is used.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template."""
        return super().make_globals(d) if d else self.globals


def draw_part(template: str, values: dict[str, Any]) -> Markup:
    """A part of a page with its values; `frame_values` among them, which a page of many parts makes once."""
    drawn = current_app.jinja_env.get_template(template).render(values)
    return Markup(drawn)  # noqa: S704 our own template, escaped by Jinja


def frame_values() -> dict[str, Any]:
    """What Flask and our context processors give every template."""
    values: dict[str, Any] = {}
    current_app.update_template_context(values)
    return values
