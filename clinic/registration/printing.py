"""What stands on a patient label."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.mapping import display_name, legal_name, record_number


@dataclass(frozen=True)
class Label:
    """The values of `templates/pdf/label.html`. `birth_date` is a FHIR date; `code` the opaque id for the bar code."""

    name: str
    legal_name: str
    birth_date: str
    sex: str
    record_number: str
    code: str
    practice: str


def label_of(patient: Json, store: Store) -> Label:
    """The label of one patient."""
    return Label(
        name=display_name(patient),
        legal_name=legal_name(patient),
        birth_date=str(patient.get("birthDate", "")),
        sex=str(patient.get("gender", "unknown")),
        record_number=record_number(patient),
        code=str(patient["id"]),
        practice=store.practice.name,
    )
