"""The practice of the random calendar: visits that need people, rooms and devices, and some of each to begin with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from clinic.appointments.mapping.kinds import with_kind, with_use
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Booking
from clinic.appointments.rules.resources import Need
from clinic.appointments.rules.series import Pattern
from clinic.appointments.service import requests
from clinic.appointments.service import series as dates
from clinic.appointments.service.booking import book
from clinic.appointments.service.groups import join, open_group
from clinic.core.days import read_instant
from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.appointments import factories as f
from tests.appointments.stateful_checks import Rules
from tests.appointments.test_needs import a_device, a_laser_practice

KINDS = ("check", "chat", "laser", "team", "scan")
PROVIDERS = ("adams", "baker", "eve", "finn")
PATIENTS = ("p1", "p2", "p3", "p4", "p5")
LASER = (
    Need("person", kind="assistant", minutes=30),
    Need("room", kind="laser", offset=20, minutes=20),
    Need("device", kind="laser", offset=20, minutes=20),
)
TEAM = (
    Need("person", id="baker", offset=10, minutes=20),
    Need("person", kind="assistant"),
    Need("device", kind="scan"),
)
SCAN = (Need("device", kind="scan", minutes=15),)
RULES = Rules(
    {"laser": LASER, "team": TEAM, "scan": SCAN},
    {
        ("person", "assistant"): frozenset({"Practitioner/eve", "Practitioner/finn"}),
        ("person", "baker"): frozenset({"Practitioner/baker"}),
        ("room", "laser"): frozenset({"Location/laser-room"}),
        ("device", "laser"): frozenset({"Device/laser1"}),
        ("device", "scan"): frozenset({"Device/scan1", "Device/scan2"}),
    },
    {"Location/room2": 2, "Device/scan1": 2},
)


def a_full_practice(store: Store) -> None:
    """The laser practice with a room for two, scanners, and a visit that several people see together."""
    a_laser_practice(store)
    store.update(with_use(store.read("Location", "room2"), sort="", capacity=2, margins=(0, 0)))
    a_device(store, "scan1", "Scanner 1", sort="scan", capacity=2, margins=(5, 5))
    a_device(store, "scan2", "Scanner 2", sort="scan")
    for id_, name, minutes, needs in (("team", "Team", 40, TEAM), ("scan", "Scan", 20, SCAN)):
        f.a_visit_type(store, id_, name, minutes)
        kind = store.read("HealthcareService", id_)
        store.update(with_kind(kind, margins=(5, 0), lengths=(), needs=needs, untimed=False))
    for id_ in ("laser-room", "room1"):
        actor = [{"reference": f"Location/{id_}"}]
        store.create({"resourceType": "Schedule", "active": True, "actor": actor}, id=id_)
    for id_ in PATIENTS[3:]:
        f.a_patient(store, id_, given="Dora", family=f"Other{id_}")


def some_visits(store: Store) -> None:
    """One of each kind to begin with: single visits, a series and a group."""
    for when, who, kind, patient in (
        ("09 11:00", "adams", "check", "p1"),
        ("09 14:00", "adams", "laser", "p1"),
        ("10 10:00", "adams", "team", "p2"),
        ("10 14:00", "baker", "scan", "p3"),
        ("10 15:00", "baker", "chat", "p4"),
    ):
        book(store, f.a_booking(f"2027-03-{when}", visit_type=kind, provider_id=who, patient_id=patient))
    start = f.at("2027-03-10 09:15")
    planned = [dates.Planned(at, start + timedelta(days=at - 1), "finn") for at in (1, 2, 3)]
    dates.book_series(store, Booking("p5", "finn", "scan", start, 20), Pattern("day", count=3), planned)
    group = open_group(store, Booking("", "eve", "check", f.at("2027-03-09 15:30")), title="Class", seats=2)
    for patient in ("p1", "p5", "p4"):
        join(store, group["id"], patient)


def ask_from_home(store: Store, id_: str, start: Any, who: str) -> None:
    """The patient of a visit that has a time asks for another one."""
    visit, person = store.read("Appointment", id_), calendar_setup(store).provider(who)
    if visit.get("start") and person is not None and start > store.now:
        requests.ask_to_move(store, visit, start, provider=person)


def provider_in(record: Json) -> str:
    names = (part["actor"].get("reference", "") for part in record["participant"])
    return next(name.partition("/")[2] for name in names if name.startswith("Practitioner/"))


def minutes_of(record: Json) -> int:
    return (read_instant(record["end"]) - read_instant(record["start"])) // timedelta(minutes=1)


def version_of(record: Json) -> int:
    return int(record["meta"]["versionId"])
