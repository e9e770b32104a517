"""Consents where the desk meets them: at booking, on Today and at check-in; a must stops, an ask only shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.queries.advice import Wanted, advice
from clinic.cli.state import transact
from clinic.core.actor import SYSTEM
from clinic.core.days import local
from clinic.core.errors import Conflict
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.registration.rules.consents import Kind, Signing
from clinic.registration.service.consents import decide, sign
from clinic.visits import service
from clinic.visits.queries import at_check_in, todays_board
from clinic.web.context import forget_practice
from clinic.web.state import state_of
from tests.factories import token_in
from tests.visits.conftest import Desk, set_up


def today(desk: Desk):  # type: ignore[no-untyped-def]
    return local(desk.store.now, desk.store.practice.zone).date()


def forms(desk: Desk):  # type: ignore[no-untyped-def]
    return next(need for need in todays_board(desk.store, today(desk)).lines[0].needs if need.name == "consents")


def sign_all(desk: Desk, *kinds: str) -> None:
    for kind in kinds:
        sign(desk.store, desk.patient_id, Signing(kind, "en", "paper", today(desk)))


def test_what_is_asked_for_warns_and_what_is_a_must_stops(desk: Desk) -> None:
    assert (forms(desk).state, forms(desk).detail) == ("warn", "2")
    decide(desk.store, Kind("treatment", need="must"))
    assert forms(desk).state == "danger"
    sign_all(desk, "treatment")
    assert (forms(desk).state, forms(desk).detail) == ("warn", "1")
    sign_all(desk, "privacy")
    assert forms(desk).state == "ok"


def test_a_must_of_another_visit_type_is_none_here(desk: Desk) -> None:
    sign_all(desk, "treatment", "privacy")
    decide(desk.store, Kind("telehealth", need="must", visit_types=("another",)))
    assert forms(desk).state == "ok"
    decide(desk.store, Kind("telehealth", need="must", visit_types=(desk.made.types["Annual visit"],)))
    assert forms(desk).state == "danger"
    visit = at_check_in(
        desk.store, desk.patient_id, desk.appointment_id, today(desk), visit_type=desk.made.types["Annual visit"]
    )
    assert [one.kind.code for one in visit.missing] == ["telehealth"]


def test_check_in_is_not_finished_without_a_must_whatever_the_reason(desk: Desk) -> None:
    decide(desk.store, Kind("treatment", need="must"))
    encounter = service.begin_check_in(desk.store, desk.appointment_id)
    visit = at_check_in(desk.store, desk.patient_id, desk.appointment_id, today(desk))
    with pytest.raises(Conflict, match="signed before the patient is seen: Consent to care"):
        service.finish_check_in(desk.store, encounter["id"], open_needs=1, reason="in a hurry", unsigned=visit.missing)
    sign_all(desk, "treatment")
    visit = at_check_in(desk.store, desk.patient_id, desk.appointment_id, today(desk))
    service.finish_check_in(desk.store, encounter["id"], open_needs=1, reason="in a hurry", unsigned=visit.missing)


def test_booking_says_what_will_have_to_be_signed(desk: Desk) -> None:
    wanted = Wanted(
        20, desk.made.types["Annual visit"], patient=desk.patient_id, start=desk.store.now + timedelta(days=2)
    )
    assert [one.kind.code for one in advice(desk.store, wanted).unsigned] == ["privacy", "treatment"]
    sign_all(desk, "treatment", "privacy")
    assert advice(desk.store, wanted).unsigned == ()


def test_the_screens_say_it(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    state = state_of(app)
    with state.database.write() as conn:
        booked = set_up(Store(conn, state.setting, actor=SYSTEM, now=state.clock.now()))
        save_practice(conn, state.setting.practice)
    forget_practice(state)
    transact(state, lambda store: decide(store, Kind("treatment", need="must")))
    client = client_of("receptionist")
    page = client.get(f"/visits/appointments/{booked.appointment_id}/check-in")
    assert "nobody is seen without it" in page.text
    token = {"csrf_token": token_in(page.text), "reason": "in a hurry"}
    assert client.post(f"/visits/appointments/{booked.appointment_id}/arrive", data=token).status_code == 303
    refused = client.post(f"/visits/appointments/{booked.appointment_id}/check-in/finish", data=token)
    assert refused.status_code == 409
    assert "Consent to care" in refused.text
    book = client.get(f"/appointments/book?patient={booked.patient_id}")
    assert "To be signed: Privacy notice, Consent to care" in book.text or "To be signed: Consent to care" in book.text
