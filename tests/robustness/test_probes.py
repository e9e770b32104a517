"""What somebody with bad intentions tries first."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient

from clinic.access.permissions import PERMISSIONS, STAFF, permissions_of
from tests import factories
from tests.robustness.house import House

POLICY = "Content-Security-Policy"


@pytest.fixture(autouse=True)
def as_it_was(house: House) -> None:
    house.put_back()


def guarded(house: House) -> list[tuple[str, str]]:
    """Every page, paper and picture with the right it asks for."""
    views = house.app.view_functions
    return [
        (house.address(rule), views[rule.endpoint].permission)
        for rule in house.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and getattr(views[rule.endpoint], "permission", "") in PERMISSIONS
    ]


def test_a_tablet_reaches_no_paper_picture_or_page_of_the_desk(house: House) -> None:
    open_to_it = {
        at: house.clients["device"].get(at).status_code for at, right in guarded(house) if right != "intake.answer"
    }
    assert len(open_to_it) > 40
    assert {at: status for at, status in open_to_it.items() if status not in (303, 401, 403, 404)} == {}


@pytest.mark.parametrize("role", [*STAFF, "stranger"])
def test_what_a_role_may_not_is_refused_for_things_that_are_there(house: House, role: str) -> None:
    rights = permissions_of(role) if role in STAFF else frozenset()
    refused = {at: house.clients[role].get(at).status_code for at, right in guarded(house) if right not in rights}
    assert {at: status for at, status in refused.items() if status not in (303, 401, 403)} == {}


def sign_in(client: FlaskClient, **more: str):  # type: ignore[no-untyped-def]
    token = factories.token_in(client.get("/access/sign-in").text)
    data = {"username": "receptionist", "password": factories.PASSWORD, "csrf_token": token} | more
    return client.post("/access/sign-in", data=data)


def session_of(client: FlaskClient) -> str:
    found = client.get_cookie("clinic_session")
    return found.value if found else ""


def test_a_planted_session_is_not_taken_over(house: House) -> None:
    client = house.app.test_client()
    client.set_cookie("clinic_session", "planted" * 6)
    assert sign_in(client).status_code == 303
    assert session_of(client) not in ("", "planted" * 6)


def test_the_cookie_is_for_the_server_alone(house: House) -> None:
    answer = sign_in(house.app.test_client())
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("clinic_session="))
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_a_cookie_stolen_before_the_sign_out_opens_nothing_after_it(house: House) -> None:
    client, thief = house.app.test_client(), house.app.test_client()
    sign_in(client)
    thief.set_cookie("clinic_session", session_of(client))
    assert thief.get("/visits/today").status_code == 200
    token = factories.token_in(client.get("/access/account").text)
    client.post("/access/sign-out", data={"csrf_token": token})
    assert thief.get("/visits/today").status_code in (303, 401)


@pytest.mark.parametrize(
    "where", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)", "/\t/example.org"]
)
def test_signing_in_leads_nowhere_else(house: House, where: str) -> None:
    client = house.app.test_client()
    client.get("/access/sign-in", query_string={"next": where})
    to = sign_in(client, next=where).headers.get("Location", "/")
    assert to.startswith("/")
    assert "example.org" not in to
    assert "javascript" not in to


def test_another_host_is_refused(house: House) -> None:
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example"):
        assert house.clients["manager"].get("/visits/today", headers={"Host": host}).status_code == 400


def test_every_answer_carries_the_policy_and_no_page_is_kept(house: House) -> None:
    for at, _ in [
        *guarded(house),
        ("/nowhere", ""),
        ("/access/sign-in", ""),
        ("/fhir/metadata", ""),
        ("/static/nothing", ""),
    ]:
        answer = house.clients["administrator"].get(at)
        assert "unsafe" not in answer.headers[POLICY], at
        assert "default-src 'none'" in answer.headers[POLICY], at
        assert answer.headers["X-Content-Type-Options"] == "nosniff", at
        kept = at.startswith("/static") or at.endswith("/photo")  # the portrait, for an hour, until one signs out
        assert kept or "no-store" in answer.headers["Cache-Control"], at


@pytest.mark.parametrize(
    "at",
    [
        "/static/",
        "/static",
        "/static/css/",
        "/static/../config.py",
        "/static/%2e%2e/__init__.py",
        "/static/..%2f..%2fconfig.py",
    ],
)
def test_files_are_not_listed_nor_reached_outside(house: House, at: str) -> None:
    assert house.app.test_client().get(at).status_code in (400, 404)


def test_a_claimed_address_is_not_believed(house: House) -> None:
    client = house.clients["manager"]
    client.get(f"/registration/{house.ids['patient_id']}", headers={"X-Forwarded-For": "203.0.113.77"})
    assert "203.0.113.77" not in client.get("/management/audit.csv").text


def test_an_exported_cell_is_no_formula(house: House) -> None:
    house.write(lambda store: store.did("export", "=cmd|' /C calc'!A0"))
    rows = list(csv.reader(io.StringIO(house.clients["manager"].get("/management/audit.csv").text)))
    assert any("calc" in cell for row in rows for cell in row)
    assert [cell for row in rows for cell in row if cell[:1] in ("=", "+", "@", "\t", "\r")] == []


def test_a_fault_of_ours_is_logged_without_a_value_of_the_patient(
    house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("Mafe García Ochoa 1979-08-14 broke it")

    monkeypatch.setattr("clinic.fhir.store.Store.saw", broken)
    answer = house.clients["manager"].get(f"/appointments/{house.ids['appointment_id']}")
    told = capfd.readouterr()
    assert answer.status_code == 500
    for text in (answer.text, told.out, told.err):
        assert not any(value in text for value in ("Mafe", "Ochoa", "1979"))
    assert "RuntimeError" in told.out + told.err
