"""The screens of a visit, as the desk uses them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.actor import SYSTEM
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.web.context import forget_practice
from clinic.web.state import state_of
from tests.factories import token_in
from tests.intake import factories as intake
from tests.visits.conftest import Desk, set_up


@pytest.fixture
def booked(app: Flask) -> Desk:
    """The same practice, committed, for a browser."""
    state = state_of(app)
    with state.database.write() as conn:
        desk = set_up(Store(conn, state.setting, actor=SYSTEM, now=state.clock.now()))
        save_practice(conn, state.setting.practice)
    forget_practice(state)
    return desk


def test_a_visit_goes_from_arrival_to_check_out(booked: Desk, client_of: Callable[[str], FlaskClient]) -> None:
    client = client_of("receptionist")
    page = client.get("/visits/today").get_data(as_text=True)
    assert "García Ochoa" in page
    token = {"csrf_token": token_in(page)}
    base = f"/visits/appointments/{booked.appointment_id}"
    assert client.post(f"{base}/arrive", data=token).status_code == 303
    assert "Only what needs an answer today" in client.get(f"{base}/check-in").get_data(as_text=True)
    for kind in ("identity", "contact", "coverage"):
        assert client.post(f"{base}/confirm", data={**token, "kind": kind}).status_code == 303
    refused = client.post(f"{base}/check-in/finish", data=token)
    assert refused.status_code == 409
    assert client.post(f"{base}/check-in/finish", data={**token, "reason": "Signs later"}).status_code == 303
    board = client.get("/visits/today/board", headers={"X-Background": "1"}).get_data(as_text=True)
    assert "Waiting" in board
    encounter = board.partition("/visits/visits/")[2].partition("/move")[0]
    for station in ("room", "provider", "check-out"):
        moved = client.post(f"/visits/visits/{encounter}/move", data={**token, "station": station})
        assert moved.status_code == 303
    assert "Check out" in client.get(f"/visits/visits/{encounter}/check-out").get_data(as_text=True)
    assert client.post(f"/visits/visits/{encounter}/leave", data=token).status_code == 409, "something is open"
    done = {**token, "reason": "Calls tomorrow"}
    assert client.post(f"/visits/visits/{encounter}/leave", data=done).status_code == 303
    assert client.post(f"/visits/visits/{encounter}/leave", data={}).status_code in (400, 403, 422)


def test_a_walk_in_is_found_taken_in_and_only_once(booked: Desk, client_of: Callable[[str], FlaskClient]) -> None:
    client = client_of("receptionist")
    found = client.get("/visits/walk-in?q=garcia").get_data(as_text=True)
    assert booked.patient_id in found
    page = client.get(f"/visits/walk-in?patient={booked.patient_id}").get_data(as_text=True)
    once = page.partition('name="once"')[2].partition('value="')[2].partition('"')[0]
    data = {"csrf_token": token_in(page), "once": once, "patient": booked.patient_id}
    data |= {"visit_type": booked.made.types["Results"], "provider": booked.made.providers[2]}
    assert client.post("/visits/walk-in", data=data).status_code == 303
    assert client.post("/visits/walk-in", data=data).status_code == 303
    assert client.get("/visits/today/board").get_data(as_text=True).count("/move") == 1


def test_a_name_and_check_in_lead_to_the_visit_of_today_or_to_a_walk_in(
    booked: Desk, client_of: Callable[[str], FlaskClient]
) -> None:
    client = client_of("receptionist")
    offered = client.get("/registration/suggest?q=garcia+check+in").get_data(as_text=True)
    assert f"/visits/patients/{booked.patient_id}/check-in" in offered
    here = client.get(f"/visits/patients/{booked.patient_id}/check-in")
    assert here.headers["Location"].endswith(f"/visits/appointments/{booked.appointment_id}/check-in")
    nobody = client.get("/visits/patients/somebody-else/check-in")
    assert "/visits/walk-in?patient=somebody-else" in nobody.headers["Location"]


@pytest.mark.parametrize("path", ["/visits/appointments/none/check-in", "/visits/visits/none/check-out"])
def test_what_is_not_there_is_said_plainly(path: str, booked: Desk, client_of: Callable[[str], FlaskClient]) -> None:
    assert client_of("receptionist").get(path).status_code == 404


def test_insurance_is_recorded_changed_and_a_stale_change_shows_both(
    booked: Desk, client_of: Callable[[str], FlaskClient]
) -> None:
    client = client_of("receptionist")
    address = f"/insurance/patients/{booked.patient_id}"
    page = client.get(address).get_data(as_text=True)
    assert "•••• 1902" in page
    assert "MRD4471902" not in page
    data = {"csrf_token": token_in(page), "payer": "", "member_id": "<script>", "rank": "2", "relationship": "self"}
    bad = client.post(address, data=data)
    assert bad.status_code == 422
    assert "Name the payer" in bad.get_data(as_text=True)
    assert "<script>" not in bad.get_data(as_text=True).replace("<script src", "").replace("<script type", "")
    good = client.post(address, data={**data, "payer": "Northline HMO", "member_id": "NLH-1", "ends": "31 dec 2028"})
    assert good.status_code == 303
    shown = client.get(address).get_data(as_text=True)
    assert "Northline HMO" in shown
    coverage = shown.rpartition("/insurance/coverages/")[2].partition("/")[0].partition('"')[0]
    form = {**data, "payer": "Mine", "member_id": "NLH-1", "version": "1"}
    assert client.post(f"/insurance/coverages/{coverage}", data={**form, "payer": "Theirs"}).status_code == 303
    stale = client.post(f"/insurance/coverages/{coverage}", data=form)
    assert stale.status_code == 422
    assert "Theirs" in stale.get_data(as_text=True)
    assert "Mine" in stale.get_data(as_text=True)


def test_a_revealed_number_is_noted(booked: Desk, client_of: Callable[[str], FlaskClient], app: Flask) -> None:
    client = client_of("billing")
    page = client.get(f"/insurance/patients/{booked.patient_id}").get_data(as_text=True)
    coverage = page.partition("/insurance/coverages/")[2].partition("/")[0].partition('"')[0]
    shown = client.post(f"/insurance/coverages/{coverage}/reveal", data={"csrf_token": token_in(page)})
    assert "MRD4471902" in shown.get_data(as_text=True)
    with state_of(app).database.read() as conn:
        verbs = conn.exec_driver_sql("SELECT verb FROM audit_event").scalars().all()
    assert "reveal" in verbs


def test_a_call_is_logged_due_returned_and_taken_back(booked: Desk, client_of: Callable[[str], FlaskClient]) -> None:
    client = client_of("receptionist")
    page = client.get(f"/communication/calls?patient={booked.patient_id}").get_data(as_text=True)
    data = {"csrf_token": token_in(page), "patient": booked.patient_id, "direction": "in", "reason": "refill"}
    bad = client.post("/communication/calls", data={**data, "outcome": "call-back", "due": "whenever"})
    assert bad.status_code == 422
    good = client.post("/communication/calls", data={**data, "outcome": "call-back", "due": "in 30 min"})
    assert good.status_code == 303
    waiting = client.get("/communication/calls/to-return").get_data(as_text=True)
    assert "García Ochoa" in waiting
    listed = client.get("/communication/calls?show=open").get_data(as_text=True)
    call = listed.partition('id="call-')[2].partition('"')[0]
    token = {"csrf_token": data["csrf_token"]}
    assert client.post(f"/communication/calls/{call}/returned", data=token).status_code == 303
    assert "No calls to return" in client.get("/communication/calls/to-return").get_data(as_text=True)
    assert client.post(f"/communication/calls/{call}/returned", data=token).status_code == 409
    assert client.post(f"/communication/calls/{call}/undo/2", data=token).status_code == 303
    assert "García Ochoa" in client.get("/communication/calls/to-return").get_data(as_text=True)


def test_check_in_says_where_the_forms_are_and_asks_six_things_at_most(
    booked: Desk, app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    def hand(store: Store) -> None:
        patient = store.read("Patient", booked.patient_id)
        intake.handed(store, patient=patient, device_id=intake.a_tablet(store))
        intake.handed(store, patient=intake.a_patient(store), device_id=intake.a_tablet(store, "Tablet 9"))

    intake.write(app, hand)
    client, address = client_of("receptionist"), f"/visits/appointments/{booked.appointment_id}/check-in"
    client.get(address)
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "audit_" not in statement and not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    engine = booked.store.conn.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        page = client.get(address).get_data(as_text=True)
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert len(seen) <= 6, seen
    assert "With the patient on Tablet 2 since 10:24." in page
    assert "Tablet 9" not in page


def test_check_in_asks_only_for_contact_values_past_their_term(
    booked: Desk, client_of: Callable[[str], FlaskClient]
) -> None:
    base = f"/visits/appointments/{booked.appointment_id}"
    desk = client_of("receptionist")
    page = desk.get(f"{base}/check-in").get_data(as_text=True)
    assert "<dt>Mobile</dt>" in page, "imported, and nobody said yet that it is right"
    token = {"csrf_token": token_in(page)}
    assert desk.post(f"{base}/confirm", data={**token, "kind": "contact"}).status_code == 303
    page = desk.get(f"{base}/check-in").get_data(as_text=True)
    assert "<dt>Mobile</dt>" not in page
    assert 'value="contact"' not in page
