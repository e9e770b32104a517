"""No work is lost or done by two: leases, tries, and a person who hears of what failed."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from clinic.core.actor import SYSTEM
from clinic.core.clock import FixedClock
from clinic.core.hooks import Hooks
from clinic.db.engine import Database
from clinic.fhir.registry import Registry
from clinic.fhir.store import Setting, Store
from clinic.fhir.tables import outbox as table
from clinic.jobs import outbox
from clinic.jobs.outbox import Job
from clinic.jobs.worker import Transact, Work, Worker
from tests import factories
from tests.conftest import NOW


def transact_on(database: Database, clock: FixedClock) -> Transact:
    setting = Setting(Registry(), Hooks(), factories.PRACTICE)

    def transact(fn: Callable[[Store], Any], /) -> Any:
        return database.run_write(lambda conn: fn(Store(conn, setting, actor=SYSTEM, now=clock.now())))

    return transact


def enqueue(database: Database, clock: FixedClock, *keys: str) -> None:
    def fill(store: Store) -> None:
        for key in keys:
            store.enqueue("greet", {"to": key}, key)

    transact_on(database, clock)(fill)


def worker(database: Database, clock: FixedClock, work: Work) -> Worker:
    return Worker(database, clock, transact_on(database, clock), {"greet": work})


def states(database: Database) -> dict[str, str]:
    with database.read() as conn:
        return {row.key: row.state for row in conn.execute(sa.select(table.c.key, table.c.state))}


def test_work_is_done_once_and_the_same_key_is_not_done_again(any_database: Database, clock: FixedClock) -> None:
    done: list[str] = []
    one = worker(any_database, clock, lambda job, transact: done.append(job.key))
    enqueue(any_database, clock, "a", "b")
    enqueue(any_database, clock, "a")
    while one.run_once():
        pass
    assert sorted(done) == ["a", "b"]
    assert states(any_database) == {"a": "done", "b": "done"}


def test_work_of_a_later_time_waits(any_database: Database, clock: FixedClock) -> None:
    one = worker(any_database, clock, lambda job, transact: None)
    later = NOW + timedelta(minutes=1)
    transact_on(any_database, clock)(lambda store: store.enqueue("greet", {}, "k", not_before=later))
    assert not one.run_once()
    clock.instant = later
    assert one.run_once()


def test_a_failure_waits_longer_each_time_and_at_last_becomes_a_task(any_database: Database, clock: FixedClock) -> None:
    def fails(job: Job, transact: Transact) -> None:
        raise RuntimeError("gateway is down")

    one = worker(any_database, clock, fails)
    enqueue(any_database, clock, "k")
    for attempt in range(1, outbox.MOST_TRIES + 1):
        assert one.run_once(), attempt
        assert not one.run_once(), "the next try waits"
        clock.instant += outbox.wait(attempt)
    assert states(any_database) == {"k": "failed"}
    assert not one.run_once()
    with any_database.read() as conn:
        (job,) = outbox.failed(conn)
        assert job.error == "RuntimeError: gateway is down"
        store = Store(conn, Setting(Registry(), Hooks(), factories.PRACTICE), actor=SYSTEM, now=NOW)
        (task,) = store.search("Task")
    assert task["status"] == "requested"
    assert "gateway" not in task["description"]
    any_database.run_write(lambda conn: outbox.try_again(conn, job.id, clock.now()))
    assert one.run_once()


def test_work_of_an_unknown_kind_is_not_lost_in_silence(any_database: Database, clock: FixedClock) -> None:
    one = Worker(any_database, clock, transact_on(any_database, clock), {}, most_tries=1)
    enqueue(any_database, clock, "k")
    assert one.run_once()
    assert states(any_database) == {"k": "failed"}


def test_a_worker_that_lost_its_lease_cannot_finish_what_another_has(any_database: Database, clock: FixedClock) -> None:
    enqueue(any_database, clock, "k")
    slow = any_database.run_write(lambda conn: outbox.take(conn, clock.now()))
    clock.instant += outbox.LEASE
    quick = any_database.run_write(lambda conn: outbox.take(conn, clock.now()))
    assert slow is not None
    assert quick is not None
    assert (slow.id, quick.attempts) == (quick.id, 2)
    assert not any_database.run_write(lambda conn: outbox.finish(conn, slow))
    assert any_database.run_write(lambda conn: outbox.finish(conn, quick))


def test_a_worker_that_dies_every_time_is_given_up(any_database: Database, clock: FixedClock) -> None:
    enqueue(any_database, clock, "k")
    for _ in range(outbox.MOST_TRIES):
        assert any_database.run_write(lambda conn: outbox.take(conn, clock.now())) is not None
        clock.instant += outbox.LEASE
    assert worker(any_database, clock, lambda job, transact: pytest.fail("not again")).run_once()
    assert states(any_database) == {"k": "failed"}


def test_four_workers_at_once_do_thirty_pieces_once_each(any_database: Database, clock: FixedClock) -> None:
    done: list[str] = []
    enqueue(any_database, clock, *(f"k{number}" for number in range(30)))
    one = worker(any_database, clock, lambda job, transact: done.append(job.key))

    def run() -> None:
        while one.run_once():
            pass

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while one.run_once():
        pass
    assert sorted(done) == sorted(f"k{number}" for number in range(30))


def _take_and_hang(url: str, taken: Any) -> None:
    database = Database(url)
    job = database.run_write(lambda conn: outbox.take(conn, NOW))
    taken.put(job.key if job else "")
    threading.Event().wait(60)


@pytest.mark.slow
def test_the_work_of_a_killed_worker_is_taken_again_after_its_lease(any_database: Database, clock: FixedClock) -> None:
    enqueue(any_database, clock, "k")
    context = multiprocessing.get_context("spawn")
    taken = context.Queue()
    url = any_database.engine.url.render_as_string(hide_password=False)
    process = context.Process(target=_take_and_hang, args=(url, taken))
    process.start()
    assert taken.get(timeout=30) == "k"
    process.kill()
    process.join()
    done: list[str] = []
    one = worker(any_database, clock, lambda job, transact: done.append(job.key))
    assert not one.run_once(), "the lease still holds"
    clock.instant += outbox.LEASE
    assert one.run_once()
    assert done == ["k"]
    assert states(any_database) == {"k": "done"}
