"""Giving held times back: one's own, those that ran out, and those that must not stand in the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from clinic.appointments.rules.board import HoldRow
from clinic.appointments.rules.looking import MARGIN
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import appointment_hold
from clinic.fhir.store import Store

_c = appointment_hold.c
_MEETS = sa.and_(_c.end > sa.bindparam("since"), _c.start < sa.bindparam("until"))
_NEAR = sa.and_(_c.end > sa.bindparam("wide_since"), _c.start < sa.bindparam("wide_until"))
_OWN, _OVER = _c.owner == sa.bindparam("own"), _c.expires <= sa.bindparam("now")
_IN_THE_WAY = sa.select(_c.holder).where(_NEAR, sa.or_(_OVER, sa.and_(_OWN, sa.or_(_MEETS, _c.takes.is_not(None)))))
"""A hold with margins or parts claims more time than it shows, so it may be in the way from near by."""


def release_hold(store: Store, holder: str) -> None:
    """Give a held time back; a hold of somebody else stays, one that is gone is no error."""
    drop(store, sa.select(_c.holder).where(_c.holder == holder, _c.owner == store.actor.id))


def let_go(store: Store, holder: str) -> None:
    """Give back a time that was kept, whoever kept it."""
    drop(store, sa.select(_c.holder).where(_c.holder == holder))


def give_way(store: Store, span: Span) -> None:
    """Free the holds in a stretch that must not stand in the way: those that ran out and one's own."""
    about = {"since": span.start, "until": span.end, "now": store.now, "own": store.actor.id}
    drop(store, _IN_THE_WAY, about | {"wide_since": span.start - MARGIN, "wide_until": span.end + MARGIN})


def drop_expired(store: Store) -> int:
    """Free every hold that ran out; gives how many."""
    return drop(store, sa.select(_c.holder).where(_c.expires <= store.now))


def drop(store: Store, which: sa.Select[Any], about: Mapping[str, object] | None = None) -> int:
    """Free the holds that a statement finds; gives how many."""
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
