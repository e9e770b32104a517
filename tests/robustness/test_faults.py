"""A database that says "try again", two who save at once, and one form sent twenty times."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from clinic.audit import reader
from clinic.audit.tables import audit_event
from clinic.cli.state import transact
from clinic.core.errors import Stale
from clinic.core.json import Json
from clinic.fhir import upkeep
from clinic.fhir.store import Store
from clinic.fhir.tables import number_series, resource
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service.patients import amend_patient, register_patient
from clinic.web.state import State
from clinic.web.transaction import once

CLIENTS = 20
WRITES = 25


def again(dialect: str, random: Random) -> Exception:
    """What a driver raises when nothing is wrong with the work."""
    if dialect == "sqlite":
        return sqlite3.OperationalError("database is locked")
    return random.choice([psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected])("try again")


@contextmanager
def trouble(state: State, *, one_in: int, seed: int) -> Iterator[list[str]]:
    """Let about one writing statement in so many fail as a busy database does; gives what failed."""
    random, failed, lock = Random(seed), [], threading.Lock()
    engine = state.database.engine

    def before(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("INSERT", "UPDATE", "DELETE", "WITH")):
            return
        with lock:
            hit = random.randrange(one_in) == 0
            if hit:
                failed.append(statement[:40])
        if hit:
            error = again(engine.dialect.name, random)
            raise sa.exc.OperationalError(statement, {}, error)

    event.listen(engine, "before_cursor_execute", before)
    try:
        yield failed
    finally:
        event.remove(engine, "before_cursor_execute", before)


def a_patient(store: Store, number: int = 0) -> Json:
    details = PatientDetails(f"Given{number}", "García Ochoa", "1979-08-14", "female", mobile="+12125550142")
    return register_patient(store, details)


def count(conn: sa.Connection, type_: str = "Patient") -> int:
    wanted = sa.select(sa.func.count()).select_from(resource).where(resource.c.type == type_)
    return int(conn.execute(wanted).scalar_one())


def sound(state: State, patients: int) -> None:
    """So many patients, numbered without a gap, each creation noted once, and everything true."""
    with state.database.read() as conn:
        assert count(conn) == patients
        assert list(conn.execute(sa.select(number_series.c.last)).scalars()) == [patients]
        created = sa.select(sa.func.count()).select_from(audit_event).where(audit_event.c.verb == "create")
        assert conn.execute(created).scalar_one() == patients
        assert list(upkeep.verify(conn, state.setting.registry, lambda done, total: None)) == []
        assert reader.verify(conn) == []


def test_a_write_that_the_database_sends_back_is_made_once(any_state: State) -> None:
    with trouble(any_state, one_in=15, seed=1) as failed:
        made = [transact(any_state, lambda store, n=n: a_patient(store, n))["id"] for n in range(WRITES)]
    assert len(failed) > 3
    assert len(set(made)) == WRITES
    sound(any_state, WRITES)


def test_a_write_that_is_sent_back_every_time_leaves_nothing(any_state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.db.engine.time.sleep", lambda seconds: None)
    with trouble(any_state, one_in=1, seed=1) as failed, pytest.raises(sa.exc.OperationalError):
        transact(any_state, a_patient)
    assert len(failed) == 8
    with any_state.database.read() as conn:
        assert count(conn) == 0
    transact(any_state, a_patient)
    sound(any_state, 1)


def at_once(act: Callable[[int], Any]) -> list[Any]:
    """Twenty do the same at the same moment; gives what each got."""
    barrier = threading.Barrier(CLIENTS)

    def one(number: int) -> Any:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(one, range(CLIENTS)))


@pytest.mark.parametrize("one_in", [10_000, 80], ids=["calm", "busy"])
def test_one_form_sent_twenty_times_at_once_makes_one_thing(any_state: State, one_in: int) -> None:
    def submit(_number: int) -> str:
        return str(transact(any_state, lambda store: once(store, "key", lambda: a_patient(store)))["id"])

    with trouble(any_state, one_in=one_in, seed=3):
        assert len(set(at_once(submit))) == 1
    sound(any_state, 1)


def test_of_twenty_who_save_the_same_version_one_is_kept_and_the_others_are_told(any_state: State) -> None:
    patient = transact(any_state, a_patient)
    version = int(patient["meta"]["versionId"])

    def save(number: int) -> str:
        changes = {"given": f"Other{number}"}
        try:
            transact(any_state, lambda store: amend_patient(store, patient["id"], changes, version=version))
        except Stale as stale:
            return "told" if stale.current else "told nothing"
        return f"Other{number}"

    results = at_once(save)
    kept = [name for name in results if name.startswith("Other")]
    assert len(kept) == 1
    assert results.count("told") == CLIENTS - 1
    now: Json = transact(any_state, lambda store: store.read("Patient", patient["id"]))
    assert now["name"][0]["given"] == kept
    assert now["meta"]["versionId"] == str(version + 1)


def test_twenty_who_change_one_record_without_a_version_all_get_one(any_state: State) -> None:
    patient = transact(any_state, a_patient)

    def save(number: int) -> None:
        transact(any_state, lambda store: amend_patient(store, patient["id"], {"middle": f"M{number}"}))

    with trouble(any_state, one_in=100, seed=5):
        at_once(save)
    now: Json = transact(any_state, lambda store: store.read("Patient", patient["id"]))
    assert now["meta"]["versionId"] == str(1 + CLIENTS)
    with any_state.database.read() as conn:
        assert list(upkeep.verify(conn, any_state.setting.registry, lambda done, total: None)) == []
