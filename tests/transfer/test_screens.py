"""The screens of an import, from the file to its undoing, and who may open them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.access.permissions import STAFF, permissions_of
from clinic.cli.state import transact
from clinic.core.json import dumps
from clinic.fhir.tables import resource
from clinic.transfer.routes import uploading
from clinic.transfer.tables import import_file, import_mapping, import_run
from clinic.web.state import State, state_of
from tests import factories
from tests.registration.factories import a_patient
from tests.transfer.factories import a_csv, a_row, worker

PEOPLE = a_csv(
    a_row("OC-1001", "Mafe", "Garcia", **{"Cell Phone": "(212) 555-0142"}),
    a_row("OC-1002", "Noor", "Aziz", "12/25/1990", Email="=cmd()|'x'!A1"),
    a_row("OC-1003", "", "Nobody"),
)


class Desk:
    """A manager's browser, and the worker behind it."""

    def __init__(self, app: Flask, client: FlaskClient) -> None:
        self.state: State = state_of(app)
        self.client = client

    def post(self, path: str, page: TestResponse | None = None, **data: object) -> TestResponse:
        shown = page or self.client.get("/transfer/imports/new")
        return self.client.post(
            path, data={"csrf_token": factories.token_in(shown.text), **data}, follow_redirects=False
        )

    def upload(self, data: bytes, name: str = "people.csv", source: str = "Old Chart") -> TestResponse:
        return self.post("/transfer/imports/new", file=(io.BytesIO(data), name), source=source)

    def begun(self, data: bytes = PEOPLE, name: str = "people.csv") -> str:
        answer = self.upload(data, name)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def checked(self, path: str, **changes: str) -> TestResponse:
        page = self.client.get(path)
        assert (
            self.post(f"{path}/columns", page, **{**fields_of(page.text), "do": "check", **changes}).status_code == 303
        )
        self.work()
        return self.client.get(path)

    def work(self) -> None:
        while worker(self.state).run_once():
            pass


