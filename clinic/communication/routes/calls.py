"""The call log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.communication import service
from clinic.communication.forms.calls import OUTCOMES, REASONS, CallForm, ReturnForm
from clinic.communication.queries import calls as queries
from clinic.communication.rules import HOT_AFTER
from clinic.core.errors import ClinicError, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.queries.merges import person_in_use
from clinic.registration.rules.consents import LABELS
from clinic.registration.service.consents import answers
from clinic.registration.words import consent_name
from clinic.web.respond import go, page, shown_mark, toast, unchanged
from clinic.web.transaction import look, once, transact

blueprint = Blueprint("communication", __name__)
PAGE = 30


@blueprint.get("/calls")
@requires("communication.read")
def calls() -> Response:
    """The log with its search, and a form for the call in hand."""
    form = CallForm.of_request(patient=request.args.get("patient", ""), number=request.args.get("number", ""))
    return page("communication/calls.html", **look(lambda store: _values(store, form)))


@blueprint.post("/calls")
@requires("communication.write")
def log_call() -> Response:
    """Keep a call."""
    form = CallForm.of_request()
    if form.validate():
        try:
            transact(lambda store: once(store, str(form.once.data), lambda: service.log_call(store, form.call())))
        except ClinicError as error:
            form.show(error)
        else:
            toast(_("The call is logged"))
            return go(url_for("communication.calls"))
    return page("communication/calls.html", 422, **look(lambda store: _values(store, form)))


@blueprint.get("/calls/to-return")
@requires("communication.read")
def to_return() -> Response:
    """The calls that wait, as a tile; nothing for a screen that shows them already."""
    values = look(_waiting)
    return page("communication/_to_return.html", **values) if values else unchanged()


@blueprint.post("/calls/<call_id>/returned")
@requires("communication.write")
def returned(call_id: str) -> Response:
    """Somebody called back."""
    form = ReturnForm.of_request()
    if not form.validate():
        raise Invalid(next(str(error) for field in form for error in field.errors))
    note, version = str(form.note.data or ""), form.loaded_version
    call = transact(lambda store: service.call_returned(store, call_id, note=note, version=version))
    toast(_("Called back"), url_for("communication.undo", call_id=call_id, version=call["meta"]["versionId"]))
    return go(url_for("communication.calls", show="open"))


@blueprint.post("/calls/<call_id>/undo/<int:version>")
@requires("communication.write")
def undo(call_id: str, version: int) -> Response:
    """The call waits again."""
    if not ReturnForm.of_request().validate():
        raise Invalid("The request could not be understood. Nothing was changed.")
    transact(lambda store: service.reopen(store, call_id, version=version))
    toast(_("The call waits again"))
    return go(url_for("communication.calls", show="open"))


def _waiting(store: Store) -> dict[str, Any]:
    mark = queries.mark_to_return(store)
    if shown_mark() == mark:
        return {}
    rows = queries.to_return(store)
    for row in rows:
        store.saw_in_list(row.patient_id, "calls to return")
    late = {row.id for row in rows if row.due is not None and store.now > row.due}
    return {
        "rows": rows,
        "late": late,
        "hot_after": HOT_AFTER,
        "reasons": dict(REASONS),
        "total": len(rows),
        "mark": mark,
    }


def _values(store: Store, form: CallForm) -> dict[str, Any]:
    q, show = request.args.get("q", "")[:100], request.args.get("show", "")
    number = min(max(1, request.args.get("page", 1, type=int)), 100_000)
    rows, total = queries.calls(store, text=q, only_open=show == "open", limit=PAGE, offset=(number - 1) * PAGE)
    patient_id = str(form.patient.data or "")
    patient = person_in_use(store, patient_id)
    for row in rows:
        store.saw_in_list(row.patient_id, "call log")
    return {
        "form": form,
        "return_form": ReturnForm(),
        "rows": rows,
        "total": total,
        "q": q,
        "show": show,
        "number": number,
        "first": (number - 1) * PAGE + 1,
        "patient": patient,
        "closed_ways": _closed_ways(store, patient_id) if patient and not patient.closed else [],
        "reasons": dict(REASONS),
        "outcomes": dict(OUTCOMES),
        "late": {row.id for row in rows if row.open and row.due is not None and store.now > row.due},
    }


def _closed_ways(store: Store, patient_id: str) -> list[tuple[str, str]]:
    """The ways in which this patient must not be reached, each with the reason."""
    found = answers(store, patient_id)
    return [(consent_name(LABELS[way]), str(_(one.why))) for way, one in found.items() if not one.allowed]


def log_of(_store: Store, _patient_id: str, found: Sequence[tuple[Any, ...]]) -> Json:
    """The last calls of a patient, for the tile on their page."""
    rows = [queries.CallRow(*row) for row in found]
    return {"rows": rows, "reasons": dict(REASONS), "outcomes": dict(OUTCOMES)}
