"""A small practice with two providers who work from nine to five, and its patients."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from clinic.appointments.rules.booking import Booking
from clinic.core.actor import Actor
from clinic.core.days import to_utc
from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.factories import PRACTICE

ZONE = PRACTICE.zone
DESK = Actor("desk", "Noor", role="receptionist", permissions=frozenset({"appointments.write"}))
OTHER_DESK = replace(DESK, id="desk2")
MANAGER = Actor(
    "manager", "Meera", role="manager", permissions=frozenset({"appointments.write", "appointments.overbook"})
)
WEEK = ["mon", "tue", "wed", "thu", "fri"]


def at(text: str) -> datetime:
    """The instant of a local time, as `2027-03-09 14:00`."""
    return to_utc(datetime.fromisoformat(text), ZONE)


def a_practice(store: Store) -> None:
    """One site, two rooms, Dr Adams (room 1) and Dr Baker (room 2), a check of 30 and a chat of 15 minutes."""
    organization = {"reference": "Organization/org-harbour"}
    owner = {"managingOrganization": organization}
    store.create(a_location("site", "Main Street", "si") | owner, id="site")
    for number in ("1", "2"):
        room = a_location(f"room{number}", f"Room {number}", "ro") | owner | {"partOf": {"reference": "Location/site"}}
        store.create(room, id=f"room{number}")
    a_visit_type(store, "check", "Check", 30)
    a_visit_type(store, "chat", "Chat", 15)
    a_provider(store, "adams", "Dr Ann Adams", room="room1")
    a_provider(store, "baker", "Dr Ben Baker", room="room2")


def a_location(id_: str, name: str, kind: str) -> Json:
    system = "http://terminology.hl7.org/CodeSystem/location-physical-type"
    return {
        "resourceType": "Location",
        "status": "active",
        "name": name,
        "physicalType": {"coding": [{"system": system, "code": kind}]},
    }


def a_visit_type(store: Store, id_: str, name: str, minutes: int) -> None:
    extension = [
        {"url": "urn:clinic:minutes", "valuePositiveInt": minutes},
        {"url": "urn:clinic:colour", "valueCode": "teal"},
    ]
    store.create({"resourceType": "HealthcareService", "active": True, "name": name, "extension": extension}, id=id_)


def a_provider(store: Store, id_: str, name: str, *, room: str = "", **more: Any) -> None:
    """A provider with a role: nine to noon and one to five, Monday to Friday."""
    given, family = name.split()[1:]
    store.create(
        {
            "resourceType": "Practitioner",
            "active": True,
            "name": [{"prefix": ["Dr"], "given": [given], "family": family}],
        },
        id=id_,
    )
    role = {
        "resourceType": "PractitionerRole",
        "active": True,
        "practitioner": {"reference": f"Practitioner/{id_}"},
        "organization": {"reference": "Organization/org-harbour"},
        "location": [{"reference": f"Location/{room}"}] if room else [{"reference": "Location/site"}],
        "availableTime": [
            {"daysOfWeek": WEEK, "availableStartTime": "09:00:00", "availableEndTime": "12:00:00"},
            {"daysOfWeek": WEEK, "availableStartTime": "13:00:00", "availableEndTime": "17:00:00"},
        ],
    }
    store.create(role | more, id=f"role-{id_}")


def a_patient(store: Store, id_: str, given: str = "Ada", family: str = "Lovelace") -> Json:
    return store.create(
        {
            "resourceType": "Patient",
            "name": [{"use": "official", "given": [given], "family": family}],
            "birthDate": "1980-02-03",
        },
        id=id_,
    )


def a_booking(when: str = "2027-03-09 14:00", **changes: Any) -> Booking:
    """A check with Dr Adams for patient p1."""
    return replace(Booking("p1", "adams", "check", at(when)), **changes)


def later(store: Store, seconds: int) -> Store:
    """The same transaction seen some seconds later."""
    store.now += timedelta(seconds=seconds)
    return store
