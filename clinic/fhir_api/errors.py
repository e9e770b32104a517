"""Every refusal of the FHIR interface as an OperationOutcome that names the element."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException

from clinic.core.errors import ClinicError, Conflict, Gone, Stale
from clinic.core.json import Json, dumps

log = structlog.get_logger()
MEDIA_TYPE = "application/fhir+json; charset=utf-8"
MOST_ISSUES = 100
_STATUS = {"missing": 404, "conflict": 409, "invalid": 422, "forbidden": 403}
_CODES = {
    400: "invalid", 401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported", 406: "not-supported",
    409: "conflict", 410: "deleted", 412: "conflict", 413: "too-long", 415: "not-supported", 422: "processing",
    429: "throttled", 503: "transient",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """One issue of an OperationOutcome: an issue-type code, a plain sentence, the element it is about."""

    code: str
    text: str
    expression: str = ""
    severity: str = "error"


class Refused(Exception):
    """A request that the interface itself refuses, with its HTTP status."""

    def __init__(self, status: int, text: str, expression: str = "", code: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.faults: tuple[Fault, ...] = (Fault(code or _CODES[status], text, expression),)
        self.headers: dict[str, str] = {}


def outcome(faults: Iterable[Fault]) -> Json:
    """An OperationOutcome of one or more faults."""
    issues = [_issue(fault) for fault in faults][:MOST_ISSUES]
    return {"resourceType": "OperationOutcome", "issue": issues or [_issue(_FINE)]}


_FINE = Fault("informational", "Everything is as it should be.", severity="information")


def _issue(fault: Fault) -> Json:
    issue: Json = {"severity": fault.severity, "code": fault.code, "diagnostics": _clean(fault.text)}
    if _clean(fault.expression):
        issue["expression"] = [_clean(fault.expression)]
    return issue


def _clean(text: str) -> str:
    """Text of a request may hold what a FHIR string must not."""
    kept = "".join(sign if sign.isprintable() else " " for sign in text[:1000])
    return " ".join(kept.encode("utf-8", "replace").decode("utf-8").split())


def status_of(error: ClinicError) -> int:
    """The HTTP status of an error of the record store."""
    return 410 if isinstance(error, Gone) else _STATUS[error.kind]


def faults_of(error: ClinicError, *, within: str = "") -> list[Fault]:
    """The faults of an error, each with its element; `within` is put in front of each (a bundle's entry)."""
    issues: Sequence[Any] = getattr(error, "issues", ())
    if issues:
        return [Fault(one.code, one.diagnostics, _under(within, one.expression), one.severity) for one in issues]
    code = _CODES[status_of(error)] if not isinstance(error, Conflict | Stale) else "conflict"
    code = "business-rule" if error.kind == "invalid" else code
    texts = [(detail.field, detail.message) for detail in error.details] or [(error.field, "")]
    first = str(error)
    return [Fault(code, f"{first} {more}".strip(), _under(within, field)) for field, more in texts]


def _under(within: str, expression: str) -> str:
    return f"{within}.{expression}" if within and expression else within or expression


def as_refused(error: Exception, *, within: str = "") -> Refused:
    """Any foreseen error as a refusal, named within a bundle's entry; raises what is not foreseen."""
    if isinstance(error, ClinicError):
        made = Refused(status_of(error), str(error))
        made.faults = tuple(faults_of(error, within=within))
        return made
    if isinstance(error, Refused):
        if within:
            error.faults = tuple(
                Fault(one.code, one.text, _under(within, one.expression), one.severity) for one in error.faults
            )
        return error
    raise error


def install(blueprint: Blueprint) -> None:
    """Answer every error inside the interface with an OperationOutcome."""
    blueprint.register_error_handler(Refused, _refused)
    blueprint.register_error_handler(ClinicError, lambda error: _refused(as_refused(error)))
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.register_error_handler(OperationalError, _busy)
    blueprint.register_error_handler(DBAPIError, _database)
    blueprint.register_error_handler(RecursionError, _too_deep)


def answer(status: int, faults: Iterable[Fault], headers: dict[str, str] | None = None) -> Response:
    """An HTTP answer with an OperationOutcome."""
    return Response(dumps(outcome(faults)), status, headers, content_type=MEDIA_TYPE)


def _refused(error: Refused) -> Response:
    return answer(error.status, error.faults, error.headers)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    text = error.description or error.name
    made = answer(status, [Fault(_CODES.get(status, "processing"), text)])
    for name, value in error.get_headers():
        if name.lower() in ("allow", "www-authenticate", "retry-after"):
            made.headers[name] = value
    return made


def _busy(error: OperationalError) -> Response:
    log.warning("database_busy", path=request.path, error=type(error.orig).__name__)
    text = "The database did not answer in time. Nothing was changed; please try again."
    return answer(503, [Fault("transient", text)], {"Retry-After": "2"})


def _database(error: DBAPIError) -> Response:
    log.error("database_refused", path=request.path, error=type(error.orig).__name__)
    return answer(422, [Fault("processing", "The database cannot keep a value of this request.")])


def _too_deep(_error: RecursionError) -> Response:
    return answer(400, [Fault("too-costly", "The content is nested too deeply.")])


def unforeseen() -> Response:
    """The answer to a fault of our own; the log holds the rest."""
    return answer(500, [Fault("exception", "Something went wrong on our side. Nothing was half-written.")])
