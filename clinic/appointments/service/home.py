"""What patients do to their own visit from home, within what its visit type allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinic.appointments.errors import BEGUN
from clinic.appointments.mapping.appointment import place_of, span_of
from clinic.appointments.queries.online import rule_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Change
from clinic.appointments.rules.online import BOOK
from clinic.appointments.rules.status import MOVABLE
from clinic.appointments.service.answers import confirm, decline
from clinic.appointments.service.changes import move
from clinic.appointments.service.online import NOT_OFFERED, NOT_OPEN
from clinic.appointments.service.requests import ask_to_move
from clinic.core.errors import N_, Conflict, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store

TOO_LATE = N_("It is too late to change this visit from home. Please call the practice.")


@dataclass(frozen=True)
class Choice:
    """Another time that a patient chose."""

    start: datetime
    provider_id: str


def confirm_own(store: Store, appointment_id: str) -> Json:
    """Say that one comes. Raises Conflict once the visit is over or cancelled."""
    store.lock("Appointment", appointment_id)
    before = store.read("Appointment", appointment_id)
    if before.get("status") not in MOVABLE:
        raise Conflict(BEGUN)
    return confirm(store, appointment_id)


def cancel_own(store: Store, appointment_id: str, *, reason: str) -> Json:
    """Cancel one's visit. Raises Conflict when the visit type's time for that is over; sent again changes nothing."""
    store.lock("Appointment", appointment_id)
    before = store.read("Appointment", appointment_id)
    if before.get("status") == "cancelled":
        return before
    _require_time(store, before)
    return decline(store, appointment_id, reason=reason)


def move_own(store: Store, appointment_id: str, choice: Choice) -> Json | None:
    """Move one's visit where the type may be booked from home; else ask the desk for it, and give None.

    Raises Conflict (too late), Invalid (not open, not offered), TimeTaken, OutsideHours.
    """
    store.lock("Appointment", appointment_id)
    before = store.read("Appointment", appointment_id)
    _require_time(store, before)
    place, setup = place_of(before), calendar_setup(store)
    rule, provider = rule_of(store, place.type_id), setup.provider(choice.provider_id)
    if not rule.takes:
        raise Invalid(NOT_OPEN)
    if provider is None or not provider.does(place.type_id) or not rule.offers(choice.start, store.now):
        raise Invalid(NOT_OFFERED)
    if rule.mode != BOOK:
        ask_to_move(store, before, choice.start, provider=provider)
        return None
    return move(store, appointment_id, Change(start=choice.start, provider_id=provider.id))


def _require_time(store: Store, appointment: Json) -> None:
    span = span_of(appointment)
    if span is None or appointment.get("status") not in MOVABLE:
        raise Conflict(BEGUN)
    if not rule_of(store, place_of(appointment).type_id).may_change(span.start, store.now):
        raise Conflict(TOO_LATE)
