"""Keeping evidence: with every version of a patient's record, and when somebody says that values are right."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from clinic.core.errors import N_, Conflict, Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.regions import region_of
from clinic.registration.mapping.evidence import Act, by_source, changes, is_confirmation, provenance_of, reserved_in

UNDO_FOR = timedelta(seconds=75)
TOO_LATE = N_("This can no longer be taken back. Change the value if it is wrong.")


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


def confirm_values(store: Store, patient_id: str, fields: Iterable[str]) -> list[str]:
    """Keep that somebody said these values are right as they are; the record itself stays as it is.

    Gives the ids of what was kept.
    """
    version = int(store.read("Patient", patient_id)["meta"]["versionId"])
    kept = []
    for source, names in by_source(dict.fromkeys(fields), store.source_of).items():
        act = Act(patient_id, version, source, tuple(names), verified=True)
        kept.append(str(store.create(provenance_of(act, store.actor, store.now))["id"]))
    return kept


def take_confirmation_back(store: Store, patient_id: str, provenance_id: str) -> None:
    """Undo a confirmation of one's own, within about a minute. Raises Missing, Conflict when it is too late."""
    made = store.vread("Provenance", provenance_id, 1)
    if patient_of(made.json) != patient_id or not is_confirmation(made.json):
        raise Missing("There is no %(type)s with this number.", type="Provenance")
    if made.author != store.actor.id or store.now - made.at > UNDO_FOR:
        raise Conflict(TOO_LATE)
    store.delete("Provenance", provenance_id)


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
