"""Rooms, devices, roles and lengths on the screen: kept, found by the search, and taken out of use with their visits seen."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.errors import NothingFree, StillUsed
from clinic.appointments.queries.outside import outside_visits
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Booking
from clinic.appointments.rules.resources import Length
from clinic.appointments.service.booking import book
from clinic.appointments.service.upkeep import faults_of_claims
from clinic.core.days import to_utc
from clinic.core.errors import Conflict, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.tables import slot_claim
from clinic.management import mapping, service
from clinic.management.mapping import Device, Provider, Room, Use, VisitType
from clinic.management.needs import read_lengths, read_needs, typed_lengths
from clinic.management.rules import DAYS, read_week
from clinic.management.service import NewWeek
from clinic.web.state import state_of
from tests.management.conftest import fields_of, in_app, send
from tests.management.test_screens import add

WEEK = read_week({f"{day}_1_{part}": at for day in DAYS for part, at in (("from", "9"), ("to", "17"))})
SHORT = read_week({f"{day}_1_{part}": at for day in DAYS for part, at in (("from", "9"), ("to", "12"))})


def at(store: Store, day: int, hour: int, minute: int = 0) -> datetime:
    return to_utc(datetime(2027, 3, day, hour, minute), store.practice.zone)


def a_laser_practice(store: Store) -> dict[str, str]:
    """Dr Nwosu in room 1, an assistant who only helps, a laser in a laser room, and a visit that needs all of it."""
    site = store.practice.site_id
    room = service.save_room(store, Room("Room 1", site))["id"]
    laser_room = service.save_room(store, Room("Laser room", site, Use("Laser", after=5)))["id"]
    device = service.save_device(store, Device("Laser 1", site, Use("laser", after=10)))["id"]
    doctor = service.save_provider(store, Provider("Adaeze", "Nwosu", "Dr", site=site, room=room))["id"]
    helper = Provider("Tui", "Walker", site=site, roles="Assistant, Laser nurse", column=False)
    assistant = service.save_provider(store, helper)["id"]
    for person in (doctor, assistant):
        service.save_week(store, person, WEEK)
    needs = read_needs("person assistant\nroom laser 20-40\ndevice laser 20-40")
    kind = service.save_visit_type(store, VisitType("Laser", 60, needs=needs))["id"]
    store.create({"resourceType": "Patient", "name": [{"given": ["Ada"], "family": "Lightly"}]}, id="ada")
    return {"room": room, "laser_room": laser_room, "device": device, "doctor": doctor, "assistant": assistant,
            "kind": kind}  # fmt: skip


def a_visit(store: Store, made: dict[str, str], day: int = 17, hour: int = 10) -> Json:
    return book(store, Booking("ada", made["doctor"], made["kind"], at(store, day, hour), anyway=True))


def actors(store: Store, visit: Json) -> set[str]:
    c = slot_claim.c
    return set(store.conn.execute(sa.select(c.actor).where(c.appointment == visit["id"])).scalars())


def test_rooms_devices_and_roles_entered_here_are_what_a_booking_takes(any_practice: Store) -> None:
    made = a_laser_practice(any_practice)
    setup = calendar_setup(any_practice)
    assert [one.name for one in setup.columns()] == ["Dr Adaeze Nwosu"]
    assert [one.roles for one in setup.providers if not one.column] == [frozenset({"assistant", "laser nurse"})]
    assert (setup.devices[0].kind, setup.devices[0].after) == ("laser", 10)
    visit = a_visit(any_practice, made)
    assert actors(any_practice, visit) == {
        f"Practitioner/{made['doctor']}", f"Practitioner/{made['assistant']}", f"Location/{made['room']}",
        f"Location/{made['laser_room']}", f"Device/{made['device']}",
    }  # fmt: skip


@pytest.mark.parametrize("what", ["laser_room", "device"])
def test_retiring_shows_the_visits_first_frees_its_time_and_gives_it_back(any_practice: Store, what: str) -> None:
    made = a_laser_practice(any_practice)
    visit = a_visit(any_practice, made)
    type_ = "Device" if what == "device" else "Location"
    key = f"{type_}/{made[what]}"
    with pytest.raises(StillUsed) as refused:
        service.set_active(any_practice, type_, made[what], active=False)
    assert [one.id for one in refused.value.visits] == [visit["id"]]
    assert key in actors(any_practice, visit)
    service.set_active(any_practice, type_, made[what], active=False, agreed=True)
    assert key not in actors(any_practice, visit)
    assert list(faults_of_claims(any_practice)) == []
    assert [one.id for one in outside_visits(any_practice)] == [visit["id"]]
    with pytest.raises(NothingFree):
        a_visit(any_practice, made, hour=14)
    service.set_active(any_practice, type_, made[what], active=True)
    assert key in actors(any_practice, visit)
    assert list(faults_of_claims(any_practice)) == []
    assert outside_visits(any_practice) == []
    a_visit(any_practice, made, hour=14)


@pytest.mark.parametrize("what", ["laser_room", "device"])
def test_own_hours_hold_from_a_day_on_and_visits_outside_are_seen_first(any_practice: Store, what: str) -> None:
    made = a_laser_practice(any_practice)
    before, visit = a_visit(any_practice, made, day=16, hour=14), a_visit(any_practice, made, hour=14)
    type_ = "Device" if what == "device" else "Location"
    since = at(any_practice, 17, 9).date()
    with pytest.raises(Exception, match="outside") as refused:
        service.save_thing_week(any_practice, type_, made[what], NewWeek(SHORT, since, agreed=False))
    assert [one.id for one in refused.value.visits] == [visit["id"]]  # type: ignore[attr-defined]
    service.save_thing_week(any_practice, type_, made[what], NewWeek(SHORT, since))
    assert [one.id for one in outside_visits(any_practice)] == [visit["id"]]
    assert before["id"] != visit["id"]
    with pytest.raises(NothingFree):
        a_visit(any_practice, made, day=18, hour=14)
    a_visit(any_practice, made, day=18, hour=10)
    assert calendar_setup(any_practice).resource(f"{type_}/{made[what]}").hours  # type: ignore[union-attr]
    service.save_thing_week(any_practice, type_, made[what], NewWeek((), at(any_practice, 19, 9).date()))
    with pytest.raises(NothingFree):
        a_visit(any_practice, made, day=18, hour=14)
    a_visit(any_practice, made, day=19, hour=9)
    service.save_thing_week(any_practice, type_, made[what], NewWeek(()))
    a_visit(any_practice, made, day=19, hour=14)


def test_a_renamed_device_is_renamed_in_the_visits_to_come(practice: Store) -> None:
    made = a_laser_practice(practice)
    visit = a_visit(practice, made)
    site = practice.practice.site_id
    service.save_device(practice, Device("Laser red", site, Use("laser")), made["device"])
    shown = {one["actor"]["display"] for one in practice.read("Appointment", visit["id"])["participant"]}
    assert "Laser red" in shown


def test_every_record_reads_back_as_it_was_given(practice: Store) -> None:
    device = Device("Laser 1", practice.practice.site_id, Use("laser", 2, 5, 10))
    kept = service.save_device(practice, device)
    assert mapping.device_of(kept) == device
    assert mapping.device_of(service.save_device(practice, Device("Bare"), kept["id"])) == Device("Bare")
    made = a_laser_practice(practice)
    person, role = service.provider_records(practice, made["assistant"])
    again = mapping.provider_of(person, role)
    assert (again.roles, again.column) == ("assistant, laser nurse", False)
    coded = {**role, "code": [{"coding": [{"code": "224608005"}]}, *role["code"]]}
    saved = mapping.role_resource(Provider("Tui", "Walker"), made["assistant"], "", coded)
    assert saved["code"] == [{"coding": [{"code": "224608005"}]}]


def test_lengths_are_read_as_they_are_typed_and_typed_as_they_are_read() -> None:
    names = {"a": "Dr Meera Iyer", "b": "Known"}
    text = "40 new\n30 Dr Meera Iyer\n45 Dr Meera Iyer known"
    found = read_lengths(text, names)
    assert found == (Length(40, "", "new"), Length(30, "a"), Length(45, "a", "known"))
    assert typed_lengths(found, names) == text
    assert typed_lengths([*found, Length(50, "gone")], names) == text
    assert read_lengths("  30   dr meera  IYER ", names) == (Length(30, "a"),)


@pytest.mark.parametrize("line", ["new", "40", "40 nobody", "4 new", "42 new", "999 new", "40 Dr Meera Iyer often"])
def test_a_length_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(Invalid):
        read_lengths(line, {"a": "Dr Meera Iyer"})


def test_a_device_is_added_gets_hours_and_is_retired_with_its_visits_seen(
    manager: FlaskClient, furnished: Flask
) -> None:
    site = state_of(furnished).practice.site_id
    given = {"name": "Laser 1", "site": site, "kind": "Laser", "capacity": "1", "before": "0", "after": "10"}
    assert send(manager, "/management/devices/new", **given).status_code == 303
    listed = manager.get("/management/devices/").text
    device = listed.split("Laser 1")[0].rsplit("/management/devices/", 1)[1].split('"')[0]
    assert "laser" in manager.get("/management/devices/").text
    url = f"/management/devices/{device}/hours"
    week = {f"{day}_1_{part}": hour for day in ("mon", "tue", "wed") for part, hour in (("from", "9"), ("to", "17"))}
    assert send(manager, url, **week).status_code == 303
    assert 'value="17:00"' in manager.get(url).text
    assert send(manager, url, **{**week, "mon_1_to": "8"}).status_code == 422
    assert "can always be used" in manager.get(send(manager, url, **dict.fromkeys(week, "")).headers["Location"]).text

    def booked(store: Store) -> Json:
        made = a_laser_practice(store)
        service.set_active(store, "Device", made["device"], active=False)
        return a_visit(store, made)

    in_app(state_of(furnished), booked)
    page = f"/management/devices/{device}"
    refused = send(manager, f"{page}/retire", page)
    assert refused.status_code == 409
    assert "Lightly" in refused.text
    token = fields_of(refused.text)["csrf_token"]
    assert manager.post(f"{page}/retire", data={"csrf_token": token, "agreed": "1"}).status_code == 303
    assert "Lightly" in manager.get("/management/outside").text


def test_a_visit_type_keeps_its_other_lengths(manager: FlaskClient, furnished: Flask) -> None:
    add(manager, "providers", given="Chidi", family="Nwosu", site="", room="")
    kind = add(manager, "visit-types", name="Check", minutes="20", colour="", lengths="40 new\n30 Chidi Nwosu")
    page = f"/management/visit-types/{kind}"
    assert "40 new\n30 Chidi Nwosu" in manager.get(page).text
    bad = send(manager, page, name="Check", minutes="20", colour="", lengths="40 somebody")
    assert bad.status_code == 422
    assert "cannot be read" in bad.text


def test_a_type_with_booked_visits_stays_with_a_time_or_without(practice: Store) -> None:
    made = a_laser_practice(practice)
    listed = VisitType("Home visit", 30, untimed=True, per_day=4)
    kind = service.save_visit_type(practice, listed)["id"]
    assert mapping.visit_type_of(practice.read("HealthcareService", kind)) == listed
    assert calendar_setup(practice).visit_type(kind).per_day == 4  # type: ignore[union-attr]
    service.save_visit_type(practice, VisitType("Home visit", 30), kind)
    service.save_visit_type(practice, listed, kind)
    book(practice, Booking("ada", made["doctor"], kind, at(practice, 17, 10)))
    with pytest.raises(Conflict):
        service.save_visit_type(practice, VisitType("Home visit", 30), kind)
    service.save_visit_type(practice, VisitType("At home", 30, untimed=True, per_day=9), kind)


def test_rooms_and_devices_are_for_those_who_set_up_the_practice(furnished: Flask, client_of) -> None:  # type: ignore[no-untyped-def]
    for role in ("receptionist", "billing"):
        for path in ("devices/", "devices/new", "rooms/x/hours", "devices/x/hours"):
            assert client_of(role).get(f"/management/{path}").status_code == 403
    for path in ("devices/x", "rooms/x/hours", "devices/x/hours"):
        assert client_of("manager").get(f"/management/{path}").status_code == 404
