"""The worker: takes work under a lease, tries it, and turns what cannot be done into a task for a person."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final, Protocol

import structlog

from clinic.core.clock import Clock
from clinic.core.days import instant_text
from clinic.core.json import Json
from clinic.db.engine import Database
from clinic.fhir.store import Store
from clinic.jobs import outbox
from clinic.jobs.outbox import Job

PAUSE: Final = 2.0
TASK_SYSTEM: Final = "urn:clinic:task"
_log = structlog.get_logger()


class Transact(Protocol):
    """Runs a function of the store in one audited transaction."""

    def __call__(self, fn: Callable[[Store], Any], /) -> Any:
        """Give back what the function gives."""


Work = Callable[[Job, Transact], None]
"""Does one kind of work. It may run twice for one job, so it must be idempotent; it raises when it failed."""


@dataclass(frozen=True)
class Worker:
    """Does the work of the outbox; any number may run at once, in one process or in several."""

    database: Database
    clock: Clock
    transact: Transact
    works: Mapping[str, Work]
    lease: timedelta = outbox.LEASE
    most_tries: int = outbox.MOST_TRIES
    daily: tuple[str, ...] = ()
    """Kinds of work that are due once each day (UTC), whoever is the first worker awake."""
    often: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    """Kinds of work that are due in each minute in which there is any, as the function of each tells."""
    planned: dict[str, str] = field(default_factory=dict)
    """The day or minute for which each of them was last thought of by this worker."""

    def run_once(self) -> bool:
        """Do one piece of work; False when nothing was due."""
        now = self.clock.now()
        self._plan(f"{now:%Y-%m-%d}")
        self._plan_often(f"{now:%Y-%m-%dT%H:%M}")
        with self.database.read() as conn:
            if not outbox.due(conn, now):
                return False
        job = self.database.run_write(lambda conn: outbox.take(conn, now, lease=self.lease))
        if job is None:
            return False
        if job.attempts > self.most_tries:
            self._give_up(job, job.error or "The worker stopped in the middle, every time.")
        else:
            self._try(job)
        return True

    def run_forever(self, stop: threading.Event, *, pause: float = PAUSE) -> None:
        """Work until `stop` is set, pausing when there is nothing to do."""
        while not stop.is_set():
            try:
                busy = self.run_once()
            except Exception:  # noqa: BLE001 the job runner outlives a database that went away for a moment
                _log.exception("worker could not reach the outbox")
                busy = False
            if not busy:
                stop.wait(pause)

    def start(self) -> tuple[threading.Thread, threading.Event]:
        """Run in a thread of this process; set the event to stop it."""
        stop = threading.Event()
        thread = threading.Thread(target=self.run_forever, args=(stop,), name="clinic-worker", daemon=True)
        thread.start()
        return thread, stop

    def _plan(self, day: str) -> None:
        """Put today's daily work into the outbox; its key is the day's, so that of many workers one does it."""
        for kind in self.daily:
            if self.planned.get(kind) == day:
                continue
            self.transact(partial(_leave, kind, f"{kind}:{day}"))
            self.planned[kind] = day

    def _plan_often(self, minute: str) -> None:
        """The same for work that comes with what people do: nothing is left in their own transactions for it."""
        for kind, any_of_it in self.often.items():
            if self.planned.get(kind) == minute:
                continue
            self.planned[kind] = minute
            if any_of_it():
                self.transact(partial(_leave, kind, f"{kind}:{minute}"))

    def _try(self, job: Job) -> None:
        try:
            self._work_of(job)(job, self.transact)
        except Exception as error:  # noqa: BLE001 whatever is raised is tried again or shown to a person
            name = type(error).__name__
            reason = f"{name}: {error}"
            _log.warning("work failed", kind=job.kind, job=job.id, attempt=job.attempts, error=name)
            if job.attempts >= self.most_tries:
                self._give_up(job, reason)
                return
            now = self.clock.now()
            self.database.run_write(lambda conn: outbox.give_back(conn, job, reason, now))
            return
        self.database.run_write(lambda conn: outbox.finish(conn, job))

    def _work_of(self, job: Job) -> Work:
        if job.kind not in self.works:
            raise LookupError(f"nobody does work of the kind {job.kind!r}")
        return self.works[job.kind]

    def _give_up(self, job: Job, reason: str) -> None:
        def give_up(store: Store) -> None:
            if outbox.fail(store.conn, job, reason):
                store.create(task_of(job, store))

        self.transact(give_up)


def _leave(kind: str, key: str, store: Store) -> None:
    store.enqueue(kind, {}, key)


def task_of(job: Job, store: Store) -> Json:
    """The task that tells a person what could not be done; the technical reason stays with the job."""
    kind = job.kind.replace("-", " ").replace("_", " ")
    task: Json = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "priority": "urgent",
        "code": {
            "coding": [{"system": TASK_SYSTEM, "code": "failed-job"}],
            "text": "Could not be done",
        },
        "description": f"{kind}: tried {job.attempts} times without success.",
        "authoredOn": instant_text(store.now),
        "identifier": [{"system": "urn:clinic:job", "value": job.id}],
    }
    patient = job.payload.get("patient")
    if isinstance(patient, str) and patient:
        task["for"] = {"reference": patient if "/" in patient else f"Patient/{patient}"}
    return task
