"""Records that come along with a page: those it refers to, and those that refer to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.core.errors import Invalid
from clinic.fhir import index_tables as t
from clinic.fhir.params import resource_types
from clinic.fhir.search.query import Scope
from clinic.fhir.search.run import Found
from clinic.fhir.search.terms import NO_TYPE, param_of
from clinic.fhir.tables import resource

MOST = 1000
"""Records that may come along with one page."""
ROUNDS = 4
"""How often `:iterate` goes on from what it found."""

BAD_INCLUDE = "%(name)s is written Type:reference or Type:reference:Target."
NOT_REFERENCE = "%(name)s is not a reference."

_r = resource.c
_ref = t.ix_reference.c
Key = tuple[str, str]


@dataclass(frozen=True)
class Include:
    """One `_include` or `_revinclude`: from which type, by which reference (empty for all), to which type."""

    type: str
    param: str
    target: str = ""
    reverse: bool = False
    iterate: bool = False


def read_include(scope: Scope, name: str, value: str, type_: str) -> Include:
    """Read one argument. Raises Invalid for what cannot be understood, NoSuchParam for an unknown reference."""
    bare, _, modifier = name.partition(":")
    reverse, iterate = bare == "_revinclude", modifier in ("iterate", "recurse")
    if value == "*" and not reverse:
        return Include(type_, "", reverse=reverse, iterate=iterate)
    source, _, rest = value.partition(":")
    if not rest or (modifier and not iterate):
        raise Invalid(BAD_INCLUDE, field=name, name=bare)
    reference, _, target = rest.partition(":")
    for one in (source, target or source):
        if one not in resource_types():
            raise Invalid(NO_TYPE, field=name, name=one[:80])
    if reference == "*":
        return Include(source, "", target, reverse, iterate)
    param = param_of(scope, source, reference)
    if param.kind != "reference":
        raise Invalid(NOT_REFERENCE, field=name, name=reference[:80])
    return Include(source, reference, target, reverse, iterate)


def included(conn: Connection, page: Sequence[Found], includes: Sequence[Include]) -> list[Found]:
    """The records that come along with a page, each once, none of the page; at most `MOST`."""
    seen: set[Key] = {(one.type, one.id) for one in page}
    found: list[Found] = []
    fresh: Iterable[Key] = list(seen)
    todo = list(includes)
    for _round in range(ROUNDS):
        keys = {key for one in todo for key in _keys(conn, one, fresh)} - seen
        if not keys:
            break
        new = _records(conn, sorted(keys)[: MOST - len(found)])
        found += new
        fresh = [(one.type, one.id) for one in new]
        seen |= keys
        todo = [one for one in includes if one.iterate]
    return found


def _keys(conn: Connection, include: Include, around: Iterable[Key]) -> list[Key]:
    if include.reverse:
        targets = [key for key in around if include.target in ("", key[0])]
        wanted = sa.select(_ref.type, _ref.id).where(_ref.type == include.type, _are(targets))
        here = targets
    else:
        ids = [id_ for type_, id_ in around if type_ == include.type]
        wanted = sa.select(_ref.target_type, _ref.target_id)
        wanted = wanted.where(_ref.type == include.type, _ref.id.in_(ids), _ref.target_type != "")
        if include.target:
            wanted = wanted.where(_ref.target_type == include.target)
        here = [(include.type, id_) for id_ in ids]
    if include.param:
        wanted = wanted.where(_ref.param == include.param)
    if not here:
        return []
    return [(row[0], row[1]) for row in conn.execute(wanted.distinct().limit(MOST))]


def _are(keys: Sequence[Key]) -> sa.ColumnElement[bool]:
    types = sorted({type_ for type_, _ in keys})
    return sa.or_(
        sa.false(),
        *(
            sa.and_(_ref.target_type == one, _ref.target_id.in_([id_ for type_, id_ in keys if type_ == one]))
            for one in types
        ),
    )


def _records(conn: Connection, keys: Sequence[Key]) -> list[Found]:
    found: list[Found] = []
    for type_ in sorted({type_ for type_, _ in keys}):
        ids = [id_ for one, id_ in keys if one == type_]
        wanted = sa.select(_r.type, _r.id, _r.version, _r.updated, _r.json)
        rows = conn.execute(wanted.where(_r.type == type_, _r.id.in_(ids), ~_r.deleted).order_by(_r.id))
        found += [Found(*row) for row in rows]
    return found
