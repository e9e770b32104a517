"""What intake gives to the application."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from clinic.fhir.registry import ReadModel
from clinic.intake import tables as t
from clinic.intake.mapping import project_consent, project_response
from clinic.intake.queries import LATELY, lately, waiting_for_desk
from clinic.intake.routes import blueprint
from clinic.intake.service.consent_forms import follow_text
from clinic.intake.service.merging import MERGING
from clinic.web.slice import Nav, PatientPanel, Slice

slice_ = Slice(
    name="intake",
    blueprint=blueprint,
    panels=(PatientPanel("forms", 30, 2, "intake/_panel.html", lately, "intake.read", LATELY),),
    nav=(Nav("intake.forms", _l("Forms"), "form", "f", 40, "intake.read", waiting_for_desk),),
    merging=MERGING,
    listeners={"consent_text_changed": follow_text},
    read_models=(
        ReadModel(t.response_row, ("QuestionnaireResponse",), project_response),
        ReadModel(t.consent_row, ("Consent",), project_consent),
    ),
)
