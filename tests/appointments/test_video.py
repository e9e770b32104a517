"""A visit by video has a room of its own, which the patient reaches by link without an account, and the desk too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.rules.policy import VisitPolicy
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.telehealth import stage_of
from clinic.appointments.service import book, cancel, set_status
from clinic.appointments.service.links import visit_link_for
from clinic.appointments.service.missing import save_policy
from clinic.appointments.service.telehealth import say_here, video_address
from clinic.cli.state import transact
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.service.restricting import restrict
from clinic.visits.service import move_to, undo, visit_of
from clinic.web.state import State, state_of
from tests.appointments import factories as f
from tests.factories import token_in

ROOM = "https://video.example/harbour-"


def a_visit_by_video(store: Store) -> Json:
    f.a_practice(store)
    f.a_patient(store, "p1")
    save_policy(store, VisitPolicy("chat", video=f"{ROOM}{{room}}"))
    return book(store, f.a_booking(visit_type="chat"))


def by_link(app: Flask) -> tuple[State, Json, str, FlaskClient]:
    """A visit by video of this afternoon, the path of its link, and a telephone that has given the birth date."""
    state = state_of(app)
    visit = transact(state, a_visit_by_video)
    path = f"/appointments/own/{transact(state, lambda store: visit_link_for(store, visit))}"
    return state, visit, path, proven(app, path)


def proven(app: Flask, path: str) -> FlaskClient:
    phone = app.test_client()
    first = phone.get(path).text
    assert ROOM not in first
    born = {"csrf_token": token_in(first), "d": "3", "m": "2", "y": "1980"}
    assert phone.post(path, data=born).status_code == 303
    return phone


def at_time(state: State, path: str, when: str, app: Flask) -> FlaskClient:
    """A telephone that has given the birth date at this time."""
    state.clock.instant = f.at(when)  # type: ignore[attr-defined]
    return proven(app, path)


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


def test_the_patient_opens_the_room_from_the_link_without_an_account_once_they_are_here(
    app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    state, visit, path, phone = by_link(app)
    address = transact(state, lambda store: video_address(store, visit))
    early = phone.get(f"{path}/visit").text
    assert "From 13:30 on" in early
    assert ROOM not in early
    assert address in client_of("receptionist").get(f"/appointments/{visit['id']}").text
    form = {"csrf_token": token_in(early)}
    refused = phone.post(f"{path}/here", data=form)
    assert refused.status_code == 409
    assert "half an hour before" in refused.text
    phone = at_time(state, path, "2027-03-09 13:30", app)
    assert ROOM not in phone.get(f"{path}/visit").text
    for _click in range(2):
        assert phone.post(f"{path}/here", data={"csrf_token": token_in(phone.get(path).text)}).status_code == 303
    page = phone.get(f"{path}/visit").text
    assert address in page
    assert "I am here" not in page
    assert transact(state, lambda store: len(store.search("Encounter", limit=9))) == 1
    transact(state, lambda store: set_status(store, visit["id"], "fulfilled"))
    assert ROOM not in phone.get(f"{path}/visit").text


def test_a_cancelled_visit_has_no_room(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    state, visit, path, phone = by_link(app)
    transact(state, lambda store: cancel(store, visit["id"], reason="ill"))
    page = phone.get(f"{path}/visit").text
    assert "This visit is by video" not in page
    assert ROOM not in client_of("receptionist").get(f"/appointments/{visit['id']}").text


@pytest.mark.parametrize("when", ["2027-03-09 13:29", "2027-03-09 14:15"])
def test_nobody_is_here_before_the_window_or_after_the_visit(app: Flask, when: str) -> None:
    state, visit, path, _phone = by_link(app)
    phone = at_time(state, path, when, app)
    page = phone.get(f"{path}/visit").text
    assert "I am here" not in page
    assert phone.post(f"{path}/here", data={"csrf_token": token_in(page)}).status_code == 409
    assert transact(state, lambda store: store.read("Appointment", visit["id"])["status"]) == "booked"


def test_without_the_birth_date_nothing_is_tried_and_nobody_is_here(app: Flask) -> None:
    state, visit, path, _phone = by_link(app)
    state.clock.instant = f.at("2027-03-09 13:45")  # type: ignore[attr-defined]
    stranger = app.test_client()
    form = {"csrf_token": token_in(stranger.get(path).text)}
    assert stranger.get(f"{path}/try").headers["Location"] == path
    assert stranger.post(f"{path}/here", data=form).headers["Location"] == path
    assert stranger.post(f"{path}/here").status_code in (303, 403)
    assert transact(state, lambda store: store.read("Appointment", visit["id"])["status"]) == "booked"


def test_only_the_page_that_tries_the_microphone_may_use_it(app: Flask) -> None:
    _state, _visit, path, phone = by_link(app)
    page = phone.get(f"{path}/try")
    assert page.status_code == 200
    assert "microphone=(self)" in page.headers["Permissions-Policy"]
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert "<script>" not in page.text
    assert "microphone=()" in phone.get(f"{path}/visit").headers["Permissions-Policy"]


def test_a_visit_in_the_practice_has_nothing_to_try_and_no_door(app: Flask) -> None:
    state, _visit, _path, _phone = by_link(app)
    other = transact(state, lambda store: book(store, f.a_booking("2027-03-09 16:00")))
    path = f"/appointments/own/{transact(state, lambda store: visit_link_for(store, other))}"
    phone = at_time(state, path, "2027-03-09 15:50", app)
    assert phone.get(f"{path}/try").headers["Location"] == f"{path}/visit"
    form = {"csrf_token": token_in(phone.get(f"{path}/visit").text)}
    assert phone.post(f"{path}/here", data=form).status_code == 409


def test_who_waits_by_video_is_seen_on_today_and_on_the_flow_board(
    app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    state, visit, path, _phone = by_link(app)
    phone, desk = at_time(state, path, "2027-03-09 13:50", app), client_of("receptionist")
    assert "waits by video" not in desk.get("/visits/today").text + desk.get("/visits/flow").text
    phone.post(f"{path}/here", data={"csrf_token": token_in(phone.get(path).text)})
    assert "waits by video" in desk.get("/visits/today").text
    assert "waits by video" in desk.get("/visits/flow").text
    encounter = transact(state, lambda store: visit_of(store, visit["id"]))
    assert encounter is not None
    transact(state, lambda store: move_to(store, encounter["id"], "provider"))
    assert "waits by video" not in desk.get("/visits/today").text + desk.get("/visits/flow").text


def test_a_restricted_patient_comes_by_the_link_and_the_desk_sees_the_name_alone(
    app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    state, visit, path, _phone = by_link(app)
    transact(state, lambda store: restrict(store, "p1", "R", []))
    phone, desk = at_time(state, path, "2027-03-09 13:50", app), client_of("receptionist")
    answer = phone.post(f"{path}/here", data={"csrf_token": token_in(phone.get(path).text)})
    assert answer.headers["Location"] == f"{path}/visit"
    assert ROOM in phone.get(f"{path}/visit").text
    board = desk.get("/visits/flow").text
    assert "waits by video" in board
    assert "Chat ·" not in board
    assert ROOM not in desk.get(f"/appointments/{visit['id']}").text


def test_the_visit_takes_the_arrival_back_and_the_door_is_there_again(any_store: Store) -> None:
    visit = a_visit_by_video(any_store)
    any_store.now = f.at("2027-03-09 13:40")
    assert say_here(any_store, visit["id"])["status"] == "arrived"
    encounter = visit_of(any_store, visit["id"])
    assert encounter is not None
    assert say_here(any_store, visit["id"])["status"] == "arrived"
    undo(any_store, encounter["id"], version=int(encounter["meta"]["versionId"]))
    assert say_here(any_store, visit["id"])["status"] == "arrived"


SPAN = Span(f.at("2027-03-09 14:00"), f.at("2027-03-09 14:15"))


@pytest.mark.parametrize(
    ("status", "at", "stage"),
    [
        ("booked", "13:29", "early"),
        ("booked", "13:30", "door"),
        ("booked", "14:14", "door"),
        ("booked", "14:15", "over"),
        ("pending", "13:50", "early"),
        ("pending", "14:15", "over"),
        ("arrived", "13:00", "inside"),
        ("checked-in", "15:00", "inside"),
        ("fulfilled", "14:05", "over"),
        ("noshow", "14:05", "over"),
        ("cancelled", "13:45", "over"),
    ],
)
def test_the_door_opens_half_an_hour_before_and_shuts_at_the_end(status: str, at: str, stage: str) -> None:
    assert stage_of(status, SPAN, f.at(f"2027-03-09 {at}")) == stage
