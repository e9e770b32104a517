"""What is done from the list of those who are not ready: call, ask, send a link; and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clinic.appointments.mapping.appointment import place_of, span_of
from clinic.communication.mapping.calls import call_rows
from clinic.communication.rules.calls import OUTCOMES, Call
from clinic.communication.rules.messages import Message
from clinic.communication.service import log_call
from clinic.communication.service.messages import send, take_back
from clinic.core.errors import Conflict, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.intake.service.packets import HandOver, hand_over
from clinic.intake.service.packets import take_back as take_forms_back
from clinic.intake.service.suggesting import forms_for
from clinic.visits.errors import BEGUN, NO_FORMS, NO_OUTCOME, NO_PATIENT, NOT_YOURS, SAID_ALREADY
from clinic.visits.rules import UNDO_FOR

CALL, MESSAGE = "call", "message"
TRIED = ("no-answer", "message", "done")
"""What can come of a call that is noted from the list."""


@dataclass(frozen=True)
class Done:
    """What was made, so that it can be taken back: a call or a message, and the forms behind its link."""

    kind: str
    id: str
    packet: str = ""


def note_call(store: Store, appointment_id: str, outcome: str) -> Done:
    """Note that the patient was called about what is missing, and what came of it. Raises Invalid, Missing."""
    if outcome not in TRIED or outcome not in OUTCOMES:
        raise Invalid(NO_OUTCOME, field="outcome")
    appointment, patient_id = _coming(store, appointment_id)
    place = place_of(appointment)
    call = Call(patient_id, incoming=False, reason="appointment", outcome=outcome, note=place.type_name)
    return Done(CALL, log_call(store, call)["id"])


def ask_to_confirm(store: Store, appointment_id: str) -> Done:
    """Ask the patient by message to say that they come; once for each day. Raises Conflict, Missing."""
    appointment, patient_id = _coming(store, appointment_id)
    span = span_of(appointment)
    start = span.start if span else None
    key = f"ready:{appointment_id}:{store.now:%Y-%m-%d}"
    message = Message(
        patient_id, "reminder", key, appointment_id=appointment_id, until=start, fits_start=start
    )  # fmt: skip
    sent = send(store, message)
    if sent.repeated:
        raise Conflict(SAID_ALREADY)
    return Done(MESSAGE, sent.id)


def send_forms(store: Store, appointment_id: str, address: Callable[[str], str]) -> Done:
    """Send a link to the forms that the visit needs, good until it begins; `address` makes it from its token.

    An earlier link that nobody opened is shut. Raises Invalid (no form, no full birth date), PatientBusy, Missing.
    """
    appointment, patient_id = _coming(store, appointment_id)
    _listed, forms = forms_for(store, patient_id)
    if not forms:
        raise Invalid(NO_FORMS)
    span = span_of(appointment)
    start = span.start if span else None
    order = HandOver(patient_id, tuple(forms), appointment_id=appointment_id, until=start)
    handed = hand_over(store, order)
    message = Message(
        patient_id, "link", f"forms:{handed.packet.id}", appointment_id=appointment_id,
        links={"link": address(handed.token)}, until=start, fits_start=start,
    )  # fmt: skip
    return Done(MESSAGE, send(store, message).id, handed.packet.id)


def undo_mending(store: Store, done: Done) -> None:
    """Take back a call that was noted a moment ago, or a message that has not left, with the forms behind its link.

    Raises Conflict when it is too late, Missing.
    """
    if done.kind == CALL:
        call = store.read("Communication", done.id)
        rows = call_rows(call)
        if not rows or rows[0]["incoming"] or store.now - rows[0]["at"] > UNDO_FOR:
            raise Conflict(NOT_YOURS)
        store.delete("Communication", done.id)
        return
    take_back(store, done.id)
    if done.packet and store.actor.may("intake.write"):
        take_forms_back(store, done.packet)


def _coming(store: Store, appointment_id: str) -> tuple[Json, str]:
    """The appointment and its patient, while the visit is still to come. Raises Conflict."""
    appointment = store.read("Appointment", appointment_id)
    patient_id = patient_of(appointment)
    if not patient_id:
        raise Conflict(NO_PATIENT)
    if appointment.get("status") not in ("booked", "pending"):
        raise Conflict(BEGUN)
    return appointment, patient_id
