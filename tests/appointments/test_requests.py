"""The desk answers what came in from home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.errors import TimeTaken
from clinic.appointments.queries.online import Asked, open_requests, request_of, requests
from clinic.appointments.rules.online import MOST_OF_NETWORK, OnlineRule, Person, Wish, checked, read_questions
from clinic.appointments.service import book
from clinic.appointments.service.home import Choice, move_own
from clinic.appointments.service.links import REQUEST, find_link
from clinic.appointments.service.online import ask_once, ask_or_book, save_rule
from clinic.appointments.service.requests import (
    NEW,
    Who,
    accept,
    agree,
    follow_merge,
    forget_requests,
    propose,
    refuse,
    reopen,
    withdraw,
)
from clinic.appointments.service.upkeep import faults_of_claims
from clinic.core.errors import Conflict, Invalid, Missing, Taken
from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.appointments import factories as f
from tests.appointments import home_factories as h
from tests.appointments.test_home import asked as asked_of
from tests.appointments.test_routes import calendar, text, within
from tests.factories import token_in

Clients = Callable[[str], FlaskClient]
NORA = Person("Nora", "Vance", "1990-05-06", "+12125550177", "nora@example.org")
WISH = Wish("chat", "adams", f.at("2027-03-11 10:00"), "Knee", network="here")
__all__ = ["calendar"]


@pytest.fixture
def open_desk(desk: Store) -> Store:
    """The desk's store with the practice open to people at home, on both databases."""
    h.open_practice(desk)
    return desk


def told(store: Store) -> list[Json]:
    """What the slices above hear."""
    heard: list[Json] = []
    store.setting.hooks.listen("message_wanted", lambda _store, news: heard.append(news))
    return heard


def test_a_new_person_is_registered_when_the_desk_accepts(open_desk: Store) -> None:
    heard = told(open_desk)
    made = ask_or_book(open_desk, NORA, WISH, known=False)
    with pytest.raises(Invalid):
        accept(open_desk, made.request_id)
    visit = accept(open_desk, made.request_id, Who(NEW, "female", phone="+12125550177"))
    patient = open_desk.read("Patient", visit["participant"][0]["actor"]["reference"].split("/")[1])
    assert (patient["name"][0]["family"], patient["gender"], patient["birthDate"]) == ("Vance", "female", "1990-05-06")
    assert visit["start"] == "2027-03-11T15:00:00Z"
    assert request_of(open_desk, made.request_id).state == "accepted"
    assert [(news["purpose"], news["patient"]) for news in heard] == [("confirmation", patient["id"])]
    assert list(faults_of_claims(open_desk)) == []
    with pytest.raises(Conflict):
        accept(open_desk, made.request_id, Who(NEW))


def test_the_desk_may_know_better_who_it_is(open_desk: Store) -> None:
    made = ask_or_book(open_desk, NORA, WISH, known=False)
    visit = accept(open_desk, made.request_id, Who("p2"))
    assert visit["participant"][0]["actor"]["reference"] == "Patient/p2"
    other = ask_or_book(open_desk, NORA, replace(WISH, start=f.at("2027-03-11 11:00")), known=False)
    with pytest.raises(Invalid):
        accept(open_desk, other.request_id, Who("nobody"))


def test_the_wanted_time_is_held_for_nobody_else(open_desk: Store) -> None:
    ask_or_book(open_desk, NORA, WISH, known=False)
    with pytest.raises(TimeTaken):
        book(open_desk, f.a_booking("2027-03-11 10:00"))
    with pytest.raises(Taken):
        ask_or_book(open_desk, NORA, WISH, known=False)


def test_a_hold_runs_out_and_the_request_stays(open_desk: Store) -> None:
    made = ask_or_book(open_desk, NORA, replace(WISH, start=f.at("2027-03-18 10:00")), known=False)
    open_desk.now += timedelta(hours=73)
    book(open_desk, f.a_booking("2027-03-18 10:00"))
    with pytest.raises(TimeTaken):
        accept(open_desk, made.request_id, Who("p2"))
    assert open_requests(open_desk) == 1


