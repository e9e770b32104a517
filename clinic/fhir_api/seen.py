"""Noting for the audit trail which records were shown to a program."""

from __future__ import annotations

import json
from collections.abc import Iterable

from clinic.fhir.params import patient_compartment
from clinic.fhir.search import Found
from clinic.fhir.store import Store, Touch
from clinic.fhir.subject import patient_of


def note_read(store: Store, records: Iterable[Found]) -> None:
    """One touch for each record of a patient; what is nobody's (a list of sites) is not noted."""
    of_patients = patient_compartment()
    for record in records:
        if record.type not in of_patients and record.type != "Binary":
            continue
        patient = record.id if record.type == "Patient" else patient_of(json.loads(record.text))
        store.touched.append(Touch("R", record.type, record.id, record.version, patient))
