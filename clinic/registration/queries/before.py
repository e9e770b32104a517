"""What stood in a field before its present value came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping.evidence import values_of
from clinic.registration.rules.evidence import Evidence


def values_before(store: Store, patient_id: str, known: Mapping[str, Evidence]) -> dict[str, Any]:
    """The value of each field in the version before the one that set it; one statement, fields without one left out."""
    region = region_of(store.practice.region)
    versions = {version.version: version for version in store.history("Patient", patient_id)}
    read: dict[int, dict[str, Any]] = {}
    found = {}
    for name, evidence in known.items():
        number = evidence.told.version - 1
        if number not in versions:
            continue
        if number not in read:
            read[number] = values_of(versions[number].json, region)
        if name in read[number]:
            found[name] = read[number][name]
    return found
