"""Deliberate overbookings, each counted once and for good."""

from __future__ import annotations

from clinic.appointments.mapping.appointment import OVERBOOK, lane_of, place_of, span_of
from clinic.appointments.mapping.extensions import extension_value
from clinic.appointments.rules.status import holds_time
from clinic.appointments.tables import overbooking
from clinic.core.json import Json
from clinic.db.sql import insert_ignore
from clinic.fhir.store import Store


def count_overbooking(store: Store, resource: Json) -> None:
    """Note that a time was booked beside another visit or outside working hours, by whom and why."""
    reason = str(extension_value(resource, OVERBOOK) or "")
    if not reason or span_of(resource) is None or not holds_time(str(resource.get("status"))):
        return
    place = place_of(resource)
    row = {
        "appointment": resource["id"], "start": place.span.start, "provider": place.provider_id,
        "provider_name": place.provider_name[:200], "lane": lane_of(resource), "reason": reason[:200],
        "at": store.now, "author": store.actor.id[:80], "author_name": store.actor.name[:200],
    }  # fmt: skip
    insert_ignore(store.conn, overbooking, [row])
