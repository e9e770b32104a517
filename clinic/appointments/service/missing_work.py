"""The background work that notes visits whose patients did not come."""

from __future__ import annotations

from typing import Final

from clinic.appointments.service.missing import note_missed
from clinic.jobs.outbox import Job
from clinic.jobs.worker import Transact, Work

MISSED: Final = "missed-visits"


def _note(_job: Job, transact: Transact) -> None:
    while transact(note_missed):
        pass


WORKS: dict[str, Work] = {MISSED: _note}
"""Kind of work -> who does it. A second run finds nobody who has not been noted."""
