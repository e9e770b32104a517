"""Scanning a licence: compared, taken over field by field with its source, found by its number."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.source import LICENCE
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.queries.photo_id import licence_term
from clinic.registration.rules.card import compared, entry_of_card, licence_number, spelled
from clinic.registration.rules.details import Address, Number, PatientDetails
from clinic.registration.rules.licence import plain_licence, read_licence
from clinic.registration.service import load_details
from clinic.registration.service.cards import read_text
from tests.registration.factories import a_patient
from tests.registration.licences import ONTARIO, V4, V8, V10, a_barcode, jpeg
from tests.registration.test_routes import ENTRY, post, text, write

FACE = {"given": "Michael", "family": "Sample", "birth_date": "1986-06-06", "sex": "male"}


@pytest.fixture
def desk(client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    return client_of("receptionist")


# -- rules


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("MICHAEL", "Michael"),
        ("O'BRIEN-GARCIA", "O'Brien-Garcia"),
        ("MARIA DEL CARMEN", "Maria del Carmen"),
        ("MCDONALD", "McDonald"),
        ("123 N MAIN ST APT 4B", "123 N Main St Apt 4B"),
        ("2570 24TH STREET NW", "2570 24th Street NW"),
        ("ST MARY'S", "St Mary's"),
        ("Already written", "Already written"),
        ("محمد", "محمد"),
    ],
)
def test_capitals_become_names_as_people_write_them(printed: str, written: str):
    assert spelled(printed) == written


def test_a_licence_number_is_kept_with_its_state():
    assert licence_number(read_licence(V10)) == "VA T64235789"
    assert licence_number(read_licence(V8.replace("DAQD1234562", "DAQWDL*AB 12"))) == "CA WDLAB 12"


def test_the_form_of_another_country_has_no_place_for_the_number():
    assert "number_licence" in entry_of_card(read_licence(V10), region_of("us"))
    entry = entry_of_card(read_licence(V10), region_of("nl"))
    assert "number_licence" not in entry
    assert entry["country"] == "US"


def test_each_field_is_the_same_new_or_different(store: Store):
    read = read_text(store, V10)
    present = PatientDetails(
        "MICHAEL",
        "Sampel",
        "1986-06-06",
        "male",
        suffix="Jr.",
        address=Address("2300 west broad street", city="Boston"),
    )
    verdicts = {line.field: line.verdict for line in compared(read.entry, read.details, present)}
    assert verdicts == {
        "given": "same", "middle": "new", "family": "differs", "suffix": "same", "birth_date": "same", "sex": "same",
        "line": "same", "city": "differs", "state": "new", "postal_code": "new", "number_licence": "new",
    }  # fmt: skip


def test_on_file_a_difference_waits_for_a_decision_and_a_cut_name_changes_nothing(store: Store):
    read = read_text(store, V8)
    typed = PatientDetails("Maria del Carmen Teresa", "Smith", "", "")
    lines = {line.field: line for line in compared(read.entry, read.details, typed, read.card.cut)}
    assert lines["given"].verdict == "same"
    assert (lines["family"].ticked(typing=True), lines["family"].ticked(typing=False)) == (True, False)
    assert lines["birth_date"].ticked(typing=False)


# -- screens


def scan(desk: FlaskClient, barcode: str = V10, **rest: str):
    return post(desk, "/registration/scan", {"text": plain_licence(barcode), **rest})


def test_a_picture_of_the_card_opens_the_form_filled(desk: FlaskClient):
    data = {"photo": (io.BytesIO(jpeg(a_barcode(V10, turn=4))), "card.jpg")}
    answer = post(desk, "/registration/scan", data, content_type="multipart/form-data")  # type: ignore[arg-type]
    page = text(answer)
    assert "Nobody on file has this card" in page
    assert "Richmond" in page
    form = text(post(desk, "/registration/scan/new", {"card": plain_licence(V10)}))
    for value in ("Michael", "Sample", "VA T64235789", "2300 West Broad Street", "23269"):
        assert f'value="{value}"' in form


def test_what_a_card_filled_has_the_licence_as_its_source_and_its_last_day(desk: FlaskClient, app: Flask):
    filled = {
        "given": "Michael",
        "family": "Sample",
        "birth_date": "6/6/1986",
        "sex": "male",
        "line": "2300 West Broad Street",
    }
    filled |= {"city": "Richmond", "state": "VA", "postal_code": "23269", "number_licence": "VA T64235789"}
    entry = {**ENTRY, **filled, "card": plain_licence(V10)}
    answer = post(desk, "/registration/new", entry)
    assert answer.status_code == 303
    patient = answer.headers["Location"].rsplit("/", 1)[1]

    def look(store: Store):
        return licence_term(store.read("Patient", patient), store), sources(store, patient)

    term, told = write(app, look)
    assert term == ("VA T64235789", "2032-12-10")
    assert told["family"] == told["address"] == told["number_licence"] == LICENCE
    assert told["mobile"] == "desk"


def sources(store: Store, patient: str) -> dict[str, str]:
    from clinic.registration.tables import field_evidence

    rows = store.conn.execute(
        field_evidence.select().where(field_evidence.c.patient_id == patient).order_by(field_evidence.c.at)
    ).mappings()
    return {name: row["source"] for row in rows for name in row["fields"].split()}


def test_the_holder_of_the_number_is_found_and_only_what_is_ticked_changes(desk: FlaskClient, app: Flask):
    licence = Number("licence", "VA T64235789")
    details = {**FACE, "given": "Mike", "numbers": (licence,), "address": Address("1 Old Road", city="Boston")}
    patient = str(write(app, lambda store: a_patient(store, **details))["id"])
    page = text(scan(desk))
    assert "Found by the licence number" in page
    assert f"/registration/{patient}/scan" in page
    answer = post(desk, f"/registration/{patient}/scan", {"card": plain_licence(V10), "take": "city"})
    assert answer.status_code == 303
    after, told = write(app, lambda store: (load_details(store, patient), sources(store, patient)))
    assert (after.given, after.address.city, after.address.line) == ("Mike", "Richmond", "1 Old Road")
    assert "licence" in told.values()


def test_the_same_name_and_birth_date_find_the_person_and_others_are_asked_about(desk: FlaskClient, app: Flask):
    write(app, lambda store: a_patient(store, **FACE))
    assert "Michael Sample" in text(scan(desk))
    write(app, lambda store: a_patient(store, **{**FACE, "given": "Michaela"}))
    page = text(scan(desk))
    assert "Michael Sample" in page


def test_a_card_of_somebody_else_is_said_before_anything_is_taken(desk: FlaskClient, app: Flask):
    numbers = (Number("licence", "VA T64235789"),)
    write(app, lambda store: a_patient(store, **FACE, numbers=numbers))
    other = str(write(app, lambda store: a_patient(store, "Bea", "Leal"))["id"])
    assert "Another patient has this licence number" in text(scan(desk, patient_id=other))
    data = {"card": plain_licence(V10), "take": "number_licence"}
    answer = post(desk, f"/registration/{other}/scan", data)
    assert answer.status_code == 409
    assert "another patient already has this number" in text(answer)


def test_an_ended_card_and_a_cut_name_are_said(desk: FlaskClient):
    page = text(scan(desk, V8.replace("DBA08292027", "DBA08292026")))
    assert "This card ended on" in page
    assert "Cut short on the card: First name" in page


def test_over_a_form_the_comparison_comes_back_alone(desk: FlaskClient):
    data = {"text": plain_licence(V10), "given": "Michal", "family": "Sample", "birth_date": "6/6/86"}
    page = text(post(desk, "/registration/scan", data, headers={"HX-Request": "true"}))
    assert "<html" not in page
    assert 'data-fill="Michael"' in page
    assert "Michal" in page
    answer = post(desk, "/registration/scan", {"text": "hello"}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "not the barcode" in text(answer)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Show the card"),
        ({"text": "hello"}, "not the barcode"),
        ({"text": "@ANSI " + "A" * 200_000}, "far longer"),
        ({"text": V4.replace("\n", "").replace("\r", "").replace("\x1e", "")}, "leaves out the ends of lines"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(desk: FlaskClient, sent: dict[str, str], said: str):
    answer = post(desk, "/registration/scan", sent)
    assert answer.status_code == 422
    assert said in text(answer)


def test_a_hand_scanner_that_sends_control_characters_is_read(desk: FlaskClient):
    answer = post(desk, "/registration/scan", {"text": ONTARIO})
    assert answer.status_code == 200
    assert "Toronto" in text(answer)


def test_only_the_worker_may_compile_webassembly(desk: FlaskClient):
    def policy(path: str) -> str:
        with desk.get(path) as answer:
            return answer.headers["Content-Security-Policy"]

    assert "'wasm-unsafe-eval'" in policy("/static/js/licence-worker.js")
    for path in ("/registration/scan", "/registration/", "/static/js/scan.js"):
        assert "wasm" not in policy(path)


def test_an_ended_licence_on_file_asks_for_a_new_one(desk: FlaskClient, app: Flask):
    patient = str(write(app, lambda store: a_patient(store, **FACE))["id"])
    old = V10.replace("DBA12102032", "DBA02282027")
    data = {"card": plain_licence(old), "take": "number_licence"}
    assert post(desk, f"/registration/{patient}/scan", data).status_code == 303
    page = text(desk.get(f"/registration/{patient}"))
    assert "Photo ID ended 28 Feb 2027" in page or "Photo ID ended Feb 28, 2027" in page
    assert f"/registration/scan?patient={patient}" in page
