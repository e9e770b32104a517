"""Times held for a short while: while somebody types, and while a change can still be undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from clinic.appointments.errors import NO_PROVIDER, InThePast
from clinic.appointments.mapping.appointment import placed, references, span_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.board import HoldRow
from clinic.appointments.rules.booking import TYPING_FOR, UNDO_FOR, Place, Take, asked_span, is_past
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.claims import claim_of
from clinic.appointments.service.freed import tell_freed
from clinic.appointments.service.giving import drop, drop_expired, give_way, hold_of, let_go, release_hold
from clinic.appointments.service.seats import in_usual_room, seated
from clinic.appointments.service.taking import take_all
from clinic.appointments.tables import appointment_hold
from clinic.core.errors import Invalid
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.tables import slot_claim

__all__ = [
    "drop_expired",
    "give_way",
    "hold",
    "hold_of",
    "keep_for_offer",
    "keep_for_undo",
    "keep_takes",
    "leave_hold",
    "let_go",
    "release_hold",
]

_PREFIX = "hold:"
_WAITLIST = "waitlist"
_HOME = "from-home"
"""Who holds the times that are offered."""
_c = appointment_hold.c


class Keeping(NamedTuple):
    """What a time is kept for, for whom and until when."""

    purpose: str
    owner: str
    until: datetime


def hold(
    store: Store, provider_id: str, *, start: datetime, minutes: int, type_id: str = "", parts: Sequence[str] = ()
) -> HoldRow:
    """Keep a time for five minutes while a booking is typed; one's earlier such hold is given back.

    With a visit type its margins and all that it needs are kept too. Raises Taken when somebody has it, InThePast,
    Invalid for an unknown provider.
    """
    setup = calendar_setup(store)
    provider = setup.provider(provider_id)
    if provider is None or not provider.active:
        raise Invalid(NO_PROVIDER, field="provider")
    span = asked_span(start, minutes)
    if is_past(span.start, store.now):
        raise InThePast
    drop(store, sa.select(_c.holder).where(_c.owner == store.actor.id, _c.purpose == "typing"))
    bare = Place(span, "booked", "", "", provider.id, provider.name, type_id, "")
    place = seated(store, setup, in_usual_room(store, setup, bare), wanted=parts)
    resource = placed({"resourceType": "Appointment"}, place)
    kept = keep_takes(store, setup, resource, Keeping("typing", store.actor.id, store.now + TYPING_FOR))
    tell_freed(store, [provider.key], span, at=kept.expires)
    return kept


def keep_for_offer(store: Store, span: Span, *, provider: str, room: str, until: datetime, type_id: str = "") -> str:
    """Keep a time for those on the waiting list to whom it is offered; gives the holder. Raises Taken.

    It belongs to nobody at the desk, so that no booking gives it away by mistake. With a visit type all that it
    needs is kept too.
    """
    return _keep(store, span, Keeping("offer", _WAITLIST, until), provider=provider, room=room, type_id=type_id)


def keep_for_program(store: Store, span: Span, *, provider: str, owner: str, until: datetime, type_id: str) -> str:
    """Keep a time, and all that the visit type needs, that a program holds before it books; gives the holder.

    The room is where the provider sits then. Raises Taken.
    """
    return _keep(store, span, Keeping("program", owner, until), provider=provider, room="", type_id=type_id)


def keep_for_request(store: Store, span: Span, *, provider: str, room: str, until: datetime, type_id: str) -> str:
    """Keep a time that somebody at home asked for until the desk has answered; gives the holder. Raises Taken.

    It belongs to nobody at the desk, so that no booking gives it away by mistake. All that the visit type needs is
    kept too: a yes must not fail for want of a device.
    """
    return _keep(store, span, Keeping("request", _HOME, until), provider=provider, room=room, type_id=type_id)


def _keep(store: Store, span: Span, keeping: Keeping, *, provider: str, room: str, type_id: str = "") -> str:
    setup = calendar_setup(store)
    bare = in_usual_room(store, setup, Place(span, "booked", "", "", provider, provider, type_id, ""), room)
    resource = placed({"resourceType": "Appointment"}, seated(store, setup, bare))
    return keep_takes(store, setup, resource, keeping).holder


def leave_hold(store: Store, holder: str) -> None:
    """Give a held time back because nothing was booked; who waits for such a time hears of it."""
    kept = hold_of(store, holder)
    release_hold(store, holder)
    if kept is not None:
        tell_freed(store, [f"Practitioner/{kept.provider}"], Span(kept.start, kept.end))


def keep_for_undo(store: Store, setup: Setup, before: Json) -> None:
    """Keep the time that a visit has just left, so that the change can be taken back for a minute.

    Time that has gone by, a lane of overbooking, or a time that somebody else has by now is not kept.
    """
    claim, span = claim_of(before, setup), span_of(before)
    if claim is None or span is None or span.start <= store.now or not references(before, "Practitioner"):
        return
    people = [take for take in claim.takes if take.actor.startswith("Practitioner/")]
    if any(take.lane for take in people) or any(_is_taken(store, take) for take in claim.takes):
        return
    keep_takes(store, setup, before, Keeping("undo", store.actor.id, store.now + UNDO_FOR))


def _is_taken(store: Store, take: Take) -> bool:
    """Whether anybody at all, holds included, has some of this time in this place."""
    c = slot_claim.c
    cells = [cell for _actor, cell, _lane in take.cells]
    query = sa.select(c.cell).where(c.actor == take.actor, c.cell.between(min(cells), max(cells)))
    return store.conn.execute(query.where(c.lane == take.lane).limit(1)).first() is not None


def keep_takes(store: Store, setup: Setup, resource: Json, keeping: Keeping) -> HoldRow:
    """Keep everything that an appointment at its time would claim. Raises Taken."""
    holder = _PREFIX + new_id()
    claim, span = claim_of(resource, setup), span_of(resource)
    if claim is None or span is None:
        raise Invalid(NO_PROVIDER, field="provider")
    give_way(store, claim.span)
    lanes = take_all(store, setup, claim.takes, holder)
    takes = [take._replace(lane=lanes.get(take.actor, take.lane)) for take in claim.takes]
    provider = references(resource, "Practitioner")[0]
    rooms = [take.actor.partition("/")[2] for take in takes if take.actor.startswith("Location/")]
    row = {
        "holder": holder, "owner": keeping.owner, "purpose": keeping.purpose, "provider": provider,
        "room": rooms[0] if rooms else "", "start": span.start, "end": span.end, "expires": keeping.until,
        "takes": _kept(takes, span),
    }  # fmt: skip
    store.conn.execute(sa.insert(appointment_hold), [row])
    return HoldRow(holder, provider, span.start, span.end, keeping.until, keeping.owner, keeping.purpose)


def _kept(takes: Sequence[Take], span: Span) -> list[list[object]] | None:
    """The takes as they are stored; nothing for a provider and a room for just the shown time."""
    plain = all(take[1:] == (*span, 0) for take in takes) and len(takes) <= 2
    if plain and not any(take.actor.startswith(("Device/", "List/")) for take in takes):
        return None
    return [[take.actor, int(take.start.timestamp()), int(take.end.timestamp()), take.lane] for take in takes]
