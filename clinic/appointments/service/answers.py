"""What somebody who takes part says to an appointment: I come, I do not come, perhaps.

The one place for the patient's link, an answered reminder and an AppointmentResponse of a program.
"""

from __future__ import annotations

from dataclasses import dataclass

from clinic.appointments.errors import BEGUN
from clinic.appointments.mapping.answering import CONFIRMED, answered, confirmed_start, everybody_accepted
from clinic.appointments.mapping.appointment import references, span_of
from clinic.appointments.mapping.extensions import with_extension
from clinic.appointments.rules.status import MOVABLE
from clinic.appointments.service.changes import cancel, save_changed
from clinic.core.errors import N_, Conflict, Invalid
from clinic.core.json import Json
from clinic.fhir.registry import Writer
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id

ACCEPTED, DECLINED, TENTATIVE = "accepted", "declined", "tentative"
NOT_IN_IT = N_("%(who)s does not take part in this appointment.")
NO_APPOINTMENT = N_("The appointment that is answered is not there.")
DECLINED_WORDS = "Cancelled by the patient"


@dataclass(frozen=True)
class Answer:
    """Who says what: `who` is a reference such as `Patient/123`."""

    who: str
    status: str
    comment: str = ""


def answer_visit(store: Store, appointment_id: str, answer: Answer) -> Json:
    """Keep the answer as an AppointmentResponse and let it take effect; gives the appointment as it is then.

    A patient who declines cancels the visit, a provider who declines makes it pending until the desk has seen to
    it. Raises Missing, Invalid for somebody who does not take part, Conflict once the visit has begun, TimeTaken.
    """
    store.lock("Appointment", appointment_id)  # a yes and a no at once take turns
    after = _take(store, store.read("Appointment", appointment_id), answer)
    _keep(store, appointment_id, answer)
    return after


def confirm(store: Store, appointment_id: str) -> Json:
    """The patient says to come. A second time changes nothing."""
    store.lock("Appointment", appointment_id)
    before = store.read("Appointment", appointment_id)
    if is_confirmed(before):
        return before
    return answer_visit(store, appointment_id, Answer(_patient(before), ACCEPTED))


def decline(store: Store, appointment_id: str, *, reason: str = "") -> Json:
    """The patient says not to come: the visit is cancelled and its time free. A second time changes nothing."""
    store.lock("Appointment", appointment_id)
    before = store.read("Appointment", appointment_id)
    if before.get("status") == "cancelled":
        return before
    return answer_visit(store, appointment_id, Answer(_patient(before), DECLINED, reason))


def is_confirmed(appointment: Json) -> bool:
    """Whether the patient has said to come at the time that the appointment has now."""
    start = appointment.get("start")
    return bool(start) and confirmed_start(appointment) == start


def _patient(appointment: Json) -> str:
    return f"Patient/{next(iter(references(appointment, 'Patient')), '')}"


def _keep(store: Store, appointment_id: str, answer: Answer) -> Json:
    resource: Json = {
        "resourceType": "AppointmentResponse",
        "appointment": {"reference": f"Appointment/{appointment_id}"},
        "actor": {"reference": answer.who},
        "participantStatus": answer.status,
    }
    return store.create(resource | ({"comment": answer.comment[:400]} if answer.comment else {}))


def _take(store: Store, before: Json, answer: Answer) -> Json:
    type_, _, id_ = answer.who.rpartition("/")
    if not id_ or id_ not in references(before, type_):
        raise Invalid(NOT_IN_IT, field="AppointmentResponse.actor", who=answer.who)
    if answer.status == DECLINED and type_ == "Patient":
        if before.get("status") not in MOVABLE:
            raise Conflict(BEGUN)
        return cancel(store, before["id"], reason=answer.comment or DECLINED_WORDS)
    after = answered(before, answer.who, answer.status)
    if answer.status == ACCEPTED and type_ == "Patient" and before.get("start"):
        after = with_extension(after, CONFIRMED, "valueInstant", before["start"])
    return save_changed(store, before, after | {"status": _status(after, answer)})


def _status(after: Json, answer: Answer) -> str:
    status = str(after.get("status"))
    if status in ("proposed", "pending") and answer.status == ACCEPTED and everybody_accepted(after):
        return "booked" if after.get("start") else status
    if status == "booked" and answer.status == DECLINED:
        return "pending"
    return status


def create_response(store: Store, resource: Json) -> Json:
    """Keep an AppointmentResponse that a program sent, and let it take effect."""
    made = store.create(resource, id=resource.get("id"))
    _take_response(store, made)
    return made


def update_response(store: Store, resource: Json, version: int | None) -> Json:
    """Keep a changed AppointmentResponse; another answer takes effect, the same one does not again."""
    before = store.find("AppointmentResponse", str(resource.get("id", "")))
    saved = store.update(resource, version=version)
    if before is None or before.get("participantStatus") != saved.get("participantStatus"):
        _take_response(store, saved)
    return saved


def _take_response(store: Store, response: Json) -> None:
    id_ = reference_id(response.get("appointment"), "Appointment") or "-"
    store.lock("Appointment", id_)
    appointment = store.find("Appointment", id_)
    if appointment is None:
        raise Invalid(NO_APPOINTMENT, field="AppointmentResponse.appointment")
    actor = response.get("actor")
    who = str(actor.get("reference", "")) if isinstance(actor, dict) else ""
    status = str(response.get("participantStatus", ""))
    span = span_of(appointment)
    if span is not None and span.end <= store.now:
        return  # said of a visit that is over: kept, and nothing follows from it
    if status in (ACCEPTED, DECLINED, TENTATIVE, "needs-action"):
        _take(store, appointment, Answer(who, status, str(response.get("comment", ""))))


RESPONSE_WRITER = Writer(create_response, update_response)
