"""New working hours on the screen: what falls outside is shown before it is saved, and listed afterwards."""

from __future__ import annotations

from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import book
from clinic.core.days import to_utc
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.management.conftest import fields_of, in_app, send
from tests.management.test_screens import add


def test_hours_that_leave_a_visit_outside_are_saved_only_when_that_was_seen(
    manager: FlaskClient, furnished: Flask
) -> None:
    provider = add(manager, "providers", given="Chidi", family="Nwosu", npi="", site="", room="")
    kind = add(manager, "visit-types", name="Check", minutes="20", colour="", comment="")
    url = f"/management/providers/{provider}/hours"
    week = {f"{day}_1_{part}": at for day in ("mon", "tue", "wed") for part, at in (("from", "9"), ("to", "17"))}
    assert send(manager, url, **week).status_code == 303

    def visit(store: Store) -> None:
        store.create({"resourceType": "Patient", "name": [{"given": ["Ada"], "family": "Outsider"}]}, id="outsider")
        start = to_utc(datetime(2027, 3, 17, 14), store.practice.zone)
        book(store, Booking("outsider", provider, kind, start))

    in_app(state_of(furnished), visit)
    short = {**week, "wed_1_to": "12", "since": "3/15/2027"}
    refused = send(manager, url, **short)
    assert refused.status_code == 409
    assert "Outsider" in refused.text
    assert 'value="17:00"' in manager.get(url).text
    assert "Outsider" not in manager.get("/management/outside").text
    kept = manager.post(url, data={**fields_of(refused.text), **short, "agreed": "1"})
    assert kept.status_code == 303
    assert "Outsider" in manager.get("/management/outside").text
    assert send(manager, url, **{**week, "since": "soon"}).status_code == 422