def fields_of(text: str) -> dict[str, str]:
    """What the form of the columns would send as it stands."""
    found = {}
    for name, inner in re.findall(r'<select[^>]*name="([cw][^"]*)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        found[name] = chosen[1] if chosen else ""
    for name in ("date_order", "name_order"):
        ticked = re.search(rf'name="{name}" value="([^"]*)" checked', text)
        if ticked:
            found[name] = ticked[1]
    dates = re.search(r'name="dates_of" value="([^"]*)"', text)
    return found | ({"dates_of": dates[1]} if dates else {})


@pytest.fixture
def desk(app: Flask, client_of: Callable[[str], FlaskClient]) -> Desk:
    return Desk(app, client_of("manager"))


def test_a_file_goes_through_every_step_and_back(desk: Desk) -> None:
    transact(desk.state, lambda store: a_patient(store, "Mafe", "García", "1980-02-03", mobile="+12125550142"))
    path = desk.begun()
    page = desk.client.get(path)
    assert page.status_code == 200
    assert "3 March 1980" not in page.text
    assert "Read as 3 February 1980" in page.text
    page = desk.checked(path)
    assert "What would happen" in page.text
    assert "Mafe García" in page.text
    line = re.search(r'/rows/(\d+)"', page.text)
    assert line
    assert desk.post(f"{path}/rows/{line[1]}", page, decision="fill").status_code == 303
    answer = desk.post(f"{path}/run", desk.client.get(path), certain="fill", likely="ask")
    assert answer.status_code == 303
    assert "Bringing in" in desk.client.get(path).text
    assert "0 of 3" in desk.client.get(f"{path}/progress").text
    desk.work()
    page = desk.client.get(path)
    assert "Result of an import" in page.text
    assert "People" not in page.text.split("<title>")[1].split("</title>")[0]
    assert desk.post(f"{path}/undo", page).status_code == 303
    desk.work()
    assert "Every record is as it was before." in desk.client.get(path).text
    with desk.state.database.read() as conn:
        r = resource.c
        assert conn.execute(sa.select(sa.func.count()).where(r.type == "Patient", ~r.deleted)).scalar() == 1
    assert "taken back" in desk.client.get("/transfer/imports?q=old+chart").text
    assert "No import has these words" in desk.client.get("/transfer/imports?q=zzz").text


def test_the_file_of_faults_has_the_rows_as_they_were_and_runs_no_formula(desk: Desk) -> None:
    path = desk.begun()
    desk.checked(path)
    answer = desk.client.get(f"{path}/not-taken.csv")
    assert answer.mimetype == "text/csv"
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert lines[0].endswith('"Why (Clinic)"')
    assert lines[1].startswith('"OC-1003",""')
    assert "Give a first name" in lines[1]
    desk.post(f"{path}/run", desk.client.get(path), certain="fill", likely="ask")
    desk.work()
    text = desk.client.get(f"{path}/not-taken.csv").data.decode("utf-8-sig")
    assert "\"'=cmd()|'x'!A1\"" in text
    mended = text.replace('"OC-1003",""', '"OC-1003","Ann"')
    again = desk.begun(mended.encode())
    page = desk.client.get(again)
    assert re.search(r'<option value="key" selected', page.text)
    assert 'New <span class="count">1</span>' in desk.checked(again).text


def test_columns_can_be_looked_at_before_they_are_taken(desk: Desk) -> None:
    path = desk.begun()
    page = desk.client.get(path)
    sent = {**fields_of(page.text), "date_order": "dmy", "do": "look"}
    shown = desk.post(f"{path}/columns", page, **sent)
    assert shown.status_code == 200
    assert "<html" not in shown.text
    assert "Read as 2 March 1980" in shown.text
    assert "does not fit this order" in shown.text
    sent |= {"c3": "", "do": "check"}
    refused = desk.post(f"{path}/columns", page, **sent)
    assert refused.status_code == 422
    assert "Birth date" in refused.text
    odd = desk.post(f"{path}/columns", page, c0="nothing", c1="given", date_order="never", do="look")
    assert odd.status_code == 200


def test_a_mapping_is_kept_under_a_name_and_proposed_again(desk: Desk) -> None:
    path = desk.begun()
    desk.checked(path, c5="work_phone", keep_as="Old Chart")
    with desk.state.database.read() as conn:
        assert conn.execute(sa.select(import_mapping.c.name)).scalars().all() == ["Old Chart"]
    page = desk.client.get(desk.begun())
    assert fields_of(page.text)["c5"] == "work_phone"


def test_a_file_can_be_read_in_another_way(desk: Desk) -> None:
    data = "ID;First Name;Last Name;DOB\n1;José;Núñez;1/2/1980\n".encode("cp1252")
    path = desk.begun(data)
    page = desk.client.get(path)
    assert "José" in page.text
    answer = desk.post(f"{path}/reading", page, encoding="mac-roman", delimiter=";", header="1")
    assert answer.status_code == 303
    assert "José" not in desk.client.get(path).text
    wrong = desk.post(f"{path}/reading", page, encoding="cp1252", delimiter="|", header="1")
    assert wrong.status_code == 422
    assert "one column only" in wrong.text
    assert desk.post(f"{path}/reading", page, encoding="utf-7", delimiter=";", header="1").status_code == 422


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "people.csv", "This file is empty."),
        (b"a," * 200_000 + b"\n1,2\n", "people.csv", "more than 500 columns"),
        (b"\x89PNG\r\n" + b"\0" * 300, "photo.png", "no list of people"),
        (b"PK\x03\x04" + b"x" * 300, "people.xlsx", "not a workbook"),
        (b'{"resourceType": ', "people.json", "no FHIR record"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_kept(desk: Desk, data: bytes, name: str, words: str) -> None:
    answer = desk.upload(data, name)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Old Chart"' in answer.text
    with desk.state.database.read() as conn:
        counts = [
            sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in (import_run, import_file)
        ]
        assert list(conn.execute(sa.select(*counts)).one()) == [0, 0]


def test_a_file_that_is_too_large_is_refused_with_two_ways_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "LARGEST", 1000)
    answer = desk.upload(PEOPLE * 20)
    assert answer.status_code == 422
    assert "Save it in parts" in answer.text
    monkeypatch.setitem(desk.client.application.config, "MAX_CONTENT_LENGTH", 100_000)
    assert desk.upload(b"x" * 300_000).status_code == 413


