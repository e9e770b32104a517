"""Evidence for versions that were kept before evidence was: what their history tells, in rows beside it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from clinic.access.tables import client, user
from clinic.core.json import Json, loads
from clinic.core.source import DESK, IMPORT, INTERFACE, UNKNOWN
from clinic.db.rows import insert_all
from clinic.fhir.registry import Upkeep
from clinic.fhir.store import Store
from clinic.fhir.tables import resource_version
from clinic.regions import Region, region_of
from clinic.registration.mapping.evidence import changes
from clinic.registration.rules.evidence import SET
from clinic.registration.tables import field_evidence, field_past

_v, _e = resource_version.c, field_evidence.c
_BY_HAND = frozenset({"registered", "changed at the desk"})
_BATCH = 200
Row = dict[str, Any]


def rebuild_past(store: Store) -> None:
    """Read the histories again of all patients that have a version without evidence."""
    store.conn.execute(sa.delete(field_past))
    for rows in _rows(store):
        insert_all(store.conn, [(field_past, rows)])


def faults_of_past(store: Store) -> Iterator[str]:
    """Rows that differ from what the history tells."""
    kept = {(row.patient_id, row.version): dict(row._mapping) for row in store.conn.execute(sa.select(field_past))}  # noqa: SLF001 SQLAlchemy's name for the row as a mapping
    for rows in _rows(store):
        for row in rows:
            if kept.pop((row["patient_id"], row["version"]), None) != row:
                yield f"field_past of Patient/{row['patient_id']} differs from its history"
    for patient_id, version in kept:
        yield f"field_past has a row of Patient/{patient_id} for version {version}, which needs none"


def _rows(store: Store) -> Iterator[list[Row]]:
    region = region_of(store.practice.region)
    names = _names(store)
    told = sa.exists().where(_e.patient_id == _v.id, _e.version == _v.version, _e.act == SET)
    bare = sa.select(_v.id).where(_v.type == "Patient", ~_v.deleted, ~told).distinct()
    last = ""
    while True:
        ids = list(store.conn.execute(bare.where(_v.id > last).order_by(_v.id).limit(_BATCH)).scalars())
        if not ids:
            return
        last = ids[-1]
        columns = (_v.id, _v.version, _v.at, _v.author, _v.reason, _v.deleted, _v.json, told.label("told"))
        wanted = sa.select(*columns).where(_v.type == "Patient", _v.id.in_(ids)).order_by(_v.id, _v.version)
        for _id, versions in groupby(store.conn.execute(wanted).all(), key=lambda row: row.id):
            rows = list(_of_one(versions, region, names))
            if rows:
                yield rows


def _of_one(versions: Any, region: Region, names: dict[str, tuple[str, str]]) -> Iterator[Row]:
    before: Json | None = None
    for version in versions:
        after: Json = loads(version.json)
        named, emptied = changes(before, after, region) if not version.deleted else ([], [])
        before = after
        if version.told or not (named or emptied):
            continue
        name, kind = names.get(version.author, ("", ""))
        source = kind or (IMPORT if version.author == "system" else UNKNOWN)
        if source == UNKNOWN and version.reason in _BY_HAND:
            source = DESK
        yield {
            "patient_id": version.id, "version": version.version, "at": version.at, "source": source,
            "fields": " ".join(named), "emptied": " ".join(emptied), "by_name": name[:200],
        }  # fmt: skip


def _names(store: Store) -> dict[str, tuple[str, str]]:
    """Everybody who writes, by id: the name, and the source that follows from who it is."""
    people = sa.select(user.c.id, user.c.name, sa.literal(""))
    programs = sa.select(client.c.id, client.c.name, sa.literal(INTERFACE))
    return {row[0]: (row[1], row[2]) for row in store.conn.execute(people.union_all(programs))}


PAST = Upkeep("evidence from before", faults_of_past, rebuild_past, ("field_past",))
