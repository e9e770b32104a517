"""A visit by video has a room of its own, which the patient reaches by link without an account, and the desk too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.rules.policy import VisitPolicy
from clinic.appointments.service import book, cancel
from clinic.appointments.service.links import visit_link_for
from clinic.appointments.service.missing import save_policy
from clinic.appointments.service.telehealth import video_address
from clinic.cli.state import transact
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.appointments import factories as f
from tests.factories import token_in

ROOM = "https://video.example/harbour-"


def a_visit_by_video(store: Store) -> Json:
    f.a_practice(store)
    f.a_patient(store, "p1")
    save_policy(store, VisitPolicy("chat", video=f"{ROOM}{{room}}"))
    return book(store, f.a_booking(visit_type="chat"))


def test_each_visit_has_a_room_that_nobody_can_guess(any_store: Store) -> None:
    visit = a_visit_by_video(any_store)
    f.later(any_store, 60)
    other = book(any_store, f.a_booking("2027-03-09 15:00", visit_type="chat"))
    check = book(any_store, f.a_booking("2027-03-09 16:00"))
    one, two = video_address(any_store, visit), video_address(any_store, other)
    assert one.startswith(ROOM)
    assert len(one) == len(ROOM) + 24
    assert one != two
    assert visit["id"] not in one
    assert video_address(any_store, check) == ""


def test_the_patient_opens_the_room_from_the_link_without_an_account_until_the_visit_is_over(
    app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    state = state_of(app)
    visit = transact(state, a_visit_by_video)
    token = transact(state, lambda store: visit_link_for(store, visit))
    address = transact(state, lambda store: video_address(store, visit))
    phone, path = app.test_client(), f"/appointments/own/{token}"
    first = phone.get(path).text
    assert ROOM not in first
    born = {"csrf_token": token_in(first), "d": "3", "m": "2", "y": "1980"}
    assert phone.post(path, data=born).status_code == 303
    assert address in phone.get(f"{path}/visit").text
    assert address in client_of("receptionist").get(f"/appointments/{visit['id']}").text
    transact(state, lambda store: cancel(store, visit["id"], reason="ill"))
    assert ROOM not in phone.get(f"{path}/visit").text
    assert ROOM not in client_of("receptionist").get(f"/appointments/{visit['id']}").text


def test_the_room_is_gone_when_the_visit_is_over(app: Flask) -> None:
    state = state_of(app)
    visit = transact(state, a_visit_by_video)
    token = transact(state, lambda store: visit_link_for(store, visit))
    state.clock.instant = f.at("2027-03-09 14:15") + timedelta(minutes=1)  # type: ignore[attr-defined]
    phone, path = app.test_client(), f"/appointments/own/{token}"
    born = {"csrf_token": token_in(phone.get(path).text), "d": "3", "m": "2", "y": "1980"}
    assert phone.post(path, data=born).status_code == 303
    assert ROOM not in phone.get(f"{path}/visit").text
