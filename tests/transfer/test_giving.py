"""A patient's whole record: nobody else's, valid, and the same when it is brought in elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic import make_state
from clinic.access import permissions
from clinic.access.permissions import STAFF, permissions_of
from clinic.audit.tables import audit_event
from clinic.cash import service as cash
from clinic.cli.state import transact
from clinic.core.actor import Actor
from clinic.core.clock import FixedClock
from clinic.core.json import Json, canonical, loads
from clinic.db.engine import Database
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.fhir.tables import resource
from clinic.fhir.validate import check
from clinic.fhir_api.importing import import_files
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage
from clinic.registration.rules.details import Relative
from clinic.registration.rules.own import OwnField, OwnValue
from clinic.registration.service.own import save_field
from clinic.registration.service.photos import put_photo
from clinic.transfer.service.everything import everything_of
from clinic.web.state import State, state_of
from config import Settings
from tests import factories
from tests.conftest import NOW
from tests.pdf.reading import faults_of_tags, words
from tests.registration.factories import a_patient

MANAGER = Actor("m1", "Manager", role="manager", permissions=permissions_of("manager"))


def fill(store: Store) -> tuple[str, str]:
    """Somebody with a bit of everything, and somebody else."""
    store.actor = MANAGER
    store.create({"resourceType": "Organization", "name": "Harbour Street Clinic"}, id="org-harbour")
    guarantor = Relative("Otto", "García", "FTH", "+12125550143")
    mine = a_patient(store, "Mafe", "García", "1979-08-14", mobile="+12125550142", guarantor=guarantor)["id"]
    other = a_patient(store, "Bruno", "Keller", "1975-03-04")["id"]
    for patient_id in (mine, other):
        add_coverage(store, patient_id, Policy("Meridian PPO", member_id=f"MRD{patient_id[-4:]}", copay_cents=3000))
    put_photo(store, mine, base64.b64decode(_PICTURE), "image/png")
    doctor = store.create({"resourceType": "Practitioner", "name": [{"family": "Nwosu", "given": ["Adaeze"]}]})["id"]
    for patient_id, note in ((mine, "sees the doctor"), (other, "of somebody else")):
        parts = [
            {"actor": {"reference": ref}, "status": "accepted"}
            for ref in (f"Patient/{patient_id}", f"Practitioner/{doctor}")
        ]
        when = {"start": "2027-03-10T15:00:00Z", "end": "2027-03-10T15:20:00Z"}
        store.create({"resourceType": "Appointment", "status": "booked", "comment": note, "participant": parts, **when})
        store.create(
            {
                "resourceType": "Condition",
                "code": {"text": f"Condition {note}"},
                "subject": {"reference": f"Patient/{patient_id}"},
            }
        )
    cash.open_till(store, 20000)
    cash.take_payment(store, mine, cents=3000, tender="cash")
    cash.take_payment(store, other, cents=4400, tender="cash")
    return mine, other


_PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def all_of(state: State) -> dict[str, Json]:
    with state.database.read() as conn:
        r = resource.c
        return {f"{row.type}/{row.id}": loads(row.json) for row in conn.execute(sa.select(resource).where(~r.deleted))}


def test_it_holds_all_that_is_the_patients_and_nothing_of_anybody_else(any_state: State) -> None:
    mine, other = transact(any_state, fill)
    everything = transact(any_state, lambda store: everything_of(store, mine, lambda _permission: True))
    own = {one["resourceType"] for one in everything.own}
    assert own >= {
        "Patient",
        "RelatedPerson",
        "Account",
        "Coverage",
        "Appointment",
        "Condition",
        "PaymentNotice",
        "Binary",
        "Provenance",
    }
    assert {one["resourceType"] for one in everything.others} >= {"Organization", "Practitioner"}
    text = canonical([*everything.own, *everything.others])
    assert other not in text
    assert "Keller" not in text
    assert "somebody else" not in text


def test_what_this_person_may_not_see_stays_here_and_is_named(state: State) -> None:
    mine, _other = transact(state, fill)
    may = permissions_of("receptionist")
    everything = transact(state, lambda store: everything_of(store, mine, lambda permission: permission in may))
    assert everything.left_out == ("Condition",)
    assert everything.of("Condition") == []
    assert everything.of("Appointment")


@pytest.fixture
def owner(app: Flask, client_of: Callable[[str], FlaskClient]) -> tuple[FlaskClient, State, str]:
    state = state_of(app)
    return client_of("manager"), state, transact(state, fill)[0]


def give(client: FlaskClient, patient_id: str, kind: str, **more: str):  # type: ignore[no-untyped-def]
    page = client.get(f"/transfer/patients/{patient_id}/record")
    assert page.status_code == 200
    data = {"csrf_token": factories.token_in(page.text), "purpose": "PATRQT", "as": kind, **more}
    return client.post(f"/transfer/patients/{patient_id}/record", data=data)


def test_the_bundle_is_valid_and_the_same_in_an_empty_clinic(
    owner: tuple[FlaskClient, State, str], tmp_path: Path
) -> None:
    client, state, mine = owner
    answer = give(client, mine, "fhir")
    assert answer.status_code == 200
    assert answer.mimetype == "application/fhir+json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="record-2027-03-09-1524.json"'
    bundle = loads(answer.data)
    assert [issue for issue in check(bundle) if issue.severity == "error"] == []

    path = tmp_path / "record.json"
    path.write_bytes(answer.data)
    empty = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    from clinic.tables import load_tables, metadata

    load_tables()
    metadata.create_all(empty.engine)
    elsewhere = make_state(Settings(data_dir=tmp_path / "else", worker=False), clock=FixedClock(NOW), database=empty)
    elsewhere.setting.practice = replace(factories.PRACTICE, name="Elsewhere")
    with empty.write() as conn:
        save_practice(conn, elsewhere.setting.practice)
    report = import_files(elsewhere, [path])
    assert report.refused == 0, report.lines
    there, here = all_of(elsewhere), all_of(state)
    given = {f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in bundle["entry"]}
    assert {name for name in there if not name.startswith("Provenance/")} == {
        name for name in given if not name.startswith("Provenance/")
    }
    assert given <= set(there)
    for reference in given:
        assert bare(there[reference]) == bare(here[reference]), reference
    empty.dispose()


def bare(one: Json) -> str:
    return canonical({name: value for name, value in one.items() if name != "meta"})


def test_the_paper_says_it_in_words(owner: tuple[FlaskClient, State, str]) -> None:
    client, _state, mine = owner
    answer = give(client, mine, "pdf", audit="1", history="1")
    assert answer.mimetype == "application/pdf"
    assert "Mafe" not in answer.headers["Content-Disposition"]
    text = words(answer.data)
    assert faults_of_tags(answer.data) == []
    for said in ("Mafe García", "14 Aug 1979", "Meridian PPO", "sees the doctor", "Adaeze Nwosu", "$30.00", "Otto García",
                  "Condition sees the doctor", "Who looked at or changed this record"):  # fmt: skip
        assert said in text, said
    assert "Keller" not in text


def test_every_time_is_in_the_trail_with_what_it_was_for(owner: tuple[FlaskClient, State, str]) -> None:
    client, state, mine = owner
    give(client, mine, "fhir", purpose="TREAT", receiver="Dr. Vermeer")
    a = audit_event.c
    with state.database.read() as conn:
        text = conn.execute(sa.select(a.json).where(a.verb == "export", a.patient_id == mine)).scalar_one()
    assert "whole record, FHIR, TREAT: Dr. Vermeer" in text


@pytest.mark.parametrize("role", STAFF)
def test_only_who_may_gives_a_record_away(app: Flask, client_of: Callable[[str], FlaskClient], role: str) -> None:
    mine, _other = transact(state_of(app), fill)
    client = client_of(role)
    allowed = "patients.export" in permissions_of(role)
    assert client.get(f"/transfer/patients/{mine}/record").status_code == (200 if allowed else 403)
    assert ("Give the record" in client.get(f"/registration/{mine}").text) is allowed


def test_a_purpose_that_is_none_and_a_patient_who_is_nobody_are_refused(owner: tuple[FlaskClient, State, str]) -> None:
    client, _state, mine = owner
    assert give(client, mine, "fhir", purpose="WHIM").status_code == 422
    assert client.get("/transfer/patients/nobody/record").status_code == 404


@pytest.mark.parametrize("role", ["manager", "administrator"])
def test_the_paper_has_own_fields_only_as_far_as_the_one_who_prints_may_see_them(
    app: Flask, client_of: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setitem(permissions._BY_ROLE, "manager", permissions_of("manager") - {"management.setup"})

    def somebody(store: Store) -> str:
        save_field(store, OwnField("shoe-size", "number", {"en": "Size of shoes"}))
        save_field(store, OwnField("veteran", "text", {"en": "Served in the army"}, sees="leaders"))
        own = (OwnValue("shoe-size", "number", "42.5"), OwnValue("veteran", "text", "two years at sea"))
        return str(a_patient(store, "Ana", "García", own=own)["id"])

    answer = give(client_of(role), transact(state_of(app), somebody), "pdf", history="1")
    text = words(answer.data)
    assert "Size of shoes" in text
    assert "42.5" in text
    assert ("two years at sea" in text) is (role == "administrator")
    assert ("Served in the army" in text) is (role == "administrator")
