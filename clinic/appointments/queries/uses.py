"""Which visits use a room or a device for a part of their time, read from what is claimed for them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.appointments.rules.board import BoardRow
from clinic.appointments.rules.owners import Owner
from clinic.appointments.rules.spans import Span
from clinic.core.days import cell_start, cells
from clinic.fhir.store import Store
from clinic.fhir.tables import slot_claim

_KIND = {"room": "Location", "device": "Device"}


def uses(
    store: Store, owners: Iterable[Owner], rows: Iterable[BoardRow], span: Span
) -> dict[str, tuple[BoardRow, ...]]:
    """The drawn visits by the room or device they use, each for as long as it is kept for them; one statement.

    A visit stands in its own room by its record; here are the other ones. Days that have gone by are not claimed.
    """
    by_key = {f"{_KIND[owner.by]}/{owner.id}": owner.id for owner in owners if owner.by in _KIND}
    if not by_key:
        return {}
    wanted = cells(span.start, span.end)
    values = {"actors": list(by_key), "first": wanted.start, "end": wanted.stop}
    visits = {row.id: row for row in rows}
    found: dict[str, list[BoardRow]] = {}
    for actor, visit, first, last in store.conn.execute(_claimed(), values):
        row, id_ = visits.get(visit), by_key[actor]
        if row is not None and row.room != id_:
            found.setdefault(id_, []).append(row._replace(start=cell_start(first), end=cell_start(last + 1)))
    return {id_: tuple(sorted(some, key=lambda row: (row.start, row.id))) for id_, some in found.items()}


@cache
def _claimed() -> sa.Select[Any]:
    c = slot_claim.c
    return (
        sa.select(c.actor, c.appointment, sa.func.min(c.cell), sa.func.max(c.cell))
        .where(c.actor.in_(sa.bindparam("actors", expanding=True)))
        .where(c.cell >= sa.bindparam("first"), c.cell < sa.bindparam("end"))
        .group_by(c.actor, c.appointment)
    )
