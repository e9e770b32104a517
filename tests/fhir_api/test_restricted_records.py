"""A program without the scope for restricted records sees nothing of them, by whatever way it asks."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from clinic.access.restricted import SCOPE
from clinic.cli.state import transact
from clinic.fhir.store import Store
from clinic.registration.rules.flags import Flag
from clinic.registration.service import restricting
from clinic.registration.service.flags import set_flag
from clinic.web.state import state_of
from tests.fhir_api.conftest import Api, token_for
from tests.registration.factories import a_patient


@pytest.fixture
def two(any_app: Flask) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A restricted patient with a flag, and an ordinary one of the same surname."""

    def fill(store: Store) -> tuple[Any, Any, Any]:
        closed, other = a_patient(store, "Ada", "Quiroga"), a_patient(store, "Bruno", "Quiroga")
        flag = set_flag(store, closed["id"], Flag("other", "secret words"))
        restricting.restrict(store, closed["id"], "R", [])
        return closed, other, flag

    return transact(state_of(any_app), fill)


def without(app: Flask) -> Api:
    return Api(app, token_for(app))


def test_reading_is_refused_with_403_whatever_the_address(any_app: Flask, two: Any) -> None:
    closed, _other, flag = two
    api = without(any_app)
    for path in (
        f"/Patient/{closed['id']}", f"/Patient/{closed['id']}/_history/1", f"/Patient/{closed['id']}/_history",
        f"/Patient/{closed['id']}/$everything", f"/Patient/{closed['id']}/$validate", f"/Flag/{flag['id']}",
        f"/Flag/{flag['id']}/_history/1",
    ):  # fmt: skip
        answer = api("GET", path)
        assert (answer.status_code, answer.json["issue"][0]["code"]) == (403, "forbidden"), path
        assert "Quiroga" not in answer.text
        assert "secret" not in answer.text


def test_searches_and_histories_leave_them_out_and_count_without_them(any_app: Flask, two: Any) -> None:
    closed, other, _flag = two
    api = without(any_app)
    assert api.ids("/Patient?name=quiroga") == [other["id"]]
    assert api.ids(f"/Patient?_id={closed['id']}") == []
    assert api("GET", "/Patient?name=quiroga&_summary=count").json["total"] == 1
    assert api.ids(f"/Flag?patient={closed['id']}") == []
    assert (
        api("GET", "/Patient?name=quiroga&_revinclude=Flag:patient").json["entry"][0]["resource"]["id"] == other["id"]
    )
    for path in ("/_history", "/Patient/_history", "/Flag/_history", "/Flag", "/AuditEvent"):
        assert closed["id"] not in api("GET", path).text, path
    found = api("GET", f"/AuditEvent?patient={closed['id']}")
    assert found.json.get("entry", []) == []


def test_writing_is_refused_and_changes_nothing(any_app: Flask, two: Any) -> None:
    closed, _other, flag = two
    api = without(any_app)
    patch = [{"op": "replace", "path": "/status", "value": "inactive"}]
    assert api("PUT", f"/Flag/{flag['id']}", {**flag, "status": "inactive"}).status_code == 403
    answer = api("PATCH", f"/Flag/{flag['id']}", patch, content_type="application/json-patch+json")
    assert answer.status_code == 403
    assert api("DELETE", f"/Patient/{closed['id']}").status_code == 403
    fresh = {
        "resourceType": "Flag",
        "status": "active",
        "code": {"text": "x"},
        "subject": {"reference": f"Patient/{closed['id']}"},
    }
    assert api("POST", "/Flag", fresh).status_code == 403
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": f"Patient/{closed['id']}"}}],
    }
    assert api("POST", "/", bundle).json["entry"][0]["response"]["status"].startswith("403")
    assert "_history/2" not in str(api("GET", f"/Flag/{flag['id']}").headers)


def test_a_label_is_set_and_taken_off_only_with_the_scope(any_app: Flask, two: Any) -> None:
    closed, other, _flag = two
    label = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}
    api = without(any_app)
    body = api("GET", f"/Patient/{other['id']}").json
    assert api("PUT", f"/Patient/{other['id']}", {**body, "meta": label}).status_code == 403
    able = Api(any_app, token_for(any_app, "system/*.cruds", SCOPE))
    assert able("GET", f"/Patient/{closed['id']}").status_code == 200
    assert sorted(able.ids("/Patient?name=quiroga")) == sorted([closed["id"], other["id"]])
    assert able("PUT", f"/Patient/{other['id']}", {**body, "meta": label}).status_code == 200
    assert api("GET", f"/Patient/{other['id']}").status_code == 403


def test_the_scope_is_given_only_to_a_program_that_has_it(any_app: Flask) -> None:
    from clinic.access.clients import add_client

    state = state_of(any_app)
    now = state.clock.now()
    pair = state.database.run_write(lambda conn: add_client(conn, "Plain", ("system/*.rs",), now=now))
    data = {"grant_type": "client_credentials", "scope": f"system/*.rs {SCOPE}"}
    answer = any_app.test_client().post("/oauth/token", data=data, auth=pair)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_scope")
