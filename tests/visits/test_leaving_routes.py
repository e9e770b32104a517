"""The check-out panel as the desk uses it: in place, by role, and when something goes wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.actor import SYSTEM
from clinic.core.json import Json
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.visits.service import arrive, move_to
from clinic.web.context import forget_practice
from clinic.web.state import state_of
from tests.factories import token_in
from tests.pdf.reading import faults_of_tags, opened, pages, words
from tests.visits.conftest import Desk, set_up

Going = tuple[str, Desk]


@pytest.fixture
def going(app: Flask) -> Going:
    """The address of a visit at check-out, committed, and its practice."""
    state = state_of(app)
    with state.database.write() as conn:
        store = Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())
        desk = set_up(store)
        save_practice(conn, state.setting.practice)
        visit = move_to(store, arrive(store, desk.appointment_id)["id"], "check-out")
    forget_practice(state)
    return f"/visits/visits/{visit['id']}", desk


def panel(client: FlaskClient, address: str) -> tuple[str, dict[str, str]]:
    """The page and the token of its forms."""
    page = client.get(f"{address}/check-out").get_data(as_text=True)
    return page, {"csrf_token": token_in(page)}


def answer(client: FlaskClient, address: str, item: str, how: str, reason: str = "") -> int:
    """Say something of one thing; gives the status."""
    token = panel(client, address)[1]
    return client.post(
        f"{address}/check-out/say", data=token | {"item": item, "how": how, "reason": reason}
    ).status_code


def visit_of(app: Flask, address: str) -> Json:
    """The visit as it is kept."""
    with state_of(app).database.read() as conn:
        store = Store(conn, state_of(app).setting, actor=SYSTEM, now=state_of(app).clock.now())
        return store.read("Encounter", address.rsplit("/", 1)[1])


@contextmanager
def asked(going: Going) -> Iterator[list[str]]:
    """What is asked of the database meanwhile, but for the audit trail's own."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "audit_" not in statement and not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    engine = going[1].store.conn.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def test_the_panel_asks_six_things_of_the_database_at_most(
    going: Going, app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    client = client_of("receptionist")
    panel(client, going[0])

    with asked(going) as seen:
        page = panel(client, going[0])[0]
    assert len(seen) <= 6, seen
    for name in ("Next visit", "Charges", "Amount due $30.00", "Forms and consents", "Papers to hand over"):
        assert name in page


