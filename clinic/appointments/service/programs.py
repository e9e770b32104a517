"""Times held and booked by programs (IHE ITI Scheduling), by the desk's rules and claims."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from clinic.appointments.errors import NO_PROVIDER, NO_TYPE
from clinic.appointments.mapping.appointment import references, span_of, visit_type_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.slots import is_open
from clinic.appointments.rules.booking import Booking, Change
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.slots import FREE, Stretch, held_id, read_held, read_stretch
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import cancel, move, set_status
from clinic.appointments.service.holds import keep_for_program, let_go
from clinic.appointments.tables import appointment_hold
from clinic.core.errors import N_, Conflict, Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store

HELD_FOR = timedelta(minutes=10)
MOST_HELD = 30
"""So many times one program may hold at once."""
NO_LONGER = N_("This time is no longer available.")
ENOUGH = N_("This program holds %(count)s times already. Book or let some of them go.")
NO_PATIENT = N_("Say for which patient the appointment is.")
WHEN = N_("Say when it begins and ends.")
CANCELLED_BY = "Cancelled by %s"
_h = appointment_hold.c


@dataclass(frozen=True)
class Order:
    """What a program wants booked: a time that was found or held, for a patient on file."""

    appointment_id: str
    patient_id: str
    comment: str = ""


def hold_found(store: Store, appointment_id: str) -> tuple[str, Stretch]:
    """Hold a time that was found, for ten minutes; gives the id of the held appointment.

    Raises Missing for what is no such time, Conflict when it is gone or the program holds enough.
    """
    setup = calendar_setup(store)
    stretch = _found(setup, appointment_id)
    mine = sa.select(sa.func.count()).select_from(appointment_hold)
    count = store.conn.execute(mine.where(_h.owner == _owner(store), _h.expires > store.now)).scalar_one()
    if count >= MOST_HELD:
        raise Conflict(ENOUGH, count=count)
    if not is_open(store, setup, stretch, setup.visit_type(stretch.type_id)):
        raise Conflict(NO_LONGER, field="Appointment.start")
    holder = keep_for_program(
        store, Span(stretch.start, stretch.end), provider=stretch.provider, owner=_owner(store),
        until=store.now + HELD_FOR, type_id=stretch.type_id,
    )  # fmt: skip
    return held_id(holder, stretch.type_id), stretch


def _found(setup: Setup, appointment_id: str) -> Stretch:
    stretch = read_stretch(setup, appointment_id)
    if stretch is None or stretch.status != FREE or not stretch.type_id:
        raise Missing(NO_LONGER, field="Appointment.id")
    return stretch


def _owner(store: Store) -> str:
    """Under which name a program's holds stand: not its own, so that it does not see held times as free."""
    return f"held:{store.actor.id}"[:80]


def held_stretch(store: Store, appointment_id: str) -> Stretch | None:
    """The time that this program holds under an id; None when it ran out, or another program holds it."""
    named = read_held(calendar_setup(store), appointment_id)
    if named is None:
        return None
    wanted = sa.select(_h.start, _h.end, _h.provider).where(_h.holder == named[0], _h.owner == _owner(store))
    row = store.conn.execute(wanted.where(_h.expires > store.now)).first()
    return Stretch(row.start, row.end, row.provider, FREE, named[1]) if row else None


def book_found(store: Store, order: Order) -> Json:
    """Book a time that was found or is held. Raises Missing, Conflict, and what booking raises."""
    setup = calendar_setup(store)
    named = read_held(setup, order.appointment_id)
    if named is None:
        stretch = _found(setup, order.appointment_id)
    else:
        held = held_stretch(store, order.appointment_id)
        if held is None:
            raise Conflict(NO_LONGER, field="Appointment.id")
        stretch = held
        let_go(store, named[0])
    wanted = Booking(
        order.patient_id, stretch.provider, stretch.type_id, stretch.start, stretch.minutes, note=order.comment[:400]
    )
    return book(store, wanted)


def book_described(store: Store, appointment: Json, patient_id: str, *, comment: str = "") -> Json:
    """Book an appointment that a program describes whole, by the desk's rules.

    Raises Invalid and what booking raises.
    """
    span, provider = span_of(appointment), next(iter(references(appointment, "Practitioner")), "")
    if span is None:
        raise Invalid(WHEN, field="Appointment.start")
    if not provider:
        raise Invalid(NO_PROVIDER, field="Appointment.participant.actor")
    type_id = visit_type_of(appointment)[0]
    if not type_id:
        raise Invalid(NO_TYPE, field="Appointment.serviceType")
    patient_id = patient_id or next(iter(references(appointment, "Patient")), "")
    if not patient_id:
        raise Invalid(NO_PATIENT, field="Appointment.participant.actor")
    note = comment or str(appointment.get("comment", ""))
    minutes = int(span.length.total_seconds()) // 60
    return book(store, Booking(patient_id, provider, type_id, span.start, minutes, note=note[:400]))


def change_booked(store: Store, appointment: Json, *, comment: str = "") -> Json:
    """Move, confirm or cancel an appointment that is kept, as a program describes it.

    Raises Missing, Conflict, TimeTaken.
    """
    id_ = str(appointment.get("id", ""))
    store.lock("Appointment", id_)
    before = store.read("Appointment", id_)
    if appointment.get("status") == "cancelled":
        given = appointment.get("cancelationReason")
        words = str(given.get("text", "")) if isinstance(given, dict) else ""
        return cancel(store, id_, reason=comment or words or CANCELLED_BY % store.actor.name)
    span = span_of(appointment)
    if span is None:
        raise Invalid(WHEN, field="Appointment.start")
    provider = next(iter(references(appointment, "Practitioner")), None)
    minutes = int(span.length.total_seconds()) // 60
    moved = move(store, id_, Change(start=span.start, provider_id=provider, minutes=minutes))
    return set_status(store, id_, "booked") if before.get("status") != "booked" else moved
