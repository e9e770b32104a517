"""What intake gives to the application."""

from __future__ import annotations

from clinic.fhir.registry import ReadModel
from clinic.intake import tables as t
from clinic.intake.mapping import project_consent, project_response
from clinic.intake.routes import blueprint
from clinic.web.slice import Slice

slice_ = Slice(
    name="intake",
    blueprint=blueprint,
    read_models=(
        ReadModel(t.response_row, ("QuestionnaireResponse",), project_response),
        ReadModel(t.consent_row, ("Consent",), project_consent),
    ),
)
