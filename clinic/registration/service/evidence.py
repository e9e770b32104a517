"""Keeping evidence: with every version of a patient's record, and when somebody says that values are right."""

from __future__ import annotations

from collections.abc import Iterable

from clinic.core.errors import Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping.evidence import Act, by_source, changes, provenance_of, reserved_in


def witness_patient(store: Store, before: Json | None, after: Json) -> list[Json]:
    """The Provenance of a new version: one for each source of what it set or emptied."""
    named, emptied = changes(before, after, region_of(store.practice.region))
    version = int(after["meta"]["versionId"])
    return _of(store, after["id"], version, named=named, emptied=emptied)


def note_evidence(store: Store, patient_id: str, *, named: Iterable[str] = (), emptied: Iterable[str] = ()) -> None:
    """Keep where values come from that lie outside the Patient: a guarantor, a field of the practice's own."""
    version = int(store.read("Patient", patient_id)["meta"]["versionId"])
    for made in _of(store, patient_id, version, named=named, emptied=emptied):
        store.create(made)


def confirm_values(store: Store, patient_id: str, fields: Iterable[str]) -> None:
    """Keep that somebody said these values are right as they are; the record itself stays as it is."""
    version = int(store.read("Patient", patient_id)["meta"]["versionId"])
    for source, names in by_source(dict.fromkeys(fields), store.source_of).items():
        act = Act(patient_id, version, source, tuple(names), verified=True)
        store.create(provenance_of(act, store.actor, store.now))


def record_provenance(store: Store, provenance: Json) -> Json:
    """Keep a Provenance that a program sends. Raises Invalid when it poses as evidence of this system's own."""
    if store.actor.kind == "client" and reserved_in(provenance):
        raise Invalid("Evidence for a patient's values is kept by the system itself.", field="Provenance.extension")
    return store.create(provenance, id=provenance.get("id"))


def _of(store: Store, patient_id: str, version: int, *, named: Iterable[str], emptied: Iterable[str]) -> list[Json]:
    told, gone = by_source(named, store.source_of), by_source(emptied, store.source_of)
    return [
        provenance_of(
            Act(patient_id, version, source, tuple(told.get(source, ())), tuple(gone.get(source, ()))),
            store.actor,
            store.now,
        )
        for source in dict.fromkeys([*told, *gone])
    ]
