"""Times held for a short while: while somebody types, and while a change can still be undone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clinic.appointments.errors import NO_PROVIDER, InThePast
from clinic.appointments.queries.free import claim_keys, taken_cells
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.board import HoldRow
from clinic.appointments.rules.booking import TYPING_FOR, UNDO_FOR, Place, asked_span, is_past
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import appointment_hold
from clinic.core.errors import Invalid
from clinic.core.ids import new_id
from clinic.fhir.store import Store

_PREFIX = "hold:"
_c = appointment_hold.c
_IN_THE_WAY = sa.select(_c.holder).where(
    _c.end > sa.bindparam("since"),
    _c.start < sa.bindparam("until"),
    sa.or_(_c.expires <= sa.bindparam("now"), _c.owner == sa.bindparam("own")),
)


def hold(store: Store, provider_id: str, *, start: datetime, minutes: int) -> HoldRow:
    """Keep a time for five minutes while a booking is typed; one's earlier such hold is given back.

    Raises Taken when somebody has it, InThePast, Invalid for an unknown provider.
    """
    provider = calendar_setup(store).provider(provider_id)
    if provider is None or not provider.active:
        raise Invalid(NO_PROVIDER, field="provider")
    span = asked_span(start, minutes)
    if is_past(span.start, store.now):
        raise InThePast
    _drop(store, sa.select(_c.holder).where(_c.owner == store.actor.id, _c.purpose == "typing"))
    give_way(store, span)
    return _keep(store, span, "typing", provider=provider.id, room=provider.room)


def keep_for_undo(store: Store, place: Place) -> None:
    """Keep the time that a visit has just left, so that the change can be taken back for a minute.

    Time that has gone by, a lane of overbooking, or a time that somebody else has by now is not kept.
    """
    if place.span.start <= store.now or place.lane or not place.provider_id:
        return
    if taken_cells(store, claim_keys(place.provider_id, place.room_id), place.span):
        return
    _keep(store, place.span, "undo", provider=place.provider_id, room=place.room_id)


def _keep(store: Store, span: Span, purpose: str, *, provider: str, room: str) -> HoldRow:
    holder = _PREFIX + new_id()
    store.claim_cells(claim_keys(provider, room), span.start, span.end, appointment=holder)
    expires = store.now + (TYPING_FOR if purpose == "typing" else UNDO_FOR)
    row = {
        "holder": holder, "owner": store.actor.id, "purpose": purpose, "provider": provider, "room": room,
        "start": span.start, "end": span.end, "expires": expires,
    }  # fmt: skip
    store.conn.execute(sa.insert(appointment_hold), [row])
    return HoldRow(holder, provider, span.start, span.end, expires, store.actor.id, purpose)


def release_hold(store: Store, holder: str) -> None:
    """Give a held time back; a hold of somebody else stays, one that is gone is no error."""
    _drop(store, sa.select(_c.holder).where(_c.holder == holder, _c.owner == store.actor.id))


def give_way(store: Store, span: Span) -> None:
    """Free the holds in a stretch that must not stand in the way: those that ran out and one's own."""
    about = {"since": span.start, "until": span.end, "now": store.now, "own": store.actor.id}
    _drop(store, _IN_THE_WAY, about)


def drop_expired(store: Store) -> int:
    """Free every hold that ran out; gives how many."""
    return _drop(store, sa.select(_c.holder).where(_c.expires <= store.now))


def _drop(store: Store, which: sa.Select[Any], about: Mapping[str, object] | None = None) -> int:
    holders = list(store.conn.execute(which, about).scalars())
    for holder in holders:
        store.free_cells(holder)
    if holders:
        store.conn.execute(sa.delete(appointment_hold).where(_c.holder.in_(holders)))
    return len(holders)


def hold_of(store: Store, holder: str) -> HoldRow | None:
    """A hold of one's own that has not run out."""
    wanted = sa.select(appointment_hold).where(_c.holder == holder, _c.owner == store.actor.id)
    row = store.conn.execute(wanted.where(_c.expires > store.now)).first()
    if row is None:
        return None
    return HoldRow(row.holder, row.provider, row.start, row.end, row.expires, row.owner, row.purpose)
