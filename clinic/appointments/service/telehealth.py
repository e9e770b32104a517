"""Where a visit by video takes place: an address that nobody can guess, made anew from the visit each time."""

from __future__ import annotations

from clinic.appointments.mapping.appointment import visit_type_of
from clinic.appointments.queries.policy import policy_of
from clinic.appointments.rules.policy import ROOM
from clinic.core.json import Json
from clinic.core.keyed import keyed_hash
from clinic.fhir.store import Store


def room_of(appointment_id: str) -> str:
    """The name of a visit's video room."""
    return keyed_hash(f"video-room:{appointment_id}")[:24]


def video_address(store: Store, appointment: Json) -> str:
    """The address of a visit's video room; empty for a visit in the practice."""
    return in_room(policy_of(store, visit_type_of(appointment)[0]).video, str(appointment["id"]))


def in_room(pattern: str, appointment_id: str) -> str:
    """A manager's pattern with the visit's room in it; empty for none."""
    return pattern.replace(ROOM, room_of(appointment_id)) if pattern else ""
