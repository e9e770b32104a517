"""Visits whose patients are reminded, and the message on its way, without a worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from clinic.appointments.service import book
from clinic.communication.gateways import Handed, Incoming, Outgoing
from clinic.communication.queries.messages import MessageRow, messages_about
from clinic.communication.service.leaving import handed_over, prepare
from clinic.communication.service.reminders import remind
from clinic.communication.service.replies import take_incoming
from clinic.communication.tables import desk_task
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.tables import outbox
from tests.appointments import factories as f
from tests.registration.factories import a_patient

MOBILE = "+12025550177"
START = "2027-03-18 10:00"
"""Nine days after the clock of the tests, beyond a change of it."""


def a_visit(store: Store, patient: str, when: str = START, **more: Any) -> Json:
    return book(store, f.a_booking(when, patient_id=patient, **more))


def ana(store: Store, given: str = "Ana", mobile: str = MOBILE) -> str:
    return str(a_patient(store, given, "Soler", mobile=mobile)["id"])


def before(store: Store, when: str = START, **lead: float) -> None:
    """It is so long before a visit."""
    store.now = f.at(when) - timedelta(**lead)


def deliver(store: Store) -> list[Outgoing]:
    """Hand over what is due, as the worker does; the gateway says that it is sent."""
    due = outbox.c.kind == "message", outbox.c.not_before <= store.now
    said = []
    for row in store.conn.execute(sa.select(outbox).where(*due).order_by(outbox.c.not_before)).all():
        store.conn.execute(sa.delete(outbox).where(outbox.c.id == row.id))
        ready = prepare(store, row.payload, channels=("sms", "email"), public_url="https://desk.example", number=1)
        if ready is not None:
            said.append(ready.outgoing)
            handed_over(store, ready.outgoing.id, Handed(f"SM-{ready.outgoing.id}", "sent"))
    return said


def reminded(store: Store, visit: Json, when: str = START) -> MessageRow:
    """The visit's reminder of two days before, when its patient has it."""
    before(store, when, days=2, minutes=-1)
    remind(store)
    deliver(store)
    rows = [row for row in messages_about(store, visit["id"]) if row.purpose == "reminder" and row.state == "sent"]
    return rows[0]


def texted(store: Store, text: str, *, sender: str = MOBILE, name: str = "") -> Json:
    """Somebody texts the practice."""
    return take_incoming(store, Incoming(name or f"IN-{sender}-{text}-{store.now:%H%M%S}", sender, text))


def todo(store: Store, kind: str = "message-reply") -> list[Any]:
    c = desk_task.c
    return list(store.conn.execute(sa.select(desk_task).where(c.open, c.kind == kind).order_by(c.at, c.id)))


def status(store: Store, visit: Json) -> str:
    return str(store.read("Appointment", visit["id"])["status"])
