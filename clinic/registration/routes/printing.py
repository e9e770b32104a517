"""What is stuck on, worn or carried: labels, a card and a wristband, each by one key."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import Invalid
from clinic.fhir.store import Store
from clinic.pdf import Printed, print_pdf
from clinic.pdf.render import pdf_response
from clinic.registration.printing import MOST_LABELS, label_of
from clinic.registration.routes import blueprint
from clinic.web.transaction import look


@blueprint.get("/<patient_id>/label")
@requires("print.read")
def label(patient_id: str) -> Response:
    """Labels for the chart or for tubes, as a PDF; `copies` says how many."""
    return _print(patient_id, "label", _("Patient label"), copies=_copies())


@blueprint.get("/<patient_id>/card")
@requires("print.read")
def card(patient_id: str) -> Response:
    """The patient's own card, as a PDF in the size of a bank card."""
    return _print(patient_id, "card", _("Patient card"))


@blueprint.get("/<patient_id>/wristband")
@requires("print.read")
def wristband(patient_id: str) -> Response:
    """A wristband, as a PDF for the band printer."""
    return _print(patient_id, "wristband", _("Wristband"))


def _print(patient_id: str, document: str, title: str, copies: int = 1) -> Response:
    def load(store: Store) -> tuple[Any, Printed]:
        found = label_of(store.read("Patient", patient_id), store)
        store.did("print", document, patient_id)
        return found, Printed(title=title, by=store.actor.name, at=store.now)

    values, printed = look(load)
    return pdf_response(print_pdf(f"{document}.html", printed, label=values, copies=copies), document)


def _copies() -> int:
    asked = request.args.get("copies", "1")
    if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:4]) <= MOST_LABELS):
        raise Invalid("Print between 1 and %(most)s labels at once.", field="copies", most=MOST_LABELS)
    return int(asked)
