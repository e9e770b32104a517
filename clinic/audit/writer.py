"""Writing the trail: in the transaction it speaks of, as its last act before the commit.

The head of a lane is locked last, so that a transaction holds it only for the commit itself. SQLite has one
writer and one lane; PostgreSQL has eight, one for each connection by turns, so that writers seldom meet.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.audit import chain
from clinic.audit.event import LETTERS, Entity, Event, to_fhir
from clinic.audit.tables import audit_event, audit_head
from clinic.core.actor import BREAK_GLASS
from clinic.core.ids import new_id
from clinic.core.json import dumps
from clinic.db.rows import insert_all
from clinic.db.sql import insert_ignore

if TYPE_CHECKING:
    from clinic.fhir.store import Store, Touch

LANES: Final = 8
MOST_ENTITIES: Final = 100
_LANE: Final = "audit_lane"
_turns = itertools.count()
_HEAD: Final = (
    sa.select(audit_head.c.seq, audit_head.c.mac).where(audit_head.c.lane == sa.bindparam("of_lane")).with_for_update()
)
"""SQLite's form of this has no lock: its one writer holds the whole file already."""
_WEIGHT: Final = {"delete": 0, "create": 1, "update": 2, "read": 3}


def append(conn: Connection, events: Sequence[Event]) -> None:
    """Add events to the chain; call it just before the commit. Nothing to add costs nothing."""
    if not events:
        return
    key, lane = chain.key_of(conn), _lane_of(conn)
    rows = [_row(event, lane) for event in events]
    seq, prev = _lock_head(conn, lane)
    for row in rows:
        seq += 1
        row |= {"seq": seq, "prev": prev}
        row["mac"] = prev = chain.mark(key, row)
    head = {"seq": seq, "mac": prev, "seal": chain.seal(key, lane, seq, prev)}
    insert_all(conn, [(audit_event, rows)], change=(audit_head, {"lane": lane}, head))


def events_of(store: Store) -> list[Event]:
    """What a transaction did, as one event for each patient (and one for what is nobody's)."""
    plain: dict[str, list[Touch]] = {}
    events = []
    for touch in store.touched:
        if touch.action in LETTERS:
            plain.setdefault(touch.patient_id, []).append(touch)
        else:
            events.append(_act(store, touch))
    for patient_id, touches in plain.items():
        events.extend(_about(store, patient_id, touches))
    return events


def _act(store: Store, touch: Touch) -> Event:
    if touch.action == BREAK_GLASS:
        return Event(touch.action, store.now, store.actor, touch.patient_id, note=touch.what)
    named = (Entity(name=touch.what),) if touch.what else ()
    return Event(touch.action, store.now, store.actor, touch.patient_id, named)


def _about(store: Store, patient_id: str, touches: list[Touch]) -> Iterator[Event]:
    """Events of at most a hundred entities; the verb is that of the weightiest act in it."""
    for part in _batches(touches, MOST_ENTITIES):
        verb = min((LETTERS[touch.action] for touch in part), key=_WEIGHT.__getitem__)
        yield Event(verb, store.now, store.actor, patient_id, tuple(map(_entity, part)))


def _entity(touch: Touch) -> Entity:
    version = f"/_history/{touch.version}" if touch.version else ""
    reference = f"{touch.type}/{touch.id}{version}" if touch.type else ""
    return Entity(reference, touch.what, LETTERS[touch.action])


def _batches(touches: Iterable[Touch], size: int) -> Iterator[list[Touch]]:
    left = iter(touches)
    while part := list(itertools.islice(left, size)):
        yield part


def _row(event: Event, lane: int) -> dict[str, Any]:
    event_id = new_id()
    return {
        "lane": lane,
        "id": event_id,
        "at": event.at,
        "action": event.action,
        "verb": event.verb[:40],
        "outcome": event.outcome,
        "actor_id": event.actor.id[:80],
        "actor_name": event.actor.name[:120],
        "role": event.actor.role[:20],
        "patient_id": event.patient_id[:64],
        "json": dumps(to_fhir(event, event_id)),
    }


def _lane_of(conn: Connection) -> int:
    if conn.dialect.name == "sqlite":
        return 0
    return int(conn.info.setdefault(_LANE, next(_turns) % LANES))


def _lock_head(conn: Connection, lane: int) -> tuple[int, str]:
    row = conn.execute(_HEAD, {"of_lane": lane}).first()
    if row is None:
        insert_ignore(conn, audit_head, [{"lane": lane, "seq": 0, "mac": chain.START, "seal": ""}])
        row = conn.execute(_HEAD, {"of_lane": lane}).one()
    return row.seq, row.mac
