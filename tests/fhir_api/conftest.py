"""A program with a token, talking to the interface on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.access.clients import add_client
from clinic.web.state import state_of

JSON = "application/fhir+json"


def token_for(app: Flask, *scopes: str) -> str:
    """A bearer token of a new program with these scopes."""
    state = state_of(app)
    now = state.clock.now()
    pair = state.database.run_write(lambda conn: add_client(conn, "Registry", scopes or ("system/*.cruds",), now=now))
    answer = app.test_client().post("/oauth/token", data={"grant_type": "client_credentials"}, auth=pair)
    assert answer.status_code == 200, answer.text
    return str(answer.json["access_token"])


class Api:
    """Requests as a program makes them; every answer is looked at for what all answers have in common."""

    def __init__(self, app: Flask, token: str) -> None:
        self.app = app
        self.token = token
        self.client: FlaskClient = app.test_client()

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        kind = headers.pop("content_type", JSON)
        sent = {"Authorization": f"Bearer {self.token}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        data = body if isinstance(body, bytes | str) or body is None else json.dumps(body)
        address = path if path.startswith("http") else f"/fhir{path}"
        answer = self.client.open(
            address, method=method, data=data, headers=sent, content_type=kind if data is not None else None
        )
        assert answer.status_code < 500, f"{method} {path}: {answer.text[:500]}"
        if answer.text and "fhir+json" in answer.content_type:
            assert answer.json["resourceType"] == "OperationOutcome" or answer.status_code < 400
            assert answer.headers["Cache-Control"] == "no-store"
        return answer

    def ids(self, path: str) -> list[str]:
        """The ids of the matches of a search."""
        answer = self("GET", path)
        assert answer.status_code == 200, answer.text
        return [one["resource"]["id"] for one in answer.json.get("entry", []) if one["search"]["mode"] == "match"]


def why(answer: TestResponse) -> tuple[int, str]:
    """Status and the first element that the outcome names."""
    return answer.status_code, answer.json["issue"][0].get("expression", [""])[0]


@pytest.fixture
def api(any_app: Flask) -> Api:
    """A program that may do everything, on both databases in turn."""
    return Api(any_app, token_for(any_app))


@pytest.fixture
def lite(app: Flask) -> Api:
    """A program that may do everything, on SQLite only."""
    return Api(app, token_for(app))


@pytest.fixture
def program(app: Flask) -> Callable[..., Api]:
    """Makes a program with the scopes given."""
    return lambda *scopes: Api(app, token_for(app, *scopes))


def a_group(**more: Any) -> dict[str, Any]:
    """A record of a type that no slice rules over."""
    return {"resourceType": "Group", "type": "person", "actual": True, "name": "Walkers"} | more


def an_observation(patient: str = "", **more: Any) -> dict[str, Any]:
    """A clinical record, perhaps of a patient."""
    made = {"resourceType": "Observation", "status": "final", "code": {"text": "Weight"}}
    return made | ({"subject": {"reference": f"Patient/{patient}"}} if patient else {}) | more
