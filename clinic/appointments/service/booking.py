"""Booking a time, and walk-ins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from clinic.appointments.errors import (
    DECEASED,
    MERGED,
    NEEDS_REASON,
    NO_PATIENT,
    NO_PROVIDER,
    NO_TYPE,
    NOT_ALLOWED,
    InThePast,
    OutsideHours,
    SamePatient,
)
from clinic.appointments.mapping.appointment import new_appointment
from clinic.appointments.mapping.bonds import dressed
from clinic.appointments.mapping.patient import shown_name
from clinic.appointments.mapping.recall import with_orders
from clinic.appointments.queries.board import HIDDEN
from clinic.appointments.queries.free import Search, nearest
from clinic.appointments.queries.listing import busy_spans, is_known
from clinic.appointments.queries.practice import away_at, calendar_setup
from clinic.appointments.queries.recalls import open_for
from clinic.appointments.rules.booking import Booking, Place, asked_span, is_past
from clinic.appointments.rules.looking import is_open
from clinic.appointments.rules.recalls import RECALL
from clinic.appointments.rules.setup import Provider, Setup, VisitType
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.status import holds_time
from clinic.appointments.service.claims import free_lane
from clinic.appointments.service.giving import give_way, release_hold
from clinic.appointments.service.seats import in_usual_room, seated, settle_seats
from clinic.appointments.tables import appointment_row
from clinic.core.days import local
from clinic.core.errors import Forbidden, Invalid
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.mapping.birth import deceased_of

_OVERBOOK = "appointments.overbook"


def book(store: Store, booking: Booking) -> Json:
    """Book a time for a patient; gives the Appointment.

    The time of the provider and of their room is claimed in this transaction, so of two who book it one
    wins; the other gets TimeTaken with the nearest free times. Raises InThePast, OutsideHours, SamePatient
    (until `anyway`), Invalid. With an `overbook_reason` and the right to it, taken and closed time can be
    booked in a further lane.
    """
    setup = calendar_setup(store)
    place = _asked_place(store, setup, booking)
    if booking.patient_id:
        require_living(store, booking.patient_id)
    if is_past(place.span.start, store.now):
        raise InThePast
    if not booking.anyway:
        refuse_twice(store, place)
    if booking.hold:
        release_hold(store, booking.hold)
    wanted = (*booking.parts, *([f"Location/{booking.room_id}"] if booking.room_id else []))
    place = allowed_place(store, setup, place, reason=booking.overbook_reason, wanted=wanted)
    return _keep(store, setup, place, replace(booking, orders=_orders(store, booking)))


def _orders(store: Store, booking: Booking) -> tuple[str, ...]:
    """The orders and recalls that this visit carries out: those named, else the recalls of its type, which stop."""
    if not booking.patient_id or booking.orders == ():
        return ()
    waiting, named = open_for(store, booking.patient_id), booking.orders
    if named is not None:
        return tuple(one.id for one in waiting if one.id in named)
    return tuple(one.id for one in waiting if one.kind == RECALL and one.fits(booking.visit_type))


def book_walk_in(store: Store, patient_id: str, *, provider_id: str, visit_type: str, note: str = "") -> Json:
    """Give a patient who just came in a visit from now on, beside whatever is booked then.

    The appointment is `arrived`. It takes the first lane that is free, so it refuses nobody.
    """
    setup = calendar_setup(store)
    booking = Booking(patient_id, provider_id, visit_type, store.now, note=note)
    require_living(store, patient_id)
    place = replace(_asked_place(store, setup, booking), status="arrived", walk_in=True)
    give_way(store, place.span)
    place = seated(store, setup, place, over=True)
    if place.listed:
        return _keep(store, setup, place, booking)
    return _keep(store, setup, replace(place, lane=free_lane(store, place)), booking, over=True)


def record(store: Store, booking: Booking, *, status: str = "booked") -> Json:
    """Keep a visit as it was or is, without the desk's rules: past times, closed hours, any state.

    For imports and demonstration data; the claims of present and future time are obeyed all the same.
    """
    setup = calendar_setup(store)
    place = replace(_asked_place(store, setup, booking), status=status)
    if place.span.end > store.now and holds_time(status):
        place = seated(store, setup, place, wanted=booking.parts)
    return _keep(store, setup, place, booking)


def _keep(store: Store, setup: Setup, place: Place, booking: Booking, *, over: bool = False) -> Json:
    fresh = {"id": new_id()}

    def make(wanted: Place) -> Json:
        made = new_appointment(wanted, created=store.now, zone=store.practice.zone) | fresh
        return with_orders(dressed(made, booking), booking.orders or ())

    resource = settle_seats(store, setup, None, place, make, over=over)
    made = store.create(resource, id=resource["id"], reason=place.overbook_reason)
    store.fire("appointment_changed", made)
    return made


def _asked_place(store: Store, setup: Setup, booking: Booking) -> Place:
    provider, kind = _provider(setup, booking.provider_id), _visit_type(setup, booking.visit_type)
    name, birth_date = ("", "") if booking.group else shown_name(require_patient(store, booking.patient_id))
    unnamed = Place(
        span=asked_span(booking.start, booking.minutes or usual_minutes(store, kind, provider, booking.patient_id)),
        status="booked",
        patient_id="" if booking.group else booking.patient_id,
        patient_name=name,
        birth_date=birth_date,
        provider_id=provider.id,
        provider_name=provider.name,
        type_id=kind.id,
        type_name=kind.name,
        note=booking.note.strip(),
    )
    return in_usual_room(store, setup, unnamed, booking.room_id)


def usual_minutes(store: Store, kind: VisitType, provider: Provider, patient_id: str) -> int:
    """How long a visit type lasts with this provider for this patient; one statement when that depends on who it is."""
    known = is_known(store, patient_id) if kind.asks_who and patient_id else None
    return kind.minutes_with(provider.id, known=known)


def _provider(setup: Setup, id_: str) -> Provider:
    provider = setup.provider(id_)
    if provider is None or not provider.active:
        raise Invalid(NO_PROVIDER, field="provider")
    return provider


def _visit_type(setup: Setup, id_: str) -> VisitType:
    kind = setup.visit_type(id_)
    if kind is None or not kind.active:
        raise Invalid(NO_TYPE, field="visit_type")
    return kind


def require_patient(store: Store, id_: str) -> Json:
    """The record of somebody who can be booked. Raises Invalid for none, and for one that was merged into another."""
    patient = store.find("Patient", id_) if id_ else None
    if patient is None:
        raise Invalid(NO_PATIENT, field="patient")
    if any(link.get("type") == "replaced-by" for link in patient.get("link", [])):
        raise Invalid(MERGED, field="patient")
    return patient


def require_living(store: Store, patient_id: str) -> None:
    """Refuse to book for the deceased. Raises Invalid."""
    patient = store.find("Patient", patient_id) or {}
    if deceased_of(patient):
        raise Invalid(DECEASED, field="patient")


def allowed_place(
    store: Store, setup: Setup, place: Place, *, reason: str, except_for: str = "", wanted: Sequence[str] = ()
) -> Place:
    """The place in the lane in which it may be booked, with all that its visit type needs.

    Without a reason it is lane 0 in working hours, or OutsideHours, or NothingFree for what it needs; with one the
    lowest free lane, for those who may overbook (Forbidden for others).
    """
    if reason.strip() and not _is_untimed(setup, place):
        if not store.actor.may(_OVERBOOK):
            raise Forbidden(NOT_ALLOWED, field="overbook_reason")
        give_way(store, place.span)
        place = seated(store, setup, place, wanted=wanted, except_for=except_for, over=True)
        lane = free_lane(store, place, except_for=except_for)
        return replace(place, lane=lane, overbook_reason=reason.strip())
    if _is_untimed(setup, place):
        return replace(seated(store, setup, place, except_for=except_for), lane=0, overbook_reason="")
    if not works_at(store, setup, place.provider_id, place.span, type_id=place.type_id):
        raise _outside(store, setup, place, except_for=except_for)
    return replace(seated(store, setup, place, wanted=wanted, except_for=except_for), lane=0, overbook_reason="")


def _is_untimed(setup: Setup, place: Place) -> bool:
    kind = setup.visit_type(place.type_id)
    return kind is not None and kind.untimed


def works_at(store: Store, setup: Setup, provider_id: str, span: Span, *, type_id: str = "") -> bool:
    """Whether a provider works (for a visit type, when one is named) and is not away during the whole stretch."""
    provider = setup.provider(provider_id)
    if provider is None:
        return False
    zone = store.practice.zone
    away = away_at(store, setup, provider_id, span)
    return is_open(provider.hours, away, span, zone, type_id=type_id)


def _outside(store: Store, setup: Setup, place: Place, *, except_for: str) -> OutsideHours:
    minutes = int(place.span.length.total_seconds() // 60)
    busy = busy_spans(store, place.patient_id, place.span.start, except_for=except_for)
    search = Search(minutes, place.span.start, (place.provider_id,), limit=4, busy=busy, type_id=place.type_id)
    offers = nearest(store, setup, search, around=place.span.start)
    return OutsideHours(offers=tuple(offers), provider=place.provider_name)


def same_time_visits(store: Store, place: Place, *, except_for: str = "") -> list[sa.Row[tuple[str, str]]]:
    """The patient's other visits that overlap, at any site: id, start and provider's name; one statement."""
    if not place.patient_id:
        return []
    c = appointment_row.c
    wanted = (
        sa.select(c.id, c.start, c.provider_name)
        .where(c.patient_id == place.patient_id, c.start < place.span.end, c.end > place.span.start)
        .where(c.status.not_in((*HIDDEN, "noshow")), c.id != except_for)
        .order_by(c.start)
    )
    return list(store.conn.execute(wanted))


def refuse_twice(store: Store, place: Place, *, except_for: str = "") -> None:
    """Refuse a second visit of one patient at one time. Raises SamePatient."""
    for row in same_time_visits(store, place, except_for=except_for):
        time = local(row.start, store.practice.zone).strftime("%H:%M")
        raise SamePatient(patient=place.patient_name, time=time, provider=row.provider_name)


def needs_reason(reason: str) -> str:
    """A reason that somebody gave. Raises Invalid for none."""
    if not reason.strip():
        raise Invalid(NEEDS_REASON, field="reason")
    return " ".join(reason.split())[:200]