def test_each_thing_is_answered_in_place_taken_back_and_the_visit_ends_by_one_button(
    going: Going, app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    client, address = client_of("receptionist"), going[0]
    assert "Finish check-out, 3 left" in panel(client, address)[0]
    assert answer(client, address, "next", "not-wanted") == 303
    assert answer(client, address, "money", "left", "Forgot the card") == 303
    assert answer(client, address, "forms", "left", "Signs at home") == 303
    page, token = panel(client, address)
    assert "Left: Forgot the card" in page
    assert "No further visit is wanted." in page
    assert "Finish check-out <kbd" in page
    assert client.post(f"{address}/check-out/take-back/money", data=token).status_code == 303
    assert "Finish check-out, 1 left" in panel(client, address)[0]
    assert answer(client, address, "money", "left", "Pays by link") == 303
    page, token = panel(client, address)
    assert client.post(f"{address}/leave", data=token).status_code == 303
    assert visit_of(app, address)["status"] == "finished"
    waiting = client.get("/communication/messages/to-do").get_data(as_text=True)
    assert "Pays by link" in waiting
    assert "Charges to enter" in waiting
    assert "Forgot the card" not in waiting


def test_money_is_taken_in_place_once_and_its_receipt_stands_there(
    going: Going, app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    client, address = client_of("receptionist"), going[0]
    page, token = panel(client, address)
    form = page.partition('action="/cash/payments"')[2].partition("</form>")[0]
    data = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) | token | {"tender": "card"}
    assert data["amount"] == "30.00"
    refused = client.post("/cash/payments", data=data)
    assert refused.status_code == 409, "no till is open"
    assert "Open your till first." in refused.get_data(as_text=True)
    assert "Amount due $30.00" in panel(client, address)[0]
    till = client.get("/cash/").get_data(as_text=True)
    once = till.partition('name="once"')[2].partition('value="')[2].partition('"')[0]
    assert client.post("/cash/open", data=token | {"float": "0", "once": once}).status_code == 303
    for _click in range(2):
        paid = client.post("/cash/payments", data=data)
        assert paid.status_code == 303
        assert paid.headers["Location"].endswith(f"{address}/check-out")
    page = panel(client, address)[0]
    assert page.count("Receipt 20") == 1
    assert "/cash/payments/" in page
    assert "Card $30.00" not in page


def test_the_board_leads_to_the_panel_while_something_is_open(
    going: Going, app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    client, (address, desk) = client_of("receptionist"), going
    token = panel(client, address)[1]
    moved = client.post(f"{address}/move", data=token)
    assert moved.headers["Location"].endswith(f"{address}/check-out")
    data = token | {"appointment": desk.appointment_id, "station": "left", "version": "2"}
    dragged = client.post("/visits/flow/move", data=data, headers={"HX-Request": "true"})
    assert dragged.headers["HX-Redirect"].endswith(f"{address}/check-out")
    assert visit_of(app, address)["status"] == "in-progress"
    for item, how in (("next", "not-wanted"), ("money", "left"), ("forms", "left")):
        assert answer(client, address, item, how, "because") == 303
    moved = client.post(f"{address}/move", data=token)
    assert moved.headers["Location"].endswith("/visits/today")
    assert visit_of(app, address)["status"] == "finished"


def test_what_a_colleague_finished_is_said_and_nothing_is_changed(
    going: Going, app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    one, other, address = client_of("receptionist"), client_of("receptionist"), going[0]
    mine = panel(one, address)[1]
    theirs = panel(other, address)[1]
    assert other.post(f"{address}/leave", data=theirs | {"reason": "Had to go"}).status_code == 303
    late = one.post(f"{address}/check-out/say", data=mine | {"item": "next", "how": "not-wanted"})
    assert late.status_code == 409
    assert "This visit has ended" in late.get_data(as_text=True)
    before = visit_of(app, address)["meta"]["versionId"]
    assert one.post(f"{address}/leave", data=mine | {"reason": "Again"}).status_code == 303
    assert visit_of(app, address)["meta"]["versionId"] == before


@pytest.mark.parametrize(
    "data",
    [
        {"item": "money", "how": "left", "reason": ""},
        {"item": "money", "how": "left", "reason": "x" * 201},
        {"item": "shoes", "how": "left", "reason": "why"},
        {"item": "money", "how": "given", "reason": "why"},
        {"item": "", "how": ""},
        {},
    ],
)
def test_an_answer_that_makes_no_sense_is_said_beside_it_and_keeps_nothing(
    data: dict[str, str], going: Going, app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    client, address = client_of("receptionist"), going[0]
    token = panel(client, address)[1]
    before = visit_of(app, address)["meta"]["versionId"]
    refused = client.post(f"{address}/check-out/say", data=token | data)
    assert refused.status_code == 422
    assert 'class="note danger"' in refused.get_data(as_text=True)
    assert visit_of(app, address)["meta"]["versionId"] == before
    assert client.post(f"{address}/check-out/take-back/shoes", data=token).status_code == 404


@pytest.mark.parametrize("role", ["receptionist", "billing", "manager", "administrator"])
def test_everybody_at_work_sees_the_panel_and_only_the_desk_acts(
    role: str, going: Going, client_of: Callable[[str], FlaskClient]
) -> None:
    page = client_of(role).get(f"{going[0]}/check-out").get_data(as_text=True)
    assert "Before the patient goes" in page
    acts = role in ("receptionist", "manager", "administrator")
    assert ("Finish check-out" in page) == acts
    assert (f"{going[0]}/check-out/say" in page) == acts
    assert ("/billing/visits/" in page) == (role != "receptionist")


def test_a_stranger_sees_nothing(going: Going, client_of: Callable[[str], FlaskClient]) -> None:
    for path in ("check-out", "summary", "attendance"):
        assert client_of("stranger").get(f"{going[0]}/{path}").status_code == 303


def test_the_summary_says_what_comes_next_what_was_paid_and_what_to_bring(
    going: Going, client_of: Callable[[str], FlaskClient]
) -> None:
    client = client_of("receptionist")
    answered = client.get(f"{going[0]}/summary")
    assert answered.mimetype == "application/pdf"
    said = words(answered.data)
    for part in ("Visit summary", "Mafe García Ochoa", "Still to pay: $30.00", "your insurance card"):
        assert part in said, part
    assert faults_of_tags(answered.data) == []
    assert pages(answered.data) == 1


def test_the_attestation_tells_when_and_never_why(going: Going, client_of: Callable[[str], FlaskClient]) -> None:
    said = words(client_of("receptionist").get(f"{going[0]}/attendance").data)
    assert "We confirm that this person was at our practice" in said
    assert "Annual visit" not in said
    assert "30.00" not in said


def test_a_paper_is_printed_in_the_language_of_the_patient_or_the_one_that_is_asked_for(
    going: Going, app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    state, desk = state_of(app), going[1]
    with state.database.write() as conn:
        store = Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())
        patient = store.read("Patient", desk.patient_id)
        speaks = [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "nl"}]}, "preferred": True}]
        store.update(patient | {"communication": speaks})
    client = client_of("receptionist")
    wanted = {"summary": "nl", "summary?lang=es": "es", "attendance": "en", "summary?lang=../x": "nl"}
    for path, language in wanted.items():
        with opened(client.get(f"{going[0]}/{path}").data) as pdf:
            assert str(pdf.Root.Lang) == language, path
