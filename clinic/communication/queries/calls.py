"""The call log and the calls to return."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clinic.communication.tables import call_row
from clinic.core.names import fold
from clinic.db.together import Short
from clinic.fhir.store import Store

_c = call_row.c


@dataclass(frozen=True, slots=True)
class CallRow:
    """One line of the log."""

    id: str
    at: datetime
    patient_id: str
    caller: str
    number: str
    incoming: bool
    reason: str
    outcome: str
    note: str
    due: datetime | None
    open: bool
    by_name: str
    version: int


_COLUMNS = [call_row.c[name] for name in CallRow.__dataclass_fields__]


def to_return(store: Store, limit: int = 6) -> list[CallRow]:
    """The calls that wait for an answer, the most urgent first."""
    wanted = sa.select(*_COLUMNS).where(_c.open).order_by(_c.due, _c.at).limit(limit)
    return [_shown(store, CallRow(*row)) for row in store.conn.execute(wanted)]


def _shown(store: Store, row: CallRow) -> CallRow:
    """A call about a restricted patient: that there was one, not the number and what was said."""
    return replace(row, number="", note="") if store.is_closed(row.patient_id) else row


def mark_to_return(store: Store, limit: int = 6) -> str:
    """What the tile of waiting calls shows now, without reading whose they are; one statement."""
    late = sa.case((_c.due < store.now, 1), else_=0)
    wanted = sa.select(_c.id, _c.version, late).where(_c.open).order_by(_c.due, _c.at).limit(limit)
    shown = repr([tuple(row) for row in store.conn.execute(wanted)])
    whom = f"{store.actor.id} {sorted(store.actor.barred)}"
    return hashlib.sha256(f"{whom} {shown}".encode()).hexdigest()[:24]


def count_to_return(store: Store) -> int:
    """How many calls wait."""
    return store.conn.execute(sa.select(sa.func.count()).select_from(call_row).where(_c.open)).scalar_one()


def calls(
    store: Store, *, text: str = "", only_open: bool = False, patient_id: str = "", limit: int = 30, offset: int = 0
) -> tuple[list[CallRow], int]:
    """The log, newest first (open ones by when they are due), and how many there are in all."""
    wanted = sa.select(*_COLUMNS)
    for word in fold(text).split():
        wanted = wanted.where(_c.folded.contains(word, autoescape=True))
    if text and store.actor.barred:
        wanted = wanted.where(_c.patient_id.not_in(store.actor.barred))
    if only_open:
        wanted = wanted.where(_c.open)
    if patient_id:
        wanted = wanted.where(_c.patient_id == patient_id)
    total = store.conn.execute(sa.select(sa.func.count()).select_from(wanted.subquery())).scalar_one()
    order = (_c.due, _c.at) if only_open else (_c.at.desc(), _c.id)
    rows = store.conn.execute(wanted.order_by(*order).limit(limit).offset(offset))
    return [_shown(store, CallRow(*row)) for row in rows], total


LAST_CALLS = Short(
    sa.select(*_COLUMNS).where(_c.patient_id == sa.bindparam("patient_id")), (_c.at.desc(), _c.id), limit=4
)
"""A patient's last calls, newest first; each row makes a CallRow."""


def tried_select(patient_ids: Any, since: Any) -> sa.Select[Any]:
    """(patient_id, outcome, at) of the calls that the practice made to these patients since a moment, for a UNION."""
    mine = sa.and_(_c.patient_id.in_(patient_ids), _c.at >= since, ~_c.incoming)
    return sa.select(_c.patient_id, _c.outcome, _c.at).where(mine)
