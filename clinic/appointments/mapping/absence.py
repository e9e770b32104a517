"""Closed time as a Slot: whose, from when to when, of which kind, and in which act it was closed."""

from __future__ import annotations

from typing import Any, Final

from clinic.appointments.mapping.appointment import span_of
from clinic.appointments.mapping.extensions import dicts, extension_value
from clinic.appointments.rules.spans import Span
from clinic.core.days import instant_text
from clinic.core.json import Json
from clinic.fhir.subject import reference_id

KIND: Final = "urn:clinic:absence-kind"
BATCH: Final = "urn:clinic:absence"
SHUT: Final = "busy-unavailable"


def absence_slot(schedule: str, span: Span, *, reason: str, kind: str = "", batch: str = "") -> Json:
    """The Slot that keeps the owner of a schedule unbookable."""
    slot: Json = {
        "resourceType": "Slot",
        "schedule": {"reference": f"Schedule/{schedule}"},
        "status": SHUT,
        "start": instant_text(span.start),
        "end": instant_text(span.end),
        "comment": reason,
    }
    if kind:
        slot["extension"] = [{"url": KIND, "valueCode": kind}]
    return slot | ({"identifier": [{"system": BATCH, "value": batch}]} if batch else {})


def absence_rows(resource: Json) -> list[dict[str, Any]]:
    """The row of a Slot in which somebody is not available; none for any other Slot."""
    span = span_of(resource)
    if span is None or resource.get("status") != SHUT:
        return []
    row = {
        "id": resource["id"],
        "schedule": reference_id(resource.get("schedule"), "Schedule"),
        "start": span.start,
        "end": span.end,
        "reason": str(resource.get("comment", ""))[:200],
        "kind": str(extension_value(resource, KIND) or "")[:20],
        "batch": batch_of(resource),
    }
    return [row]


def batch_of(slot: Json) -> str:
    """The act in which this time was closed together with others; empty when it stands alone."""
    named = (one for one in dicts(slot.get("identifier")) if one.get("system") == BATCH)
    return next((str(one.get("value", ""))[:64] for one in named), "")
