"""Registering a person and changing what is known of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from clinic.core.days import local
from clinic.core.errors import Detail, Invalid
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.core.names import words
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping import details_of, display_name, patient_with
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.circle import point_at
from clinic.registration.mapping.names import full_name, official
from clinic.registration.mapping.parts import parts
from clinic.registration.mapping.patient import Moment, put_identifiers, put_record_number
from clinic.registration.queries.merges import require_in_use
from clinic.registration.rules.birth import birth_day
from clinic.registration.rules.details import SEXES, PatientDetails
from clinic.registration.service.guarantors import guarantor_of, put_guarantor
from clinic.registration.service.numbers import claim_numbers
from clinic.registration.service.people import follow_patient

RECORD_SERIES = "record"


def register_patient(store: Store, details: PatientDetails, *, identifiers: Sequence[Json] = ()) -> Json:
    """Make a new patient record with the next record number, and give it back.

    `identifiers` are further ones, such as the number that the person had in an old system.
    Raises Invalid with a Detail for each of the four answers that is missing, and NumberTaken when an
    identity number belongs to somebody else. Duplicates are the screen's warning, not a refusal here.
    """
    _require(details, store)
    return put_new_patient(store, details, identifiers=identifiers)


def put_new_patient(
    store: Store,
    details: PatientDetails,
    *,
    identifiers: Sequence[Json] = (),
    named: Callable[[str], Json] | None = None,
) -> Json:
    """Keep a new record as it is described, without asking for the four answers.

    `named` gives the name of somebody who has none yet, from the record number.
    """
    patient_id, number = new_id(), next_record_number(store)
    patient = patient_with(details, {}, region_of(store.practice.region), moment_of(store)) | {"id": patient_id}
    put_record_number(patient, number)
    put_identifiers(patient, identifiers)
    if named:
        patient["name"] = [named(number)]
    point_at_records(store, patient, details)
    if store.practice.organization_id:
        patient["managingOrganization"] = {"reference": f"Organization/{store.practice.organization_id}"}
    claim_numbers(store, patient)
    kept = store.create(patient, id=patient_id, reason="registered")
    if details.guarantor:
        put_guarantor(store, patient_id, details.guarantor)
    return kept


def change_patient(
    store: Store,
    patient_id: str,
    details: PatientDetails,
    *,
    version: int | None = None,
    identifiers: Sequence[Json] = (),
    moved: Collection[str] = ("address",),
) -> Json:
    """Write changed details over a record; what the desk does not show stays as it is.

    What is in `moved` ("address", "name") is no correction: the old one stays on file with today as its last day.
    Raises Stale when somebody else changed the record since `version`, else what registering raises.
    A record that came from elsewhere gets its number here at its first change.
    """
    _require(details, store)
    if version is None:
        store.lock("Patient", patient_id)  # who names no version takes turns with the others
    known = store.read("Patient", patient_id)
    patient = patient_with(details, known, region_of(store.practice.region), moment_of(store, moved))
    if not any(part.get("system") == s.RECORD_NUMBER for part in parts(known, "identifier")):
        put_record_number(patient, next_record_number(store))
    put_identifiers(patient, identifiers)
    point_at_records(store, patient, details, details_of(known, region_of(store.practice.region)))
    return keep_patient(store, patient, known, version=version, details=details)


def amend_patient(store: Store, patient_id: str, changes: Mapping[str, Any], *, version: int | None = None) -> Json:
    """Change single fields of PatientDetails by name, such as `{"mobile": "+12025550143"}`.

    For reviewed answers and confirmations at check-in. Raises what `change_patient` raises.
    """
    if version is None:
        store.lock("Patient", patient_id)
    details = load_details(store, patient_id)
    return change_patient(store, patient_id, replace(details, **dict(changes)), version=version)


def load_details(store: Store, patient_id: str) -> PatientDetails:
    """Everything the desk knows of a patient, the guarantor too."""
    patient = store.read("Patient", patient_id)
    details = details_of(patient, region_of(store.practice.region))
    return replace(details, guarantor=guarantor_of(store, patient_id))


def keep_patient(
    store: Store,
    patient: Json,
    known: Json,
    *,
    version: int | None = None,
    details: PatientDetails | None = None,
    reason: str = "",
) -> Json:
    """Store a changed patient, move its number claims, and tell the slices above when the name changed.

    The same human beside other patients, and who lives at the patient's address, follow the change.
    """
    if known:
        require_in_use(store, known["id"], known)
    claim_numbers(store, patient, known)
    reason = reason or ("changed at the desk" if details is not None else "")
    read = int(known["meta"]["versionId"]) if known else None
    kept = store.update(patient, version=read if version is None else version, reason=reason)
    follow_patient(store, kept, known)
    if details is not None:
        put_guarantor(store, kept["id"], details.guarantor)
    if display_name(kept) != display_name(known) or kept.get("birthDate") != known.get("birthDate"):
        store.fire("patient_renamed", kept)
    return kept


def point_at_records(
    store: Store, patient: Json, details: PatientDetails, before: PatientDetails | None = None
) -> None:
    """Make a doctor or pharmacy that was named newly point at the one record on file that has this name."""
    for field, types in (("general_practitioner", ("Practitioner", "Organization")), ("pharmacy", ("Organization",))):
        said = details.value(field)
        if said and (before is None or said != before.value(field)):
            point_at(patient, field, _on_file(store, types, said))


def _on_file(store: Store, types: Sequence[str], said: str) -> str:
    name = re.sub(r"^(dr|drs|prof)\.?\s+", "", said.partition(",")[0].strip(), flags=re.IGNORECASE)
    for type_ in types:
        found = [
            one for one in store.search(type_, [("name", name)], limit=10)
            if one.get("active") is not False and words(_called(one)) == words(name)
        ]  # fmt: skip
        if len(found) == 1:
            return f"{type_}/{found[0]['id']}"
    return ""


def _called(resource: Json) -> str:
    if resource["resourceType"] == "Organization":
        return str(resource.get("name", ""))
    return full_name(official(resource))


def moment_of(store: Store, moved: Collection[str] = ("address",)) -> Moment:
    """The local day and the zone of a change."""
    zone = store.practice.zone
    return Moment(local(store.now, zone).date().isoformat(), zone, frozenset(moved))


def next_record_number(store: Store) -> str:
    """The next record number of this practice, such as HS-00042."""
    return f"{store.practice.record_prefix}{store.next_number(RECORD_SERIES):05d}"


def _require(details: PatientDetails, store: Store) -> None:
    faults = []
    if not details.given:
        faults.append(Detail("given", "Give a first name"))
    if not details.family:
        faults.append(Detail("family", "Give a surname"))
    if details.sex not in SEXES:
        faults.append(Detail("sex", "Choose the administrative sex; “unknown” is an answer"))
    try:
        birth_day(details.birth_date)
        future = details.birth_date > store.now.date().isoformat()
    except ValueError:
        future = True
    if future:
        faults.append(Detail("birth_date", "Give a birth date that is not in the future, or an age"))
    if faults:
        raise Invalid("Some entries need a second look", details=tuple(faults))
