"""The list of likely pairs: found by comparing everybody, kept true by changes, and what people said about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa

from clinic.cli.duplicates import Scan, catch_up, works
from clinic.cli.state import transact
from clinic.cli.work import make_worker
from clinic.core.clock import FixedClock
from clinic.core.errors import Missing, Restricted
from clinic.fhir.store import Store
from clinic.registration.pair_tables import duplicate_pair
from clinic.registration.queries import scanning
from clinic.registration.queries.duplicates import likely_duplicates
from clinic.registration.queries.pairs import Wanted, likely_pair, likely_pairs
from clinic.registration.queries.scanning import People
from clinic.registration.rules.blocking import KINDS
from clinic.registration.service import amend_patient
from clinic.registration.service.duplicates import (
    PAIRS,
    compare_anew,
    say_different,
    say_open_again,
    say_someone_else,
)
from clinic.web.state import State
from tests.benchmarks.errors import again
from tests.benchmarks.people import people
from tests.registration.factories import a_patient, someone

HOME = {"mobile": "+12025550177"}


def quiet(_done: int, _total: int) -> None:
    """Nobody watches."""


def pairs(state: State, given: str = "open") -> dict[frozenset[str], int]:
    with state.database.read() as conn:
        c = duplicate_pair.c
        rows = conn.execute(sa.select(c.one_id, c.other_id, c.score).where(c.state == given)).all()
    assert all(row.one_id < row.other_id for row in rows)
    return {frozenset((row.one_id, row.other_id)): row.score for row in rows}


def two_of_one(state: State) -> tuple[str, str]:
    def make(store: Store) -> tuple[str, str]:
        a_patient(store, "Tom", "Okafor", "1955-01-02")
        one = a_patient(store, "Beatriz", "Garcia Leal", **HOME)
        return one["id"], a_patient(store, "Beatris", "García", **HOME)["id"]

    return transact(state, make)


def test_a_scan_finds_pairs_and_finds_the_same_again(any_state: State) -> None:
    one, other = two_of_one(any_state)
    steps: list[tuple[int, int]] = []
    outcome = Scan(any_state, lambda done, total: steps.append((done, total))).run()
    assert (outcome.people, outcome.pairs, outcome.crowded) == (3, 1, 0)
    assert steps[-1][0] == steps[-1][1] > 0
    assert set(pairs(any_state)) == {frozenset((one, other))}
    Scan(any_state, quiet).run()
    assert len(pairs(any_state)) == 1


def test_a_pair_leaves_the_list_when_the_records_no_longer_agree(any_state: State) -> None:
    _, other = two_of_one(any_state)
    Scan(any_state, quiet).run()
    transact(any_state, lambda store: amend_patient(store, other, {"given": "Luis", "birth_date": "1951-11-23"}))
    any_state.clock.instant += timedelta(minutes=1)  # type: ignore[attr-defined]
    assert catch_up(any_state, quiet).people >= 1
    assert pairs(any_state) == {}


def test_the_worker_scans_once_and_then_compares_what_changed(state: State, clock: FixedClock) -> None:
    worker = make_worker(state)
    while worker.run_once():
        pass
    one, other = two_of_one(state)
    while worker.run_once():
        pass
    assert pairs(state) == {}, "a change is looked for once a minute"
    clock.instant += timedelta(minutes=1)
    while worker.run_once():
        pass
    assert set(pairs(state)) == {frozenset((one, other))}
    with state.database.read() as conn:
        assert conn.execute(sa.text("select count(*) from outbox where state = 'failed'")).scalar() == 0


def test_not_the_same_person_is_remembered_both_ways_and_by_later_scans(any_state: State) -> None:
    one, other = two_of_one(any_state)
    Scan(any_state, quiet).run()
    transact(any_state, lambda store: say_different(store, other, one))
    Scan(any_state, quiet).run()
    transact(any_state, lambda store: compare_anew(store, [one, other]))
    assert pairs(any_state) == {}
    assert set(pairs(any_state, "different")) == {frozenset((one, other))}

    def warned(store: Store) -> list[list[str]]:
        seen = [
            likely_duplicates(store, someone("Beatriz", "Garcia Leal", **HOME), but=one),
            likely_duplicates(store, someone("Beatris", "García", **HOME), but=other),
            likely_duplicates(store, someone("Beatris", "García", **HOME)),
        ]
        return [[candidate.id for candidate in found] for found in seen]

    silent, silent_too, new = transact(any_state, warned)
    assert (silent, silent_too) == ([], [])
    assert set(new) == {one, other}, "somebody else who is registered anew is still warned about"
    transact(any_state, lambda store: say_open_again(store, one, other))
    assert set(pairs(any_state)) == {frozenset((one, other))}


def test_what_was_said_while_registering_is_remembered(any_store: Store) -> None:
    one = a_patient(any_store, "Lucia", "Garcia", **HOME)
    twin = a_patient(any_store, "Beatriz", "Garcia", **HOME)
    say_someone_else(any_store, twin["id"], [one["id"], "nobody", twin["id"], one["id"]])
    rows = any_store.conn.execute(sa.select(duplicate_pair)).all()
    assert [(row.state, row.by_name) for row in rows] == [("different", any_store.actor.name)]
    assert compare_anew(any_store, [one["id"], twin["id"]]) == 0


def test_nothing_can_be_said_of_a_pair_that_is_not_there(any_store: Store) -> None:
    one = a_patient(any_store, "Lucia", "Garcia")
    with pytest.raises(Missing):
        say_different(any_store, one["id"], "nobody")
    with pytest.raises(Missing):
        say_different(any_store, one["id"], one["id"])
    with pytest.raises(Missing):
        say_open_again(any_store, one["id"], "nobody")


def test_a_record_that_was_replaced_is_no_longer_anybodys_pair(any_state: State) -> None:
    one, other = two_of_one(any_state)
    Scan(any_state, quiet).run()

    def merge(store: Store) -> None:
        gone = store.read("Patient", other)
        link = {"other": {"reference": f"Patient/{one}"}, "type": "replaced-by"}
        store.update({**gone, "active": False, "link": [link]})

    transact(any_state, merge)
    assert pairs(any_state) == {}
    Scan(any_state, quiet).run()
    transact(any_state, lambda store: compare_anew(store, [one, other]))
    assert pairs(any_state) == {}
    transact(any_state, lambda store: _nobody_else(store, one))


def _nobody_else(store: Store, one: str) -> None:
    found = likely_duplicates(store, someone("Beatris", "Garcia", **HOME))
    assert [candidate.id for candidate in found] == [one]


def test_verify_names_a_pair_whose_patient_is_gone_and_a_rebuild_takes_it_away(any_store: Store) -> None:
    one, other = a_patient(any_store, "Bea", "Garcia", **HOME), a_patient(any_store, "Beatriz", "Garcia", **HOME)
    compare_anew(any_store, [one["id"]])
    assert list(PAIRS.verify(any_store)) == []
    any_store.delete("Patient", other["id"])
    assert len(list(PAIRS.verify(any_store))) == 1
    PAIRS.rebuild(any_store)
    assert list(PAIRS.verify(any_store)) == []


def test_the_first_look_of_a_scan_passes_every_pair_that_the_full_look_shows(state: State) -> None:
    """A few hundred people, each twice with one or two errors: the quick look may not lose what weighing would keep."""
    random = Random(3)
    known = list(people(random, 150))

    def fill(store: Store) -> list[str]:
        made = []
        for one in known:
            for said in (one, again(random, one)[0]):
                if said.given.strip():
                    kept = a_patient(store, said.given, said.family, said.born.isoformat(), sex=said.sex,
                                     maiden=said.maiden, mobile=said.phone)  # fmt: skip
                    made.append(kept["id"])
        return made

    ids = transact(state, fill)
    with state.database.read() as conn:
        everybody = People()
        while scanning.read_people(conn, everybody):
            pass
        met: set[tuple[int, int]] = set()
        for kind in KINDS:
            met |= scanning.read_slice(conn, everybody, kind, "").pairs
        looked = {tuple(sorted((everybody.ids[one], everybody.ids[other]))) for one, other in met}
        every = [(one, other) for at, one in enumerate(ids) for other in ids[at + 1 :]]
        shown = {(pair.one_id, pair.other_id) for pair in scanning.weigh(conn, every)}
    assert len(shown) >= 140
    lost = shown - looked
    assert len(lost) <= len(shown) * 0.02, lost


def test_a_key_that_a_crowd_shares_is_counted_and_left_out(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    two_of_one(state)
    monkeypatch.setattr(scanning, "CROWD", 1)
    outcome = Scan(state, quiet).run()
    assert outcome.crowded > 0
    assert pairs(state) == {}


def test_slices_cut_at_the_end_of_a_key(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = two_of_one(state)
    monkeypatch.setattr(scanning, "_ROWS", 2)
    Scan(state, quiet).run()
    assert set(pairs(state)) == {frozenset((one, other))}


def test_work_whose_lease_was_lost_stops(state: State) -> None:
    two_of_one(state)
    job = type("Gone", (), {"id": "x", "kind": "duplicates", "attempts": 1})()
    with pytest.raises(RuntimeError, match="another worker"):
        works(state)["duplicates"](job, lambda fn: None)  # type: ignore[arg-type]


def test_a_pair_with_a_closed_record_is_neither_listed_nor_spoken_about(any_store: Store) -> None:
    one, other = a_patient(any_store, "Bea", "Garcia", **HOME), a_patient(any_store, "Beatriz", "Garcia", **HOME)
    compare_anew(any_store, [one["id"]])
    assert likely_pairs(any_store, Wanted())[1] == 1
    any_store.actor = replace(any_store.actor, barred=frozenset({other["id"]}))
    assert likely_pairs(any_store, Wanted()) == ([], 0)
    with pytest.raises(Restricted):
        likely_pair(any_store, one["id"], other["id"])
    with pytest.raises(Restricted):
        say_different(any_store, one["id"], other["id"])
