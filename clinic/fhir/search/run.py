"""Running a search: one statement for a page, one for the total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.fhir import index_tables as t
from clinic.fhir.registry import Registry
from clinic.fhir.search.query import Scope, SearchQuery
from clinic.fhir.search.terms import Term, param_of, read_term
from clinic.fhir.search.where import condition, driver, gathers, rows_of
from clinic.fhir.tables import resource

_r = resource.c

_SORTED_BY: dict[str, tuple[sa.Table, str, str]] = {
    "token": (t.ix_token, "code", "code"),
    "uri": (t.ix_token, "code", "code"),
    "string": (t.ix_string, "folded", "folded"),
    "date": (t.ix_date, "low", "high"),
    "reference": (t.ix_reference, "target_id", "target_id"),
    "quantity": (t.ix_quantity, "low", "high"),
    "number": (t.ix_quantity, "low", "high"),
}
"""Index table and the columns that order it, upward and downward, by kind."""


@dataclass(frozen=True)
class Found:
    """One record as it lies in the store."""

    type: str
    id: str
    version: int
    updated: datetime
    text: str


def find_texts(conn: Connection, registry: Registry, wanted: SearchQuery) -> list[str]:
    """The JSON of the current records that match. Raises Invalid for what cannot be understood."""
    scope = Scope(registry, zone=wanted.zone)
    terms = [read_term(scope, wanted.type, *pair) for pair in wanted.pairs if pair[0] != "_sort"]
    order = [one for name, value in wanted.pairs if name == "_sort" for one in value.split(",") if one]
    return [one.text for one in find(conn, scope, wanted, terms, order)]


def find(
    conn: Connection, scope: Scope, wanted: SearchQuery, terms: Sequence[Term], order: Sequence[str] = ()
) -> list[Found]:
    """One page of the current records that match all terms, in order (then by id)."""
    page = _matching(scope, wanted.type, terms, _r.type, _r.id, _r.version, _r.updated, _r.json)
    if wanted.after:
        page = page.where(_r.id > wanted.after)
    page = page.order_by(*(part for one in order for part in _order(scope, wanted.type, one)), _r.id)
    rows = conn.execute(page.limit(wanted.limit).offset(wanted.offset or None))
    return [Found(*row) for row in rows]


def count(conn: Connection, scope: Scope, type_: str, terms: Sequence[Term], *, cap: int = 0) -> int:
    """How many current records match; with a cap, at most one more than it."""
    first = driver(terms)
    if first >= 0 and gathers(terms[first]) and not scope.barred:
        ids, own = rows_of(scope, terms[first])
        rest = [condition(scope, term, own, drives=False) for at, term in enumerate(terms) if at != first]
        matching = ids.with_only_columns(own).where(*rest).distinct()
    else:
        matching = _matching(scope, type_, terms, _r.id)
    if cap:
        matching = matching.limit(cap + 1)
    return int(conn.execute(sa.select(sa.func.count()).select_from(matching.subquery())).scalar_one())


def _matching(scope: Scope, type_: str, terms: Sequence[Term], *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    first = driver(terms)
    tests = [condition(scope, term, _r.id, drives=at == first) for at, term in enumerate(terms)]
    return sa.select(*columns).where(_r.type == type_, ~_r.deleted, *tests, *_open(scope, type_))


def _open(scope: Scope, type_: str) -> list[sa.ColumnElement[bool]]:
    """Nothing of a restricted patient is found, and nothing that refers to one."""
    if not scope.barred:
        return []
    if type_ == "Patient":
        return [_r.id.not_in(scope.barred)]
    ref = t.ix_reference.alias().c
    about = sa.and_(ref.type == type_, ref.id == _r.id, ref.target_type == "Patient", ref.target_id.in_(scope.barred))
    return [~sa.exists().where(about)]


def sort_known(scope: Scope, type_: str, name: str) -> None:
    """Raise NoSuchParam when a type cannot be sorted by this name (a leading `-` means downward)."""
    param_of(scope, type_, name.removeprefix("-"))


def _order(scope: Scope, type_: str, name: str) -> list[sa.ColumnElement[Any]]:
    """Records without the value come last, whichever way it runs."""
    down = name.startswith("-")
    param = param_of(scope, type_, name.removeprefix("-"))
    if param.name in ("_id", "_lastUpdated"):
        column: sa.ColumnElement[Any] = _r.id if param.name == "_id" else _r.updated
        return [column.desc() if down else column.asc()]
    table, upward, downward = _SORTED_BY[param.kind]
    pick = sa.func.max(table.c[downward]) if down else sa.func.min(table.c[upward])
    own = sa.and_(table.c.type == type_, table.c.id == _r.id, table.c.param == param.name)
    key = sa.select(pick).where(own).scalar_subquery()
    return [key.is_(None), key.desc() if down else key.asc()]
