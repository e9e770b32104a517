"""What appointments do when a patient's or a provider's record changes."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.appointments.mapping.appointment import called, renamed, with_type_called
from clinic.appointments.mapping.patient import shown_name
from clinic.appointments.mapping.recall import named
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.recall_tables import recall_row
from clinic.appointments.tables import appointment_part, appointment_row
from clinic.appointments.waitlist_tables import wish_row
from clinic.core.json import Json
from clinic.fhir.store import Store


def refresh_names(store: Store, patient: Json) -> None:
    """Bring the copied name and birth date up to date in every appointment and order of a patient."""
    name, birth_date = shown_name(patient)
    for resource in _appointments_of(store, patient["id"]):
        store.update(renamed(resource, patient["id"], name=name, birth_date=birth_date), reason="renamed")
    for resource in _requests_of(store, patient["id"]):
        store.update(named(resource, name=name, birth_date=birth_date), reason="renamed")


def refresh_practice(store: Store, resource: Json) -> None:
    """Bring a provider's, a room's, a device's, a site's or a visit type's copied name up to date.

    Appointments that are not over get it; past ones keep it as it was.
    """
    name = _name_of(store, resource)
    c = appointment_row.c
    columns = {
        "Practitioner": [c.provider], "Location": [c.room, c.site], "HealthcareService": [c.type_id], "Device": [],
    }  # fmt: skip
    if not name or resource["resourceType"] not in columns:
        return
    parts = sa.select(appointment_part.c.id).where(
        appointment_part.c.actor == f"{resource['resourceType']}/{resource['id']}"
    )
    its = sa.or_(*(column == resource["id"] for column in columns[resource["resourceType"]]), c.id.in_(parts))
    coming = sa.select(c.id).where(its, c.end > store.now).distinct()
    with store.on_behalf_of_all():
        found = store.read_many([f"Appointment/{id_}" for id_ in store.conn.execute(coming).scalars()])
        for key in sorted(found):
            store.update(_called(found[key], resource, name), reason="renamed")


def _name_of(store: Store, resource: Json) -> str:
    if resource["resourceType"] == "Device":
        return str((resource.get("deviceName") or [{}])[0].get("name") or "")
    if resource["resourceType"] != "Practitioner":
        return str(resource.get("name") or "")
    provider = calendar_setup(store).provider(resource["id"])
    return provider.name if provider else ""


def _called(appointment: Json, resource: Json, name: str) -> Json:
    if resource["resourceType"] == "HealthcareService":
        return with_type_called(appointment, resource["id"], name)
    return called(appointment, f"{resource['resourceType']}/{resource['id']}", name)


def _appointments_of(store: Store, patient_id: str) -> list[Json]:
    c, w = appointment_row.c, wish_row.c
    visits = sa.select(c.id).where(c.patient_id == patient_id)
    ids = store.conn.execute(visits.union(sa.select(w.id).where(w.patient_id == patient_id))).scalars()
    found = store.read_many([f"Appointment/{id_}" for id_ in ids])
    return [found[key] for key in sorted(found)]


def _requests_of(store: Store, patient_id: str) -> list[Json]:
    ids = store.conn.execute(sa.select(recall_row.c.id).where(recall_row.c.patient_id == patient_id)).scalars()
    found = store.read_many([f"ServiceRequest/{id_}" for id_ in ids])
    return [found[key] for key in sorted(found)]
