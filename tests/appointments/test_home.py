"""Booking from home, and one's own visit by a link: what strangers see, what patients may do, what abuse does."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.queries.online import Asked, requests
from clinic.appointments.service import book
from clinic.appointments.service.links import visit_link_for
from clinic.appointments.service.online import save_rule
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.appointments import factories as f
from tests.appointments import home_factories as h
from tests.appointments.conftest import NOW, fill
from tests.appointments.test_routes import within
from tests.factories import token_in


@pytest.fixture
def home(any_app: Flask) -> Flask:
    """The application with the small practice, open to people at home, on both databases in turn."""
    state = state_of(any_app)
    fill(state.database, state.setting)
    within(any_app, h.open_practice)  # type: ignore[arg-type]
    return any_app


@pytest.fixture
def lite(app: Flask) -> Flask:
    """The same on SQLite only."""
    state = state_of(app)
    fill(state.database, state.setting)
    within(app, h.open_practice)  # type: ignore[arg-type]
    return app


def asked(app: Flask, state: str = "") -> list[Json]:
    found = within(app, lambda store: requests(store, Asked(state)))  # type: ignore[arg-type, return-value]
    return found[0]  # type: ignore[no-any-return]


def appointments(app: Flask) -> list[Json]:
    return within(app, lambda store: store.search("Appointment", []))  # type: ignore[arg-type, return-value]


def a_link(app: Flask, when: str = "2027-03-11 10:00") -> tuple[str, Json]:
    def work(store: Store) -> Json:
        visit = book(store, f.a_booking(when))
        return {"token": visit_link_for(store, visit), "visit": visit}

    made = within(app, work)
    return made["token"], made["visit"]


def act(client: FlaskClient, token: str, what: str, **data: str) -> int:
    page = client.get(f"/appointments/own/{token}").text
    data |= {"csrf_token": token_in(page)}
    return client.post(f"/appointments/own/{token}/{what}", data=data).status_code


def test_a_known_patient_books_without_an_account(home: Flask) -> None:
    client = home.test_client()
    assert "Check" in client.get("/appointments/online").text
    assert h.SLOT.replace("+", "%2B") in client.get("/appointments/online/check").text
    answer = h.send(client)
    assert answer.status_code == 303, answer.text
    [visit] = appointments(home)
    assert (visit["status"], visit["start"]) == ("booked", "2027-03-11T15:00:00Z")
    done = client.get(answer.location).text
    assert "Your visit is booked" in done
    token = re.search(r"/appointments/own/([\w-]+)", done)[1]  # type: ignore[index]
    assert h.open_own(client, token).location.endswith("/visit")
    assert "Dr Ann Adams" in client.get(f"/appointments/own/{token}/visit").text


def test_a_booking_sent_twice_is_one_visit(home: Flask) -> None:
    client = home.test_client()
    page = client.get("/appointments/online/check/book", query_string={"slot": h.SLOT}).text
    key = h.once_in(page)
    assert [h.send(client, once=key).status_code for _ in range(2)] == [303, 303]
    assert len(appointments(home)) == 1


@pytest.mark.parametrize(
    "wrong", [{"given": "Eve"}, {"family": "Byron"}, {"d": "04"}, {"number": "2125550199"}, {"number": "HS-00002"}]
)
def test_whoever_is_wrong_in_one_thing_hears_the_same(lite: Flask, wrong: dict[str, str]) -> None:
    client = lite.test_client()
    answer = h.send(client, **wrong)
    assert answer.status_code == 422
    assert "We could not find you with these details." in answer.text
    assert appointments(lite) == []
    assert answer.text.count("aria-invalid") == 0


def test_a_record_number_proves_as_well(lite: Flask) -> None:
    assert h.send(lite.test_client(), number="hs 00001").status_code == 303
    assert len(appointments(lite)) == 1


def test_a_new_person_asks_and_the_time_is_held(home: Flask) -> None:
    client = home.test_client()
    answer = h.send(client, known="no", given="Nora", family="Vance", number="212 555 0177")
    assert "We have your request" in client.get(answer.location).text
    [request] = asked(home)
    assert (request.state, request.name, request.patient_id) == ("open", "Nora Vance", "")
    assert appointments(home) == []
    assert h.SLOT.replace("+", "%2B") not in client.get("/appointments/online/check").text
    again = h.send(home.test_client())
    assert again.status_code == 409
    assert "has just been taken" in again.text


def test_new_people_may_be_kept_out(lite: Flask) -> None:
    within(lite, lambda store: save_rule(store, h.a_rule(new_patients=False)))  # type: ignore[arg-type, return-value, func-returns-value]
    answer = h.send(lite.test_client(), known="no", given="Nora", family="Vance", number="212 555 0177")
    assert answer.status_code == 422
    assert asked(lite) == []


@pytest.mark.parametrize(("mode", "status"), [("off", 404), ("view", 200), ("request", 200), ("book", 200)])
def test_the_mode_of_a_visit_type_decides(lite: Flask, mode: str, status: int) -> None:
    client = lite.test_client()
    within(lite, lambda store: save_rule(store, h.a_rule(mode=mode)))  # type: ignore[arg-type, return-value, func-returns-value]
    page = client.get("/appointments/online/check")
    assert page.status_code == status
    assert ("/book?slot=" in page.text) == (mode in ("request", "book"))
    form = client.get("/appointments/online/check/book", query_string={"slot": h.SLOT})
    assert form.status_code == (200 if mode in ("request", "book") else 404)


@pytest.mark.parametrize(
    "slot",
    ["2027-03-09T19:00:00Z/adams", "2027-03-11T02:00:00Z/adams", "2028-03-11T15:00:00Z/adams",
     "2027-03-11T15:00:00Z/nobody", "2027-03-13T15:00:00Z/adams"],
)  # fmt: skip
def test_times_that_are_not_offered_are_not_taken(lite: Flask, slot: str) -> None:
    """Too soon, at night, too far, with nobody, on a Saturday."""
    client = lite.test_client()
    page = client.get("/appointments/online/check/book", query_string={"slot": h.SLOT}).text
    data = {"csrf_token": token_in(page), "once": h.once_in(page), "slot": slot, "known": "yes", "given": "Ada",
            "family": "Lovelace", "y": "1980", "m": "2", "d": "3", "number": "2125550142"}  # fmt: skip
    assert client.post("/appointments/online/check/book", data=data).status_code in (404, 409, 422)
    assert appointments(lite) == []


def test_three_coming_visits_are_enough(lite: Flask) -> None:
    hours = [15, 16, 19, 20]
    answers = [h.send(lite.test_client(), slot=f"2027-03-11T{hour}:00:00+00:00/adams") for hour in hours]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 409]
    assert "For more, please call the practice" in answers[-1].text


def test_guessing_is_slowed_down(lite: Flask) -> None:
    said = [h.send(lite.test_client(), number=f"21255501{n:02d}").status_code for n in range(50, 75)]
    assert said[0] == 422
    assert said[-1] == 429


def test_strangers_see_no_names(lite: Flask) -> None:
    within(lite, lambda store: book(store, f.a_booking("2027-03-11 10:00")))
    client = lite.test_client()
    for path in ("/appointments/online", "/appointments/online/check", "/appointments/online/chat"):
        page = client.get(path).text
        assert "Lovelace" not in page
        assert "1980" not in page


def test_a_followed_link_shows_and_changes_nothing(home: Flask) -> None:
    token, visit = a_link(home)
    before = h.everything(home)
    scanner = home.test_client()
    for path in ("", "/visit", "/move", "/visit.ics", "/wish"):
        for method in ("GET", "HEAD"):
            answer = scanner.open(f"/appointments/own/{token}{path}", method=method, follow_redirects=True)
            assert "Adams" not in answer.text
            assert "Check" not in answer.text
            assert "11 March" not in answer.text
    for path in ("confirm", "cancel", "move", "wish"):
        assert act(scanner, token, path, slot=h.SLOT, answer="withdraw") == 303
    assert h.everything(home) == before
    assert within(home, lambda store: store.read("Appointment", visit["id"])) == visit


def test_the_patient_confirms_moves_and_cancels(home: Flask) -> None:
    token, visit = a_link(home)
    client = home.test_client()
    assert h.open_own(client, token).status_code == 303
    assert act(client, token, "confirm") == 303
    assert "You have confirmed" in client.get(f"/appointments/own/{token}/visit").text
    later = "2027-03-12T15:00:00+00:00/adams"
    assert later in client.get(f"/appointments/own/{token}/move").text
    assert act(client, token, "move", slot=later) == 303
    assert within(home, lambda store: store.read("Appointment", visit["id"]))["start"] == "2027-03-12T15:00:00Z"
    assert act(client, token, "cancel", reason="I am away") == 303
    kept = within(home, lambda store: store.read("Appointment", visit["id"]))
    assert (kept["status"], kept["cancelationReason"]["text"]) == ("cancelled", "I am away")


def test_the_rule_until_when_one_cancels_is_obeyed(lite: Flask) -> None:
    token, visit = a_link(lite, "2027-03-10 09:00")
    client = lite.test_client()
    h.open_own(client, token)
    assert "too late" in client.get(f"/appointments/own/{token}/visit").text
    assert act(client, token, "cancel") == 409
    assert act(client, token, "move", slot=h.SLOT) == 409
    assert act(client, token, "confirm") == 303
    assert within(lite, lambda store: store.read("Appointment", visit["id"]))["status"] == "booked"


def test_a_taken_time_is_not_moved_into(lite: Flask) -> None:
    token, visit = a_link(lite)
    within(lite, lambda store: book(store, f.a_booking("2027-03-12 10:00", patient_id="p2")))
    client = lite.test_client()
    h.open_own(client, token)
    assert act(client, token, "move", slot="2027-03-12T15:00:00+00:00/adams") == 409
    assert within(lite, lambda store: store.read("Appointment", visit["id"]))["start"] == visit["start"]


def test_the_birth_date_of_one_link_opens_no_other(lite: Flask) -> None:
    one, _visit = a_link(lite)
    other, _visit = a_link(lite, "2027-03-12 10:00")
    client = lite.test_client()
    h.open_own(client, one)
    assert client.get(f"/appointments/own/{one}/visit").status_code == 200
    assert client.get(f"/appointments/own/{other}/visit").status_code == 303
    assert client.get(f"/appointments/own/{one}/wish").status_code == 303


def test_the_proof_lasts_half_an_hour(lite: Flask) -> None:
    token, _visit = a_link(lite)
    client = lite.test_client()
    h.open_own(client, token)
    state_of(lite).clock.instant = NOW + timedelta(minutes=31)  # type: ignore[attr-defined]
    assert client.get(f"/appointments/own/{token}/visit").status_code == 303


def test_a_link_in_a_message_leads_to_its_page(lite: Flask) -> None:
    token, _visit = a_link(lite)
    assert lite.test_client().get(f"/appointments/online/{token}").location == f"/appointments/own/{token}"


def test_a_wrong_birth_date_tells_nothing(lite: Flask) -> None:
    token, _visit = a_link(lite)
    answer = h.open_own(lite.test_client(), token, born=("1980", "02", "04"))
    assert answer.status_code == 422
    assert "Adams" not in answer.text
    assert h.open_own(lite.test_client(), token, born=("1980", "02", "31")).status_code == 422
    for _ in range(5):
        answer = lite.test_client().get(f"/appointments/own/{token}")
        if answer.status_code == 404:
            break
        h.open_own(lite.test_client(), token, born=("1990", "01", "01"))
    assert lite.test_client().get(f"/appointments/own/{token}").status_code == 404


def test_the_calendar_entry_names_nobody(lite: Flask) -> None:
    token, _visit = a_link(lite)
    client = lite.test_client()
    h.open_own(client, token)
    answer = client.get(f"/appointments/own/{token}/visit.ics")
    assert answer.content_type.startswith("text/calendar")
    assert "DTSTART:20270311T150000Z" in answer.text
    assert "Lovelace" not in answer.text
    assert "Check" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_pages_speak_the_chosen_language(lite: Flask) -> None:
    client = lite.test_client()
    token = token_in(client.get("/appointments/online").text)
    data = {"csrf_token": token, "language": "ar", "here": "/appointments/online/check"}
    answer = client.post("/appointments/online/view", data=data)
    assert answer.location == "/appointments/online/check"
    assert 'dir="rtl"' in client.get("/appointments/online").text
    data |= {"here": "//evil.example/appointments/online"}
    assert client.post("/appointments/online/view", data=data).location == "/appointments/online"
