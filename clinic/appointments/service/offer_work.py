"""The waiting list's work after the commit: offering what became free, telling, passing on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clinic.appointments.rules.spans import Span
from clinic.appointments.service.freed import FREED
from clinic.appointments.service.offering import PASS, TELL, offer_freed, pass_on, tell_round
from clinic.core.days import read_instant
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.jobs.outbox import Job
from clinic.jobs.worker import Transact, Work


def _freed(store: Store, payload: Json) -> Any:
    span = Span(read_instant(payload["start"]), read_instant(payload["end"]))
    return offer_freed(store, str(payload["provider"]), span)


def _work(do: Callable[[Store, Json], Any]) -> Work:
    def work(job: Job, transact: Transact) -> None:
        transact(lambda store: do(store, job.payload))

    return work


WORKS: dict[str, Work] = {
    FREED: _work(_freed),
    TELL: _work(lambda store, payload: tell_round(store, str(payload["round"]))),
    PASS: _work(lambda store, payload: pass_on(store, str(payload["round"]))),
}
"""Kind of work -> who does it. A second run finds the time taken, the offers told or closed, and does nothing."""
