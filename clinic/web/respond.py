"""Answers that work with and without script."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from clinic.access.guard import is_background

_TOAST = "_toast"


def is_fragment() -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def go(url: str) -> AnyResponse:
    """After a successful write: show another page."""
    if is_fragment():
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url, 303)


def toast(message: str, undo_url: str | None = None) -> None:
    """Say what happened on the next page, with Undo for a minute where there is one."""
    session[_TOAST] = {"message": message, "undo_url": undo_url}


def take_toast() -> dict[str, Any] | None:
    """The toast to show now, once."""
    return session.pop(_TOAST, None) if _TOAST in session else None


def shown_mark() -> str:
    """The mark of what the screen that renews itself shows already; empty when a person asks."""
    return request.headers.get("If-None-Match", "").strip('"') if is_background() else ""


def unchanged() -> AnyResponse:
    """The answer to a screen that shows it all already."""
    return Response(status=204)


def page(template: str, status: int = 200, **values: Any) -> AnyResponse:
    """A rendered template with a status."""
    return Response(render_template(template, **values), status=status, mimetype="text/html")
