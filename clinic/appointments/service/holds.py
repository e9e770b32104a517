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
from clinic.appointments.service.freed import tell_freed
from clinic.appointments.tables import appointment_hold
from clinic.core.errors import Invalid
from clinic.core.ids import new_id
from clinic.fhir.store import Store

_PREFIX = "hold:"
_WAITLIST = "waitlist"
_HOME = "from-home"
"""Who holds the times that are offered."""
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
    kept = _keep(store, span, "typing", provider=provider.id, room=provider.room)
    tell_freed(store, [f"Practitioner/{provider.id}"], span, at=kept.expires)
    return kept


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
    expires = store.now + (TYPING_FOR if purpose == "typing" else UNDO_FOR)
    return _kept(store, HoldRow(_PREFIX + new_id(), provider, *span, expires, store.actor.id, purpose), room)


def _kept(store: Store, kept: HoldRow, room: str) -> HoldRow:
    store.claim_cells(claim_keys(kept.provider, room), kept.start, kept.end, appointment=kept.holder)
    row = {name: getattr(kept, name) for name in ("holder", "owner", "purpose", "provider", "start", "end", "expires")}
    store.conn.execute(sa.insert(appointment_hold), [row | {"room": room}])
    return kept


def keep_for_offer(store: Store, span: Span, *, provider: str, room: str, until: datetime) -> str:
    """Keep a time for those on the waiting list to whom it is offered; gives the holder. Raises Taken.

    It belongs to nobody at the desk, so that no booking gives it away by mistake.
    """
    give_way(store, span)
    return _kept(store, HoldRow(_PREFIX + new_id(), provider, *span, until, _WAITLIST, "offer"), room).holder


def keep_for_program(store: Store, span: Span, *, provider: str, room: str, owner: str, until: datetime) -> str:
    """Keep a time that a program holds before it books; gives the holder. Raises Taken."""
    give_way(store, span)
    return _kept(store, HoldRow(_PREFIX + new_id(), provider, *span, until, owner, "program"), room).holder


def let_go(store: Store, holder: str) -> None:
    """Give back a time that was kept, whoever kept it."""
    _drop(store, sa.select(_c.holder).where(_c.holder == holder))


def keep_for_request(store: Store, span: Span, *, provider: str, room: str, until: datetime) -> str:
    """Keep a time that somebody at home asked for until the desk has answered; gives the holder. Raises Taken.

    It belongs to nobody at the desk, so that no booking gives it away by mistake.
    """
    give_way(store, span)
    return _kept(store, HoldRow(_PREFIX + new_id(), provider, *span, until, _HOME, "request"), room).holder


def release_hold(store: Store, holder: str) -> None:
    """Give a held time back; a hold of somebody else stays, one that is gone is no error."""
    _drop(store, sa.select(_c.holder).where(_c.holder == holder, _c.owner == store.actor.id))


def leave_hold(store: Store, holder: str) -> None:
    """Give a held time back because nothing was booked; who waits for such a time hears of it."""
    kept = hold_of(store, holder)
    release_hold(store, holder)
    if kept is not None:
        tell_freed(store, [f"Practitioner/{kept.provider}"], Span(kept.start, kept.end))


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
