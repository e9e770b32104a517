"""What else is done in the same act whenever a patient's record is made or changed, whoever writes it."""

from __future__ import annotations

from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.service.duplicates import note_change
from clinic.registration.service.evidence import witness_patient


def changed_patient(store: Store, before: Json | None, patient: Json) -> list[Json]:
    """Where its values come from, to be kept beside it; and word that it is to be compared anew."""
    note_change(store, patient)
    return witness_patient(store, before, patient)
