"""The one place that commits, and the one way to look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.engine import Connection

from clinic.access.guard import current_actor, require_own_form
from clinic.audit.writer import append, events_of
from clinic.core.json import Json
from clinic.db.sql import insert_ignore
from clinic.fhir.claims import holder_of
from clinic.fhir.store import Store
from clinic.fhir.tables import unique_claim
from clinic.web.gate import require_told
from clinic.web.state import State, state_of

T = TypeVar("T")
_ONCE = "once"


def transact(fn: Callable[[Store], T]) -> T:
    """Run `fn` in one write transaction, audited, committed when it ends and rolled back when it raises.

    It may run more than once (a database asks for that), so it must not send, write files or read the clock.
    """
    require_own_form()
    require_told()
    return run(state_of(current_app), fn, actor_store=_store_of_request)


def run(state: State, fn: Callable[[Store], T], *, actor_store: Callable[[Connection, State], Store]) -> T:
    """The same for any actor; the command line's twin uses it too."""

    def work(conn: Connection) -> T:
        store = actor_store(conn, state)
        result = fn(store)
        append(conn, events_of(store))
        return result

    return state.database.run_write(work)


def look(fn: Callable[[Store], T]) -> T:
    """Run `fn` for reading only; what it showed of patients is audited before the answer leaves."""
    state = state_of(current_app)
    with state.database.look() as conn:
        store = _store_of_request(conn, state)
        result = fn(store)
    if store.touched:
        events = events_of(store)
        state.database.run_write(lambda conn: append(conn, events))
    return result


def once(store: Store, key: str, fn: Callable[[], Json]) -> Json:
    """Do `fn` the first time this one-time key comes; later give back what it made, as it is now.

    The key is kept with the day it came, so that old ones can be forgotten.

    `fn` returns the resource that the form is about. A double click, a retry after a lost network and
    the Back button so make one thing and answer the same.
    """
    if not key:
        return fn()
    claimed = f"{store.actor.id}:{key}"[:200]
    row = {"kind": _ONCE, "key": claimed, "holder": "pending"}
    if insert_ignore(store.conn, unique_claim, [row]):
        made = fn()
        c = unique_claim.c
        reference = f"{made['resourceType']}/{made['id']}"
        change = unique_claim.update().where(c.kind == _ONCE, c.key == claimed)
        store.conn.execute(change.values(holder=f"{store.now:%Y-%m-%d} {reference}"))
        return made
    reference = (holder_of(store.conn, _ONCE, claimed) or "").rpartition(" ")[2]
    return store.read(*reference.split("/", 1))


def forget_once(conn: Connection, before: date) -> int:
    """Forget the one-time keys of days before this one; no page of then is still open. Gives how many."""
    c = unique_claim.c
    old = (c.kind == _ONCE) & (c.holder < before.isoformat())
    return int(conn.execute(sa.delete(unique_claim).where(old)).rowcount)


def _store_of_request(conn: Connection, state: State) -> Store:
    return Store(conn, state.setting, actor=current_actor(), now=state.clock.now())
