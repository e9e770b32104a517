"""Every address that prints, asked for by a person at the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.service import record
from clinic.core.json import Json
from clinic.registration.rules.details import Address, Relative
from tests.appointments import factories as calendar
from tests.billing import factories as billing
from tests.intake.factories import write
from tests.pdf.reading import codes, faults_of_tags, pages, size_mm, words
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


def test_several_labels_of_one_patient_come_at_once_and_never_a_roll_full(app: Flask, desk: FlaskClient) -> None:
    patient: Json = write(app, lambda store: a_patient(store, "Ana", "Soler", "1986-04-17"))
    assert pages(_pdf(desk, f"/registration/{patient['id']}/label?copies=3")) == 3
    for asked in ("0", "25", "-1", "x", "1e3", "99999999999999"):
        answer = desk.get(f"/registration/{patient['id']}/label", query_string={"copies": asked})
        assert answer.status_code == 422, asked
        assert "Print between 1 and 24 labels at once." in answer.get_data(as_text=True)


@pytest.mark.parametrize(("document", "size"), [("card", (85.6, 54.0)), ("wristband", (254.0, 25.0))])
def test_a_card_and_a_wristband_say_who_it_is_and_lead_back_to_the_record(
    app: Flask, desk: FlaskClient, document: str, size: tuple[float, float]
) -> None:
    patient: Json = write(app, lambda store: a_patient(store, "Ana", "Soler", "1986-04-17"))
    printed = _pdf(desk, f"/registration/{patient['id']}/{document}")
    text = words(printed)
    assert all(part in text for part in ("Ana Soler", "17 Apr 1986", "Record HS-00001"))
    assert (pages(printed), size_mm(printed)) == (1, size)
    (found,) = codes(printed, 200)
    assert set(found) == {patient["id"]}
    assert f"/registration/{patient['id']}" in desk.get(f"/registration/suggest?q={found[0]}").get_data(as_text=True)
    long: Json = write(
        app, lambda store: a_patient(store, "Wolfeschlegelstein" * 3, "Hausenbergerdorff" * 4, "1986-04")
    )
    assert pages(_pdf(desk, f"/registration/{long['id']}/{document}")) == 1


def test_the_face_sheet_says_on_one_page_who_it_is_who_pays_and_when_they_come(app: Flask, desk: FlaskClient) -> None:
    def make(store: Any) -> Json:
        calendar.a_practice(store)
        home = Address("12 Lantern Court", "", "Harbor", "NY", "10990")
        luis = Relative("Luis", "Soler", "SIB", "+12025550177")
        person = a_patient(
            store, "Ana", "Soler", "1986-04-17", preferred="Nita", mobile="+12025550142", address=home, emergency=luis
        )
        billing.a_coverage(store, person, copay=3000)
        record(store, calendar.a_booking("2027-03-19 14:00", patient_id=person["id"]), status="booked")
        return person

    patient = write(app, make)
    printed = _pdf(desk, f"/visits/patients/{patient['id']}/face-sheet")
    text = words(printed)
    said = ("Ana Soler", "called Nita", "17 Apr 1986", "HS-0000", "(202) 555-0142", "12 Lantern Court", "Luis Soler")
    assert [part for part in (*said, "(202) 555-0177", "$30.00", "19 Mar") if part not in text] == []
    assert pages(printed) == 1
    assert desk.get("/visits/patients/nowhere/face-sheet").status_code == 404


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
