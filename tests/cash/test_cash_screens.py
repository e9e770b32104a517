"""The screens of the till."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.actor import SYSTEM
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.billing import factories as f


@pytest.fixture
def patient(app: Flask) -> Json:
    """A patient with a copay of 30 dollars who has arrived."""
    state = state_of(app)

    def make(conn: object) -> Json:
        store = Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())  # type: ignore[arg-type]
        made = f.a_person(store)
        f.a_coverage(store, made, copay=3000)
        f.a_visit(store, made, status="arrived")
        return made

    return state.database.run_write(make)


@pytest.fixture
def desk(client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    """A browser of the front desk."""
    return client_of("receptionist")


def send(client: FlaskClient, page_url: str, post_url: str, **fields: object) -> tuple[int, str, str]:
    """Open a page, send one of its forms; gives status, place and page."""
    page = client.get(page_url).get_data(as_text=True)
    action = page.find(f'action="{post_url}')
    form = page[action:] if action >= 0 else page
    data: dict[str, object] = {}
    for name in ("csrf_token", "once", "version"):
        found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', form)
        if found:
            data[name] = found[1]
    answer = client.post(post_url, data=data | fields)
    return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)


def open_till(client: FlaskClient, amount: str = "200") -> int:
    return send(client, "/cash/", "/cash/open", float=amount)[0]


def pay(client: FlaskClient, patient: Json, **fields: object) -> tuple[int, str, str]:
    given = {"patient": patient["id"], "amount": "30", "tender": "cash", **fields}
    return send(client, f"/cash/?patient={patient['id']}", "/cash/payments", **given)


def test_a_payment_is_taken_from_the_amount_due_to_the_receipt(desk: FlaskClient, patient: Json) -> None:
    assert "Open your till" in desk.get("/cash/").get_data(as_text=True)
    assert open_till(desk) == 303
    page = desk.get(f"/cash/?patient={patient['id']}").get_data(as_text=True)
    assert "Kwame Boateng" in page
    assert 'value="30.00"' in page
    status, place, _ = pay(desk, patient)
    assert status == 303
    receipt = desk.get(place).get_data(as_text=True)
    assert "2027-00001" in receipt
    assert "$30.00" in receipt
    assert "$0.00" in desk.get(f"/cash/?patient={patient['id']}").get_data(as_text=True)
    assert "2027-00001" in desk.get("/cash/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("said", "kept"),
    [("/visits/visits/v1/check-out", True), ("/management/", False), ("//bad.example.org/visits/", False), ("", False)],
)
def test_after_the_receipt_one_goes_back_to_the_visit_and_nowhere_else(
    desk: FlaskClient, patient: Json, said: str, kept: bool
) -> None:
    open_till(desk)
    _status, place, _page = pay(desk, patient, next=said)
    assert ("next=" in place) == kept
    assert ("Back to the visit" in desk.get(place).get_data(as_text=True)) == kept


def test_a_payment_is_taken_back_with_a_reason(desk: FlaskClient, patient: Json) -> None:
    open_till(desk)
    place = pay(desk, patient)[1]
    assert send(desk, place, f"{place}/void", reason="")[0] == 422
    assert send(desk, place, f"{place}/void", reason="Wrong patient")[0] == 303
    page = desk.get(place).get_data(as_text=True)
    assert "void" in page
    assert "Take it back" not in page
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    assert desk.post(f"{place}/void", data={"csrf_token": token[1], "reason": "again"}).status_code == 409


def test_a_till_is_counted_blind_compared_explained_and_closed(desk: FlaskClient, patient: Json) -> None:
    open_till(desk)
    pay(desk, patient)
    page = desk.get("/cash/close").get_data(as_text=True)
    assert "$230.00" not in page
    status, _, page = send(desk, "/cash/close", "/cash/close/count", **{"piece-10000": "two"})
    assert status == 422
    assert 'value="two"' in page
    assert send(desk, "/cash/close", "/cash/close/count", **{"piece-10000": "2", "piece-2000": "1"})[0] == 303
    page = desk.get("/cash/close").get_data(as_text=True)
    assert "$230.00" in page
    assert "Short" in page
    assert send(desk, "/cash/close", "/cash/close/again")[0] == 303
    assert send(desk, "/cash/close", "/cash/close/count", **{"piece-10000": "2", "piece-2000": "1"})[0] == 303
    assert send(desk, "/cash/close", "/cash/close", reason="")[0] == 422
    status, place, _ = send(desk, "/cash/close", "/cash/close", reason="Change given twice")
    assert status == 303
    assert "Change given twice" in desk.get(place).get_data(as_text=True)
    assert desk.get("/cash/close").status_code == 303
    assert "Open your till" in desk.get("/cash/").get_data(as_text=True)


def test_a_second_click_takes_one_payment(desk: FlaskClient, patient: Json) -> None:
    open_till(desk)
    page = desk.get(f"/cash/?patient={patient['id']}").get_data(as_text=True)
    form = page[page.find('action="/cash/payments"') :]
    data = {"patient": patient["id"], "amount": "30", "tender": "card"}
    for name in ("csrf_token", "once"):
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', form)
        assert found
        data[name] = found[1]
    places = {desk.post("/cash/payments", data=data).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    assert desk.get("/cash/").get_data(as_text=True).count('class="row-link"') == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"amount": ""}, 422),
        ({"amount": "much"}, 422),
        ({"amount": "0"}, 422),
        ({"amount": "-5"}, 422),
        ({"amount": "9" * 18}, 422),
        ({"amount": "1e5"}, 422),
        ({"amount": "٣٠"}, 422),
        ({"tender": "gold"}, 422),
        ({"tender": ""}, 422),
        ({"once": "x" * 5000}, 303),
        ({"csrf_token": "wrong"}, 403),
    ],
)
def test_a_payment_that_cannot_be_is_refused_with_a_message(
    desk: FlaskClient, patient: Json, fields: dict[str, str], status: int
) -> None:
    open_till(desk)
    given, _, page = pay(desk, patient, **fields)
    assert given in ({status, 422} if status == 403 else {status})
    if status == 422:
        assert "error" in page


def test_nothing_is_taken_without_a_till_and_nobody_pays_for_nobody(desk: FlaskClient, patient: Json) -> None:
    assert pay(desk, patient)[0] in (409, 422)
    open_till(desk)
    assert send(desk, "/cash/", "/cash/payments", patient="nobody", amount="1", tender="cash")[0] in (404, 422)
    assert send(desk, "/cash/", "/cash/payments", patient="", amount="1", tender="cash")[0] == 422


@pytest.mark.parametrize("amount", ["", "x", "-1", "99999999"])
def test_a_float_that_cannot_be_is_refused(desk: FlaskClient, amount: str) -> None:
    assert open_till(desk, amount) == 422


@pytest.mark.parametrize("path", ["/cash/payments/nothing", "/cash/closed/nothing", "/cash/?patient=nobody"])
def test_what_is_not_there_is_said(desk: FlaskClient, path: str) -> None:
    assert desk.get(path).status_code == 404


def test_a_stranger_sees_no_till(client_of: Callable[[str], FlaskClient]) -> None:
    stranger = client_of("stranger")
    assert stranger.get("/cash/").status_code == 303
    assert stranger.get("/cash/payments/x").status_code == 303
