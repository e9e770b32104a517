"""Merges at the same moment, big ones as work of the worker, and what is written while one runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from clinic.cli.state import transact
from clinic.cli.work import make_worker
from clinic.core.clock import FixedClock
from clinic.core.errors import ClinicError, Conflict
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.upkeep import verify_parts
from clinic.registration.queries.merges import DONE, MOVING, PARTING, UNDONE, merge_by_id, merges_of, unmoved
from clinic.registration.service import amend_patient, moving, register_patient
from clinic.registration.service.merging import MergeOrder, merge_patients
from clinic.registration.service.parting import PartingOrder, unmerge_patients
from clinic.registration.tables import patient_merge
from clinic.web.state import State
from tests.registration.factories import someone
from tests.registration.merging import bare


def people(state: State, many: int) -> list[str]:
    def make(store: Store) -> list[str]:
        return [register_patient(store, someone("Ana", f"Suarez {number}"))["id"] for number in range(many)]

    made: list[str] = transact(state, make)
    return made


def weights(state: State, patient: str, many: int) -> None:
    """Records of a patient, without the gate, which is not what is tried here."""

    def make(store: Store) -> None:
        store.gate = lambda _resource: None
        for _number in range(many):
            store.create(
                {"resourceType": "Observation", "status": "final", "code": {"text": "Weight"},
                 "subject": {"reference": f"Patient/{patient}"}}
            )  # fmt: skip

    transact(state, make)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Everybody begins at the same moment; gives what each got: a value, or the refusal."""
    gate, found = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            found[place] = work()
        except ClinicError as error:
            found[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def merging(state: State, survivor: str, other: str) -> Callable[[], Any]:
    return lambda: transact(state, lambda store: merge_patients(store, MergeOrder(survivor, other)))


@pytest.mark.parametrize("pairs", [((0, 1), (1, 0)), ((0, 1), (0, 1)), ((0, 1), (2, 1))])
def test_of_two_merges_of_one_record_at_once_one_is_done(any_state: State, pairs: Any) -> None:
    ids = people(any_state, 3)
    done = at_once(*(merging(any_state, ids[one], ids[two]) for one, two in pairs))
    assert sorted(isinstance(one, Conflict) for one in done) == [False, True]
    with any_state.database.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(patient_merge)).scalar() == 1


def test_a_change_at_the_same_moment_is_kept_or_refused_and_never_lost(any_state: State) -> None:
    survivor, other = people(any_state, 2)

    def change() -> Json:
        return transact(any_state, lambda store: amend_patient(store, other, {"mobile": "+12025550100"}))  # type: ignore[no-any-return]

    _merged, changed = at_once(merging(any_state, survivor, other), change)
    patient = transact(any_state, lambda store: store.read("Patient", survivor))
    refused = isinstance(changed, Conflict)
    assert refused == ("+12025550100" not in str(patient.get("telecom")))


def work_off(state: State, clock: FixedClock) -> int:
    """Everything that waits; gives how many pieces."""
    clock.instant += timedelta(minutes=1)
    worker, done = make_worker(state), 0
    while worker.run_once():
        done += 1
    return done


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A merge of more than four records is a big one, and moves three at a time."""
    monkeypatch.setattr("clinic.registration.service.merging.INLINE", 4)
    monkeypatch.setattr("clinic.registration.service.parting.INLINE", 4)
    monkeypatch.setattr(moving, "BATCH", 3)


def test_a_big_merge_is_carried_on_by_the_worker_and_so_is_its_undoing(
    any_state: State, clock: FixedClock, small_steps: None
) -> None:
    survivor, other = people(any_state, 2)
    weights(any_state, other, 11)
    before = transact(any_state, lambda store: [bare(store.read("Patient", id_)) for id_ in (survivor, other)])
    clock.instant += timedelta(seconds=1)
    merged = merging(any_state, survivor, other)()["id"]
    begun = transact(any_state, lambda store: merge_by_id(store, merged))
    assert (begun.state, begun.total, begun.moved) == (MOVING, 11, 4)
    with pytest.raises(Conflict, match="under way"):
        transact(any_state, lambda store: unmerge_patients(store, PartingOrder(merged)))
    work_off(any_state, clock)
    assert transact(any_state, lambda store: merge_by_id(store, merged)).state == DONE
    assert transact(any_state, lambda store: (unmoved(store, other), len(unmoved(store, survivor)))) == ({}, 11)
    assert transact(any_state, lambda store: list(verify_parts(store))) == []
    transact(any_state, lambda store: unmerge_patients(store, PartingOrder(merged)))
    assert transact(any_state, lambda store: merge_by_id(store, merged)).state == PARTING
    work_off(any_state, clock)
    assert transact(any_state, lambda store: merges_of(store, survivor))[0].state == UNDONE
    assert transact(any_state, lambda store: (len(unmoved(store, other)), unmoved(store, survivor))) == (11, {})
    after = transact(any_state, lambda store: [bare(store.read("Patient", id_)) for id_ in (survivor, other)])
    assert after == before


def test_what_was_written_at_the_same_moment_is_moved_a_little_later(any_state: State, clock: FixedClock) -> None:
    survivor, other = people(any_state, 2)
    merged = merging(any_state, survivor, other)()["id"]
    weights(any_state, other, 1)
    assert len(transact(any_state, lambda store: list(verify_parts(store)))) == 1
    work_off(any_state, clock)
    assert transact(any_state, lambda store: list(verify_parts(store))) == []
    transact(any_state, lambda store: unmerge_patients(store, PartingOrder(merged)))
    assert transact(any_state, lambda store: len(unmoved(store, other))) == 1
