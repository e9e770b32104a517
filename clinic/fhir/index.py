"""The search index of a resource: its rows, and keeping them true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.core.json import Json
from clinic.db.rows import Part, insert_all
from clinic.fhir import index_tables as t
from clinic.fhir import index_values as v
from clinic.fhir.params import Param
from clinic.fhir.paths import values_at
from clinic.fhir.registry import ELSEWHERE, Registry

Row = tuple[Any, ...]
Rows = Iterator[tuple[sa.Table, Row]]


_COLUMNS = {table: tuple(table.columns.keys()) for table in t.TABLES}
_DELETES = tuple(
    sa.delete(table).where(table.c.type == sa.bindparam("of_type"), table.c.id == sa.bindparam("of_id"))
    for table in t.TABLES
)


def index_parts(resource: Json, registry: Registry) -> list[Part]:
    """The rows to insert for a resource that has none yet."""
    return [
        (table, [dict(zip(_COLUMNS[table], row, strict=True)) for row in rows])
        for table, rows in rows_of(resource, registry).items()
    ]


def add_index(conn: Connection, resource: Json, registry: Registry) -> None:
    """Write the rows of a resource that has none yet."""
    insert_all(conn, index_parts(resource, registry))


def replace_index(conn: Connection, resource: Json, registry: Registry) -> None:
    """Write the rows of a changed resource in place of its old ones."""
    drop_index(conn, resource["resourceType"], resource["id"])
    add_index(conn, resource, registry)


def drop_index(conn: Connection, type_: str, id_: str) -> None:
    """Forget the rows of a resource."""
    for statement in _DELETES:
        conn.execute(statement, {"of_type": type_, "of_id": id_})


def rows_of(resource: Json, registry: Registry) -> dict[sa.Table, list[Row]]:
    """Every index row that a resource should have, by table, sorted, each once."""
    found: dict[sa.Table, set[Row]] = {}
    type_, id_ = resource["resourceType"], resource["id"]
    for param in registry.params_of(type_).values():
        for value in values_at(resource, param.path):
            for table, (name, *rest) in _KINDS[param.kind](param, value):
                found.setdefault(table, set()).add((type_, name, *rest, id_))
    known = {row[3] for row in found.get(t.ix_reference, ()) if row[2] == "Patient"}
    for patient in patients_in(resource) - known:
        found.setdefault(t.ix_reference, set()).add((type_, ELSEWHERE, "Patient", patient, id_))
    return {table: sorted(rows) for table, rows in found.items()}


def patients_in(node: Any) -> set[str]:
    """The id of every patient whom a record names by a reference, wherever it stands."""
    found: set[str] = set()
    rest = [node]
    while rest:
        here = rest.pop()
        if isinstance(here, list):
            rest += [one for one in here if isinstance(one, (dict, list))]
            continue
        named = here.get("reference")
        if isinstance(named, str) and named.startswith("Patient/"):
            kind, id_ = v.place(named)
            found |= {id_} if kind else set()
        rest += [one for one in here.values() if isinstance(one, (dict, list))]
    return found


def untrue(conn: Connection, records: Sequence[Json], registry: Registry) -> set[tuple[str, str]]:
    """(type, id) of those records whose stored index is not what a rebuild would give; few statements for many."""
    wrong: set[tuple[str, str]] = set()
    for type_ in {record["resourceType"] for record in records}:
        wanted = {one["id"]: rows_of(one, registry) for one in records if one["resourceType"] == type_}
        for table in t.TABLES:
            stored: dict[str, list[Row]] = {}
            found = sa.select(table).where(table.c.type == type_, table.c.id.in_(list(wanted)))
            for row in conn.execute(found):
                stored.setdefault(row.id, []).append(tuple(row))
            for id_, rows in wanted.items():
                if sorted(stored.get(id_, [])) != rows.get(table, []):
                    wrong.add((type_, id_))
    return wrong


def _token(param: Param, value: Any) -> Rows:
    for code, system in v.tokens(value):
        yield t.ix_token, (param.name, code, system)
    for code, system in v.typed_tokens(value):
        yield t.ix_token, (f"{param.name}:of-type", code, system)
    for text in v.shown(value):
        yield t.ix_string, (f"{param.name}:text", v.folded(text), text[: t.LONGEST])


def _uri(param: Param, value: Any) -> Rows:
    if isinstance(value, str):
        yield t.ix_token, (param.name, v.short(value), "")


def _string(param: Param, value: Any) -> Rows:
    for text in v.texts(value):
        yield t.ix_string, (param.name, v.folded(text), text[: t.LONGEST])


def _date(param: Param, value: Any) -> Rows:
    for span in v.spans(value):
        yield t.ix_date, (param.name, span.floating, span.low, span.high)


def _reference(param: Param, value: Any) -> Rows:
    for type_, id_ in v.references(value):
        yield t.ix_reference, (param.name, type_, id_)
    identifier = value.get("identifier") if isinstance(value, dict) else None
    for code, system in v.tokens(identifier):
        yield t.ix_token, (f"{param.name}:identifier", code, system)


def _quantity(param: Param, value: Any) -> Rows:
    for low, high, system, code in v.amounts(value):
        yield t.ix_quantity, (param.name, low, high, system, code)


_KINDS: Mapping[str, Callable[[Param, Any], Rows]] = {
    "token": _token,
    "uri": _uri,
    "string": _string,
    "date": _date,
    "reference": _reference,
    "quantity": _quantity,
    "number": _quantity,
}
