"""Which time is claimed: of people, rooms and devices, lane by lane."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import appointment_hold
from clinic.core.days import cell_start, cells
from clinic.fhir.store import Store
from clinic.fhir.tables import slot_claim


def claim_keys(provider: str, room: str = "") -> list[str]:
    """The claim actors of a provider and a room."""
    return [f"Practitioner/{provider}"] + ([f"Location/{room}"] if room else [])


def taken_lanes(
    store: Store, actors: Sequence[str], span: Span, *, except_for: str = ""
) -> dict[str, list[tuple[int, Span]]]:
    """The claimed time of each actor with the lane it is in. One statement.

    Holds that ran out, and one's own while typing or for undo, count as free.
    """
    if not actors:
        return {}
    wanted = cells(span.start, span.end)
    values = {"actors": list(actors), "first": wanted.start, "end": wanted.stop, "except_for": except_for}
    rows = store.conn.execute(_taken(), values | {"now": store.now, "viewer": store.actor.id}).all()
    found: dict[str, list[tuple[int, Span]]] = {}
    for actor, lane, first, last in rows:
        found.setdefault(actor, []).append((lane, Span(cell_start(first), cell_start(last + 1))))
    return found


def taken_spans(store: Store, actors: Sequence[str], span: Span, *, except_for: str = "") -> dict[str, list[Span]]:
    """The claimed time of providers and rooms, by their bare id; overbooked lanes count too. One statement."""
    found = taken_lanes(store, actors, span, except_for=except_for)
    return {actor.split("/", 1)[1]: [span for _lane, span in claimed] for actor, claimed in found.items()}


@cache
def _taken() -> sa.Select[Any]:
    c, h = slot_claim.c, appointment_hold.c
    mine_or_over = sa.or_(h.expires <= sa.bindparam("now"), h.owner == sa.bindparam("viewer"))
    return (
        sa.select(c.actor, c.lane, sa.func.min(c.cell).label("first"), sa.func.max(c.cell).label("last"))
        .select_from(slot_claim.outerjoin(appointment_hold, h.holder == c.appointment))
        .where(c.actor.in_(sa.bindparam("actors", expanding=True)))
        .where(c.cell >= sa.bindparam("first"), c.cell < sa.bindparam("end"))
        .where(sa.or_(h.holder.is_(None), ~mine_or_over), c.appointment != sa.bindparam("except_for"))
        .group_by(c.actor, c.lane, c.appointment)
    )


def taken_cells(store: Store, actors: Sequence[str], span: Span) -> bool:
    """Whether anybody at all, holds included, has some of this time in the ordinary lane."""
    c, wanted = slot_claim.c, cells(span.start, span.end)
    query = sa.select(c.cell).where(c.actor.in_(actors), c.cell >= wanted.start, c.cell < wanted.stop)
    return store.conn.execute(query.where(c.lane == 0).limit(1)).first() is not None
