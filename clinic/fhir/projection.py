"""What is derived from a current resource: its search index and its read models."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.core.json import Json
from clinic.db.rows import Part, insert_all
from clinic.fhir.index import drop_index, index_parts
from clinic.fhir.registry import ReadModel, Registry


def parts_of(registry: Registry, resource: Json) -> list[Part]:
    """The rows to insert for a new resource."""
    models = registry.models_of(resource["resourceType"])
    return [*index_parts(resource, registry), *((model.table, model.project(resource)) for model in models)]


def add(conn: Connection, registry: Registry, resource: Json) -> None:
    """Derive everything for a new resource."""
    insert_all(conn, parts_of(registry, resource))


def drop(conn: Connection, registry: Registry, type_: str, id_: str) -> None:
    """Forget what was derived from a deleted resource."""
    drop_index(conn, type_, id_)
    for model in registry.models_of(type_):
        conn.execute(sa.delete(model.table).where(own(model, type_, id_)))


def own(model: ReadModel, type_: str, id_: str) -> sa.ColumnElement[bool]:
    """The rows of one record: by its id, and by its type where the table tells (types may share ids)."""
    c = model.table.c
    return sa.and_(c.id == id_, c.type == type_) if "type" in c else c.id == id_
