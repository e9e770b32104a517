"""The record store, on both databases."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from clinic.core.errors import Conflict, Gone, Invalid, Missing, Stale, Taken
from clinic.db.engine import Database
from clinic.fhir import upkeep
from clinic.fhir.claims import prune_cells
from clinic.fhir.store import Store
from clinic.fhir.tables import outbox, slot_claim
from clinic.web.state import State

PATIENT = {"resourceType": "Patient", "name": [{"family": "García", "given": ["Mafe"]}], "birthDate": "1979-08-14"}


def test_a_record_is_kept_with_its_id_and_version(any_store: Store) -> None:
    made = any_store.create(PATIENT)
    assert any_store.read("Patient", made["id"]) == made
    assert made["meta"] == {"versionId": "1", "lastUpdated": "2027-03-09T15:24:00Z"}
    assert any_store.find("Patient", "nobody") is None
    with pytest.raises(Missing):
        any_store.read("Patient", "nobody")


def test_a_change_is_a_new_version_and_the_old_one_stays(any_store: Store) -> None:
    made = any_store.create(PATIENT)
    changed = any_store.update({**made, "gender": "female"}, version=1, reason="told at the desk")
    assert changed["meta"]["versionId"] == "2"
    versions = any_store.history("Patient", made["id"])
    assert [one.version for one in versions] == [2, 1]
    assert versions[0].reason == "told at the desk"
    assert any_store.vread("Patient", made["id"], 1).json == made
    with pytest.raises(Missing):
        any_store.vread("Patient", made["id"], 3)


def test_the_same_content_makes_no_new_version(any_store: Store) -> None:
    made = any_store.create(PATIENT)
    assert any_store.update(dict(made))["meta"]["versionId"] == "1"


def test_digits_of_a_decimal_make_a_difference_and_are_kept(any_store: Store) -> None:
    value = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    made = any_store.create({**value, "valueQuantity": {"value": Decimal("105.00")}})
    again = any_store.update({**made, "valueQuantity": {"value": Decimal("105.0")}})
    assert again["meta"]["versionId"] == "2"
    assert str(any_store.read("Observation", made["id"])["valueQuantity"]["value"]) == "105.0"


def test_a_stale_change_is_refused_and_shows_what_is_there(any_store: Store) -> None:
    made = any_store.create(PATIENT)
    any_store.update({**made, "gender": "female"}, version=1)
    with pytest.raises(Stale) as refused:
        any_store.update({**made, "gender": "male"}, version=1)
    assert refused.value.current["gender"] == "female"


def test_an_invalid_record_is_refused_and_nothing_is_written(any_store: Store) -> None:
    with pytest.raises(Invalid):
        any_store.create({"resourceType": "Patient", "birthDate": "1979-02-31"})
    with pytest.raises(Invalid):
        any_store.create({"no": "type"})
    assert any_store.search("Patient") == []


def test_a_deleted_record_is_gone_and_can_come_back(any_store: Store) -> None:
    made = any_store.create(PATIENT)
    any_store.delete("Patient", made["id"], version=1)
    any_store.delete("Patient", made["id"])
    with pytest.raises(Gone):
        any_store.read("Patient", made["id"])
    assert any_store.search("Patient", [("family", "garcia")]) == []
    back = any_store.update(made)
    assert back["meta"]["versionId"] == "3"
    assert [one.deleted for one in any_store.history("Patient", made["id"])] == [False, True, False]


def test_an_id_in_use_is_refused(any_store: Store) -> None:
    any_store.create(PATIENT, id="one")
    with pytest.raises(Conflict):
        any_store.create(PATIENT, id="one")


def test_many_records_come_in_one_call_without_the_missing_ones(any_store: Store) -> None:
    made = any_store.create(PATIENT)
    found = any_store.read_many([f"Patient/{made['id']}", "Patient/none", "odd"])
    assert list(found) == [f"Patient/{made['id']}"]


def test_a_claim_has_one_holder(any_store: Store) -> None:
    any_store.claim("npi", "123", "Practitioner/a")
    any_store.claim("npi", "123", "Practitioner/a")
    with pytest.raises(Taken) as taken:
        any_store.claim("npi", "123", "Practitioner/b")
    assert taken.value.holder == "Practitioner/a"
    any_store.release("npi", "123", "Practitioner/b")
    assert any_store.holder("npi", "123") == "Practitioner/a"
    any_store.release_all("Practitioner/a")
    any_store.claim("npi", "123", "Practitioner/b")


def test_cells_are_taken_together_or_not_at_all(any_state: State) -> None:
    now = any_state.clock.now() + timedelta(minutes=1)  # on the five-minute grid

    def booking(name: str, start: int) -> None:
        with any_state.database.write() as conn:
            store = Store(conn, any_state.setting, actor=_actor(), now=now)
            begin = now + timedelta(minutes=start)
            store.claim_cells(["Practitioner/p", "Location/r"], begin, begin + timedelta(minutes=30), appointment=name)

    booking("a", 0)
    with pytest.raises(Taken) as taken:
        booking("b", 25)
    assert {detail.field for detail in taken.value.details} == {"Practitioner/p", "Location/r"}
    booking("c", 30)
    with any_state.database.write() as conn:
        held = conn.execute(sa.select(slot_claim.c.appointment).distinct()).scalars().all()
        assert sorted(held) == ["a", "c"]
        assert prune_cells(conn, now + timedelta(days=1)) == 24


def _actor() -> object:
    from clinic.core.actor import SYSTEM

    return SYSTEM


def test_numbers_have_no_gaps(any_store: Store) -> None:
    assert [any_store.next_number("receipt") for _ in range(3)] == [1, 2, 3]
    assert any_store.next_number("record") == 1


def test_work_for_later_is_left_once_for_each_key(any_store: Store) -> None:
    any_store.enqueue("mail", {"to": "x"}, "mail-1")
    any_store.enqueue("mail", {"to": "y"}, "mail-1")
    rows = any_store.conn.execute(sa.select(outbox.c.payload)).scalars().all()
    assert rows == [{"to": "x"}]


def test_what_was_seen_and_written_is_noted_once(any_store: Store) -> None:
    made = any_store.create(PATIENT)
    any_store.saw(made["id"], "banner")
    any_store.saw(made["id"], "banner")
    assert [(touch.action, touch.patient_id == made["id"]) for touch in any_store.touched] == [("C", True), ("R", True)]


def test_verify_finds_nothing_in_a_sound_store_and_everything_in_a_damaged_one(any_state: State) -> None:
    registry = any_state.setting.registry
    with any_state.database.write() as conn:
        store = Store(conn, any_state.setting, actor=_actor(), now=any_state.clock.now())  # type: ignore[arg-type]
        made = store.create(PATIENT)
        store.update({**made, "gender": "female"})
    assert _faults(any_state.database, any_state) == []
    with any_state.database.write() as conn:
        conn.exec_driver_sql("DELETE FROM ix_string")
        conn.exec_driver_sql("UPDATE patient_row SET family = 'changed'")
        conn.exec_driver_sql("DELETE FROM resource_version WHERE version = 1")
    found = "\n".join(_faults(any_state.database, any_state))
    assert "search index differs" in found
    assert "patient_row differ" in found
    assert "history is not whole" in found
    with any_state.database.write() as conn:
        assert upkeep.reindex(conn, registry, lambda *_: None) == 3, "the patient, and the evidence of both versions"
    assert [fault for fault in _faults(any_state.database, any_state) if "history" not in fault] == []


def _faults(database: Database, state: State) -> list[str]:
    with database.read() as conn:
        return list(upkeep.verify(conn, state.setting.registry, lambda *_: None))
