"""Reminders: made when their stage is due, taken back when the visit they speak of changes; plans and texts."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from clinic.appointments.mapping.appointment import span_of
from clinic.communication.queries.plans import Due, due_reminders, plans_of
from clinic.communication.rules.messages import PURPOSES, Message
from clinic.communication.rules.reminders import Plan, check_plan, is_due, key_begins
from clinic.communication.rules.texts import LANGUAGES, Words, check_words
from clinic.communication.service.messages import send, take_back
from clinic.communication.tables import message_row, message_text, reminder_plan
from clinic.core.days import read_instant
from clinic.core.errors import N_, Invalid, Stale
from clinic.core.json import Json
from clinic.db.sql import upsert
from clinic.fhir.store import STALE, Store

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


# -- what the manager decides


def save_plan(store: Store, plan: Plan) -> Plan:
    """Keep the reminders of a visit type. Raises Invalid, Stale when a colleague changed them meanwhile."""
    kept = check_plan(plan)
    present = plans_of(store).get(plan.visit_type)
    if (present.version if present else 0) != plan.version:
        raise Stale(STALE, current={})
    row = {
        "visit_type": kept.visit_type, "hours": kept.hours, "version": plan.version + 1,
        "stages": [{"minutes": stage.minutes, "channels": list(stage.channels)} for stage in kept.stages],
    }  # fmt: skip
    upsert(store.conn, reminder_plan, [row], ["visit_type"])
    store.did("U", f"reminders of {kept.visit_type or 'every visit type'}")
    return kept


def drop_plan(store: Store, visit_type: str) -> None:
    """Let a visit type have the reminders of all again."""
    store.conn.execute(sa.delete(reminder_plan).where(reminder_plan.c.visit_type == visit_type))
    store.did("D", f"reminders of {visit_type}")


def save_words(store: Store, purpose: str, visit_type: str, words: dict[str, Words]) -> None:
    """Keep the practice's own words of a message; empty ones give the product's back. Raises Invalid."""
    if purpose not in PURPOSES or not set(words) <= set(LANGUAGES):
        raise Invalid("There is no message of this kind.", field="purpose")
    kept = {language: check_words(one, language=language) for language, one in words.items()}
    c = message_text.c
    mine = sa.and_(c.purpose == purpose, c.visit_type == visit_type, c.language.in_(kept))
    store.conn.execute(sa.delete(message_text).where(mine))
    rows = [
        {"purpose": purpose, "visit_type": visit_type, "language": language, "subject": one.subject, "text": one.text}
        for language, one in kept.items()
        if one.text
    ]
    if rows:
        store.conn.execute(sa.insert(message_text), rows)
    store.did("U", f"text of a message: {purpose} {visit_type}".strip())