def test_another_time_is_proposed_and_taken_by_the_patient(open_desk: Store) -> None:
    heard = told(open_desk)
    made = ask_or_book(open_desk, h.ADA, WISH, known=True)
    propose(open_desk, made.request_id, provider_id="baker", start=f.at("2027-03-12 09:00"), words="Dr Adams is away")
    found = request_of(open_desk, made.request_id)
    assert (found.state, found.provider_name, found.words) == ("proposed", "Dr Ben Baker", "Dr Adams is away")
    book(open_desk, f.a_booking("2027-03-11 10:00", patient_id="p2"))
    visit = agree(open_desk, made.request_id)
    assert visit is not None
    assert visit["start"] == "2027-03-12T14:00:00Z"
    assert [news["purpose"] for news in heard] == ["own", "confirmation"]
    assert heard[0]["words"] == "Dr Adams is away {link}"
    assert list(faults_of_claims(open_desk)) == []


def test_who_is_not_on_file_agrees_and_the_desk_accepts(open_desk: Store) -> None:
    made = ask_or_book(open_desk, NORA, WISH, known=False)
    with pytest.raises(Conflict):
        agree(open_desk, made.request_id)
    propose(open_desk, made.request_id, provider_id="baker", start=f.at("2027-03-12 09:00"))
    assert agree(open_desk, made.request_id) is None
    visit = accept(open_desk, made.request_id, Who(NEW))
    assert visit["start"] == "2027-03-12T14:00:00Z"


def test_a_refusal_has_words_and_can_be_taken_back(open_desk: Store) -> None:
    unwanted: list[Json] = []
    open_desk.setting.hooks.listen("message_unwanted", lambda _store, news: unwanted.append(news))
    made = ask_or_book(open_desk, NORA, WISH, known=False)
    with pytest.raises(Invalid):
        refuse(open_desk, made.request_id, words=" ")
    refuse(open_desk, made.request_id, words="Please see your own doctor first")
    assert request_of(open_desk, made.request_id).words == "Please see your own doctor first"
    reopen(open_desk, made.request_id)
    assert request_of(open_desk, made.request_id).holder
    assert [news["key"] for news in unwanted] == [f"request:{made.request_id}:refused:"]
    refuse(open_desk, made.request_id, words="No")
    book(open_desk, f.a_booking("2027-03-11 10:00"))
    with pytest.raises(Taken):
        reopen(open_desk, made.request_id)


def test_a_wish_that_is_taken_back_frees_its_time_and_ends_its_link(open_desk: Store) -> None:
    from clinic.access.sessions import digest

    made = ask_or_book(open_desk, NORA, WISH, known=False)
    assert find_link(open_desk, digest(made.token)).purpose == REQUEST  # type: ignore[union-attr]
    withdraw(open_desk, made.request_id)
    assert find_link(open_desk, digest(made.token)) is None
    assert book(open_desk, f.a_booking("2027-03-11 10:00"))["status"] == "booked"


def test_a_patient_asks_to_move_where_only_requests_are_taken(open_desk: Store) -> None:
    visit = book(open_desk, f.a_booking("2027-03-11 10:00", visit_type="chat"))
    for when in ("2027-03-12 10:00", "2027-03-12 11:00"):
        assert move_own(open_desk, visit["id"], Choice(f.at(when), "adams")) is None
    found, total = requests(open_desk, Asked("open"))
    assert [(one.kind, one.start, total) for one in found] == [("move", f.at("2027-03-12 11:00"), 1)]
    moved = accept(open_desk, found[0].id)
    assert (moved["id"], moved["start"]) == (visit["id"], "2027-03-12T16:00:00Z")


def test_requests_follow_a_merge_and_strangers_are_forgotten(open_desk: Store) -> None:
    mine = ask_or_book(open_desk, h.ADA, WISH, known=True)
    link = {"other": {"reference": "Patient/p1"}, "type": "replaces"}
    follow_merge(open_desk, {"id": "p2", "link": [link]})
    assert request_of(open_desk, mine.request_id).patient_id == "p2"
    other = ask_or_book(open_desk, NORA, replace(WISH, start=f.at("2027-03-12 10:00")), known=False)
    for made in (mine, other):
        refuse(open_desk, made.request_id, words="No")
    assert forget_requests(open_desk) == 0
    open_desk.now += timedelta(days=91)
    assert forget_requests(open_desk) == 1
    assert request_of(open_desk, mine.request_id).state == "refused"


