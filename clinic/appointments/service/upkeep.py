"""Whether the claims of time are exactly those that appointments and holds need, and making them so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from clinic.appointments.queries.free import claim_keys
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Cell, Take
from clinic.appointments.rules.setup import Setup
from clinic.appointments.service.claims import claim_of
from clinic.appointments.tables import appointment_hold, appointment_row
from clinic.core.days import cell_of, cells
from clinic.core.json import loads
from clinic.db.sql import insert_ignore
from clinic.fhir.registry import Upkeep
from clinic.fhir.store import Store
from clinic.fhir.tables import resource, slot_claim

T = TypeVar("T")
_BATCH = 500
_c, _r = slot_claim.c, resource.c


def faults_of_claims(store: Store) -> Iterator[str]:
    """One line for each appointment or hold whose time is not claimed, or claimed and not needed.

    Time that has gone by may be claimed still or forgotten already: nobody can book it.
    """
    setup = calendar_setup(store)
    present = cell_of(store.now)
    for holders in _parts(_holders(store)):
        wanted, held = _wanted(store, setup, holders), _held(store, holders)
        for holder in holders:
            needs, has = wanted.get(holder, set()), held.get(holder, set())
            missing = {cell for cell in needs - has if cell[1] > present}
            yield from _words(holder, "does not hold its time", missing)
            yield from _words(holder, "holds time that it does not need", has - needs)


def rebuild_claims(store: Store) -> None:
    """Claim again what appointments and holds need from now on, and nothing else.

    Where two of them need the same time, the older one by its id has it; `clinic verify` names the other.
    """
    holders = list(_holders(store))
    store.conn.execute(sa.delete(slot_claim))
    claim_again(store, holders)


def claim_again(store: Store, ids: Sequence[str]) -> None:
    """Claim what these appointments need and do not hold, where nobody else has it by now."""
    setup = calendar_setup(store)
    for some in _parts(list(ids)):
        rows = [
            {"actor": actor, "cell": cell, "lane": lane, "appointment": holder}
            for holder, needs in sorted(_wanted(store, setup, some, coming=True).items())
            for actor, cell, lane in sorted(needs)
        ]
        for part in _parts(rows):
            insert_ignore(store.conn, slot_claim, part)


def _holders(store: Store) -> list[str]:
    """Every id that claims time or should: what claims some, what is not over, what is held while somebody types."""
    a = appointment_row.c
    found = sa.union(
        sa.select(_c.appointment), sa.select(a.id).where(a.end > store.now), sa.select(appointment_hold.c.holder)
    )
    return sorted(store.conn.execute(found).scalars())


def _parts(items: list[T]) -> Iterator[list[T]]:
    return (items[at : at + _BATCH] for at in range(0, len(items), _BATCH))


def _held(store: Store, holders: Sequence[str]) -> dict[str, set[Cell]]:
    query = sa.select(_c.appointment, _c.actor, _c.cell, _c.lane).where(_c.appointment.in_(holders))
    found: defaultdict[str, set[Cell]] = defaultdict(set)
    for holder, actor, cell, lane in store.conn.execute(query):
        found[holder].add((actor, cell, lane))
    return found


def _wanted(store: Store, setup: Setup, holders: Sequence[str], *, coming: bool = False) -> dict[str, set[Cell]]:
    """The cells that each of these needs; with `coming` only of those that are not over."""
    query = sa.select(_r.id, _r.json).where(_r.type == "Appointment", _r.id.in_(holders), ~_r.deleted)
    found: dict[str, set[Cell]] = {}
    for id_, text in store.conn.execute(query):
        claim = claim_of(loads(text), setup)
        if claim is not None and (claim.span.end > store.now or not coming):
            found[id_] = claim.cells
    h = appointment_hold.c
    for row in store.conn.execute(sa.select(appointment_hold).where(h.holder.in_(holders))):
        found[row.holder] = _cells_of_hold(row)
    return found


def _cells_of_hold(row: Any) -> set[Cell]:
    if not row.takes:
        times = cells(row.start, row.end)
        return {(actor, cell, 0) for actor in claim_keys(row.provider, row.room) for cell in times}
    kept = [Take(str(who), _moment(since), _moment(until), int(lane)) for who, since, until, lane in row.takes]
    return {cell for take in kept for cell in take.cells}


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _words(holder: str, what: str, found: set[Cell]) -> Iterator[str]:
    if found:
        actors = ", ".join(sorted({actor for actor, _cell, _lane in found}))
        yield f"Appointment/{holder}: {what} ({len(found)} times five minutes of {actors})"


CLAIMS = Upkeep("claims of time", faults_of_claims, rebuild_claims)
