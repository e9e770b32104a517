"""Free and busy time as Slot and Schedule, and a free stretch as the Appointment that it could become."""

from __future__ import annotations

from clinic.appointments.mapping.appointment import VISIT_TYPE
from clinic.appointments.rules.setup import Provider, Setup, VisitType
from clinic.appointments.rules.slots import Stretch, stretch_id
from clinic.core.days import instant_text
from clinic.core.json import Json


def service_type(kind: VisitType) -> Json:
    """A visit type as a CodeableConcept."""
    return {"coding": [{"system": VISIT_TYPE, "code": kind.id, "display": kind.name}], "text": kind.name}


def schedule_id(setup: Setup, provider_id: str) -> str:
    """The id of a provider's Schedule: that of the record, or the provider's own when none was kept."""
    return next((id_ for id_, owner in setup.schedules.items() if owner == provider_id), provider_id)


def schedule_of(setup: Setup, provider: Provider) -> Json:
    """The Schedule of a provider for whom no record is kept."""
    kinds = [service_type(kind) for kind in setup.types if kind.active and provider.does(kind.id)]
    actors = [{"reference": f"Practitioner/{provider.id}", "display": provider.name}]
    site = setup.site(provider.site)
    if site is not None:
        actors.append({"reference": f"Location/{site.id}", "display": site.name})
    made: Json = {
        "resourceType": "Schedule", "id": schedule_id(setup, provider.id), "active": provider.active, "actor": actors,
    }  # fmt: skip
    return made | ({"serviceType": kinds} if kinds else {})


def slot_of(setup: Setup, stretch: Stretch, *, status: str = "") -> Json:
    """The Slot of a stretch; a busy one says nothing about by whom or what for."""
    kind = setup.visit_type(stretch.type_id) if stretch.type_id else None
    made: Json = {
        "resourceType": "Slot",
        "id": stretch_id(stretch),
        "schedule": {"reference": f"Schedule/{schedule_id(setup, stretch.provider)}"},
        "status": status or stretch.status,
        "start": instant_text(stretch.start),
        "end": instant_text(stretch.end),
    }
    return made | ({"serviceType": [service_type(kind)]} if kind else {})


def proposal_of(setup: Setup, stretch: Stretch, *, id_: str = "", status: str = "proposed", patient: str = "") -> Json:
    """The Appointment that a free stretch could become (IHE ITI Scheduling)."""
    kind, provider = setup.visit_type(stretch.type_id), setup.provider(stretch.provider)
    parts = [{"actor": {"reference": f"Practitioner/{stretch.provider}"}, "required": "required", "status": "accepted"}]
    if provider is not None:
        parts[0]["actor"] |= {"display": provider.name}  # type: ignore[operator]
        site = setup.site(provider.site)
        if site is not None:
            actor = {"reference": f"Location/{site.id}", "display": site.name}
            parts.append({"actor": actor, "required": "required", "status": "accepted"})
    if patient:
        actor = {"reference": f"Patient/{patient}"}
        parts.insert(0, {"actor": actor, "required": "required", "status": "needs-action"})
    start, end = instant_text(stretch.start), instant_text(stretch.end)
    made: Json = {
        "resourceType": "Appointment", "id": id_ or stretch_id(stretch), "status": status,
        "start": start, "end": end, "minutesDuration": stretch.minutes, "participant": parts,
        "requestedPeriod": [{"start": start, "end": end}],
    }  # fmt: skip
    return made | ({"serviceType": [service_type(kind)]} if kind else {})
