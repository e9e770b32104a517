"""The tick sheet of a visit on paper."""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import can, current_actor, requires
from clinic.billing.printing import EncounterForm
from clinic.billing.printing import encounter_form as form_of
from clinic.billing.routes import blueprint
from clinic.fhir.store import Store
from clinic.pdf import Printed, pdf_response, print_pdf
from clinic.registration.printing import label_of
from clinic.web.transaction import look


@blueprint.get("/visits/<encounter_id>/encounter-form")
@requires("print.read")
def encounter_form(encounter_id: str) -> Response:
    """The tick sheet of one visit as a PDF; ticked as coded for those who may see codes."""

    def load(store: Store) -> tuple[EncounterForm, Printed]:
        form = form_of(store, encounter_id, coded=can("billing.read"))
        patient = store.find("Patient", form.patient_id) if form.patient_id else None
        store.did("print", "encounter form", form.patient_id)
        return form, Printed(
            _("Encounter form"), current_actor().name, store.now, code=encounter_id, patient_line=_line(patient, store)
        )

    form, printed = look(load)
    return pdf_response(print_pdf("encounter_form.html", printed, form=form), "encounter-form")


def _line(patient: dict[str, object] | None, store: Store) -> str:
    """Name, birth date and record number for the head of each page."""
    if not patient:
        return ""
    label = label_of(patient, store)
    return " · ".join(part for part in (label.name, label.birth_date, label.record_number) if part)
