"""How the FHIR interface writes appointments and what they name: the same claims and steps as the screens."""

from __future__ import annotations

from dataclasses import replace

from clinic.appointments.errors import NOT_ALLOWED, STEP
from clinic.appointments.mapping.appointment import lane_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.status import may_step
from clinic.appointments.service.claims import claim_of, settle
from clinic.appointments.service.freed import tell_freed
from clinic.core.errors import Conflict, Forbidden
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.practice import save_practice
from clinic.fhir.registry import Writer
from clinic.fhir.store import Store


def create_appointment(store: Store, resource: Json) -> Json:
    """Keep an appointment that a program sent. Raises TimeTaken when somebody it needs is not free."""
    _may_overbook(store, resource)
    fresh = resource | {"id": str(resource.get("id") or new_id())}
    made = store.create(fresh, id=fresh["id"])
    settle(store, calendar_setup(store), None, made)
    store.fire("appointment_changed", made)
    return made


def update_appointment(store: Store, resource: Json, version: int | None) -> Json:
    """Keep a changed appointment. Raises Conflict for a step that does not exist, TimeTaken, Stale."""
    _may_overbook(store, resource)
    before = store.find("Appointment", str(resource.get("id", "")))
    if before is not None and not may_step(str(before.get("status")), str(resource.get("status"))):
        raise Conflict(STEP, before=before.get("status"), after=resource.get("status"), field="Appointment.status")
    saved = store.update(resource, version=version)
    settle(store, calendar_setup(store), before, saved)
    store.fire("appointment_changed", saved)
    return saved


def delete_appointment(store: Store, id_: str, version: int | None) -> None:
    """Take an appointment out of use and free its time."""
    claim = claim_of(store.find("Appointment", id_), calendar_setup(store))
    store.delete("Appointment", id_, version=version)
    store.free_cells(id_)
    if claim is not None:
        tell_freed(store, claim.actors, claim.span)


def update_named(store: Store, resource: Json, version: int | None) -> Json:
    """Keep a changed provider, place or visit type; who copied its name is told of another one. Raises Stale."""
    before = store.find(resource["resourceType"], str(resource.get("id", "")))
    saved = store.update(resource, version=version)
    if before is None or saved.get("name") == before.get("name"):
        return saved
    practice = store.practice
    if saved["resourceType"] == "Location" and saved["id"] == practice.site_id and saved.get("name"):
        save_practice(store.conn, replace(practice, site_name=str(saved["name"])))
    store.fire("practice_renamed", saved)
    return saved


def _may_overbook(store: Store, resource: Json) -> None:
    if lane_of(resource) and not store.actor.may("appointments.overbook"):
        raise Forbidden(NOT_ALLOWED, field="Appointment.extension")


APPOINTMENT_WRITER = Writer(create_appointment, update_appointment, delete_appointment)
NAMED_WRITER = Writer(update=update_named)
