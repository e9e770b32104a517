"""What appointments do when a patient's or a provider's record changes."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.appointments.mapping.appointment import called, renamed, repointed
from clinic.appointments.mapping.patient import shown_name
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.tables import appointment_row
from clinic.core.json import Json
from clinic.fhir.store import Store


def refresh_names(store: Store, patient: Json) -> None:
    """Bring the copied name and birth date up to date in every appointment of a patient."""
    name, birth_date = shown_name(patient)
    for resource in _appointments_of(store, patient["id"]):
        store.update(renamed(resource, patient["id"], name=name, birth_date=birth_date), reason="renamed")


def refresh_provider(store: Store, practitioner: Json) -> None:
    """Bring the copied name up to date in a provider's appointments that are not over; past ones keep it as it was."""
    provider = calendar_setup(store).provider(practitioner["id"])
    if provider is None:
        return
    c = appointment_row.c
    coming = sa.select(c.id).where(c.provider == provider.id, c.end > store.now).distinct()
    found = store.read_many([f"Appointment/{id_}" for id_ in store.conn.execute(coming).scalars()])
    for key in sorted(found):
        store.update(called(found[key], f"Practitioner/{provider.id}", provider.name), reason="provider renamed")


def follow_merge(store: Store, patient: Json) -> None:
    """Give the appointments of records that were merged into this one to it."""
    name, birth_date = shown_name(patient)
    for link in patient.get("link", []):
        if link.get("type") != "replaces":
            continue
        old = str(link.get("other", {}).get("reference", "")).removeprefix("Patient/")
        for resource in _appointments_of(store, old):
            moved = repointed(resource, old, patient["id"])
            store.update(renamed(moved, patient["id"], name=name, birth_date=birth_date), reason="merged")


def _appointments_of(store: Store, patient_id: str) -> list[Json]:
    c = appointment_row.c
    ids = store.conn.execute(sa.select(c.id).where(c.patient_id == patient_id).distinct()).scalars()
    found = store.read_many([f"Appointment/{id_}" for id_ in ids])
    return [found[key] for key in sorted(found)]
