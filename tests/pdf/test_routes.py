"""Every address that prints, asked for by a person at the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.json import Json
from tests.billing import factories as billing
from tests.intake.factories import write
from tests.pdf.reading import codes, faults_of_tags, words
from tests.registration.factories import a_patient


@pytest.fixture
def desk(client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    """The receptionist's browser."""
    return client_of("receptionist")


def _pdf(client: FlaskClient, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:400]
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert faults_of_tags(answer.data) == []
    return answer.data


def test_a_label_from_the_chart(app: Flask, desk: FlaskClient) -> None:
    patient: Json = write(app, lambda store: a_patient(store, "Ana", "Soler", "1986-04-17"))
    document = _pdf(desk, f"/registration/{patient['id']}/label")
    assert "1986-04-17" in words(document)
    assert codes(document, 110) == [[patient["id"]]]


def test_the_tick_sheet_of_a_visit_with_what_is_coded(app: Flask, desk: FlaskClient) -> None:
    def visit(store: object) -> Json:
        billing.few_codes(store)  # type: ignore[arg-type]
        billing.price_list(store)  # type: ignore[arg-type]
        return billing.a_visit(store, billing.a_person(store))  # type: ignore[arg-type]

    made: Json = write(app, visit)
    text = words(_pdf(desk, f"/billing/visits/{made['id']}/encounter-form"))
    assert all(part in text for part in ("Encounter form", "Boateng", "1965-10-07", "I10", "Glucose, finger", "$11.00"))


def test_the_day_on_paper(app: Flask, desk: FlaskClient) -> None:
    assert "If the screen is down" in words(_pdf(desk, "/appointments/print-day?day=2027-03-09"))


def test_a_visit_that_is_not_there_prints_nothing(app: Flask, desk: FlaskClient) -> None:
    assert desk.get("/billing/visits/nowhere/encounter-form").status_code == 404


def test_a_stranger_prints_nothing(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    assert client_of("stranger").get("/appointments/print-day").status_code in (302, 303, 401)
