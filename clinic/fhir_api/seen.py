"""Noting for the audit trail which records were shown to a program, and refusing those that are closed to it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TypeVar

from clinic.core.errors import Restricted
from clinic.core.json import Json
from clinic.fhir.params import patient_compartment
from clinic.fhir.search import Found
from clinic.fhir.store import Store, Touch
from clinic.fhir.subject import patient_of, patients_of, reference_id
from clinic.fhir_api.records import Kept

Record = TypeVar("Record", Found, Kept)


def note_read(store: Store, records: Iterable[Found]) -> None:
    """One touch for each record of a patient; what is nobody's (a list of sites) is not noted. Raises Restricted."""
    of_patients = patient_compartment()
    for record in records:
        require_open(store, record)
        if record.type not in of_patients and record.type != "Binary":
            continue
        patient = record.id if record.type == "Patient" else patient_of(json.loads(record.text))
        store.touched.append(Touch("R", record.type, record.id, record.version, patient))


def require_open(store: Store, record: Found | Kept) -> None:
    """Refuse (403) a record that is part of a restricted one, for a program without the scope. Raises Restricted."""
    for patient_id in _closed(store, record):
        raise Restricted(patient_id)


def opened(store: Store, records: Iterable[Record]) -> list[Record]:
    """Those of a list that are not closed to this program."""
    return [record for record in records if not _closed(store, record)]


def _closed(store: Store, record: Found | Kept) -> frozenset[str]:
    barred = store.actor.barred
    if not barred:
        return barred
    resource: Json = json.loads(record.text)
    about = patients_of(resource) | {reference_id(one.get("what"), "Patient") for one in resource.get("entity", [])}
    about |= {reference_id(one, "Patient") for one in resource.get("target", []) if isinstance(one, dict)}
    return barred & about