def test_without_a_file_or_a_source_the_form_says_so(desk: Desk) -> None:
    assert "Choose a file first." in desk.post("/transfer/imports/new", source="Old").text
    assert "Please fill this in." in desk.upload(PEOPLE, source=" ").text


def test_the_same_form_sent_twice_makes_one_import(desk: Desk) -> None:
    once = re.search(r'name="once"[^>]*value="([^"]+)"', desk.client.get("/transfer/imports/new").text)
    assert once
    places = set()
    for _ in range(2):
        answer = desk.post("/transfer/imports/new", file=(io.BytesIO(PEOPLE), "people.csv"), source="Old", once=once[1])
        places.add(answer.headers["Location"])
    assert len(places) == 1


def test_a_fhir_file_is_tried_first_then_kept_and_can_be_taken_back(desk: Desk) -> None:
    transact(desk.state, lambda store: a_patient(store, "Mafe", "García", "1980-02-03"))
    new = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Aziz", "given": ["Noor"]}], "gender": "female"}
    known = {"resourceType": "Patient", "id": "p2", "birthDate": "1980-02-03",
             "name": [{"family": "García", "given": ["Mafe"]}]}  # fmt: skip
    about = {"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "Weight"},
             "subject": {"reference": "Patient/p1"}}  # fmt: skip
    bad = {"resourceType": "Patient", "gender": "whatever"}
    data = "\n".join(dumps(one) for one in (new, known, about, bad)).encode()
    path = desk.begun(data, "people.ndjson")
    desk.work()
    page = desk.client.get(path)
    for kind, count in (("New", 2), ("Likely on file", 1), ("Cannot be taken", 1)):
        assert f'{kind} <span class="count">{count}</span>' in page.text
    desk.post(f"{path}/run", page, certain="fill", likely="skip")
    desk.work()
    with desk.state.database.read() as conn:
        r = resource.c
        found = set(conn.execute(sa.select(r.id).where(~r.deleted, r.id.in_(("p1", "p2", "o1")))).scalars())
    assert found == {"p1", "o1"}
    desk.post(f"{path}/undo", desk.client.get(path))
    desk.work()
    assert "Every record is as it was before." in desk.client.get(path).text
    with desk.state.database.read() as conn:
        assert not conn.execute(sa.select(r.id).where(~r.deleted, r.id.in_(("p1", "o1")))).all()


def test_an_import_that_was_not_run_can_be_forgotten(desk: Desk) -> None:
    path = desk.begun()
    assert desk.post(f"{path}/discard", desk.client.get(path)).headers["Location"] == "/transfer/imports"
    assert desk.client.get(path).status_code == 404


def test_steps_out_of_turn_are_refused_in_words(desk: Desk) -> None:
    path = desk.begun()
    page = desk.client.get(path)
    for act in ("stop", "undo"):
        assert desk.post(f"{path}/{act}", page).status_code == 409
    assert desk.post(f"{path}/run", page, certain="fill", likely="ask").status_code == 409
    assert desk.post(f"{path}/rows/2", page, decision="whim").status_code == 422


@pytest.mark.parametrize("role", STAFF)
def test_only_who_may_brings_people_in(app: Flask, client_of: Callable[[str], FlaskClient], role: str) -> None:
    client = client_of(role)
    allowed = "patients.import" in permissions_of(role)
    for path in ("/transfer/imports", "/transfer/imports/new"):
        assert client.get(path).status_code == (200 if allowed else 403)
