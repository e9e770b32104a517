"""A small practice that stands open to people at home."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.appointments.rules.online import OnlineRule, Person
from clinic.appointments.service.online import save_rule
from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.factories import token_in

SLOT = "2027-03-11T15:00:00+00:00/adams"
"""Thursday, 10:00 with Dr Adams: two days ahead, free."""
PHONE = "+12125550142"
ADA = Person("Ada", "Lovelace", "1980-02-03", "(212) 555-0142")


def open_practice(store: Store) -> None:
    """The check can be booked, the chat asked for; Ada (p1) has a telephone and a record number."""
    save_rule(store, a_rule())
    save_rule(store, OnlineRule("chat", "request", questions=("What is it about?",)))
    patient = store.read("Patient", "p1")
    number = {"system": "urn:clinic:record-number", "value": "HS-00001"}
    store.update(patient | {"telecom": [{"system": "phone", "value": PHONE, "use": "mobile"}], "identifier": [number]})


def a_rule(**changes: Any) -> OnlineRule:
    return replace(OnlineRule("check", "book"), **changes)


def once_in(page: str) -> str:
    found = re.search(r'name="once"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def send(client: FlaskClient, type_id: str = "check", slot: str = SLOT, **changes: str) -> TestResponse:
    """Fill in the form as Ada would, and send it."""
    page = client.get(f"/appointments/online/{type_id}/book", query_string={"slot": slot}).text
    given = {
        "csrf_token": token_in(page), "once": once_in(page), "slot": slot, "known": "yes", "given": "Ada",
        "family": "Lovelace", "y": "1980", "m": "02", "d": "03", "number": "212 555 0142",
    }  # fmt: skip
    return client.post(f"/appointments/online/{type_id}/book", data=given | changes)


def open_own(client: FlaskClient, token: str, *, born: tuple[str, str, str] = ("1980", "2", "3")) -> TestResponse:
    """Give the birth date on the page of a link."""
    page = client.get(f"/appointments/own/{token}").text
    data = dict(zip("ymd", born, strict=True)) | {"csrf_token": token_in(page)}
    return client.post(f"/appointments/own/{token}", data=data)


def everything(app: Flask) -> Json:
    """How many rows of what a link may change."""
    from clinic.web.state import state_of

    counted = ("resource_version", "online_request", "appointment_hold", "slot_claim")
    with state_of(app).database.read() as conn:
        return {name: conn.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in counted}
