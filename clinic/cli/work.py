"""The background worker with everything that the slices can do after a commit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from clinic.appointments.service.missing import anything_missed
from clinic.appointments.service.missing_work import MISSED
from clinic.appointments.service.missing_work import WORKS as MISSES
from clinic.appointments.service.offer_work import WORKS as OFFERS
from clinic.appointments.service.replan_work import WORKS as REPLANS
from clinic.cli import messages
from clinic.cli.daily import UPKEEP, keep_tidy
from clinic.cli.duplicates import CHANGED, DAILY, anything_changed, works
from clinic.cli.state import look, transact
from clinic.fhir.store import Store
from clinic.jobs.worker import Work, Worker
from clinic.registration.service.moving import WORK, carry_on
from clinic.transfer.service.runs import JOB as IMPORT
from clinic.transfer.service.work import do_import
from clinic.web.state import State

WORKS: dict[str, Work] = {**MISSES, **OFFERS, **REPLANS, UPKEEP: keep_tidy, WORK: carry_on, IMPORT: do_import}
"""Kind of work -> who does it."""


def make_worker(state: State) -> Worker:
    """A worker for this application."""

    def run(fn: Callable[[Store], Any], /) -> Any:
        return transact(state, fn)

    return Worker(
        database=state.database,
        clock=state.clock,
        transact=run,
        works={**WORKS, **works(state), **messages.works(state)},
        daily=(UPKEEP, DAILY),
        often={
            CHANGED: lambda: anything_changed(state),
            MISSED: lambda: look(state, anything_missed),
            **{kind: partial(any_of_it, state) for kind, any_of_it in messages.OFTEN.items()},
        },
    )
