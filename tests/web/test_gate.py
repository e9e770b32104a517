"""Characters that nobody types: a form says so beside its field, and nothing with them is ever written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.fhir.tables import resource
from clinic.web.state import state_of
from tests.factories import token_in

ODD = ["Gar\u202ecia", "Gar\x07cia", "\u2066Garcia\u2069"]
ENTRY = {
    "searched": "beatriz garcia", "given": "Beatriz", "birth_date": "2 2 80", "sex": "female", "mobile": "202 555 0177",
    "once": "once-1",
}  # fmt: skip


@pytest.fixture
def desk(client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    return client_of("receptionist")


def records(app: Flask) -> int:
    with state_of(app).database.read() as conn:
        return conn.execute(sa.select(sa.func.count()).select_from(resource)).scalar_one()


@pytest.mark.parametrize("family", ODD)
def test_the_field_says_it_and_keeps_what_was_typed(app: Flask, desk: FlaskClient, family: str) -> None:
    token = token_in(desk.get("/registration/?q=zz&new=1").text)
    answer = desk.post("/registration/new", data={**ENTRY, "family": family, "csrf_token": token})
    assert answer.status_code == 422
    assert "holds a character that cannot be seen" in answer.text
    assert 'value="Beatriz"' in answer.text
    assert f'value="{family}"' in answer.text
    assert records(app) == 0
    assert desk.post("/registration/new", data={**ENTRY, "family": "Garcia", "csrf_token": token}).status_code == 303


@pytest.mark.parametrize("name", ["once", "csrf_token", "no_such_field"])
def test_what_nobody_types_into_is_refused_by_a_page(app: Flask, desk: FlaskClient, name: str) -> None:
    token = token_in(desk.get("/registration/?q=zz&new=1").text)
    data = {**ENTRY, "family": "Garcia", "csrf_token": token, name: "a\u202eb"}
    assert desk.post("/registration/new", data=data).status_code == 400
    assert records(app) == 0


def test_a_page_without_such_a_form_writes_nothing_either(app: Flask, desk: FlaskClient) -> None:
    token = token_in(desk.get("/registration/?q=zz&new=1").text)
    answer = desk.post("/appointments/release", data={"csrf_token": token, "hold": "a\u202eb"})
    assert answer.status_code == 400


def test_addresses_searches_and_sign_ins_stay_strict(app: Flask, desk: FlaskClient) -> None:
    assert desk.get("/registration/?q=a%E2%80%AEb").status_code == 400
    assert desk.get("/registration/a%E2%80%AEb").status_code == 400
    stranger = app.test_client()
    token = token_in(stranger.get("/access/sign-in").text)
    data = {"username": "no\u202eor", "password": "x", "csrf_token": token}
    assert stranger.post("/access/sign-in", data=data).status_code == 400


def test_what_cannot_be_shown_again_is_refused_by_a_page(desk: FlaskClient) -> None:
    token = token_in(desk.get("/registration/?q=zz&new=1").text)
    data = {**ENTRY, "family": "Gar\uffffcia", "csrf_token": token}
    assert desk.post("/registration/new", data=data).status_code == 400


def test_a_fault_that_names_its_field_is_said_in_the_language_of_the_screen(desk: FlaskClient) -> None:
    token = token_in(desk.get("/registration/?q=zz&new=1").text)
    data = {**ENTRY, "family": "Gar<cia", "csrf_token": token}
    said = {
        language: desk.post("/registration/new", data=data, headers={"Accept-Language": language})
        for language in ("en", "es", "nl")
    }
    assert [answer.status_code for answer in said.values()] == [422, 422, 422]
    english = "cannot hold “&lt;”; use letters"
    assert [english in answer.text or "cannot hold “<”" in answer.text for answer in said.values()] == [
        True,
        False,
        False,
    ]
