"""One key when all is fresh: checked in, who they are confirmed, and taken back as one; gates refuse with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.cli.state import transact
from clinic.core.errors import Conflict, Forbidden
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.registration.rules.consents import Signing
from clinic.registration.service.consents import sign
from clinic.visits import mapping, service
from clinic.visits.queries import at_check_in, todays_board
from clinic.visits.rules.needs import Need, is_fresh
from clinic.visits.screens import today_of
from clinic.visits.service.checking_in import check_in_at_once
from clinic.web.context import forget_practice
from clinic.web.state import state_of
from tests.factories import token_in
from tests.visits.conftest import Desk, set_up


def needs(desk: Desk) -> tuple[Need, ...]:
    kind = desk.made.types["Annual visit"]
    return at_check_in(desk.store, desk.patient_id, desk.appointment_id, today_of(desk.store), visit_type=kind).needs


def freshen(desk: Desk) -> None:
    """All was confirmed and signed earlier; who they are is asked at every visit."""
    for kind in ("contact", "coverage"):
        service.confirm(desk.store, desk.patient_id, kind)
    for kind in ("privacy", "treatment"):
        sign(desk.store, desk.patient_id, Signing(kind, "en", "paper", today_of(desk.store)))


def ask(desk: Desk, **levels: str) -> None:
    desk.store.setting.practice = replace(desk.store.practice, ready={"": levels})


def test_the_one_key_confirms_who_they_are_and_is_taken_back_whole(desk: Desk) -> None:
    freshen(desk)
    assert is_fresh(needs(desk))
    done = check_in_at_once(desk.later(1), desk.appointment_id, needs(desk))
    assert [name for name, _at in mapping.log_of(done)] == ["arrived", "check-in", "waiting"]
    assert {need.name: need.state for need in needs(desk)}["identity"] == "ok"
    again = check_in_at_once(desk.later(0.1), desk.appointment_id, needs(desk))
    assert again["meta"]["versionId"] == done["meta"]["versionId"]
    assert service.undo(desk.later(0.2), done["id"], version=int(done["meta"]["versionId"])) is None
    assert desk.store.read("Appointment", desk.appointment_id)["status"] == "booked"
    assert {need.name: need.state for need in needs(desk)}["identity"] == "todo"
    assert todays_board(desk.store, today_of(desk.store)).here == []


def test_who_had_arrived_goes_back_to_that_when_the_key_is_taken_back(desk: Desk) -> None:
    freshen(desk)
    service.arrive(desk.store, desk.appointment_id)
    done = check_in_at_once(desk.later(4), desk.appointment_id, needs(desk))
    back = service.undo(desk.later(0.2), done["id"], version=int(done["meta"]["versionId"]))
    assert back is not None
    assert mapping.station_of(back) == "arrived"


def test_nothing_happens_by_one_key_while_something_is_open(desk: Desk) -> None:
    with pytest.raises(Conflict):
        check_in_at_once(desk.store, desk.appointment_id, needs(desk))
    assert service.visit_of(desk.store, desk.appointment_id) is None


def test_a_gate_is_shut_for_one_visit_type_and_open_for_the_others(desk: Desk) -> None:
    freshen(desk)
    ask(desk, identity="gate")
    assert not is_fresh(needs(desk))
    desk.store.setting.practice = replace(desk.store.practice, ready={desk.made.types["Results"]: {"identity": "gate"}})
    desk.store._read_once.clear()
    assert is_fresh(needs(desk))


def test_only_who_may_lets_somebody_through_and_only_with_a_reason(desk: Desk) -> None:
    encounter = service.begin_check_in(desk.store, desk.appointment_id)
    with pytest.raises(Conflict, match="Say why"):
        service.finish_check_in(desk.store, encounter["id"], open_needs=2, override=True)
    desk.store.actor = replace(desk.store.actor, kind="user", permissions=frozenset({"visits.write"}))
    with pytest.raises(Forbidden):
        service.finish_check_in(desk.store, encounter["id"], open_needs=2, reason="Emergency", override=True)
    desk.store.actor = replace(desk.store.actor, permissions=frozenset({"visits.write", "visits.override"}))
    done = service.finish_check_in(desk.store, encounter["id"], open_needs=2, reason="Emergency", override=True)
    assert mapping.station_of(done) == "waiting"


@pytest.fixture
def booked(app: Flask) -> Desk:
    """The same practice, committed; coverage is a gate."""

    def make(store: Store) -> Desk:
        desk = set_up(store)
        freshen(desk)
        save_practice(store.conn, replace(store.practice, ready={"": {"due": "off"}}))
        return desk

    desk = transact(state_of(app), make)
    forget_practice(state_of(app))
    return desk


def _now(client: FlaskClient, desk: Desk) -> str:
    page = client.get("/visits/today").text
    assert f"/visits/appointments/{desk.appointment_id}/check-in/now" in page
    address = f"/visits/appointments/{desk.appointment_id}/check-in/now"
    return str(client.post(address, data={"csrf_token": token_in(page)}).headers["Location"])


def test_the_screen_checks_in_at_once_and_offers_to_take_it_back(
    booked: Desk, client_of: Callable[[str], FlaskClient]
) -> None:
    client = client_of("receptionist")
    assert _now(client, booked).endswith("/visits/today")
    page = client.get("/visits/today").text
    assert "Checked in: Mafe García Ochoa" in page
    assert "/undo/2" in page
    assert "Waiting" in page


def test_the_screen_asks_what_is_open_and_a_gate_says_why(
    app: Flask, booked: Desk, client_of: Callable[[str], FlaskClient]
) -> None:
    def shut(store: Store) -> None:
        save_practice(store.conn, replace(store.practice, ready={"": {"eligibility": "gate"}}))

    transact(state_of(app), shut)
    forget_practice(state_of(app))
    client, base = client_of("receptionist"), f"/visits/appointments/{booked.appointment_id}/check-in"
    assert _now(client, booked).endswith(base)
    page = client.get(base).text
    assert "Nobody is seen here without it" in page
    assert "Let the patient through" not in page
    data = {"csrf_token": token_in(page), "reason": "Says it is fine"}
    refused = client.post(f"{base}/finish", data=data)
    assert refused.status_code == 409
    assert "Eligibility: not asked" in refused.text
    assert "Says it is fine" in refused.text, "what was typed stays"
    assert client.post(f"{base}/finish", data={**data, "override": "1"}).status_code == 403
    manager = client_of("manager")
    page = manager.get(base).text
    assert "Let the patient through" in page
    token = {"csrf_token": token_in(page), "override": "1"}
    assert manager.post(f"{base}/finish", data=token).status_code == 409
    assert manager.post(f"{base}/finish", data={**token, "reason": "Emergency"}).status_code == 303


def test_the_manager_chooses_what_is_asked_and_bad_days_are_refused(
    booked: Desk, client_of: Callable[[str], FlaskClient]
) -> None:
    manager, kind = client_of("manager"), booked.made.types["Annual visit"]
    page = manager.get("/visits/ready/rules").text
    data = {"csrf_token": token_in(page), "level-coverage": "gate", "days-coverage": "ninety"}
    bad = manager.post("/visits/ready/rules", data=data)
    assert bad.status_code == 422
    assert "ninety" in bad.text
    assert manager.post("/visits/ready/rules", data={**data, "days-coverage": "90"}).status_code == 303
    assert 'value="90"' in manager.get("/visits/ready/rules").text
    own = {**data, "level-coverage": "off", "days-coverage": ""}
    assert manager.post(f"/visits/ready/rules?type={kind}", data=own).status_code == 303
    assert "has its own" in manager.get("/visits/ready/rules").text
    check_in = client_of("receptionist").get(f"/visits/appointments/{booked.appointment_id}/check-in").text
    assert "Nobody is seen here without it" not in check_in
    assert client_of("receptionist").get("/visits/ready/rules").status_code == 403
