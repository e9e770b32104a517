"""Once a day the worker tidies up: what is over goes, what is needed stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import record
from clinic.appointments.service.holds import hold
from clinic.appointments.tables import appointment_hold, appointment_row
from clinic.cli.demo.practice import Made, make_places, make_practice
from clinic.cli.state import system_store, transact
from clinic.cli.work import make_worker
from clinic.core.clock import FixedClock
from clinic.core.json import Json
from clinic.fhir import upkeep
from clinic.fhir.store import Store
from clinic.fhir.tables import outbox, slot_claim, unique_claim
from clinic.intake import tables as intake
from clinic.management.mapping import provider_of
from clinic.management.service import provider_records, save_provider, version_of
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service.patients import register_patient
from clinic.web.state import State
from clinic.web.transaction import once


@pytest.fixture
def desk(any_state: State) -> State:
    """A practice with providers, on each database in turn."""

    def set_up(store: Store) -> Made:
        store.setting.practice = make_practice(store)
        return make_places(store)

    any_state.extra["made"] = transact(any_state, set_up)
    return any_state


def a_patient(store: Store) -> str:
    details = PatientDetails("Mafe", "García Ochoa", "1979-08-14", "female", mobile="+12125550142")
    return str(register_patient(store, details)["id"])


def rows(state: State, table: sa.Table) -> int:
    with state.database.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def later(state: State, **time: int) -> None:
    state.clock = FixedClock(state.clock.now() + timedelta(**time))


def work_through(state: State) -> int:
    """Let a fresh worker do all that is due; gives how many pieces it did."""
    one, done = make_worker(state), 0
    while one.run_once():
        done += 1
    return done


def a_visit(state: State, **ahead: int) -> Json:
    """A visit of a new patient, so far ahead."""
    made = state.extra["made"]
    start = state.clock.now() + timedelta(**ahead)

    def booked(store: Store) -> Json:
        return record(store, Booking(a_patient(store), made.providers[0], made.types["Annual visit"], start))

    found: Json = transact(state, booked)
    return found


def test_the_upkeep_is_done_once_a_day_whoever_is_awake(desk: State) -> None:
    first = work_through(desk)
    assert [work_through(desk), work_through(desk)] == [0, 0]
    later(desk, days=1)
    assert [work_through(desk) <= first, work_through(desk)] == [True, 0]
    with desk.database.read() as conn:
        kept = [(row.key, row.state, row.error) for row in conn.execute(sa.select(outbox).order_by(outbox.c.key))]
    assert [one for one in kept if one[0].startswith("upkeep:")] == [
        ("upkeep:2027-03-09", "done", ""),
        ("upkeep:2027-03-10", "done", ""),
    ]
    assert [key for key, _state, _error in kept if key.startswith("duplicates:")] == [
        "duplicates:2027-03-09",
        "duplicates:2027-03-10",
    ]
    assert {(state, error) for _key, state, error in kept} == {("done", "")}


def test_one_worker_goes_on_into_the_next_day(desk: State) -> None:
    worker = make_worker(desk)
    while worker.run_once():
        pass
    worker = replace(worker, clock=FixedClock(desk.clock.now() + timedelta(days=1)))
    later(desk, days=1)
    assert worker.run_once()
    while worker.run_once():
        pass
    with desk.database.read() as conn:
        done = conn.execute(sa.select(outbox.c.key).where(outbox.c.state == "done", outbox.c.kind == "upkeep"))
        assert sorted(done.scalars()) == ["upkeep:2027-03-09", "upkeep:2027-03-10"]


def test_the_time_of_past_days_is_forgotten_and_the_time_of_today_is_kept(desk: State) -> None:
    a_visit(desk, hours=2)
    coming = a_visit(desk, days=1, hours=2)
    later(desk, hours=20)  # the next morning, before the second visit
    work_through(desk)
    with desk.database.read() as conn:
        assert set(conn.execute(sa.select(slot_claim.c.appointment)).scalars()) == {coming["id"]}
        assert list(upkeep.verify_parts(system_store(desk, conn))) == []


def test_the_time_that_has_gone_by_today_is_still_known(desk: State) -> None:
    a_visit(desk, hours=1)
    before = rows(desk, slot_claim)
    later(desk, hours=6)
    work_through(desk)
    assert rows(desk, slot_claim) == before > 0


def test_a_one_time_key_is_remembered_for_two_days(desk: State) -> None:
    made: Json = transact(desk, lambda store: once(store, "k", lambda: store.read("Patient", a_patient(store))))
    later(desk, days=1, hours=12)
    work_through(desk)
    again: Json = transact(desk, lambda store: once(store, "k", lambda: store.read("Patient", a_patient(store))))
    assert again["id"] == made["id"]
    later(desk, days=2)
    work_through(desk)
    with desk.database.read() as conn:
        kinds = set(conn.execute(sa.select(unique_claim.c.kind)).scalars())
    assert "once" not in kinds
    assert kinds  # record numbers and the like stay for ever


def test_holds_that_ran_out_give_their_time_back(desk: State) -> None:
    start = desk.clock.now() + timedelta(hours=3)
    transact(desk, lambda store: hold(store, desk.extra["made"].providers[0], start=start, minutes=20))
    assert rows(desk, slot_claim) > 0
    later(desk, minutes=6)
    work_through(desk)
    assert (rows(desk, appointment_hold), rows(desk, slot_claim)) == (0, 0)


def a_packet(store: Store, patient_id: str) -> None:
    packet = {
        "id": "packet-1", "device_id": "tablet", "link": "", "patient_id": patient_id, "patient_name": "Mafe",
        "appointment_id": "", "state": "open", "language": "", "prefill": False, "forms": [], "identified": True,
        "attempts": 0, "filler": "self", "view": {}, "created": store.now, "created_by": "desk",
        "expires": store.now + timedelta(minutes=30),
    }  # fmt: skip
    store.conn.execute(sa.insert(intake.packet), [packet])
    body = {
        "resourceType": "QuestionnaireResponse",
        "status": "in-progress",
        "subject": {"reference": f"Patient/{patient_id}"},
        "item": [{"linkId": "1", "answer": [{"valueString": "half typed"}]}],
    }
    draft = {"packet_id": "packet-1", "position": 0, "body": body, "updated": store.now}
    store.conn.execute(sa.insert(intake.draft), [draft])


def test_a_packet_that_nobody_finished_is_closed_and_what_was_typed_is_kept(desk: State) -> None:
    transact(desk, lambda store: a_packet(store, a_patient(store)))
    work_through(desk)
    assert rows(desk, intake.draft) == 1  # it is still in somebody's hands
    later(desk, days=1)
    work_through(desk)
    assert rows(desk, intake.draft) == 0
    with desk.database.read() as conn:
        assert conn.execute(sa.select(intake.packet.c.state)).scalar_one() == "stopped"
    found: list[Json] = transact(desk, lambda store: store.search("QuestionnaireResponse"))
    assert found[0]["item"][0]["answer"] == [{"valueString": "half typed"}]


def test_work_done_long_ago_is_forgotten(desk: State) -> None:
    work_through(desk)
    later(desk, days=40)
    work_through(desk)
    with desk.database.read() as conn:
        kept = sorted(conn.execute(sa.select(outbox.c.key)).scalars())
    assert {"upkeep:2027-04-18", "duplicates:2027-04-18"} <= set(kept)
    assert [key for key in kept if "2027-03" in key] == []


def test_a_renamed_provider_is_called_so_in_coming_visits_and_as_before_in_past_ones(desk: State) -> None:
    id_ = desk.extra["made"].providers[0]
    past, coming = a_visit(desk, hours=1), a_visit(desk, days=1)
    later(desk, hours=5)

    def rename(store: Store) -> None:
        person, role = provider_records(store, id_)
        provider = replace(provider_of(person, role), family="Newname")
        save_provider(store, provider, id_, version=version_of(person, role))

    transact(desk, rename)
    with desk.database.read() as conn:
        c = appointment_row.c
        names = {row.id: row.provider_name for row in conn.execute(sa.select(c.id, c.provider_name))}
    assert "Newname" in names[coming["id"]]
    assert "Newname" not in names[past["id"]]
    kept: Json = transact(desk, lambda store: store.read("Appointment", coming["id"]))
    shown = [part["actor"]["display"] for part in kept["participant"] if id_ in part["actor"]["reference"]]
    assert shown == [names[coming["id"]]]
