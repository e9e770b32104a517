"""What registration gives to the application."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from clinic.access.restricted import project_restricted
from clinic.access.tables import restricted_record
from clinic.fhir.params import Param
from clinic.fhir.registry import ReadModel
from clinic.registration.mapping.consents import project_signed
from clinic.registration.mapping.documents import document_rows
from clinic.registration.mapping.evidence import evidence_rows
from clinic.registration.mapping.family import project_beside, project_household, project_links
from clinic.registration.mapping.flags import project_flag
from clinic.registration.mapping.own import OWN, project_own_field, project_own_values
from clinic.registration.mapping.rows import (
    project_coverage,
    project_keys,
    project_row,
    project_visit,
    project_words,
)
from clinic.registration.mapping.said import project_said, project_unfinished
from clinic.registration.routes import blueprint
from clinic.registration.routes.documents import DOCUMENTS
from clinic.registration.routes.shown import panels_of
from clinic.registration.routes.still_right import PANEL
from clinic.registration.service import writers
from clinic.registration.service.changes import changed_patient
from clinic.registration.service.duplicates import PAIRS
from clinic.registration.service.merge_upkeep import MERGES
from clinic.registration.service.past import PAST
from clinic.registration.service.payers import PAYERS
from clinic.registration.service.restricting import follow_merge
from clinic.registration.tables import (
    beside_row,
    consent_row,
    coverage_number,
    document_row,
    field_evidence,
    flag_row,
    household_row,
    own_field,
    own_value,
    patient_key,
    patient_row,
    patient_said,
    patient_visit,
    patient_word,
    person_link,
    unfinished_row,
)
from clinic.web.slice import Nav, Slice

READ_MODELS = (
    ReadModel(patient_row, ("Patient",), project_row),
    ReadModel(patient_word, ("Patient",), project_words),
    ReadModel(patient_key, ("Patient",), project_keys),
    ReadModel(patient_said, ("Patient",), project_said),
    ReadModel(unfinished_row, ("Patient",), project_unfinished),
    ReadModel(coverage_number, ("Coverage",), project_coverage),
    ReadModel(beside_row, ("RelatedPerson", "Account"), project_beside),
    ReadModel(field_evidence, ("Provenance",), evidence_rows),
    ReadModel(person_link, ("Person",), project_links),
    ReadModel(household_row, ("Group",), project_household),
    ReadModel(own_field, ("StructureDefinition",), project_own_field),
    ReadModel(own_value, ("Patient",), project_own_values),
    ReadModel(patient_visit, ("Appointment",), project_visit),
    ReadModel(document_row, ("DocumentReference",), document_rows),
    ReadModel(restricted_record, ("Patient",), project_restricted),
    ReadModel(flag_row, ("Flag",), project_flag),
    ReadModel(consent_row, ("Consent",), project_signed),
)

slice_ = Slice(
    "registration",
    blueprint=blueprint,
    params=(Param("Patient", "own", "token", f"extension[url^={OWN}]"),),
    read_models=READ_MODELS,
    writers=writers,
    witnesses={"Patient": changed_patient},
    merging=PAYERS,
    upkeep=(PAST, PAIRS, MERGES),
    listeners={"patient_merged": follow_merge},
    panels=(*panels_of(), DOCUMENTS, PANEL),
    actions=(
        (_l("Register a family"), "registration.register_family", "people", "patients.write"),
        (_l("Likely duplicates"), "registration.list_duplicates", "people", "patients.write"),
        (_l("Register somebody unknown"), "registration.new_unknown", "people", "patients.write"),
        (_l("Records to complete"), "registration.unfinished", "people", "patients.write"),
    ),
    nav=(Nav("registration.find", _l("Patients"), "people", "n", 30, "patients.read"),),
)
