"""How the FHIR interface writes appointments and what they name: the same claims and steps as the screens."""

from __future__ import annotations

from dataclasses import replace

from clinic.appointments.errors import NOT_ALLOWED, STEP
from clinic.appointments.mapping.appointment import lane_of, span_of
from clinic.appointments.mapping.parts import with_periods
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.status import may_step
from clinic.appointments.service.claims import claim_of, settle
from clinic.appointments.service.freed import tell_freed
from clinic.appointments.service.groups import require_seats
from clinic.core.errors import Conflict, Forbidden
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.practice import save_practice
from clinic.fhir.registry import Writer
from clinic.fhir.store import Store

_OVERBOOK = "appointments.overbook"


def create_appointment(store: Store, resource: Json) -> Json:
    """Keep an appointment that a program sent. Raises TimeTaken when somebody it needs is not free."""
    _may_overbook(store, resource)
    fresh = resource | {"id": str(resource.get("id") or new_id())}
    made = store.create(_settled(store, None, fresh), id=fresh["id"])
    store.fire("appointment_changed", made)
    return made


def update_appointment(store: Store, resource: Json, version: int | None) -> Json:
    """Keep a changed appointment. Raises Conflict for a step that does not exist, TimeTaken, Stale."""
    _may_overbook(store, resource)
    store.lock("Appointment", str(resource.get("id", "")))
    before = store.find("Appointment", str(resource.get("id", "")))
    if before is not None and not may_step(str(before.get("status")), str(resource.get("status"))):
        raise Conflict(STEP, before=before.get("status"), after=resource.get("status"), field="Appointment.status")
    if before is None or version not in (None, int(before["meta"]["versionId"])):
        return store.update(resource, version=version)  # says why it cannot
    require_seats(store, before, resource)
    saved = store.update(_settled(store, before, resource), version=version)
    store.fire("appointment_changed", saved)
    return saved


def _settled(store: Store, before: Json | None, resource: Json) -> Json:
    """The appointment with the places that it got, the periods of its parts where its time is."""
    placed = with_periods(resource, span_of(resource))
    return settle(store, calendar_setup(store), before, placed, trusted=store.actor.may(_OVERBOOK))


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
    if lane_of(resource) and not store.actor.may(_OVERBOOK):
        raise Forbidden(NOT_ALLOWED, field="Appointment.extension")


APPOINTMENT_WRITER = Writer(create_appointment, update_appointment, delete_appointment)
NAMED_WRITER = Writer(update=update_named)
