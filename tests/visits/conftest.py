"""A small practice with one booked patient, for the tests of visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import book
from clinic.cli.demo.practice import Made, make_places, make_practice
from clinic.fhir.store import Store
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service.patients import register_patient


@dataclass
class Desk:
    """What the tests work with."""

    store: Store
    made: Made
    patient_id: str
    appointment_id: str

    def later(self, minutes: float) -> Store:
        """The store some minutes later."""
        self.store.now += timedelta(minutes=minutes)
        return self.store


def set_up(store: Store) -> Desk:
    """A practice, a patient with insurance, and their visit in half an hour."""
    store.setting.practice = make_practice(store)
    made = make_places(store)
    patient = register_patient(
        store, PatientDetails("Mafe", "García Ochoa", "1979-08-14", "female", mobile="+12125550142")
    )
    policy = Policy("Meridian PPO", member_id="MRD4471902", copay_cents=3000, starts=date(2026, 1, 1))
    add_coverage(store, patient["id"], policy)
    start = store.now + timedelta(minutes=31)
    appointment = book(store, Booking(patient["id"], made.providers[0], made.types["Annual visit"], start))
    return Desk(store, made, patient["id"], appointment["id"])


@pytest.fixture
def desk(any_store: Store) -> Desk:
    """The practice, on both databases in turn."""
    return set_up(any_store)
