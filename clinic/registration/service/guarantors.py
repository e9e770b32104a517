"""Who pays for a patient: a RelatedPerson named by the patient's Account."""

from __future__ import annotations

from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id
from clinic.registration.mapping.contact import related_person, relative_of
from clinic.registration.mapping.parts import parts
from clinic.registration.rules.details import Relative


def guarantor_of(store: Store, patient_id: str) -> Relative:
    """The person who pays for a patient; an empty one when the patient does."""
    account = _account(store, patient_id)
    person = _person(store, account) if account else None
    return relative_of(person) if person else Relative()


def put_guarantor(store: Store, patient_id: str, relative: Relative) -> None:
    """Write who pays. An empty one means the patient pays; nothing is written when that was so already."""
    account = _account(store, patient_id)
    person = _person(store, account) if account else None
    if relative == (relative_of(person) if person else Relative()):
        return
    if not relative:
        store.update({**(account or {}), "guarantor": [{"party": {"reference": f"Patient/{patient_id}"}}]})
        return
    wanted = related_person(relative, patient_id, person or {})
    kept = store.update(wanted) if person else store.create(wanted)
    if person and account:
        return
    guarantor = [{"party": {"reference": f"RelatedPerson/{kept['id']}"}}]
    if account:
        store.update({**account, "guarantor": guarantor})
        return
    store.create(
        {
            "resourceType": "Account",
            "status": "active",
            "subject": [{"reference": f"Patient/{patient_id}"}],
            "guarantor": guarantor,
        }
    )


def _account(store: Store, patient_id: str) -> Json | None:
    found = store.search("Account", [("subject", f"Patient/{patient_id}"), ("status", "active")], limit=1)
    return found[0] if found else None


def _person(store: Store, account: Json) -> Json | None:
    for part in parts(account, "guarantor"):
        person_id = reference_id(part.get("party"), "RelatedPerson")
        if person_id:
            return store.find("RelatedPerson", person_id)
    return None
