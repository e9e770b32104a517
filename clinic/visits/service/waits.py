"""What is told of the wait when somebody arrives, and what came of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from clinic.core.days import local
from clinic.core.json import Json
from clinic.db.sql import insert_ignore
from clinic.fhir.store import Store
from clinic.visits import mapping
from clinic.visits.queries.waits import earlier_visits, known_waits
from clinic.visits.rules import PROVIDER, ROOM
from clinic.visits.rules.waits import Asked, Range, ahead_of, expected_wait, half_day
from clinic.visits.tables import wait_told

_w = wait_told.c


def tell(store: Store, encounter: Json, *, due: datetime) -> Range | None:
    """Work out how long somebody who arrives now will wait, and keep it as told; None while too little is known."""
    provider, name = mapping.provider_of(encounter)
    known, queue = known_waits(store, provider)
    later = max(store.now, due)
    asked = Asked(
        provider,
        mapping.type_of(encounter)[0],
        half_day(local(later, store.practice.zone)),
        ahead_of((one for visit_id, one in queue if visit_id != encounter["id"]), due),
        (later - store.now).total_seconds() / 60,
    )
    told = expected_wait(known, asked)
    row = {
        "id": encounter["id"], "provider": provider, "provider_name": name[:200], "type_id": asked.type_id,
        "part": asked.part, "ahead": asked.ahead, "at": store.now, "due": due,
        "least": told.least if told else None, "most": told.most if told else None, "seen": None,
    }  # fmt: skip
    store.conn.execute(sa.insert(wait_told), [row])
    return told


def settle(store: Store, encounter: Json) -> None:
    """Note when the patient was taken to a room or seen; taken back when the step was taken back."""
    taken = (at for station, at in mapping.log_of(encounter) if station in (ROOM, PROVIDER))
    store.conn.execute(sa.update(wait_told).where(_w.id == encounter["id"]).values(seen=next(taken, None)))


def forget(store: Store, encounter_id: str) -> None:
    """An arrival was taken back: nothing was told."""
    store.conn.execute(sa.delete(wait_told).where(_w.id == encounter_id))


def learn_earlier(store: Store) -> None:
    """Learn from visits that were before waits were noted; what was told stays as it is."""
    for visits in earlier_visits(store):
        rows = [
            {
                "id": one.id, "provider": one.provider, "provider_name": one.provider_name, "type_id": one.type_id,
                "part": half_day(local(max(one.at, one.due), store.practice.zone)),
                "ahead": sum(
                    other.at <= one.at and other.due <= one.due and (other.seen is None or other.seen > one.at)
                    for other in visits
                    if other.id != one.id
                ),
                "at": one.at, "due": one.due, "least": None, "most": None, "seen": one.seen,
            }
            for one in visits
        ]  # fmt: skip
        insert_ignore(store.conn, wait_told, rows)
