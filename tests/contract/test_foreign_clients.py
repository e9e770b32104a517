"""Clients that other people wrote work against a running server: two in Python, two in JavaScript."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fhirclient import client as smart_client
from fhirclient.models.appointment import Appointment
from fhirclient.models.appointmentresponse import AppointmentResponse
from fhirclient.models.group import Group
from fhirclient.models.slot import Slot
from fhirclient.server import FHIRNotFoundException
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

from clinic.web.state import state_of
from tests.appointments.conftest import fill
from tests.contract.conftest import Live, node

GROUP = {"type": "person", "actual": True, "name": "Walkers"}


def test_fhirpy_creates_reads_searches_pages_and_hears_errors(live: Live) -> None:
    client = SyncFHIRClient(live.base, authorization=f"Bearer {live.token}")
    group = client.resource("Group", **GROUP)
    group.save()
    assert client.reference("Group", group.id).to_resource()["name"] == "Walkers"
    group["name"] = "Runners"
    group.save()
    assert group["meta"]["versionId"] == "2"
    for at in range(5):
        client.resource("Group", **GROUP | {"type": "animal", "name": f"Herd {at}"}).save()
    herds = client.resources("Group").search(type="animal")
    assert herds.count() == 5
    assert sorted(one["name"] for one in herds.limit(2).fetch_all()) == [f"Herd {at}" for at in range(5)]
    assert herds.sort("-_id").first()["name"] == "Herd 4"
    assert client.resources("Group").search(identifier="urn:g|1").get_or_create(
        client.resource("Group", **GROUP, identifier=[{"system": "urn:g", "value": "1"}]))[1]  # fmt: skip
    with pytest.raises(OperationOutcome, match="code-invalid"):
        client.resource("Group", **GROUP | {"type": "crowd"}).save()
    group.delete()
    with pytest.raises((ResourceNotFound, OperationOutcome)):
        client.reference("Group", group.id).to_resource()


def test_fhirclient_for_python_creates_reads_searches_pages_and_hears_errors(live: Live) -> None:
    smart = smart_client.FHIRClient(settings={"app_id": "contract", "api_base": live.base})
    smart.server.session.headers["Authorization"] = f"Bearer {live.token}"
    assert smart.server.capabilityStatement.fhirVersion == "4.0.1"
    made = Group(GROUP).create(smart.server)
    assert made["id"]
    group = Group.read(made["id"], smart.server)
    assert (group.name, group.meta.versionId) == ("Walkers", "1")
    group.name = "Runners"
    assert group.update(smart.server)["meta"]["versionId"] == "2"
    stale = smart.server.session.put(
        f"{live.base}/Group/{group.id}", json=group.as_json() | {"name": "Riders"},
        headers={"If-Match": 'W/"1"', "Content-Type": "application/fhir+json"})  # fmt: skip
    assert stale.status_code == 412
    for at in range(5):
        Group(GROUP | {"type": "animal", "name": f"Herd {at}"}).create(smart.server)
    found = list(Group.where({"type": "animal", "_count": "2"}).perform_resources_iter(smart.server))
    assert sorted(one.name for one in found) == [f"Herd {at}" for at in range(5)]
    first = next(Group.where({"type": "animal", "_count": "2"}).perform_iter(smart.server))
    assert first.total == 5
    with pytest.raises(FHIRNotFoundException):
        Group.read("never", smart.server)
    group.delete(smart.server)


def test_fhir_kit_client_works(live: Live, node_clients: Path) -> None:
    run = node(node_clients, "kit.mjs", BASE=live.base, TOKEN=live.token)
    assert run.returncode == 0, run.stderr[-3000:]
    assert json.loads(run.stdout) == {
        "version": "4.0.1",
        "created": 201,
        "read": "Walkers",
        "updated": ["Runners", "2"],
        "stale": 412,
        "old": "Walkers",
        "history": 2,
        "patched": "Riders",
        "transaction": ["201 Created"] * 4,
        "pages": [[4, 3], [4, 1]],
        "posted": 4,
        "missing": 404,
        "invalid": 422,
        "gone": 410,
    }


def test_fhirclient_for_javascript_works(live: Live, node_clients: Path) -> None:
    run = node(node_clients, "smart.mjs", BASE=live.base, TOKEN=live.token)
    assert run.returncode == 0, run.stderr[-3000:]
    assert json.loads(run.stdout) == {
        "version": "4.0.1",
        "read": "Walkers",
        "updated": ["Runners", "2"],
        "stale": 412,
        "patched": "Riders",
        "found": ["Herd 1", "Herd 2", "Herd 3", "Herd 4"],
        "missing": 404,
        "invalid": 422,
        "gone": 410,
    }


def test_foreign_clients_find_hold_and_book(live: Live) -> None:
    state = state_of(live.app)
    fill(state.database, state.setting)
    client = SyncFHIRClient(live.base, authorization=f"Bearer {live.token}")
    free = client.resources("Slot").search(status="free", schedule="Schedule/adams").limit(3).fetch()
    assert {one["status"] for one in free} == {"free"}
    assert free[0]["schedule"].to_resource()["actor"][0]["display"] == "Dr Ann Adams"
    start = datetime.now(UTC) + timedelta(days=1)
    asked = {"resourceType": "Parameters", "parameter": [
        {"name": "start", "valueDateTime": start.isoformat(timespec="seconds")},
        {"name": "end", "valueDateTime": (start + timedelta(days=7)).isoformat(timespec="seconds")},
        {"name": "visit-type", "valueString": "urn:clinic:visit-type|check"}]}  # fmt: skip
    offered = client.execute("Appointment/$find", method="POST", data=asked)["entry"]
    named = {"name": "appointment-reference"}
    id_ = f"Appointment/{offered[0]['resource']['id']}"
    held = client.execute("Appointment/$hold", method="POST", data={
        "resourceType": "Parameters", "parameter": [named | {"valueReference": {"reference": id_}}]})  # fmt: skip
    held_id = f"Appointment/{held['entry'][0]['resource']['id']}"
    booked = client.execute("Appointment/$book", method="POST", data={"resourceType": "Parameters", "parameter": [
        named | {"valueReference": {"reference": held_id}},
        {"name": "patient-reference", "valueReference": {"reference": "Patient/p1"}}]})  # fmt: skip
    made = booked["entry"][0]["resource"]
    smart = smart_client.FHIRClient(settings={"app_id": "contract", "api_base": live.base})
    smart.server.session.headers["Authorization"] = f"Bearer {live.token}"
    visit = Appointment.read(made["id"], smart.server)
    assert visit.status == "booked"
    slots = list(Slot.where({"schedule": "adams", "status": "busy"}).perform_resources_iter(smart.server))
    assert visit.start.isostring.replace("+00:00", "Z") in {one.start.isostring.replace("+00:00", "Z") for one in slots}
    answer = AppointmentResponse({
        "appointment": {"reference": f"Appointment/{visit.id}"}, "actor": {"reference": "Patient/p1"},
        "participantStatus": "declined"})  # fmt: skip
    answer.create(smart.server)
    assert Appointment.read(made["id"], smart.server).status == "cancelled"
