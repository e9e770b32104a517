"""Visits by video: where one takes place, an address that nobody can guess, and the patient who says to be there."""

from __future__ import annotations

from typing import Final

from clinic.appointments.mapping.appointment import span_of, visit_type_of
from clinic.appointments.queries.policy import policy_of
from clinic.appointments.rules.policy import ROOM
from clinic.appointments.rules.telehealth import stage_of
from clinic.core.errors import N_, Conflict
from clinic.core.json import Json
from clinic.core.keyed import keyed_hash
from clinic.fhir.store import Store

VIDEO: Final = "video"
NOT_NOW: Final = N_("You can say that you are here from half an hour before your visit until its end. Please call us.")


def room_of(appointment_id: str) -> str:
    """The name of a visit's video room."""
    return keyed_hash(f"video-room:{appointment_id}")[:24]


def video_address(store: Store, appointment: Json) -> str:
    """The address of a visit's video room; empty for a visit in the practice."""
    return in_room(policy_of(store, visit_type_of(appointment)[0]).video, str(appointment["id"]))


def in_room(pattern: str, appointment_id: str) -> str:
    """A manager's pattern with the visit's room in it; empty for none."""
    return pattern.replace(ROOM, room_of(appointment_id)) if pattern else ""


def say_here(store: Store, appointment_id: str) -> Json:
    """The patient waits for a visit by video; gives the appointment. A second call changes nothing.

    The slice of the visits notes the arrival (`patient_here`). Raises Conflict when it is not by video, too early, or
    over; Missing.
    """
    appointment = store.read("Appointment", appointment_id)
    span = span_of(appointment)
    stage = stage_of(str(appointment.get("status")), span, store.now) if span else "over"
    if stage not in ("door", "inside") or not video_address(store, appointment):
        raise Conflict(NOT_NOW)
    if stage == "inside":
        return appointment
    store.fire("patient_here", {"appointment": appointment_id, "way": VIDEO})
    return store.read("Appointment", appointment_id)
