"""The tiles of appointments on the patient page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clinic.appointments.queries.listing import NEWEST, NEXT, Visit
from clinic.appointments.routes.shown import status_words
from clinic.fhir.store import Store
from clinic.web.slice import PatientPanel

Rows = Sequence[tuple[Any, ...]]


def _next(_store: Store, patient_id: str, rows: Rows) -> dict[str, Any]:
    visit = next((Visit(*row) for row in rows), None)
    return {"patient_id": patient_id, "visit": visit, "status_words": status_words}


def _visits(_store: Store, patient_id: str, rows: Rows) -> dict[str, Any]:
    return {"patient_id": patient_id, "visits": [Visit(*row) for row in rows], "status_words": status_words}


PANELS = (
    PatientPanel("next_visit", 10, 1, "appointments/_next_visit.html", _next, "appointments.read", NEXT),
    PatientPanel("visits", 20, 1, "appointments/_visits.html", _visits, "appointments.read", NEWEST),
)
