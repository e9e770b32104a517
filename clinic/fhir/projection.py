"""What is derived from a current resource: its search index and its read models."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.core.json import Json
from clinic.fhir.index import add_index, drop_index, replace_index
from clinic.fhir.registry import ReadModel, Registry


def add(conn: Connection, registry: Registry, resource: Json) -> None:
    """Derive everything for a new resource."""
    add_index(conn, resource, registry)
    for model in registry.models_of(resource["resourceType"]):
        _insert(conn, model, resource)


def replace(conn: Connection, registry: Registry, resource: Json) -> None:
    """Derive everything again for a changed resource."""
    replace_index(conn, resource, registry)
    for model in registry.models_of(resource["resourceType"]):
        conn.execute(sa.delete(model.table).where(own(model, resource["resourceType"], resource["id"])))
        _insert(conn, model, resource)


def drop(conn: Connection, registry: Registry, type_: str, id_: str) -> None:
    """Forget what was derived from a deleted resource."""
    drop_index(conn, type_, id_)
    for model in registry.models_of(type_):
        conn.execute(sa.delete(model.table).where(own(model, type_, id_)))


def own(model: ReadModel, type_: str, id_: str) -> sa.ColumnElement[bool]:
    """The rows of one record: by its id, and by its type where the table tells (types may share ids)."""
    c = model.table.c
    return sa.and_(c.id == id_, c.type == type_) if "type" in c else c.id == id_


def _insert(conn: Connection, model: ReadModel, resource: Json) -> None:
    rows = model.project(resource)
    if rows:
        conn.execute(sa.insert(model.table), rows)
