"""The screens of the waiting list and of "Find a time"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.service import book, cancel
from clinic.appointments.service.waitlist import add_wish
from clinic.appointments.waitlist_tables import waitlist_offer, wish_row
from clinic.core.clock import FixedClock
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.appointments import factories as f
from tests.appointments.conftest import NOW
from tests.appointments.test_waitlist import TWO, a_wish, full, short_notice, work


@pytest.fixture
def filled(app: Flask) -> Flask:
    """The application with the small practice in it."""
    in_store(app, lambda store: [f.a_practice(store), *(f.a_patient(store, f"p{number}") for number in (1, 2, 3))])
    return app


def in_store(app: Flask, act: Callable[[Store], Any]) -> Any:
    state = state_of(app)
    with state.database.write() as conn:
        return act(Store(conn, state.setting, actor=f.DESK, now=NOW))


@pytest.fixture
def desk(filled: Flask, client_of: Callable[[str], FlaskClient]) -> Iterator[FlaskClient]:
    return client_of("receptionist")


def token(client: FlaskClient, path: str = "/appointments/waitlist/new?patient=p1") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def offered(app: Flask) -> str:
    def act(store: Store) -> str:
        gone = full(store)
        short_notice(store)
        add_wish(store, a_wish())
        cancel(store, gone, reason="ill")
        work(store, 3)
        return str(store.conn.execute(sa.select(waitlist_offer.c.id)).scalar_one())

    return str(in_store(app, act))


def test_somebody_is_put_on_the_list_changed_and_taken_off(desk: FlaskClient, filled: Flask) -> None:
    sent = {
        "csrf_token": token(desk), "patient": "p1", "visit_type": "check", "providers": "baker", "parts": "morning",
        "weekdays": ["1", "3"], "until": "2027-04-01", "notice": "24", "urgency": "1", "note": "knee",
    }  # fmt: skip
    assert desk.post("/appointments/waitlist/new", data=sent).status_code == 303
    page = desk.get("/appointments/waitlist").text
    assert "Ada Lovelace" in page
    assert "Dr Ben Baker · Morning · Tuesday, Thursday · 24 h notice" in page
    (id_,) = in_store(filled, lambda store: store.conn.execute(sa.select(wish_row.c.id)).scalars().all())
    shown = desk.get(f"/appointments/waitlist/{id_}").text
    assert 'value="2027-04-01"' in shown
    changed = sent | {"urgency": "9", "version": "1", "note": "hip"}
    assert desk.post(f"/appointments/waitlist/{id_}", data=changed).status_code == 303
    assert desk.post(f"/appointments/waitlist/{id_}", data=changed).status_code == 409
    gone = desk.post(f"/appointments/waitlist/{id_}/end", data={"csrf_token": sent["csrf_token"], "reason": "moved"})
    assert gone.status_code == 303
    page = desk.get("/appointments/waitlist").text
    assert "Nobody waits" in page
    undo = re.search(r'action="([^"]+/again/\d+)"', page)
    assert undo
    assert desk.post(undo[1], data={"csrf_token": sent["csrf_token"]}).status_code == 303
    assert "hip" not in desk.get("/appointments/waitlist?state=ended").text
    assert "Ada" in desk.get("/appointments/waitlist?q=lovel&type=check").text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"until": "2027-03-01"}, "The last day is over"),
        ({"until": "sometime"}, "This is not a day"),
        ({"notice": "-3"}, "whole number of hours"),
        ({"visit_type": "none"}, "Choose a visit type"),
        ({"providers": "none"}, "Choose a provider"),
        ({"site": "room1"}, "Choose a site"),
        ({"patient": "none"}, "Choose a patient"),
    ],
)
def test_what_is_wrong_comes_back_beside_its_field(desk: FlaskClient, wrong: dict[str, str], words: str) -> None:
    sent = {"csrf_token": token(desk), "patient": "p1", "visit_type": "check", "until": "2027-04-01", "note": "keep"}
    answer = desk.post("/appointments/waitlist/new", data=sent | wrong)
    assert answer.status_code == 422
    assert words in answer.text


def test_who_waits_is_looked_for_first(desk: FlaskClient) -> None:
    assert "Who waits?" in desk.get("/appointments/waitlist/new").text
    assert "new?patient=p" in desk.get("/appointments/waitlist/new?q=lovelace").text
    assert "Nobody found" in desk.get("/appointments/waitlist/new?q=zzzz").text


def test_the_desk_tells_and_answers_for_the_patient(desk: FlaskClient, filled: Flask, clock: FixedClock) -> None:
    id_ = offered(filled)
    page = desk.get("/appointments/waitlist").text
    assert "will be told at" in page
    given = {"csrf_token": token(desk)}
    clock.instant += timedelta(seconds=10)
    desk.post(f"/appointments/waitlist/offers/{id_}/tell", data=given)
    assert "told at" in desk.get("/appointments/waitlist").text
    answer = desk.post(
        f"/appointments/waitlist/offers/{id_}/answer", data=given | {"answer": "yes"}, follow_redirects=True
    )
    assert "Booked: Ada Lovelace" in answer.text
    assert "1 time offered, 1 filled" in answer.text
    again = desk.post(
        f"/appointments/waitlist/offers/{id_}/answer", data=given | {"answer": "no"}, follow_redirects=True
    )
    assert "no longer open" in again.text


def test_a_no_and_an_offer_that_is_taken_back(desk: FlaskClient, filled: Flask) -> None:
    id_ = offered(filled)
    given = {"csrf_token": token(desk)}
    answer = desk.post(
        f"/appointments/waitlist/offers/{id_}/answer", data=given | {"answer": "no"}, follow_redirects=True
    )
    assert "said no" in answer.text
    assert desk.post("/appointments/waitlist/offers/none/withdraw", data=given).status_code == 404
    assert desk.post(f"/appointments/waitlist/offers/{id_}/withdraw", data=given).status_code == 303
    assert desk.get("/appointments/waitlist/none").status_code == 404


def test_the_manager_sets_the_rules(filled: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    manager = client_of("manager")
    given = {"csrf_token": token(manager), "type": "check"}
    rule = {"at_once:check": "3", "notice_hours:check": "72", "hold_minutes:check": "90"}
    assert manager.post("/appointments/waitlist/rules", data=given | rule).status_code == 303
    assert 'name="notice_hours:check" value="72"' in manager.get("/appointments/waitlist/rules").text
    for wrong in ({"hold_minutes:check": "1"}, {"at_once:check": "many"}):
        answer = manager.post("/appointments/waitlist/rules", data=given | rule | wrong)
        assert answer.status_code == 422
        assert next(iter(wrong.values())) in answer.text
    assert client_of("receptionist").get("/appointments/waitlist/rules").status_code == 403


def test_the_panel_books_and_says_why_not(desk: FlaskClient, filled: Flask) -> None:
    panel = desk.get("/appointments/find?patient=p1&visit_type=check&part=morning&weekday=2&with=baker&until=1+Apr")
    assert "in the morning, as asked" in panel.text
    assert "a Wednesday, as asked" in panel.text
    assert "by 1 April" in panel.text
    slot = re.search(r'name="slot" value="([^"]+)"', panel.text)
    assert slot
    given = {"csrf_token": token(desk), "patient": "p1", "visit_type": "check"}
    booked = desk.post("/appointments/find", data=given | {"slot": slot[1], "once": "a1"})
    assert booked.status_code == 303
    again = desk.post("/appointments/find", data=given | {"slot": slot[1], "once": "a1"})
    assert again.status_code == 303
    taken = desk.post("/appointments/find", data=given | {"slot": slot[1], "patient": "p2", "once": "a2"})
    assert taken.status_code == 409
    assert "just been taken" in taken.text
    none = desk.post("/appointments/find", data=given)
    assert none.status_code == 422
    assert "is not a day" in desk.get("/appointments/find?until=perhaps&offers=1", headers={"HX-Request": "true"}).text


def test_a_wish_is_closed_by_a_booking_from_the_panel_and_a_visit_moves(desk: FlaskClient, filled: Flask) -> None:
    wish = in_store(filled, lambda store: add_wish(store, a_wish()))["id"]
    given = {"csrf_token": token(desk), "patient": "p1", "visit_type": "check", "wish": wish}
    slot = f"{f.at('2027-03-10 10:00').isoformat()}/adams"
    assert desk.post("/appointments/find", data=given | {"slot": slot}).status_code == 303
    assert "Ada Lovelace" in desk.get("/appointments/waitlist?state=booked").text
    visit = in_store(filled, lambda store: book(store, f.a_booking(TWO, patient_id="p2")))["id"]
    moved = f"{f.at('2027-03-10 11:00').isoformat()}/baker"
    answer = desk.post("/appointments/find", data=given | {"slot": moved, "instead": visit, "wish": ""})
    assert answer.status_code == 303
    there = in_store(filled, lambda store: store.read("Appointment", visit))
    assert there["start"] == "2027-03-10T16:00:00Z"
