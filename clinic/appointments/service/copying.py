"""The same visit once more, at another time."""

from __future__ import annotations

from clinic.appointments.errors import NO_TIME
from clinic.appointments.mapping.appointment import place_of, span_of
from clinic.appointments.rules.booking import Booking, Change
from clinic.appointments.service.booking import book
from clinic.core.errors import Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store


def copy_visit(store: Store, id_: str, change: Change, *, anyway: bool = False) -> Json:
    """Book a visit again for the same patient, with the same type, length and note; gives the new Appointment.

    What `change` leaves open is as it was; the room only while the provider is the same. Raises what booking raises.
    """
    before = store.read("Appointment", id_)
    if span_of(before) is None:
        raise Invalid(NO_TIME)
    old = place_of(before)
    provider = change.provider_id or old.provider_id
    same_room = old.room_id if provider == old.provider_id else ""
    booking = Booking(
        patient_id=old.patient_id,
        provider_id=provider,
        visit_type=old.type_id,
        start=change.start or old.span.start,
        minutes=change.minutes or int(old.span.length.total_seconds()) // 60,
        room_id=same_room if change.room_id is None else change.room_id,
        note=old.note,
        anyway=anyway,
        overbook_reason=change.overbook_reason,
    )
    return book(store, booking)
