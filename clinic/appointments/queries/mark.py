"""Whether a drawn board still stands: a cheap pulse of the whole practice, and the mark of what one view shows.

A screen that renews itself asks every other second. As long as the pulse it knows still beats, nothing was written
since, and nothing else is read. When it beats differently the board is read, and drawn when its mark is another.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.appointments.rules.board import Board
from clinic.appointments.rules.setup import Setup
from clinic.appointments.tables import appointment_hold
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store
from clinic.fhir.tables import resource_version

_SHORT = 16
_NEWEST = 24


def pulse(store: Store, view: str = "") -> str:
    """What differs after any change of a record or of a held time, for one view; one statement over two indexes.

    A change bears the time at which it began and may be seen late, so the newest few are looked at and not the last
    alone.
    """
    beat = [tuple(row) for row in store.conn.execute(_beat(), {"now": store.now})]
    return _short(f"{view} {sorted(map(str, beat))} {store.actor.id} {sorted(store.actor.barred)}")


@cache
def _beat() -> sa.CompoundSelect[Any]:
    now = sa.bindparam("now", type_=UtcDateTime)
    versions, holds = resource_version.c, appointment_hold.c
    newest = sa.select(versions.type, versions.id, versions.version).order_by(versions.at.desc()).limit(_NEWEST)
    written = newest.subquery()
    counted: list[sa.ColumnElement[Any]] = [sa.literal_column("''"), sa.func.max(holds.holder), sa.func.count()]
    held = sa.select(*counted).where(holds.expires > now)
    return sa.union_all(sa.select(written.c.type, written.c.id, written.c.version), held)


def mark_of(store: Store, found: Board, setup: Setup, view: str) -> str:
    """The mark of what one view shows to this person now; `found.span` is the stretch that it shows.

    It changes with every version of its visits, with holds, absences and the practice's set-up.
    """
    visits = ",".join([f"{row.id}.{row.version}.{row.provider}" for row in found.rows])
    holds = [(hold.holder, hold.start, hold.end) for hold in found.holds]
    away = [
        f"{owner} {one}"
        for owner, some in sorted(found.absences.items())
        for one in some
        if found.span is None or one.span.meets(found.span)
    ]
    whom = f"{store.actor.id} {sorted(store.actor.barred)}"
    return _short(f"{whom} {view} {visits} {holds} {away} {setup.mark}")


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_SHORT]
