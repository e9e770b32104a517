"""A small practice for merges, a clock that goes on, and records without what every version changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import book
from clinic.cash.service import open_till
from clinic.core.actor import Actor
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.upkeep import verify, verify_parts
from clinic.regions import region_of
from clinic.registration.rules.details import Address, Number
from clinic.registration.service import register_patient
from clinic.registration.service.merging import (
    MergeOrder,
    merge_patients,
)
from tests.appointments import factories as f
from tests.registration.factories import someone

ITIN = f"identifier:{region_of('us').kind('itin').system}"
ANA = someone(
    "Ana", "Suarez Vidal", "1980-02-02", mobile="+12025550143", numbers=(Number("itin", "912903456"),), language="es"
)
ANNE = someone(
    "Anne", "Suarez", "1980-02-20", mobile="+12025550199", email="anne@example.org", preferred="Annie",
    address=Address("8 Mill Lane", "", "Albany", "NY", "12207", "US"),
)  # fmt: skip


@pytest.fixture
def desk(any_store: Store) -> Store:
    any_store.actor = Actor("noor", "Noor Aziz", role="receptionist")
    f.a_practice(any_store)
    open_till(any_store, 0)
    return any_store


@pytest.fixture
def two(desk: Store) -> tuple[str, str]:
    """The survivor-to-be and the other."""
    made = register_patient(desk, ANA)["id"]
    tick(desk)
    return made, register_patient(desk, ANNE)["id"]


def tick(store: Store) -> None:
    """A second goes by."""
    store.now += timedelta(seconds=1)


def bare(record: Json) -> Json:
    """A record by value: without its version and when that was made."""
    meta = {key: value for key, value in record["meta"].items() if key not in ("versionId", "lastUpdated")}
    return {**record, "meta": meta}


def merge(store: Store, two: tuple[str, str], **rest: Any) -> str:
    tick(store)
    made = merge_patients(store, MergeOrder(*two, **rest))["id"]
    tick(store)
    return str(made)


def both(store: Store, two: tuple[str, str]) -> list[Json]:
    return [bare(store.read("Patient", id_)) for id_ in two]


def faults(store: Store) -> list[str]:
    return [*verify(store.conn, store.registry, lambda _done, _all: None), *verify_parts(store)]


def book_at(store: Store, patient: str, hours: int) -> str:
    """A check with Dr Adams tomorrow at nine and so many hours later."""
    start = f.at("2027-03-10 09:00") + timedelta(hours=hours)
    return str(book(store, Booking(patient, "adams", "check", start))["id"])


def owner(store: Store, type_: str, id_: str) -> str:
    from clinic.fhir.subject import patient_of

    return patient_of(store.read(type_, id_)) or store.read(type_, id_)["request"]["reference"].removeprefix("Patient/")
