"""What else is done in the same act whenever a patient's record is made or changed, whoever writes it."""

from __future__ import annotations

from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.mapping.patient import merged_into
from clinic.registration.service.duplicates import forget
from clinic.registration.service.evidence import witness_patient


def changed_patient(store: Store, before: Json | None, patient: Json) -> list[Json]:
    """Where its values come from, to be kept beside it. A record that was merged away is nobody's duplicate any more.

    That it is compared anew is the worker's work, found by the time of the change: a common row written here would
    make everybody who registers wait for an import.
    """
    if merged_into(patient):
        forget(store, patient["id"])
    return witness_patient(store, before, patient)
