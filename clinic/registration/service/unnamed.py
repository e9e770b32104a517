"""Registering somebody who has no name yet: a person nobody can name, and a newborn child."""

from __future__ import annotations

from dataclasses import replace

from clinic.core.days import instant_text
from clinic.core.errors import Detail, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.mapping import systems as s
from clinic.registration.rules.details import SEXES, PatientDetails
from clinic.registration.rules.family import Bond
from clinic.registration.service.family import relate_patient
from clinic.registration.service.patients import load_details, put_new_patient

UNKNOWN_NAME = "Unknown"
_CHILD = {"female": "Baby girl", "male": "Baby boy"}


def register_unknown(store: Store, details: PatientDetails) -> Json:
    """Register a person nobody can name, by an estimated age and a sex; the record number is the name for now.

    Raises Invalid beside the field when the sex is missing.
    """
    _require_sex(details)

    def named(number: str) -> Json:
        return {"use": "temp", "family": number, "given": [UNKNOWN_NAME], **_waiting(store, "unknown")}

    return put_new_patient(store, replace(details, given="", family="", birth_estimated=True), named=named)


def register_newborn(store: Store, mother_id: str, child: PatientDetails) -> Json:
    """Register the child of a patient before it has a name, with what it shares with its mother.

    `child` tells the sex, the day and time of birth and, for twins, which one it is. The mother's record stands
    beside it: she is called first, decides and pays, and both live together. Raises Invalid beside the field.
    """
    _require_sex(child)
    mother = load_details(store, mother_id)
    shared = replace(
        child, given="", family="", address=mother.address, home_phone=mother.home_phone, language=mother.language,
        interpreter=mother.interpreter, general_practitioner=mother.general_practitioner,
    )  # fmt: skip
    twin = f" {child.birth_order}" if child.birth_order else ""

    def named(_number: str) -> Json:
        given = f"{_CHILD.get(child.sex, 'Baby')}{twin} of {mother.given}"
        return {"use": "temp", "family": mother.family, "given": [given], **_waiting(store, "newborn")}

    made = put_new_patient(store, shared, named=named)
    bond = Bond(relation="MTH", emergency=True, guardian=True, pays=True)
    relate_patient(store, made["id"], mother_id, bond, together=True)
    return store.read("Patient", made["id"])


def _waiting(store: Store, kind: str) -> Json:
    return {
        "period": {"start": instant_text(store.now)},
        "extension": [{"url": s.STANDS_IN, "valueCode": kind}],
    }


def _require_sex(details: PatientDetails) -> None:
    if details.sex not in SEXES:
        detail = Detail("sex", "Choose the administrative sex; “unknown” is an answer")
        raise Invalid("Some entries need a second look", details=(detail,))
