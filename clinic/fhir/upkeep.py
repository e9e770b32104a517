"""Keeping the store true: rebuilding what is derived, and checking everything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.core.errors import Invalid
from clinic.core.json import Json, loads
from clinic.db.rows import insert_all
from clinic.fhir import index_tables, projection
from clinic.fhir.index import rows_of, untrue
from clinic.fhir.registry import ELSEWHERE, ReadModel, Registry
from clinic.fhir.store import Store
from clinic.fhir.tables import resource, resource_version
from clinic.fhir.tolerance import require_kept

Progress = Callable[[int, int], None]
_r = resource.c
_v = resource_version.c
_BATCH = 500


def reindex(conn: Connection, registry: Registry, progress: Progress) -> int:
    """Build every search index and read model again from the current records; gives how many records."""
    for table in index_tables.TABLES:
        conn.execute(sa.delete(table))
    for model in registry.read_models:
        conn.execute(sa.delete(model.table))
    total = _count(conn)
    done = 0
    for batch in _batches(conn):
        for record in batch:
            projection.add(conn, registry, record)
        done += len(batch)
        progress(done, total)
    return done


def refill(store: Store, tables: Collection[str]) -> None:
    """Fill derived tables, named by a migration that made or changed them, from the records that are there."""
    registry = store.setting.registry
    models = [model for model in registry.read_models if model.table.name in tables]
    for model in models:
        store.conn.execute(sa.delete(model.table))
    types = tuple({type_ for model in models for type_ in model.types})
    for batch in _batches(store.conn, types) if types else ():
        for record in batch:
            mine = [model for model in models if record["resourceType"] in model.types]
            insert_all(store.conn, [(model.table, model.project(record)) for model in mine])
    if index_tables.ix_reference.name in tables:
        _index_elsewhere(store)
    for part in registry.upkeep:
        if not set(part.tables).isdisjoint(tables):
            part.rebuild(store)


def _index_elsewhere(store: Store) -> None:
    """The patients whom records name where no search parameter looks; see `fhir/referring.py`."""
    ref = index_tables.ix_reference
    store.conn.execute(sa.delete(ref).where(ref.c.param == ELSEWHERE))
    for batch in _batches(store.conn):
        found = (rows_of(record, store.registry).get(ref, []) for record in batch)
        rows = [
            dict(zip(ref.columns.keys(), row, strict=True)) for some in found for row in some if row[1] == ELSEWHERE
        ]
        insert_all(store.conn, [(ref, rows)])


def verify(conn: Connection, registry: Registry, progress: Progress) -> Iterator[str]:
    """Check every current record, its history, its index rows and its read models; gives each fault in words."""
    total, done = _count(conn), 0
    for batch in _batches(conn):
        wrong = untrue(conn, batch, registry)
        for record in batch:
            name = f"{record['resourceType']}/{record['id']}"
            if (record["resourceType"], record["id"]) in wrong:
                yield f"{name}: its search index differs from a rebuilt one"
            yield from (f"{name}: {fault}" for fault in _faults(conn, registry, record))
        done += len(batch)
        progress(done, total)
    yield from _broken_histories(conn)
    yield from _strangers(conn, registry)
    progress(done, total)


def rebuild_parts(store: Store) -> None:
    """Build again what the slices derive in their own way; after `reindex`, since they may read its rows."""
    for part in store.setting.registry.upkeep:
        part.rebuild(store)


def verify_parts(store: Store) -> Iterator[str]:
    """Check what the slices derive in their own way; gives each fault in words."""
    for part in store.setting.registry.upkeep:
        yield from part.verify(store)


def _count(conn: Connection) -> int:
    return conn.execute(sa.select(sa.func.count()).select_from(resource).where(~_r.deleted)).scalar_one()


def _batches(conn: Connection, types: tuple[str, ...] = ()) -> Iterator[list[Json]]:
    last = ("", "")
    while True:
        after = sa.tuple_(_r.type, _r.id) > sa.tuple_(*map(sa.literal, last))
        wanted = sa.select(_r.type, _r.id, _r.json).where(~_r.deleted, after)
        if types:
            wanted = wanted.where(_r.type.in_(types))
        rows = conn.execute(wanted.order_by(_r.type, _r.id).limit(_BATCH)).all()
        if not rows:
            return
        yield [loads(row.json) for row in rows]
        last = (rows[-1].type, rows[-1].id)


def _faults(conn: Connection, registry: Registry, record: Json) -> Iterator[str]:
    try:
        require_kept(record)
    except Invalid as error:
        yield f"is not valid: {error}"
    for model in registry.models_of(record["resourceType"]):
        if _stored(conn, model, record) != _wanted(model, record):
            yield f"its rows in {model.table.name} differ from rebuilt ones"


def _stored(conn: Connection, model: ReadModel, record: Json) -> list[str]:
    mine = projection.own(model, record["resourceType"], record["id"])
    rows = conn.execute(sa.select(model.table).where(mine)).mappings()
    return sorted(_plain(dict(row)) for row in rows)


def _wanted(model: ReadModel, record: Json) -> list[str]:
    empty = {
        column.name: column.default.arg if column.default is not None and column.default.is_scalar else None  # type: ignore[attr-defined]
        for column in model.table.columns
    }
    return sorted(_plain({**empty, **row}) for row in model.project(record))


def _plain(row: dict[str, Any]) -> str:
    return repr(sorted((name, value) for name, value in row.items()))


def _broken_histories(conn: Connection) -> Iterator[str]:
    newest = (
        sa.select(_v.type, _v.id, sa.func.max(_v.version).label("last"), sa.func.count().label("many"))
        .group_by(_v.type, _v.id)
        .subquery()
    )
    same = sa.and_(newest.c.type == _r.type, newest.c.id == _r.id)
    rows = conn.execute(
        sa.select(_r.type, _r.id, _r.version, newest.c.last, newest.c.many)
        .join(newest, same, isouter=True)
        .where(sa.or_(newest.c.last.is_(None), newest.c.last != _r.version, newest.c.many != _r.version))
    )
    for row in rows:
        yield f"{row.type}/{row.id}: its history is not whole ({row.many or 0} of {row.version} versions)"
    last = sa.and_(_v.type == _r.type, _v.id == _r.id, _v.version == _r.version)
    unequal = sa.select(_r.type, _r.id).join(resource_version, last)
    for pair in conn.execute(unequal.where(sa.or_(_v.json != _r.json, _v.deleted != _r.deleted))):
        yield f"{pair.type}/{pair.id}: its current form differs from its newest version"


def _strangers(conn: Connection, registry: Registry) -> Iterator[str]:
    """Derived rows whose record is gone."""
    for model in registry.read_models:
        kept = sa.select(_r.id).where(_r.type.in_(model.types), ~_r.deleted, _r.id == model.table.c.id)
        for row in conn.execute(sa.select(model.table.c.id).where(~kept.exists()).distinct()):
            yield f"{model.table.name} has rows of {row.id}, which is gone"
    for table in index_tables.TABLES:
        same = sa.and_(_r.type == table.c.type, _r.id == table.c.id, ~_r.deleted)
        gone = sa.select(table.c.type, table.c.id).where(~sa.select(_r.id).where(same).exists()).distinct()
        for row in conn.execute(gone):
            yield f"{table.name} has rows of {row.type}/{row.id}, which is gone"
