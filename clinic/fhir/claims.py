"""Claims: the one mechanism for "only one of these", the same on every database.

A claim is a row whose primary key is the thing that may exist once. Whoever inserts it first has it;
the others learn who does. No check precedes the insert, so there is no moment between the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.core.days import cell_of, cells
from clinic.core.errors import N_, Detail, Taken
from clinic.db.sql import insert_ignore
from clinic.fhir.tables import number_series, slot_claim, unique_claim

_ROWS_AT_ONCE = 1000
TIME_TAKEN = N_("This time has just been taken.")
_HOLDER: Final = sa.select(unique_claim.c.holder).where(
    unique_claim.c.kind == sa.bindparam("of_kind"), unique_claim.c.key == sa.bindparam("of_key")
)
_NEXT: Final = (
    sa.update(number_series)
    .where(number_series.c.series == sa.bindparam("of_series"))
    .values(last=number_series.c.last + 1)
    .returning(number_series.c.last)
)
"""Built once: every registration and booking asks them, and an import thousands of times."""


def claim(conn: Connection, kind: str, key: str, holder: str) -> None:
    """Take a key for a holder; taking one's own again changes nothing. Raises Taken."""
    row = {"kind": kind, "key": key, "holder": holder}
    while not insert_ignore(conn, unique_claim, [row]):
        present = holder_of(conn, kind, key)
        if present == holder:
            return
        if present is not None:
            raise Taken("This is already in use: %(key)s.", holder=present, key=key)


def holder_of(conn: Connection, kind: str, key: str) -> str | None:
    """Who has the key, if anybody."""
    return conn.execute(_HOLDER, {"of_kind": kind, "of_key": key}).scalar()


def release(conn: Connection, kind: str, key: str, holder: str) -> None:
    """Give a key back; one that is held by somebody else stays."""
    c = unique_claim.c
    conn.execute(sa.delete(unique_claim).where(c.kind == kind, c.key == key, c.holder == holder))


def release_all(conn: Connection, holder: str) -> None:
    """Give back every key of a holder."""
    conn.execute(sa.delete(unique_claim).where(unique_claim.c.holder == holder))


def keys_of(conn: Connection, holder: str) -> list[tuple[str, str]]:
    """The (kind, key) pairs a holder has."""
    c = unique_claim.c
    rows = conn.execute(sa.select(c.kind, c.key).where(c.holder == holder).order_by(c.kind, c.key))
    return [(row.kind, row.key) for row in rows]


def claim_cells(
    conn: Connection, actors: Sequence[str], span: tuple[datetime, datetime], appointment: str, lane: int = 0
) -> None:
    """Take the five-minute cells of every provider, room and device that an appointment needs.

    `span` is half-open. Lane 0 is the ordinary one, 1 and up are deliberate overbooking. Raises Taken,
    whose details name the actors that are not free; the transaction must then be given up.
    """
    taken = range(0) if span[1] <= span[0] else cells(*span)
    rows = [
        {"actor": actor, "cell": cell, "lane": lane, "appointment": appointment}
        for actor in sorted(set(actors))
        for cell in taken
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows[start : start + _ROWS_AT_ONCE]
        if insert_ignore(conn, slot_claim, part) < len(part):
            _tell_who_has_it(conn, actors, taken, appointment, lane)


def _tell_who_has_it(conn: Connection, actors: Sequence[str], taken: range, appointment: str, lane: int) -> None:
    c = slot_claim.c
    found = conn.execute(
        sa.select(c.actor, c.appointment)
        .where(c.actor.in_(actors), c.cell.between(taken.start, taken.stop - 1), c.lane == lane)
        .where(c.appointment != appointment)
        .distinct()
    ).all()
    details = tuple(Detail(row.actor, row.appointment) for row in found)
    raise Taken(TIME_TAKEN, holder=details[0].message if details else "", details=details)


def free_cells(conn: Connection, appointment: str) -> None:
    """Give back all the time an appointment holds."""
    conn.execute(sa.delete(slot_claim).where(slot_claim.c.appointment == appointment))


def prune_cells(conn: Connection, before: datetime) -> int:
    """Forget the cells of past days; gives how many went."""
    return conn.execute(sa.delete(slot_claim).where(slot_claim.c.cell < cell_of(before))).rowcount


def next_number(conn: Connection, series: str) -> int:
    """The next number of a gap-free series, under its row's lock until the transaction ends."""
    value = conn.execute(_NEXT, {"of_series": series}).scalar()
    if value is None:
        insert_ignore(conn, number_series, [{"series": series, "last": 0}])
        value = conn.execute(_NEXT, {"of_series": series}).scalar_one()
    return int(value)
