"""The one input gate: what no request may hold, checked before any view sees it."""

from __future__ import annotations

import re

from flask import Flask, request
from werkzeug.exceptions import BadRequest

MEGABYTE = 1024 * 1024
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
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
    """Refuse a request with odd characters in its path, query or form. Raises BadRequest (400)."""
    if request.path.startswith(("/fhir", "/oauth")):
        return
    if _ODD_IN_LINE.search(request.path):
        raise BadRequest
    for name, values in request.args.lists():
        if is_odd(name) or any(map(is_odd, values)):
            raise BadRequest
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        for name, values in request.form.lists():
            if is_odd(name) or any(map(is_odd, values)):
                raise BadRequest
