"""The lists of messages: what waits for a person, what was sent, and taking a message back."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from clinic.cli.state import transact
from clinic.communication.gateways import Incoming
from clinic.communication.rules.messages import Message
from clinic.communication.service.messages import send
from clinic.communication.service.replies import take_incoming
from clinic.communication.service.tasks import desk_task
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service.patients import register_patient
from clinic.web.state import state_of
from tests.factories import sign_in, token_in


def _patient(app: Flask) -> str:
    details = PatientDetails("Ana", "Silva", "1990-04-03", "female", mobile="+12025550177")
    return str(transact(state_of(app), lambda store: register_patient(store, details))["id"])


def test_a_message_that_waits_is_listed_and_can_be_taken_back(app: Flask) -> None:
    client = app.test_client()
    patient = _patient(app)
    said = Message(patient, "own", "k:1", words="Please ring us, 100% sure.")
    sent = transact(state_of(app), lambda store: send(store, said))
    sign_in(app, client, "receptionist", name="rita")
    shown = client.get("/communication/messages").get_data(as_text=True)
    assert "Please ring us, 100% sure." in shown
    assert "100% sure" in client.get("/communication/messages?q=silva").get_data(as_text=True)
    assert "No message fits the search" in client.get("/communication/messages?q=nobody").get_data(as_text=True)
    data = {"csrf_token": token_in(shown), "version": "1"}
    assert client.post(f"/communication/messages/{sent.id}/stop", data=data).status_code == 303
    assert "taken back" in client.get("/communication/messages").get_data(as_text=True)
    assert client.post(f"/communication/messages/{sent.id}/stop", data=data).status_code == 409


def test_what_waits_for_a_person_is_done_once_and_can_wait_again(app: Flask) -> None:
    client = app.test_client()
    reference = {"reference": f"Patient/{_patient(app)}", "display": "Ana Silva"}
    make: Callable[..., object] = desk_task
    task = transact(
        state_of(app), lambda store: make(store, "message-reply", "Can I bring my son? 50%", patient=reference)
    )
    sign_in(app, client, "receptionist", name="rita")
    shown = client.get("/communication/messages/to-do").get_data(as_text=True)
    assert "Can I bring my son? 50%" in shown
    data = {"csrf_token": token_in(shown), "version": "1"}
    address = f"/communication/messages/to-do/{task['id']}"
    assert client.post(address, data=data).status_code == 303
    assert "Nothing to see to" in client.get("/communication/messages/to-do").get_data(as_text=True)
    assert client.post(address, data=data).status_code == 409
    assert client.post(f"{address}/again?version=2", data=data).status_code == 303
    assert "Can I bring my son?" in client.get("/communication/messages/to-do?q=silva").get_data(as_text=True)


def test_only_who_sets_up_sees_what_was_not_really_sent(app: Flask) -> None:
    client = app.test_client()
    sign_in(app, client, "receptionist", name="rita")
    assert client.get("/communication/messages/not-sent").status_code == 403
    manager = app.test_client()
    sign_in(app, manager, "manager", name="max")
    assert "Nothing stands here" in manager.get("/communication/messages/not-sent").get_data(as_text=True)


def test_a_text_is_answered_from_the_list_seen_on_the_patient_and_taken_back(app: Flask) -> None:
    client, patient = app.test_client(), _patient(app)
    state = state_of(app)
    transact(state, lambda store: take_incoming(store, Incoming("SM1", "+12025550177", "Can I bring <b>my</b> son?")))
    sign_in(app, client, "receptionist", name="rita")
    tile = client.get(f"/registration/{patient}").get_data(as_text=True)
    assert "Can I bring &lt;b&gt;my&lt;/b&gt; son?" in tile
    shown = client.get("/communication/messages/to-do").get_data(as_text=True)
    path = shown.partition('/answer"')[0].rpartition('href="')[2] + "/answer"
    thread = client.get(path).get_data(as_text=True)
    assert "(202) 555-0177" in thread
    data = {"csrf_token": token_in(thread), "version": "1", "words": " "}
    assert client.post(path, data=data).status_code == 422
    assert client.post(path, data=data | {"words": "x" * 601}).status_code == 422
    assert client.post(path, data=data | {"words": "Yes, do."}).status_code == 303
    second = client.post(path, data=data | {"words": "Yes, do."})
    assert second.status_code == 409
    assert "already" in second.get_data(as_text=True)
    tile = client.get(f"/registration/{patient}").get_data(as_text=True)
    assert "Yes, do." in tile
    assert "waiting" in tile
    assert client.post(f"{path}/back?version=2", data=data).status_code == 303
    assert "taken back" in client.get(f"/communication/messages?patient={patient}").get_data(as_text=True)
    assert client.post(f"{path}/back?version=2", data=data).status_code == 409
