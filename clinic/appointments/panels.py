"""The tiles of appointments on the patient page."""

from __future__ import annotations

from typing import Any

from clinic.appointments.queries.listing import next_visit, visits_of
from clinic.appointments.routes.shown import status_words
from clinic.fhir.store import Store
from clinic.web.slice import PatientPanel

_SHOWN = 6


def _next(store: Store, patient_id: str) -> dict[str, Any]:
    return {"patient_id": patient_id, "visit": next_visit(store, patient_id), "status_words": status_words}


def _visits(store: Store, patient_id: str) -> dict[str, Any]:
    visits = visits_of(store, patient_id, limit=_SHOWN)
    return {"patient_id": patient_id, "visits": visits, "status_words": status_words}


PANELS = (
    PatientPanel("next_visit", 10, 1, "appointments/_next_visit.html", _next, "appointments.read"),
    PatientPanel("visits", 20, 1, "appointments/_visits.html", _visits, "appointments.read"),
)
