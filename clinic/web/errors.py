"""Errors as pages: what happened, what was kept, what to do next."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import structlog
from flask import Flask, Response, current_app, render_template, request
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from clinic.core.errors import ClinicError, Gone, Moved
from clinic.web.forms import said, translated
from clinic.web.respond import go, is_fragment, toast

log = structlog.get_logger()
_ANSWERS = "clinic_unforeseen"
STATUS = {"missing": 404, "conflict": 409, "invalid": 422, "forbidden": 403}


def install(app: Flask) -> None:
    """Answer every error of the screens with a page or a fragment."""
    app.register_error_handler(ClinicError, _clinic)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(Exception, _unforeseen)


def answer_under(app: Flask, prefix: str, answer: Callable[[], Response]) -> None:
    """Let another part answer what nobody foresaw under its own addresses, in its own form."""
    app.extensions.setdefault(_ANSWERS, {})[prefix] = answer


def status_of(error: ClinicError) -> int:
    """The HTTP status of an error."""
    return 410 if isinstance(error, Gone) else STATUS[error.kind]


def _clinic(error: ClinicError) -> Response:
    if isinstance(error, Moved) and request.method in ("GET", "HEAD"):
        return _moved(error)
    return _page(status_of(error), translated(error), [said(detail) for detail in error.details])


def _moved(error: Moved) -> Response:
    """A page of a record that was merged is the same page of the record that it is part of now."""
    address = request.full_path.removesuffix("?").replace(error.old, error.new)
    toast(_("That record was merged: this is where everything about the person is now"))
    return go(address)  # type: ignore[return-value]


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    code = error.code or 500
    answer = _page(code, _explanations().get(code, _("The request could not be understood.")), [])
    for name, value in error.get_headers():
        if name.lower() in ("allow", "www-authenticate", "retry-after"):
            answer.headers[name] = value
    return answer


def _busy(error: OperationalError) -> Response:
    log.warning("database_busy", path=request.path, error=type(error.orig).__name__)
    answer = _page(503, _("The database did not answer in time. Nothing was changed; please try again."), [])
    answer.headers["Retry-After"] = "2"
    return answer


def _unforeseen(error: Exception) -> Response:
    log.error("unforeseen", endpoint=request.endpoint, error=type(error).__name__, where=where_of(error))
    for prefix, answer in current_app.extensions.get(_ANSWERS, {}).items():
        if request.path.startswith(prefix):
            return answer()
    return _page(InternalServerError.code, _explanations()[500], [])


def where_of(error: BaseException) -> str:
    """The lines that led to an error, without any value: what was in hand may be a patient's."""
    steps = traceback.extract_tb(error.__traceback__)
    return " > ".join(f"{Path(step.filename).name}:{step.lineno} {step.name}" for step in steps[-8:])


def _explanations() -> dict[int, str]:
    return {
        400: _("The request could not be understood. Nothing was changed."),
        401: _("Please sign in first. What you typed is kept."),
        403: _("Your role does not allow this."),
        404: _("There is no such page or record."),
        405: _("This address does not take this kind of request."),
        408: _("The request took too long to arrive. Nothing was changed."),
        409: _("Somebody else was first. Nothing was overwritten."),
        413: _("This is larger than what can be taken. Nothing was changed."),
        415: _("This kind of file or content cannot be taken."),
        429: _("Too many requests from this place; please wait a moment."),
        500: _("Something went wrong on our side. Nothing was half-written; please try again."),
        503: _("The server is busy. Nothing was changed; please try again in a moment."),
    }


def _page(status: int, message: str, details: list[str]) -> Response:
    template = "errors/fragment.html" if is_fragment() else "errors/error.html"
    body = render_template(template, status=status, message=message, details=details)
    return Response(body, status=status, mimetype="text/html")
