"""Dropping a visit on the calendar, copying it, and columns by room and site."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from clinic.appointments.errors import SamePatient
from clinic.appointments.queries.day import Asked, day_page, week_page
from clinic.appointments.rules.booking import Change
from clinic.appointments.service import book
from clinic.appointments.service.copying import copy_visit
from clinic.fhir.store import Store
from tests.appointments import factories as f
from tests.appointments.test_renewing import calendar
from tests.appointments.test_routes import Clients, form, within

__all__ = ["calendar"]
TUESDAY = date(2027, 3, 9)
THREE = "2027-03-09T20:00:00Z/adams"


def test_a_copy_is_another_visit_of_the_same_kind(desk: Store) -> None:
    visit = book(desk, f.a_booking(note="Brings a ladder", minutes=45))
    copied = copy_visit(desk, visit["id"], Change(start=f.at("2027-03-10 15:00")))
    assert copied["id"] != visit["id"]
    assert copied["minutesDuration"] == 45
    assert copied["comment"] == "Brings a ladder"
    assert desk.read("Appointment", visit["id"])["start"] == visit["start"]
    other = copy_visit(desk, visit["id"], Change(start=f.at("2027-03-11 15:00"), provider_id="baker"))
    rooms = [part["actor"]["reference"] for part in other["participant"] if "room2" in part["actor"]["reference"]]
    assert rooms == ["Location/room2"]


def test_a_copy_at_the_same_time_says_that_the_patient_is_there_already(desk: Store) -> None:
    visit = book(desk, f.a_booking())
    change = Change(provider_id="baker")
    with pytest.raises(SamePatient):
        copy_visit(desk, visit["id"], change)
    assert copy_visit(desk, visit["id"], change, anyway=True)["status"] == "booked"


def test_rooms_and_sites_have_columns_of_their_own(desk: Store) -> None:
    book(desk, f.a_booking())
    book(desk, f.a_booking(patient_id="p2", provider_id="baker"))
    rooms = day_page(desk, TUESDAY, Asked(by="room"))
    assert [(column.owner.name, column.taken) for column in rooms.columns] == [("Room 1", 1), ("Room 2", 1)]
    (site,) = day_page(desk, TUESDAY, Asked(by="site")).columns
    assert site.taken == 2
    assert [event.beside for event in site.events] == [2, 2]
    week = week_page(desk, TUESDAY, Asked(by="room", who="room2"))
    assert [column.taken for column in week.columns] == [0, 1, 0, 0, 0, 0, 0]
    chosen = day_page(desk, TUESDAY, Asked(chosen=("baker",)))
    assert [column.owner.id for column in chosen.columns] == ["baker"]
    assert chosen.hidden == 1
    assert len(day_page(desk, TUESDAY, Asked(chosen=("gone",))).columns) == 2


def test_a_column_is_the_same_until_something_in_it_changes(lite: Store) -> None:
    visit = book(lite, f.a_booking())
    first = day_page(lite, TUESDAY).columns
    assert all(one is other for one, other in zip(first, day_page(lite, TUESDAY).columns, strict=True))
    lite.update(visit | {"comment": "Brings a ladder"})
    again = day_page(lite, TUESDAY).columns
    assert again[0] is not first[0]
    assert again[1] is first[1]


def test_the_columns_somebody_chose_are_kept_for_them(calendar: Flask, client_of: Clients) -> None:
    client = client_of("receptionist")
    data = {"csrf_token": form(client)["csrf_token"], "by": "provider", "column": ["baker"]}
    answer = client.post("/appointments/columns", data=data)
    assert answer.status_code == 303
    text = client.get("/appointments/day?day=2027-03-09").get_data(as_text=True)
    assert 'data-provider="baker"' in text
    assert 'data-provider="adams"' not in text
    assert "1 of 2" in text
    assert 'data-provider="adams"' in client_of("manager").get("/appointments/day?day=2027-03-09").get_data(
        as_text=True
    )


def test_the_same_drop_sent_twice_moves_once(calendar: Flask, client_of: Clients) -> None:
    visit = within(calendar, lambda store: book(store, f.a_booking()))
    client = client_of("receptionist")
    data = {"csrf_token": form(client)["csrf_token"], "slot": THREE, "minutes": "30", "version": "1", "once": "k1"}
    path = f"/appointments/{visit['id']}/place"
    for _ in range(2):
        answer = client.post(path, data=data)
        assert (answer.status_code, answer.headers["X-Version"]) == (204, "2")
    stale = client.post(path, data=data | {"once": "k2", "slot": "2027-03-09T21:00:00Z/adams"})
    assert stale.status_code == 409
    assert "in the meantime" in stale.get_data(as_text=True)
    assert client.post(path, data=data | {"once": "k3", "slot": "never"}).status_code == 422


def test_a_refused_drop_offers_the_nearest_times_in_place(calendar: Flask, client_of: Clients) -> None:
    visit = within(calendar, lambda store: book(store, f.a_booking()))
    within(calendar, lambda store: book(store, f.a_booking("2027-03-09 15:00", patient_id="p2")))
    client = client_of("receptionist")
    data = {"csrf_token": form(client)["csrf_token"], "slot": THREE, "minutes": "30", "version": "1"}
    answer = client.post(f"/appointments/{visit['id']}/place", data=data)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert text.count("data-offer=") == 4
    assert "Reason for overbooking" not in text
    copy = data | {"copy": "1", "slot": "2027-03-10T19:00:00Z/adams"}
    copied = client.post(f"/appointments/{visit['id']}/place", data=copy)
    assert copied.status_code == 204
    assert copied.headers["X-Visit"] != visit["id"]


def test_the_week_prints(calendar: Flask, client_of: Clients) -> None:
    within(calendar, lambda store: book(store, f.a_booking()))
    answer = client_of("receptionist").get("/appointments/print-week?day=2027-03-09&by=room&who=room1")
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF")
