"""Who may come in, and what a scope allows."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from clinic.access.clients import add_client, revoke_client
from clinic.fhir_api.scopes import read_scopes
from clinic.web.state import state_of
from tests.fhir_api.conftest import Api, a_group, an_observation, token_for, why

GRANT = {"grant_type": "client_credentials"}


def test_without_a_token_only_the_statement_is_open(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/fhir/metadata").status_code == 200
    assert client.get("/fhir/.well-known/smart-configuration").json["token_endpoint"] == "http://localhost/oauth/token"
    for method, path in (
        ("GET", "/Patient"),
        ("GET", "/Patient/1"),
        ("POST", "/Patient"),
        ("POST", "/"),
        ("GET", "/x/y/z"),
    ):
        answer = client.open(f"/fhir{path}", method=method)
        assert why(answer) == (401, "http.Authorization"), path
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer nonsense", "Basic abc", "Bearer \xff", "bearer x" * 900]
)
def test_a_false_token_opens_nothing(app: Flask, header: str) -> None:
    assert app.test_client().get("/fhir/Patient", headers={"Authorization": header}).status_code == 401


def test_a_token_ends_after_an_hour_and_with_its_program(app: Flask) -> None:
    api = Api(app, token_for(app))
    assert api("GET", "/Group").status_code == 200
    state = state_of(app)
    later = state.clock.now() + timedelta(minutes=61)
    state.clock = type(state.clock)(later)
    assert api("GET", "/Group").status_code == 401
    fresh = Api(app, token_for(app))
    assert fresh("GET", "/Group").status_code == 200
    from clinic.access.clients import list_clients

    for one in state.database.run_write(list_clients):
        state.database.run_write(lambda conn, one=one: revoke_client(conn, one.id, later))
    assert fresh("GET", "/Group").status_code == 401


def test_a_program_shows_its_secret_in_the_header_or_in_the_form(app: Flask) -> None:
    state = state_of(app)
    client = app.test_client()
    id_, secret = state.database.run_write(
        lambda conn: add_client(conn, "Lab", ["system/Patient.rs", "system/Observation.read"], now=state.clock.now())
    )
    by_header = client.post("/oauth/token", data=GRANT, auth=(id_, secret))
    assert by_header.json["token_type"] == "Bearer"
    assert by_header.json["expires_in"] == 3600
    assert by_header.json["scope"] == "system/Patient.rs system/Observation.read"
    assert by_header.headers["Cache-Control"] == "no-store"
    by_form = client.post(
        "/oauth/token", data=GRANT | {"client_id": id_, "client_secret": secret, "scope": "system/Patient.r"}
    )
    assert by_form.json["scope"] == "system/Patient.r"
    wide = client.post("/oauth/token", data=GRANT | {"scope": "system/*.rs"}, auth=(id_, secret))
    assert (wide.status_code, wide.json["error"]) == (400, "invalid_scope")
    none = client.post("/oauth/token", data=GRANT | {"scope": "openid"}, auth=(id_, secret))
    assert none.status_code == 400


@pytest.mark.parametrize(
    ("data", "authorization", "status"),
    [
        (GRANT, None, 401),
        (GRANT, "Basic !!!", 401),
        (GRANT, "Basic " + base64.b64encode(b"a:b").decode(), 401),
        (GRANT, "Basic " + base64.b64encode(b"\xff").decode(), 401),
        (GRANT | {"client_id": "a\x00b", "client_secret": "c"}, None, 401),
        ({"grant_type": "password"}, None, 400),
        ({}, None, 400),
    ],
)
def test_a_bad_request_for_a_token_is_refused(app: Flask, data: dict, authorization: str | None, status: int) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    assert app.test_client().post("/oauth/token", data=data, headers=headers).status_code == status


def test_scopes_in_both_spellings() -> None:
    scopes = read_scopes(["system/Patient.read", "system/Patient.c", "system/*.s", "user/Patient.d", "openid"])
    assert [letter for letter in "cruds" if scopes.allow("Patient", letter)] == ["c", "r", "s"]
    assert scopes.allow("Observation", "s")
    assert not scopes.allow("Observation", "r")
    assert read_scopes(["system/*.write"]).rights == {"*": frozenset("cud")}
    assert not read_scopes(["system/*.r"]).within(read_scopes(["system/Patient.rs"]))
    assert read_scopes(["system/Patient.r"]).within(read_scopes(["system/*.rs"]))


def test_a_scope_is_asked_for_everything(program: Callable[..., Api]) -> None:
    all_ = program("system/*.cruds")
    all_("PUT", "/Patient/ana", {"resourceType": "Patient", "id": "ana", "name": [{"family": "Doe"}]})
    all_("PUT", "/Observation/o", an_observation("ana", id="o"))
    reader = program("system/Patient.rs", "system/Group.c")
    assert reader("GET", "/Patient/ana").status_code == 200
    assert reader("POST", "/Group", a_group()).status_code == 201
    refused = [
        ("GET", "/Observation/o", None),
        ("GET", "/Observation", None),
        ("GET", "/Observation/o/_history", None),
        ("GET", "/_history", None),
        ("PUT", "/Patient/ana", {"resourceType": "Patient", "id": "ana"}),
        ("PUT", "/Group/new", a_group(id="new")),
        ("DELETE", "/Patient/ana", None),
        ("GET", "/Group", None),
        ("GET", "/Patient?_has:Observation:patient:status=final", None),
        ("POST", "/Observation/$validate", an_observation()),
    ]
    for method, path, body in refused:
        assert reader(method, path, body).status_code == 403, path
    came = reader("GET", "/Patient?_revinclude=Observation:patient").json["entry"]
    assert [one["resource"]["resourceType"] for one in came] == ["Patient"]
    whole = reader("GET", "/Patient/ana/$everything").json
    assert [one["resource"]["resourceType"] for one in whole["entry"]] == ["Patient"]


def test_an_update_that_creates_needs_both_scopes(program: Callable[..., Api]) -> None:
    changer = program("system/Group.u")
    assert changer("PUT", "/Group/new", a_group(id="new")).status_code == 403
