"""Only what is stale is asked, and a yes is kept as evidence."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.clock import FixedClock
from clinic.registration.queries.evidence import evidence_of
from clinic.registration.rules.details import Address, PatientDetails
from clinic.registration.service.patients import amend_patient, register_patient
from clinic.web.state import state_of
from tests.factories import token_in
from tests.intake.factories import write

ClientOf = Callable[[str], FlaskClient]
MAFE = PatientDetails(
    "Mafe", "García Ochoa", "1979-08-14", "female", mobile="+12125550142", email="mafe@casaochoa.example",
    address=Address(line="12 Lantern Court", city="Harbor", postal_code="10001"),
)  # fmt: skip


@pytest.fixture
def mafe(app: Flask) -> str:
    """A patient who was imported, so that nobody said yet that her data are right."""
    return str(write(app, lambda store: register_patient(store, MAFE))["id"])


def tile(client: FlaskClient, patient_id: str) -> str:
    page = client.get(f"/registration/{patient_id}").get_data(as_text=True)
    found = re.search(r"<section[^>]*>(?:(?!</section>).)*Still right\?.*?</section>", page, re.DOTALL)
    assert found
    return found[0]


def asked(client: FlaskClient, patient_id: str) -> list[str]:
    return re.findall(r'name="field" value="(\w+)"', tile(client, patient_id))


def say_yes(client: FlaskClient, patient_id: str, *names: str) -> int:
    data = {"csrf_token": token_in(tile(client, patient_id)), "field": list(names)}
    return client.post(f"/registration/{patient_id}/still-right", data=data).status_code


def test_imported_values_with_a_term_are_asked_and_the_others_counted(client_of: ClientOf, mafe: str) -> None:
    desk = client_of("receptionist")
    assert asked(desk, mafe) == ["mobile", "email", "address"]
    found = tile(desk, mafe)
    assert "4 other values within their term" in found
    assert "Imported, 9 Mar 2027" in found
    assert found.count('data-key="y"') == 1


def test_a_yes_is_kept_and_the_next_value_is_asked(app: Flask, client_of: ClientOf, mafe: str) -> None:
    desk = client_of("receptionist")
    assert say_yes(desk, mafe, "mobile") == 303
    assert asked(desk, mafe) == ["email", "address"]
    known = write(app, lambda store: evidence_of(store, mafe))
    assert known["mobile"].verified is not None
    assert known["mobile"].verified.source == "desk"
    say_yes(desk, mafe, "email", "address")
    assert "All 7 values on file are within their term" in tile(desk, mafe)


def test_what_was_confirmed_is_asked_again_after_its_term(client_of: ClientOf, mafe: str, clock: FixedClock) -> None:
    desk = client_of("receptionist")
    say_yes(desk, mafe, "mobile", "email", "address")
    clock.instant += timedelta(days=181)
    assert asked(client_of("receptionist"), mafe) == ["mobile", "address"]


def test_a_yes_can_be_taken_back_by_who_said_it(app: Flask, client_of: ClientOf, mafe: str) -> None:
    desk = client_of("receptionist")
    say_yes(desk, mafe, "mobile")
    page = desk.get(f"/registration/{mafe}").get_data(as_text=True)
    undo = re.search(r'action="(/registration/[^"]+/undo)"', page)[1]  # type: ignore[index]
    other = client_of("manager")
    said = other.post(undo, data={"csrf_token": token_in(tile(other, mafe))})
    assert said.status_code == 409
    assert "mobile" not in asked(other, mafe)
    assert desk.post(undo, data={"csrf_token": token_in(page)}).status_code == 303
    assert asked(desk, mafe) == ["mobile", "email", "address"]
    assert desk.post(undo.replace(mafe, "somebody"), data={"csrf_token": token_in(page)}).status_code == 404


def test_a_value_that_went_away_meanwhile_is_not_confirmed(app: Flask, client_of: ClientOf, mafe: str) -> None:
    desk = client_of("receptionist")
    tile(desk, mafe)
    write(app, lambda store: amend_patient(store, mafe, {"email": ""}))
    assert say_yes(desk, mafe, "email") == 404
    assert say_yes(desk, mafe, "no-such-field") == 404


def test_who_may_not_write_sees_what_is_stale_without_buttons(client_of: ClientOf, mafe: str) -> None:
    billing = client_of("billing")
    assert "<button" not in tile(billing, mafe)
    assert billing.post(f"/registration/{mafe}/still-right", data={"field": "mobile"}).status_code in (400, 403)


def test_a_manager_sets_the_terms_and_every_screen_asks_by_them(app: Flask, client_of: ClientOf, mafe: str) -> None:
    manager, desk = client_of("manager"), client_of("receptionist")
    page = manager.get("/registration/ages").get_data(as_text=True)
    fields = dict(re.findall(r'name="(\w+)" value="(\d+)"', page))
    assert (fields["mobile"], fields["birth_date"]) == ("180", "0")
    data = {**fields, "csrf_token": token_in(page), "mobile": "0", "birth_date": "30"}
    assert manager.post("/registration/ages", data=data).status_code == 303
    assert state_of(app).practice.ages != {} or manager.get("/registration/ages").status_code == 200
    assert state_of(app).practice.ages == {"mobile": 0, "birth_date": 30}
    assert asked(desk, mafe) == ["email", "address", "birth_date"]
    assert desk.get("/registration/ages").status_code == 403


@pytest.mark.parametrize("typed", ["", "-1", "12.5", "3651", "99999999999", "²", "abc"])
def test_a_term_that_is_no_number_of_days_changes_nothing(client_of: ClientOf, app: Flask, typed: str) -> None:
    manager = client_of("manager")
    page = manager.get("/registration/ages").get_data(as_text=True)
    fields = dict(re.findall(r'name="(\w+)" value="(\d+)"', page))
    answer = manager.post("/registration/ages", data={**fields, "csrf_token": token_in(page), "email": typed})
    assert answer.status_code == 422
    assert "whole days" in answer.get_data(as_text=True)
    assert 'aria-invalid="true"' in answer.get_data(as_text=True)
    assert state_of(app).practice.ages == {}
