"""What people do with a visit: arrive, confirm, move on, leave, and take the last step back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clinic.appointments.mapping.appointment import span_of
from clinic.appointments.service.booking import book_walk_in
from clinic.appointments.service.changes import set_status
from clinic.communication.service.tasks import cancel_task
from clinic.core.days import local
from clinic.core.errors import Conflict, Invalid, Missing
from clinic.core.json import Json
from clinic.core.merging import Hindrance
from clinic.core.source import IN_PERSON, Source
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.registration.queries.evidence import stale_contact
from clinic.registration.rules.consents import State
from clinic.registration.service.evidence import confirm_values
from clinic.visits import mapping
from clinic.visits.errors import (
    FINISHED,
    NO_PATIENT,
    NO_STATION,
    NOT_EXPECTED,
    OPEN_NEEDS,
    STILL_HERE,
    TOO_LATE,
    UNSIGNED,
    NotNow,
)
from clinic.visits.mapping.leaving import said_of
from clinic.visits.queries import open_visits
from clinic.visits.rules import APPOINTMENT_STATUS, ARRIVED, CHECK_IN, LEFT, STATIONS, UNDO_FOR, WAITING
from clinic.visits.service import waits
from clinic.visits.service.identifying import require_override, unconfirm

_CLAIM = "visit"
_MAY_ARRIVE = frozenset({"proposed", "pending", "booked", "arrived", "checked-in", "noshow"})


def arrive(store: Store, appointment_id: str, *, way: str = "") -> Json:
    """Note that the patient of an appointment is here; gives the visit. A second call gives the same visit.

    It gets its number of the day, and what is known of the wait is told with it (`service/waits.py`). `way` says how
    somebody arrived who did not come to the desk. Raises NotNow when the appointment was cancelled or has ended,
    Missing.
    """
    present = visit_of(store, appointment_id)
    if present is not None:
        return present
    appointment = store.read("Appointment", appointment_id)
    if not patient_of(appointment):
        raise NotNow(NO_PATIENT)
    if appointment.get("status") not in _MAY_ARRIVE:
        raise NotNow(NOT_EXPECTED, status=appointment.get("status"))
    fresh = mapping.new_encounter(appointment, store.now, store.practice.organization_id)
    day = local(store.now, store.practice.zone).date().isoformat()
    number = store.next_number(f"ticket:{day}")
    encounter = store.create(mapping.with_ticket(fresh, day, number, way=way))
    store.claim(_CLAIM, appointment_id, f"Encounter/{encounter['id']}")
    span = span_of(appointment)
    waits.tell(store, encounter, due=span.start if span else store.now)
    set_status(store, appointment_id, "arrived")
    store.fire("visit_changed", encounter)
    return encounter


def visit_of(store: Store, appointment_id: str) -> Json | None:
    """The visit of an appointment, once the patient has arrived."""
    reference = store.holder(_CLAIM, appointment_id)
    return store.find("Encounter", reference.split("/")[1]) if reference else None


def walk_in(store: Store, patient_id: str, *, provider_id: str, visit_type: str, note: str = "") -> Json:
    """Take in a patient who came without an appointment: the next time is booked and they have arrived."""
    appointment = book_walk_in(store, patient_id, provider_id=provider_id, visit_type=visit_type, note=note)
    return arrive(store, appointment["id"])


def move_to(store: Store, encounter_id: str, station: str, *, version: int | None = None) -> Json:
    """Move a visit to a station and note the time; gives the visit. The same station changes nothing.

    Raises Stale when `version` is no longer the current one, NotNow when the visit has ended, Invalid.
    """
    if station not in STATIONS:
        raise Invalid(NO_STATION, field="station")
    encounter = store.read("Encounter", encounter_id)
    present = mapping.station_of(encounter)
    if present == station:
        return encounter
    if present == LEFT:
        raise NotNow(FINISHED)
    return save_visit(store, mapping.at_station(encounter, station, store.now), version=version)


def begin_check_in(store: Store, appointment_id: str) -> Json:
    """Open the check-in of an appointment: who was not noted as arrived is now."""
    encounter = arrive(store, appointment_id)
    if mapping.station_of(encounter) == ARRIVED:
        return move_to(store, encounter["id"], CHECK_IN)
    return encounter


def finish_check_in(
    store: Store,
    encounter_id: str,
    *,
    open_needs: int,
    reason: str = "",
    unsigned: Sequence[State] = (),
    override: bool = False,
) -> Json:
    """Send the patient to the waiting room. What is open needs a reason. Raises Conflict, NotNow, Forbidden.

    A consent that the manager chose as a must (`unsigned`) stops it, whatever the reason; who may let people through
    all the same says so by `override`, with a reason.
    """
    reason = reason.strip()[:200]
    musts = [one.kind.label for one in unsigned if one.kind.need == "must"]
    if override:
        require_override(store, reason)
    elif musts:
        raise Conflict(UNSIGNED, field="reason", names=", ".join(musts))
    if open_needs and not reason:
        raise Conflict(OPEN_NEEDS, field="reason")
    encounter = store.read("Encounter", encounter_id)
    if mapping.station_of(encounter) == LEFT:
        raise NotNow(FINISHED)
    if open_needs:
        encounter = mapping.with_skipped(encounter, reason)
    if override:
        store.did("override", f"check-in of {encounter_id}: {reason}", patient_of(encounter))
    return save_visit(store, mapping.at_station(encounter, WAITING, store.now))


def to_room(store: Store, encounter_id: str, location_id: str, *, version: int | None = None) -> Json:
    """Bring the patient to a room; their ticket is called to it. Raises Missing when there is no such room."""
    room = store.find("Location", location_id)
    if room is None:
        raise Missing("There is no such room.", field="room")
    encounter, name = store.read("Encounter", encounter_id), str(room.get("name", ""))
    if mapping.station_of(encounter) == LEFT:
        raise NotNow(FINISHED)
    encounter = mapping.with_call(mapping.in_room(encounter, location_id, name, store.now), store.now, name)
    return save_visit(store, mapping.at_station(encounter, "room", store.now), version=version)


def confirm(store: Store, patient_id: str, kind: str) -> None:
    """Note that a part of the record was said to be right: identity, coverage, or the contact values past their term.

    Each contact value gets this as its evidence; without any, it is noted that there is none.
    """
    stale = stale_contact(store, patient_id) if kind == "contact" else ()
    if stale:
        with store.told_by(Source(IN_PERSON)):
            confirm_values(store, patient_id, stale)
        return
    by = store.actor.name or "Clinic"
    store.create(mapping.confirmation(patient_id, kind, store.now, by=by, reference=store.actor.reference))


def undo(store: Store, encounter_id: str, *, version: int) -> Json | None:
    """Take the last step of a visit back, within about a minute; gives the visit, None when arrival was undone.

    Raises Stale when something happened since, NotNow when it is too late.
    """
    encounter = store.read("Encounter", encounter_id)
    log = mapping.log_of(encounter)
    if store.now - log[-1][1] > UNDO_FOR:
        raise NotNow(TOO_LATE)
    unconfirm(store, encounter, log[-1][1])
    if len({at for _station, at in log}) == 1:
        store.delete("Encounter", encounter_id, version=version)
        appointment_id = mapping.appointment_of(encounter)
        store.release(_CLAIM, appointment_id, f"Encounter/{encounter_id}")
        set_status(store, appointment_id, "booked")
        waits.forget(store, encounter_id)
        store.fire("visit_changed", encounter)
        return None
    before = store.vread("Encounter", encounter_id, version - 1).json
    _forget_tasks(store, encounter, before)
    return save_visit(store, before, version=version)


def _forget_tasks(store: Store, after: Json, before: Json) -> None:
    """What the step that is taken back had left for somebody need not be done any more."""
    known = {said.task for said in said_of(before).values()}
    for task in {said.task for said in said_of(after).values()} - known - {""}:
        cancel_task(store, task)


def hinder_merge(store: Store, survivor_id: str, other_id: str) -> Iterator[Hindrance]:
    """A record that is at a visit does not become another one: whoever is with the patient has it open."""
    for row in open_visits(store, [id_ for id_ in (survivor_id, other_id) if id_]):
        error = Conflict(STILL_HERE, name=row.patient_name, station=row.station)
        yield Hindrance(error, "visits.check_out", {"encounter_id": row.id})


def save_visit(store: Store, encounter: Json, *, version: int | None = None) -> Json:
    """Keep a visit that moved: its appointment follows, and how long the patient waited is noted. Raises Stale."""
    saved = store.update(encounter, version=version)
    waits.settle(store, saved)
    appointment_id = mapping.appointment_of(saved)
    if appointment_id and store.find("Appointment", appointment_id) is not None:
        station = mapping.station_of(saved)
        set_status(store, appointment_id, APPOINTMENT_STATUS.get(station, "checked-in"))
    store.fire("visit_changed", saved)
    return saved