def test_one_place_cannot_fill_the_calendar(open_desk: Store) -> None:
    start = f.at("2027-03-11 09:00")
    for n in range(MOST_OF_NETWORK):
        ask_or_book(open_desk, NORA, replace(WISH, start=start + timedelta(minutes=15 * n)), known=False)
    with pytest.raises(Conflict):
        ask_or_book(open_desk, NORA, replace(WISH, start=f.at("2027-03-12 09:00")), known=False)


def test_the_same_form_twice_is_one_request(open_desk: Store) -> None:
    one, two = (ask_once(open_desk, "key", NORA, WISH, known=False) for _ in range(2))
    assert one.request_id == two.request_id
    assert (bool(one.token), bool(two.token)) == (True, False)


@pytest.mark.parametrize("wrong", [{"notice_hours": -1}, {"horizon_days": 0}, {"cancel_hours": 10_000}, {"mode": "x"}])
def test_odd_rules_are_refused(wrong: Json) -> None:
    with pytest.raises(Invalid):
        checked(replace(OnlineRule("check"), **wrong))


def test_questions_are_one_a_line() -> None:
    assert read_questions(" What?\n\n  Since  when? ") == ("What?", "Since when?")
    with pytest.raises(Invalid):
        checked(OnlineRule("check", questions=tuple("abcdef")))


def test_the_desk_answers_on_its_page(calendar: Flask, client_of: Clients) -> None:
    within(calendar, h.open_practice)  # type: ignore[arg-type]
    h.send(
        calendar.test_client(), "chat", known="no", given="Nora", family="Vance", number="2125550177", answer0="Knee"
    )
    [request] = asked_of(calendar)
    desk = client_of("receptionist")
    assert "Nora Vance" in text(desk, "/appointments/requests?q=vance")
    assert "Nora Vance" not in text(desk, "/appointments/requests?q=nobody")
    page = text(desk, f"/appointments/requests/{request.id}")
    assert "What is it about?" in page
    data = {"csrf_token": token_in(page), "patient": "new", "sex": "female"}
    assert desk.post(f"/appointments/requests/{request.id}/accept", data=data).status_code == 303
    assert "Accepted" in text(desk, f"/appointments/requests/{request.id}")
    assert desk.post(f"/appointments/requests/{request.id}/accept", data=data).status_code == 409
    assert text(desk, "/appointments/requests/nothing", 404)


def test_billing_reads_requests_and_answers_none(calendar: Flask, client_of: Clients) -> None:
    biller = client_of("billing")
    assert "Nothing to answer" in text(biller, "/appointments/requests")
    page = text(biller, "/appointments/list")
    data = {"csrf_token": token_in(page) if "csrf_token" in page else ""}
    assert biller.post("/appointments/requests/x/accept", data=data).status_code == 403


def test_the_manager_opens_a_visit_type(calendar: Flask, client_of: Clients) -> None:
    manager = client_of("manager")
    assert "Check" in text(manager, "/appointments/opening")
    page = text(manager, "/appointments/opening/check")
    data = {"csrf_token": token_in(page), "mode": "book", "notice_hours": "2", "horizon_days": "30",
            "cancel_hours": "12", "new_patients": "y", "questions": "Why?", "words": "Bring your card"}  # fmt: skip
    assert manager.post("/appointments/opening/check", data=data).status_code == 303
    assert "Bring your card" in calendar.test_client().get("/appointments/online").text
    wrong = data | {"notice_hours": "-5"}
    assert manager.post("/appointments/opening/check", data=wrong).status_code == 422
    assert manager.post("/appointments/opening/check", data=data | {"horizon_days": "x"}).status_code == 422
    assert client_of("receptionist").get("/appointments/opening").status_code == 403
    assert text(manager, "/appointments/opening/nothing", 404)


def test_what_is_not_there_is_not_there(open_desk: Store) -> None:
    with pytest.raises(Missing):
        request_of(open_desk, "nothing")
    with pytest.raises(Missing):
        accept(open_desk, "nothing")
    save_rule(open_desk, OnlineRule("check", "off"))
    with pytest.raises(Invalid):
        ask_or_book(open_desk, h.ADA, replace(WISH, type_id="check"), known=True)
