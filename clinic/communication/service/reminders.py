"""Reminders: made when their stage is due, taken back when the visit they speak of changes."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from clinic.appointments.mapping.appointment import span_of
from clinic.communication.queries.plans import Due, due_reminders
from clinic.communication.rules.messages import Message
from clinic.communication.rules.reminders import is_due, key_begins
from clinic.communication.service.messages import send, take_back
from clinic.communication.tables import message_row
from clinic.core.days import read_instant
from clinic.core.errors import N_
from clinic.core.json import Json
from clinic.fhir.store import Store

CHANGED: Final = N_("The visit was moved or cancelled.")
_m = message_row.c


def remind(store: Store) -> int:
    """Make the reminders that are due; gives how many. They leave at once: their undo was the time before."""
    due = due_reminders(store)
    visits = store.read_many([f"Appointment/{one.appointment_id}" for one in due])
    made = 0
    for one in due:
        if wanted_now(store, one, visits.get(f"Appointment/{one.appointment_id}")):
            made += not send(store, _message(one)).repeated
    return made


def anything_due(store: Store) -> bool:
    """Whether `remind` would make any; reads only."""
    due = due_reminders(store)
    visits = store.read_many([f"Appointment/{one.appointment_id}" for one in due])
    return any(wanted_now(store, one, visits.get(f"Appointment/{one.appointment_id}")) for one in due)


def wanted_now(store: Store, due: Due, visit: Json | None) -> bool:
    """Whether the visit of a due stage was booked before the stage's moment."""
    if visit is None:
        return False
    try:
        booked = read_instant(str(visit.get("created")))
    except ValueError:
        booked = read_instant(visit["meta"]["lastUpdated"])
    return is_due(due.stage, due.start, store.now, booked)


def _message(due: Due) -> Message:
    return Message(
        due.patient_id, "reminder", due.key, appointment_id=due.appointment_id, channels=due.stage.channels,
        until=due.start, fits_start=due.start, at_once=True,
    )  # fmt: skip


def follow_visit(store: Store, appointment: Json) -> None:
    """Take back the reminders of a visit that was moved, cancelled or has begun."""
    if appointment["meta"]["versionId"] == "1":
        return
    wanted = sa.select(_m.id, _m.key).where(_m.appointment_id == appointment["id"], _m.purpose == "reminder")
    waiting = store.conn.execute(wanted.where(_m.state == "waiting")).all()
    span = span_of(appointment)
    for id_, key in waiting:
        fits = span is not None and key.startswith(key_begins(appointment["id"], span.start))
        if not (fits and appointment.get("status") == "booked"):
            take_back(store, id_, why=CHANGED)
