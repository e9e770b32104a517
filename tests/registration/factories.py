"""People for tests."""

from __future__ import annotations

from typing import Any

from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service import register_patient


def someone(given: str, family: str, birth_date: str = "1980-02-02", **rest: Any) -> PatientDetails:
    """Details of a person with the four answers."""
    return PatientDetails(given=given, family=family, birth_date=birth_date, sex=rest.pop("sex", "female"), **rest)


def a_patient(store: Store, given: str, family: str, birth_date: str = "1980-02-02", **rest: Any) -> Json:
    """A registered patient."""
    return register_patient(store, someone(given, family, birth_date, **rest))
