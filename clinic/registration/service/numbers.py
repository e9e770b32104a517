"""Identity numbers that only one patient may have."""

from __future__ import annotations

import hashlib

from clinic.core.errors import N_, Detail, Invalid, Taken
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import IdentifierKind, region_of
from clinic.registration.errors import NumberTaken
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.parts import parts, text
from clinic.registration.mapping.rows import compact
from clinic.registration.rules.details import Number

CLAIM = "identifier"
_MADE_UP = "999"
"""An area that no social security number has: made-up patients are given it."""
WRONG_NUMBER = N_("A number cannot be right.")


def claim_numbers(store: Store, patient: Json, before: Json | None = None) -> None:
    """Take every unique number of a patient and give back those that `before` had and it no longer has.

    Raises NumberTaken, beside the field, when another patient has one of them.
    """
    holder = f"Patient/{patient['id']}"
    now = keys_of(store, patient)
    for key in keys_of(store, before) if before else ():
        if key not in now:
            store.release(CLAIM, key, holder)
    for key, kind in now.items():
        try:
            store.claim(CLAIM, key, holder)
        except Taken as taken:
            name = kind.name if kind else "Record number"
            field = f"number_{kind.code}" if kind else "identifier"
            raise NumberTaken(name, field, taken.holder.removeprefix("Patient/")) from taken


def check_numbers(store: Store, patient: Json) -> None:
    """Every number of a kind that the country knows reads as the desk would have it: its length and check digits.

    A number that is on file already stays, as at the desk, and so does one that is kept as an old one. In a practice
    for trying, made-up people may come with the numbers made for them (social security numbers from 999, as Synthea
    gives them). Raises Invalid with a Detail for each element.
    """
    region = region_of(store.practice.region)
    known: Json | None = None
    faults = []
    for place, part in enumerate(parts(patient, "identifier")):
        system, value = text(part.get("system")), text(part.get("value"))
        kind = region.kind_of_system(system) if part.get("use") != "old" else None
        made_up = store.practice.demo and compact(value).startswith(_MADE_UP)
        why = _fault(kind, value) if kind and value and not made_up else ""
        if not why:
            continue
        if known is None:
            known = store.find("Patient", text(patient.get("id"))) or {}
        if (system, value) not in {(one.get("system"), one.get("value")) for one in parts(known, "identifier")}:
            faults.append(Detail(f"Patient.identifier[{place}].value", why))
    if faults:
        raise Invalid(WRONG_NUMBER, field="Patient.identifier", details=tuple(faults))


def _fault(kind: IdentifierKind, value: str) -> str:
    try:
        kind.check(value)
    except ValueError as fault:
        return f"{kind.name}: {fault}"
    return ""


def holder_of_number(store: Store, number: Number) -> str:
    """The id of the patient who has an identity number; empty when nobody has."""
    kind = region_of(store.practice.region).kind(number.kind)
    if kind is None or not kind.unique:
        return ""
    return (store.holder(CLAIM, _key(kind.system, number.value)) or "").removeprefix("Patient/")


def keys_of(store: Store, patient: Json) -> dict[str, IdentifierKind | None]:
    """The unique numbers of a record as keys of claims, each with its kind (none for a record number)."""
    region = region_of(store.practice.region)
    keys: dict[str, IdentifierKind | None] = {}
    for part in parts(patient, "identifier"):
        system, value = text(part.get("system")), text(part.get("value"))
        kind = region.kind_of_system(system)
        if value and part.get("use") != "old" and (system == s.RECORD_NUMBER or (kind and kind.unique)):
            keys[_key(system, value)] = kind
    return keys


def _key(system: str, value: str) -> str:
    key = f"{system}|{compact(value)}"
    return key if len(key) <= 180 else f"{system[:80]}|{hashlib.sha256(key.encode()).hexdigest()}"
