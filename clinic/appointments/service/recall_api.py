"""How the FHIR interface writes ServiceRequests: orders for a visit obey the steps and names of the screens."""

from __future__ import annotations

from clinic.appointments.mapping.patient import shown_name
from clinic.appointments.mapping.recall import named, recall_of
from clinic.appointments.rules.recalls import may_step
from clinic.core.errors import N_, Conflict
from clinic.core.json import Json
from clinic.fhir.registry import Writer
from clinic.fhir.store import Store

STEP = N_("An order that is %(before)s cannot become %(after)s.")


def create_request(store: Store, resource: Json) -> Json:
    """Keep a request that a program sent; an order for a visit gets the patient's name, by which the desk finds it."""
    id_ = resource.get("id")
    return store.create(_called(store, resource), id=str(id_) if id_ else None)


def update_request(store: Store, resource: Json, version: int | None) -> Json:
    """Keep a changed request. Raises Conflict for a step that an order for a visit cannot make, Stale."""
    id_ = str(resource.get("id", ""))
    store.lock("ServiceRequest", id_)
    before = store.find("ServiceRequest", id_)
    if before is not None and recall_of(before) is not None:
        old, new = str(before.get("status")), str(resource.get("status"))
        if not may_step(old, new):
            raise Conflict(STEP, before=old, after=new, field="ServiceRequest.status")
    return store.update(_called(store, resource), version=version)


def _called(store: Store, resource: Json) -> Json:
    recall = recall_of(resource)
    patient = store.find("Patient", recall.patient_id) if recall else None
    if recall is None or patient is None or (recall.patient_name and recall.birth_date):
        return resource
    name, birth_date = shown_name(patient)
    return named(resource, name=recall.patient_name or name, birth_date=birth_date)


REQUEST_WRITER = Writer(create_request, update_request)
