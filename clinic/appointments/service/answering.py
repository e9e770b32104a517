"""The answer to an offer: the first valid yes has the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from clinic.appointments.errors import NO_OFFER, OFFER_GONE, OFFER_LATE, OFFER_OVER
from clinic.appointments.mapping.wish import wish_again, wish_booked
from clinic.appointments.queries.waiting import OfferRow, offer, offer_by_token, offers_of_round
from clinic.appointments.queries.waiting import entry as entry_row
from clinic.appointments.rules.booking import Booking, Change
from clinic.appointments.rules.status import MOVABLE
from clinic.appointments.rules.waitlist import OPEN_STATES, Entry
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import move
from clinic.appointments.service.holds import let_go
from clinic.appointments.service.offering import offer_again, over, token_hash
from clinic.appointments.waitlist_tables import waitlist_offer, wish_row
from clinic.core.days import instant_text
from clinic.core.errors import ClinicError, Conflict, Missing, Taken
from clinic.core.json import Json
from clinic.fhir.store import Store

_CLAIM = "waitlist-round"
_o = waitlist_offer.c
_BOOKED = "Booked from the waiting list"


@dataclass(frozen=True)
class Answered:
    """What an answer led to: the offer as it is now, whom it was made to, and the visit when it was a yes."""

    offer: OfferRow
    entry: Entry
    appointment: Json | None = None


def find_offer(store: Store, key: str) -> OfferRow:
    """The offer with this id, or whose link carries this token. Raises Missing."""
    found = offer(store, key) or offer_by_token(store, token_hash(key))
    if found is None:
        raise Missing(NO_OFFER)
    return found


def answer_offer(store: Store, key: str, *, accept: bool) -> Answered:
    """Take the yes or no of somebody to whom a time was offered; `key` is the token of their link or the offer's id.

    A yes books the time, or moves the visit it replaces; of two who say yes to one time the first has it. The same
    answer again changes nothing. Raises Missing, Conflict (too late, gone to somebody else, already answered the
    other way), SamePatient and the other refusals of booking.
    """
    one = find_offer(store, key)
    entry = entry_row(store, one.wish)
    if entry is None:
        raise Missing(NO_OFFER)
    store.require_open(entry.patient_id)
    if one.state == ("accepted" if accept else "declined"):
        return Answered(one, entry, _visit(store, entry) if accept else None)
    _require_open(store, one)
    if accept:
        return _accept(store, one, entry)
    answered = _close(store, one, "declined")
    _respond(store, answered, entry, status="declined")
    offer_again(store, offers_of_round(store, one.round))
    return Answered(answered, entry)


def _require_open(store: Store, one: OfferRow) -> None:
    if one.state == "lost":
        raise Conflict(OFFER_GONE)
    if one.state not in OPEN_STATES:
        raise Conflict(OFFER_LATE if one.state == "expired" else OFFER_OVER)
    if one.expires <= store.now:
        raise Conflict(OFFER_LATE)


def _accept(store: Store, one: OfferRow, entry: Entry) -> Answered:
    try:
        store.claim(_CLAIM, one.round, one.id)
    except Taken as taken:
        raise Conflict(OFFER_GONE) from taken
    answered = _close(store, one, "accepted")
    others = [other for other in offers_of_round(store, one.round) if other.id != one.id]
    let_go(store, one.hold)
    made = _book(store, one, entry)
    _close_wish(store, entry, made["id"])
    over(store, others, "lost")
    _respond(store, answered, entry, status="accepted")
    return Answered(answered, entry, made)


def _close(store: Store, one: OfferRow, state: str) -> OfferRow:
    """Keep the answer. Raises Conflict when another one came at the same moment."""
    by = store.actor.name or store.actor.id
    changed: dict[str, Any] = {"state": state, "answered": store.now, "answered_by": by[:200]}
    mine = sa.update(waitlist_offer).where(_o.id == one.id, _o.state.in_(OPEN_STATES))
    if store.conn.execute(mine.values(**changed)).rowcount != 1:
        raise Conflict(OFFER_OVER)
    return replace(one, **changed)


def _book(store: Store, one: OfferRow, entry: Entry) -> Json:
    """The visit: a booked one that moves to the earlier time, or a new one."""
    before = store.find("Appointment", entry.wants.instead) if entry.wants.instead else None
    if before is not None and before.get("status") in MOVABLE and before.get("start"):
        return move(store, before["id"], Change(one.start, one.provider, entry.minutes))
    booking = Booking(
        entry.patient_id, one.provider, entry.type_id, one.start, entry.minutes, room_id=one.room, note=entry.note
    )
    return book(store, booking)


def close_wish(store: Store, wish_id: str, appointment_id: str) -> None:
    """Take somebody off the list because this visit was booked for them."""
    entry = entry_row(store, wish_id)
    if entry is not None and entry.status == "waitlist":
        _close_wish(store, entry, appointment_id)


def _close_wish(store: Store, entry: Entry, appointment_id: str) -> None:
    store.update(wish_booked(store.read("Appointment", entry.id), appointment_id, _BOOKED), reason=_BOOKED)


def reopen_wish(store: Store, appointment: Json) -> None:
    """Put somebody back on the list when the booking that came of it is taken back as a mistake."""
    if appointment.get("status") != "entered-in-error":
        return
    query = sa.select(wish_row.c.id).where(wish_row.c.booked == str(appointment["id"]))
    for id_ in list(store.conn.execute(query).scalars()):
        store.update(wish_again(store.read("Appointment", id_)), reason="undo")


def _visit(store: Store, entry: Entry) -> Json | None:
    return store.find("Appointment", entry.booked) if entry.booked else None


def _respond(store: Store, one: OfferRow, entry: Entry, *, status: str) -> None:
    """The answer as FHIR keeps it."""
    store.create(
        {
            "resourceType": "AppointmentResponse",
            "appointment": {"reference": f"Appointment/{entry.id}"},
            "start": instant_text(one.start),
            "end": instant_text(one.end),
            "actor": {"reference": f"Patient/{entry.patient_id}", "display": entry.patient_name},
            "participantStatus": status,
        }
    )


def ended_offers(store: Store, offers: Sequence[OfferRow]) -> None:
    """Close what was offered to somebody who no longer waits; a time that nobody else was asked for goes on."""
    over(store, offers, "withdrawn")
    for round_id in {one.round for one in offers if one.is_open}:
        offer_again(store, offers_of_round(store, round_id))


def answer_by_message(store: Store, news: Json) -> None:
    """Take "1" or "2" that a patient texted to an offer. What cannot be done is said to them."""
    kind, _colon, offer_id = str(news.get("key", "")).partition(":")
    if news.get("purpose") != "offer" or kind != "offer" or news.get("answer") not in ("yes", "no"):
        return
    news["taken"] = True
    try:
        answer_offer(store, offer_id, accept=news["answer"] == "yes")
    except ClinicError as refused:
        news["reply"] = str(refused)
