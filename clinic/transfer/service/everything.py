"""Everything that is kept about one patient: the record, what names it, and what these refer to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from clinic.core.days import instant_text
from clinic.core.json import Json, dumps
from clinic.fhir.index import patients_in
from clinic.fhir.params import patient_compartment
from clinic.fhir.referring import naming
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of, reference_id

CLINICAL: Final = "clinical.read"
NEEDS: Final = {
    "Patient": "patients.read", "RelatedPerson": "patients.read", "Account": "patients.read", "Flag": "patients.read",
    "Consent": "patients.read", "DocumentReference": "patients.read", "Binary": "patients.read",
    "Provenance": "patients.read", "Person": "patients.read", "Group": "patients.read",
    "Appointment": "appointments.read", "AppointmentResponse": "appointments.read", "Coverage": "insurance.read",
    "CoverageEligibilityRequest": "insurance.read", "CoverageEligibilityResponse": "insurance.read",
    "Encounter": "visits.read", "Claim": "billing.read", "ClaimResponse": "billing.read", "ChargeItem": "billing.read",
    "ExplanationOfBenefit": "billing.read", "Invoice": "cash.read", "PaymentNotice": "cash.read",
    "QuestionnaireResponse": "intake.read", "Communication": "communication.read", "Task": "communication.read",
}  # fmt: skip
"""What somebody must be allowed to see for records of a type to be given away; all others are clinical."""
_REFERENCE: Final = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/.*)?")
_LEFT_OUT: Final = ("AuditEvent",)
_DEPTH: Final = 3
Key = tuple[str, str]
May = Callable[[str], bool]


@dataclass(frozen=True)
class Everything:
    """One patient's own records, the patient first, and the records of nobody that they refer to."""

    patient: Json
    own: tuple[Json, ...]
    others: tuple[Json, ...]
    left_out: tuple[str, ...] = field(default=())
    """Types of which there are records that this person may not give away."""

    def of(self, *types: str) -> list[Json]:
        """The patient's records of these types."""
        return [one for one in self.own if one["resourceType"] in types]

    @property
    def names(self) -> dict[str, str]:
        """What each record is called that others refer to."""
        return {f"{one['resourceType']}/{one['id']}": _name(one) for one in (*self.own, *self.others)}


def everything_of(store: Store, patient_id: str, may: May) -> Everything:
    """All that is kept about a patient, as far as `may` says. Raises Missing, Restricted.

    Wider than the interface's `$everything`: payments and pictures name the patient too. What names several
    patients, as the list of a till's payments does, is nobody's own and stays here.
    """
    patient = store.read("Patient", patient_id)
    also = [
        reference_id(link.get("other"), "Patient")
        for link in patient.get("link") or ()
        if link.get("type") == "replaces"
    ]
    same = {patient_id, *filter(None, also)}
    found = {("Patient", patient_id): patient}
    for id_ in sorted(same):
        for key in [("Patient", id_), *naming(store, id_)]:
            one = found.get(key) or store.find(*key)
            if one is not None and _is_own(one, same):
                found[key] = one
    _with_pictures(store, found)
    left_out = sorted({type_ for type_, _ in found if not may(NEEDS.get(type_, CLINICAL))})
    own = {key: one for key, one in found.items() if key[0] not in (*left_out, *_LEFT_OUT)}
    others = _around(store, own, same)
    rest = [own[key] for key in sorted(own) if key != ("Patient", patient_id)]
    return Everything(patient, (patient, *rest), tuple(others[key] for key in sorted(others)), tuple(left_out))


def bundle_of(everything: Everything, store: Store, base: str) -> str:
    """All of it as a FHIR Bundle, each record as it is kept."""
    records = (*everything.own, *everything.others)
    urls = [dumps(f"{base}/{one['resourceType']}/{one['id']}") for one in records]
    entries = ",".join(f'{{"fullUrl":{url},"resource":{dumps(one)}}}' for url, one in zip(urls, records, strict=True))
    stamp = dumps(instant_text(store.now))
    return f'{{"resourceType":"Bundle","type":"collection","timestamp":{stamp},"entry":[{entries}]}}'


def _is_own(one: Json, same: set[str]) -> bool:
    whose = patient_of(one)
    if whose:
        return whose in same
    return patients_in(one) <= same


def _with_pictures(store: Store, found: dict[Key, Json]) -> None:
    """The pictures and papers that the records show by their address."""
    for key in list(found):
        for url in _urls(found[key]):
            match = _REFERENCE.fullmatch(url)
            if match and match[1] == "Binary" and ("Binary", match[2]) not in found:
                binary = store.find("Binary", match[2])
                if binary is not None:
                    found["Binary", match[2]] = binary


def _around(store: Store, own: dict[Key, Json], same: set[str]) -> dict[Key, Json]:
    """The records of nobody that these refer to, and those that they refer to."""
    compartment = {*patient_compartment(), "Patient", *_LEFT_OUT}
    found: dict[Key, Json] = {}
    fresh = list(own.values())
    for _step in range(_DEPTH):
        wanted = {key for one in fresh for key in _references(one)}
        wanted = {key for key in wanted if key[0] not in compartment and key not in own and key not in found}
        read = store.read_many(f"{type_}/{id_}" for type_, id_ in wanted)
        fresh = [one for one in read.values() if patients_in(one) <= same]
        found |= {(one["resourceType"], one["id"]): one for one in fresh}
    return found


def _references(node: Any) -> Iterator[Key]:
    for name, value in _texts(node):
        match = _REFERENCE.fullmatch(value) if name == "reference" else None
        if match:
            yield match[1], match[2]


def _urls(node: Any) -> Iterator[str]:
    return (value for name, value in _texts(node) if name == "url")


def _texts(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, value in node.items():
            if isinstance(value, str):
                yield name, value
            else:
                yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)


def _name(one: Json) -> str:
    names = one.get("name")
    if isinstance(names, list) and names and isinstance(names[0], dict):
        first = names[0]
        parts = [*first.get("prefix", []), *first.get("given", []), first.get("family", ""), *first.get("suffix", [])]
        return str(first.get("text") or " ".join(filter(None, parts)))
    return str(names or one.get("title") or "")
