"""The tiles of appointments on the patient page."""

from __future__ import annotations

from typing import Any

from clinic.appointments.queries.listing import NOT_COMING, Visit, next_visit, visits_of
from clinic.appointments.routes.shown import status_words
from clinic.fhir.store import Store
from clinic.web.slice import PatientPanel

_SHOWN = 6
_READ = 24


def _newest(store: Store, patient_id: str) -> list[Visit]:
    """Both tiles are drawn from one statement."""
    return store.read_once(("visits", patient_id), lambda: visits_of(store, patient_id, limit=_READ))


def _next(store: Store, patient_id: str) -> dict[str, Any]:
    newest = _newest(store, patient_id)
    if len(newest) == _READ and newest[-1].start > store.now:
        found = next_visit(store, patient_id)
    else:
        coming = [one for one in newest if one.end > store.now and one.status not in NOT_COMING]
        found = min(coming, key=lambda one: one.start, default=None)
    return {"patient_id": patient_id, "visit": found, "status_words": status_words}


def _visits(store: Store, patient_id: str) -> dict[str, Any]:
    visits = _newest(store, patient_id)[:_SHOWN]
    return {"patient_id": patient_id, "visits": visits, "status_words": status_words}


PANELS = (
    PatientPanel("next_visit", 10, 1, "appointments/_next_visit.html", _next, "appointments.read"),
    PatientPanel("visits", 20, 1, "appointments/_visits.html", _visits, "appointments.read"),
)
