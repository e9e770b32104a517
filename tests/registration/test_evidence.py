"""Where each value comes from: kept with every version, read in one statement, never nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.core.actor import SYSTEM, Actor
from clinic.core.errors import Invalid
from clinic.core.json import Json
from clinic.core.source import CARD, DESK, IMPORT, LICENCE, PHONE, Source
from clinic.fhir import upkeep
from clinic.fhir.store import Store
from clinic.registration.queries.evidence import evidence_of, evidence_of_many
from clinic.registration.rules.details import Address, PatientDetails
from clinic.registration.service.evidence import confirm_values, note_evidence, record_provenance
from clinic.registration.service.patients import amend_patient, register_patient
from clinic.registration.tables import field_evidence, field_past

NOOR = Actor("noor", "Noor Aziz", kind="user", role="receptionist")
MAFE = PatientDetails(
    "Mafe", "García Ochoa", "1979-08-14", "female", mobile="+12125550142", email="mafe@casaochoa.example",
    address=Address(line="12 Lantern Court", city="Harbor", postal_code="10001"),
)  # fmt: skip


def as_desk(store: Store) -> Store:
    store.actor = NOOR
    return store


def acts(store: Store) -> list[Json]:
    return store.search("Provenance", [], limit=50)


def test_registering_keeps_one_provenance_that_names_every_field_given(any_store: Store) -> None:
    patient = register_patient(as_desk(any_store), MAFE)
    (kept,) = acts(any_store)
    assert kept["target"][0]["reference"] == f"Patient/{patient['id']}/_history/1"
    assert kept["agent"][0]["who"] == {"display": "Noor Aziz"}
    assert kept["recorded"] == "2027-03-09T15:24:00Z"
    found = evidence_of(any_store, patient["id"])
    assert set(found) == {"given", "family", "birth_date", "sex", "mobile", "email", "address"}
    assert {one.told.source for one in found.values()} == {DESK}
    assert found["mobile"].told.by_name == "Noor Aziz"
    assert [one["id"] for one in any_store.search("Provenance", [("target", f"Patient/{patient['id']}")])] == [
        kept["id"]
    ]


def test_who_writes_tells_the_source_unless_it_is_said(any_store: Store) -> None:
    patient = register_patient(any_store, MAFE)
    assert evidence_of(any_store, patient["id"])["mobile"].told.source == IMPORT
    any_store.actor = Actor("lab", "Harbor Lab", kind="client")
    amend_patient(any_store, patient["id"], {"email": "m@lab.example"})
    told = evidence_of(any_store, patient["id"])["email"].told
    assert (told.source, told.detail) == ("interface", "Harbor Lab")


def test_a_barcode_speaks_of_its_own_fields_and_the_desk_of_the_rest(any_store: Store) -> None:
    read = Source(LICENCE, document="DocumentReference/card", fields=frozenset({"given", "family", "birth_date"}))
    with as_desk(any_store).told_by(read, Source(PHONE)):
        patient = register_patient(any_store, MAFE)
    found = evidence_of(any_store, patient["id"])
    assert (found["family"].told.source, found["family"].told.document) == (LICENCE, "DocumentReference/card")
    assert (found["mobile"].told.source, found["mobile"].told.document) == (PHONE, "")
    assert len(acts(any_store)) == 2
    amend_patient(any_store, patient["id"], {"email": ""})
    assert "email" not in evidence_of(any_store, patient["id"])


def test_a_change_speaks_only_of_what_it_changed(any_store: Store) -> None:
    patient = register_patient(as_desk(any_store), MAFE)
    any_store.now += timedelta(days=30)
    with any_store.told_by(Source(CARD, document="DocumentReference/back")):
        amend_patient(any_store, patient["id"], {"mobile": "+12125550199"})
    found = evidence_of(any_store, patient["id"])
    assert (found["mobile"].told.source, found["mobile"].told.version) == (CARD, 2)
    assert (found["email"].told.source, found["email"].told.version) == (DESK, 1)


def test_confirming_writes_no_version_and_lasts_until_the_value_changes(any_store: Store) -> None:
    patient = register_patient(any_store, MAFE)
    before = evidence_of(any_store, patient["id"])["mobile"]
    assert before.since is None
    assert before.stale(180, any_store.now)
    any_store.now += timedelta(days=1)
    confirm_values(as_desk(any_store), patient["id"], ["mobile", "pager"])
    found = evidence_of(any_store, patient["id"])
    assert found["mobile"].verified is not None
    assert found["mobile"].since == any_store.now
    assert not found["mobile"].stale(180, any_store.now + timedelta(days=180))
    assert found["mobile"].stale(180, any_store.now + timedelta(days=181))
    assert "pager" not in found
    assert any_store.read("Patient", patient["id"])["meta"]["versionId"] == "1"
    any_store.now += timedelta(days=1)
    amend_patient(any_store, patient["id"], {"mobile": "+12125550199"})
    assert evidence_of(any_store, patient["id"])["mobile"].verified is None


def test_the_same_values_again_are_no_act(any_store: Store) -> None:
    patient = register_patient(as_desk(any_store), MAFE)
    amend_patient(any_store, patient["id"], {"mobile": MAFE.mobile})
    assert len(acts(any_store)) == 1


def test_a_value_outside_the_patient_has_evidence_too(any_store: Store) -> None:
    patient = register_patient(as_desk(any_store), MAFE)
    note_evidence(any_store, patient["id"], named=["guarantor"])
    assert evidence_of(any_store, patient["id"])["guarantor"].told.source == DESK


def test_several_patients_are_read_in_one_statement(any_store: Store) -> None:
    ids = [register_patient(any_store, MAFE)["id"] for _ in range(3)]
    said: list[str] = []
    sa.event.listen(any_store.conn, "before_cursor_execute", lambda *args: said.append(args[2]))
    found = evidence_of_many(any_store, ids)
    assert set(found) == set(ids)
    assert len(said) == 1


def test_a_program_cannot_pose_as_the_system(any_store: Store) -> None:
    patient = register_patient(as_desk(any_store), MAFE)
    (kept,) = acts(any_store)
    any_store.actor = Actor("lab", "Harbor Lab", kind="client")
    with pytest.raises(Invalid):
        record_provenance(any_store, {key: value for key, value in kept.items() if key not in ("id", "meta")})
    plain: Json = {**kept, "target": [{"reference": f"Patient/{patient['id']}"}]}
    plain = {key: value for key, value in plain.items() if key not in ("id", "meta", "extension")}
    record_provenance(any_store, plain)
    assert len(acts(any_store)) == 2
    assert evidence_of(any_store, patient["id"])["mobile"].told.source == DESK


def test_records_from_before_say_since_when_they_are_on_file(any_store: Store) -> None:
    registry = any_store.setting.registry
    patient = register_patient(as_desk(any_store), MAFE)
    first = any_store.now
    any_store.now += timedelta(days=400)
    amend_patient(any_store, patient["id"], {"mobile": "+12125550199"})
    any_store.actor = SYSTEM
    moved = register_patient(any_store, MAFE)
    c = field_evidence.c
    for one in acts(any_store):
        any_store.delete("Provenance", one["id"])
    assert any_store.conn.execute(sa.select(sa.func.count()).select_from(field_evidence)).scalar() == 0
    assert evidence_of(any_store, patient["id"]) == {}
    assert [fault for fault in upkeep.verify_parts(any_store) if "field_past" in fault]
    upkeep.refill(any_store, {"field_evidence", "field_past"})
    found = evidence_of(any_store, patient["id"])
    assert (found["email"].told.source, found["email"].told.at, found["email"].told.version) == (DESK, first, 1)
    assert (found["mobile"].told.at, found["mobile"].told.version) == (any_store.now, 2)
    assert evidence_of(any_store, moved["id"])["family"].told.source == IMPORT
    assert list(upkeep.verify_parts(any_store)) == []
    assert list(upkeep.verify(any_store.conn, registry, lambda *_: None)) == []
    any_store.now += timedelta(days=1)
    amend_patient(any_store, patient["id"], {"email": "new@casaochoa.example"})
    assert evidence_of(any_store, patient["id"])["email"].told.version == 3
    rows = any_store.conn.execute(sa.select(c.version)).scalars().all()
    assert rows == [3]
    upkeep.rebuild_parts(any_store)
    assert len(any_store.conn.execute(sa.select(field_past)).all()) == 3
