"""The tile of calls to return tells the audit trail about nobody twice."""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.audit.tables import audit_event
from clinic.core.actor import SYSTEM
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.factories import token_in
from tests.registration.factories import a_patient

TILE = "/communication/calls/to-return"


def noted(app: Flask) -> int:
    with state_of(app).database.read() as conn:
        return conn.execute(sa.select(sa.func.count()).select_from(audit_event)).scalar_one()


def log(client: FlaskClient, patient: str, once: str) -> None:
    data = {
        "csrf_token": token_in(client.get("/communication/calls").text), "once": once, "patient": patient,
        "direction": "in", "reason": "other", "outcome": "call-back", "due": "15:00", "note": "Please ring",
        "number": "202 555 0177", "caller": "Ana",
    }  # fmt: skip
    assert client.post("/communication/calls", data=data).status_code == 303


def test_an_unchanged_tile_is_not_sent_and_not_noted(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    state, client = state_of(app), client_of("receptionist")
    with state.database.write() as conn:
        store = Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())
        patient = str(a_patient(store, "Ana", "Soler", mobile="+12025550177")["id"])
    log(client, patient, "one")
    headers = {"X-Background": "1", "HX-Request": "true"}
    before = noted(app)
    first = client.get(TILE, headers=headers)
    assert noted(app) > before
    before = noted(app)
    seen = re.search(r'data-mark="(\w+)"', first.text)
    assert seen
    headers["If-None-Match"] = f'"{seen[1]}"'
    assert [client.get(TILE, headers=headers).status_code for _ in range(3)] == [204, 204, 204]
    assert noted(app) == before
    log(client, patient, "two")
    before = noted(app)
    assert client.get(TILE, headers=headers).status_code == 200
    assert noted(app) > before
