"""The patient page with everything a patient can have: every tile is filled, and the database is asked six times."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.service import record
from clinic.billing.service import save_sheet
from clinic.cash.service import open_till, take_payment
from clinic.communication.rules import Call
from clinic.communication.service import log_call
from clinic.core.actor import SYSTEM
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.appointments import factories as calendar
from tests.billing import factories as bills

MOST_READS = 6


def somebody_with_everything(store: Store) -> str:
    """Appointments before and after now, cover, calls, forms, a bill, a payment, relatives and warnings."""
    calendar.a_practice(store)
    bills.few_codes(store)
    patient = bills.a_person(store)
    extension = [
        {"url": "urn:clinic:interpreter", "valueBoolean": True},
        {"url": "urn:clinic:contact-by", "valueCode": "phone"},
    ]
    contact = [{"name": {"family": "Mensah"}, "telecom": [{"system": "phone", "value": "+12025550143"}]}]
    store.update(patient | {"extension": extension, "contact": contact})
    id_ = str(patient["id"])
    bills.a_coverage(store, patient, copay=3000)
    bills.a_coverage(store, patient, start="2026-01-01", end="2026-12-31")
    for day in (*range(1, 9), *range(10, 32)):
        status = "fulfilled" if day < 9 else "booked"
        record(store, calendar.a_booking(f"2027-03-{day:02} 14:00", patient_id=id_), status=status)
    save_sheet(store, bills.a_visit(store, patient)["id"], bills.a_sheet(), version=0)
    open_till(store, 20_000)
    take_payment(store, id_, cents=1_000, tender="card")
    for number in range(6):
        log_call(store, Call(patient_id=id_, caller="Kwame", reason="refill", note=f"call {number}"))
        _form(store, id_, number)
    payer = store.create({"resourceType": "RelatedPerson", "patient": _to(id_), "name": [{"family": "Owusu"}]})
    owner = {"reference": f"RelatedPerson/{payer['id']}"}
    store.create(
        {"resourceType": "Account", "status": "active", "subject": [_to(id_)], "guarantor": [{"party": owner}]}
    )
    return id_


def _to(patient_id: str) -> Json:
    return {"reference": f"Patient/{patient_id}"}


def _form(store: Store, patient_id: str, number: int) -> None:
    store.create(
        {
            "resourceType": "QuestionnaireResponse",
            "status": "completed",
            "authored": f"2027-03-0{number + 1}T15:00:00Z",
            "extension": [{"url": "urn:clinic:form-title", "valueString": f"Health form {number}"}],
            "subject": _to(patient_id) | {"display": "Kwame Boateng"},
        }
    )


@pytest.mark.parametrize("role", ["receptionist", "billing", "manager", "administrator"])
def test_a_patient_with_everything_is_read_in_six_statements(
    app: Flask, client_of: Callable[[str], FlaskClient], role: str
) -> None:
    state = state_of(app)
    id_ = state.database.run_write(
        lambda conn: somebody_with_everything(Store(conn, state.setting, actor=SYSTEM, now=state.clock.now()))
    )
    client = client_of(role)
    client.get(f"/registration/{id_}")
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "audit_" not in statement and not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    sa.event.listen(state.database.engine, "before_cursor_execute", note)
    try:
        page = client.get(f"/registration/{id_}").get_data(as_text=True)
    finally:
        sa.event.remove(state.database.engine, "before_cursor_execute", note)
    assert len(seen) <= MOST_READS, seen
    shown = {"receptionist": ("call 0", "Health form 5", "Wed", "Mensah", "Owusu", "Meridian PPO")}
    for words in shown.get(role, ("Mensah",)):
        assert words in page, words
    if role == "receptionist":
        assert page.index("call 0") < page.index("call 1") < page.index("call 3")
        assert "call 4" not in page
        assert page.index("Health form 5") < page.index("Health form 1")
        assert "Health form 0" not in page
