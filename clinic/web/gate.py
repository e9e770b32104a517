"""The one input gate: what no request may hold, checked before any view sees it."""

from __future__ import annotations

import re

from flask import Flask, g, has_request_context, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

MEGABYTE = 1024 * 1024
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""What cannot even be shown again."""
_STRICT = ("/access/", "/intake/tablet")
_ODD_IN_LINE = re.compile(_ODD.pattern[:-1] + "\r\n]")


def install(app: Flask) -> None:
    """Limit sizes, and refuse control and bidirectional characters everywhere."""
    app.config.update(
        MAX_CONTENT_LENGTH=24 * MEGABYTE,
        MAX_FORM_MEMORY_SIZE=2 * MEGABYTE,
        MAX_FORM_PARTS=2000,
    )
    app.before_request(check)


def is_odd(text: str) -> bool:
    """Whether a text holds characters that nobody types: controls, direction overrides, half characters."""
    return _ODD.search(text) is not None


def check() -> None:
    """Refuse a request with odd characters in its path, query or form. Raises BadRequest (400).

    A value of a form on a screen may come through to the form, which says it beside the field; `require_told`
    stands before the commit, for a view that has no such form.
    """
    if request.path.startswith(("/fhir", "/oauth")):
        return
    if _ODD_IN_LINE.search(request.path):
        raise BadRequest
    for name, values in request.args.lists():
        if is_odd(name) or any(map(is_odd, values)):
            raise BadRequest
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        g.odd_fields = frozenset(name for name, values in request.form.lists() if any(map(is_odd, values)))
        _require_shown(request.form)


def _require_shown(sent: MultiDict[str, str]) -> None:
    if any(map(is_odd, sent)) or (g.odd_fields and request.path.startswith(_STRICT)):
        raise BadRequest
    if any(_HALF.search(value) for name in g.odd_fields for value in sent.getlist(name)):
        raise BadRequest


def odd_fields() -> frozenset[str]:
    """The fields of the form that was sent whose text holds odd characters."""
    found: frozenset[str] = g.get("odd_fields", frozenset())
    return found


def require_told() -> None:
    """Refuse to write anything from a form with odd characters. Raises BadRequest (400)."""
    if has_request_context() and odd_fields():
        raise BadRequest
