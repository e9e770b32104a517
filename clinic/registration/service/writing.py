"""How the FHIR interface writes a Patient: right and unique numbers and the news of a new name, as on the screens."""

from __future__ import annotations

from clinic.core.errors import N_, Conflict
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.registry import Writer
from clinic.fhir.store import Store
from clinic.registration.mapping.parts import parts
from clinic.registration.service import documents
from clinic.registration.service.consents import amend_consent, record_consent
from clinic.registration.service.evidence import record_provenance
from clinic.registration.service.flags import amend_flag, record_flag
from clinic.registration.service.numbers import CLAIM, check_numbers, claim_numbers
from clinic.registration.service.own import check_own
from clinic.registration.service.patients import keep_patient

LINKS = N_("Two records are merged, and parted again, on the screens: these links say what was done there.")


def record_patient(store: Store, patient: Json) -> Json:
    """Keep a new patient as it is given; refuses a number that another patient has, and wrong own fields."""
    check_own(store, patient)
    patient_id = str(patient.get("id") or new_id())
    claim_numbers(store, {**patient, "id": patient_id})
    return store.create(patient, id=patient_id)


def rewrite_patient(store: Store, patient: Json, version: int | None) -> Json:
    """Keep a changed patient as it is given, by the same rule."""
    if version is None:
        store.lock("Patient", str(patient.get("id", "")))
    known = store.find("Patient", str(patient.get("id", ""))) or {}
    if merge_links(patient) != merge_links(known):
        raise Conflict(LINKS, field="Patient.link")
    check_own(store, patient, known)
    return keep_patient(store, patient, known, version=version)


def merge_links(patient: Json) -> list[Json]:
    """The links that a merge makes."""
    return [link for link in parts(patient, "link") if link.get("type") in ("replaces", "replaced-by")]


def remove_patient(store: Store, patient_id: str, version: int | None) -> None:
    """Take a patient out of use and free the numbers; the history stays."""
    known = store.find("Patient", patient_id)
    store.delete("Patient", patient_id, version=version)
    if known:
        claim_numbers(store, {"resourceType": "Patient", "id": patient_id}, known)


writers = {
    "Patient": Writer(record_patient, rewrite_patient, remove_patient, check_numbers),
    "Provenance": Writer(create=record_provenance),
    "Consent": Writer(create=record_consent, update=amend_consent),
    "Flag": Writer(create=record_flag, update=amend_flag),
    **documents.writers,
}

__all__ = ["CLAIM", "writers"]
