"""A fee of the list of things to do is off the list once it is taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.cash.service import open_till, take_payment
from clinic.cli.state import transact
from clinic.communication.queries.tasks import count_tasks
from clinic.communication.service.tasks import desk_task, finish_task
from clinic.core.errors import Conflict
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.billing import factories as f
from tests.cash.test_cash_screens import open_till as open_at_desk
from tests.cash.test_cash_screens import pay

ClientOf = Callable[[str], FlaskClient]


def a_fee(store: Store, kind: str = "fee") -> tuple[Json, Json]:
    patient = f.a_person(store)
    reference = {"reference": f"Patient/{patient['id']}", "display": "Kwame Boateng"}
    return patient, desk_task(store, kind, "25.00 USD: Check, 2027-03-08 10:00", patient=reference)


def test_a_fee_is_taken_and_gone_from_the_list(app: Flask, client_of: ClientOf) -> None:
    state, desk = state_of(app), client_of("receptionist")
    patient, task = transact(state, a_fee)
    assert open_at_desk(desk) == 303
    link = f"/cash/?patient={patient['id']}&amount=25.00&task={task['id']}"
    assert link in desk.get("/communication/messages/to-do").text.replace("&amp;", "&")
    form = desk.get(link).text
    assert f'value="{task["id"]}"' in form
    assert pay(desk, patient, amount="25", task=task["id"])[0] == 303
    assert transact(state, count_tasks) == 0
    status, _place, page = pay(desk, patient, amount="25", task=task["id"])
    assert status == 409
    assert "A colleague has already seen to this fee" in page
    assert len(transact(state, lambda store: store.search("PaymentNotice", limit=9))) == 1


def test_the_note_of_the_task_is_the_receipt(any_store: Store) -> None:
    patient, task = a_fee(any_store)
    open_till(any_store, 0)
    notice = take_payment(any_store, patient["id"], cents=2500, tender="card", task=task["id"])
    done = any_store.read("Task", task["id"])
    assert (done["status"], done["note"][0]["text"]) == ("completed", notice["identifier"][0]["value"])


@pytest.mark.parametrize("fault", ["done", "other kind", "other patient", "none"])
def test_what_is_no_open_fee_of_this_patient_takes_nothing(any_store: Store, fault: str) -> None:
    patient, task = a_fee(any_store, "missed-visit" if fault == "other kind" else "fee")
    if fault == "done":
        finish_task(any_store, task["id"])
    payer = a_fee(any_store)[0] if fault == "other patient" else patient
    open_till(any_store, 0)
    with pytest.raises(Conflict):
        take_payment(
            any_store, payer["id"], cents=2500, tender="card", task="nothing" if fault == "none" else task["id"]
        )
    assert any_store.search("PaymentNotice", limit=1) == []
