"""What registration gives to the application."""

from __future__ import annotations

from clinic.fhir.registry import ReadModel
from clinic.registration.mapping.rows import (
    project_coverage,
    project_keys,
    project_row,
    project_visit,
    project_words,
)
from clinic.registration.service import writers
from clinic.registration.tables import coverage_number, patient_key, patient_row, patient_visit, patient_word
from clinic.web.slice import Slice

READ_MODELS = (
    ReadModel(patient_row, ("Patient",), project_row),
    ReadModel(patient_word, ("Patient",), project_words),
    ReadModel(patient_key, ("Patient",), project_keys),
    ReadModel(coverage_number, ("Coverage",), project_coverage),
    ReadModel(patient_visit, ("Appointment",), project_visit),
)

slice_ = Slice("registration", read_models=READ_MODELS, writers=writers)
