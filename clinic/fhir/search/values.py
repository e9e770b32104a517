"""Tests of tokens, texts, URIs and references against their index rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import sqlalchemy as sa

from clinic.core.errors import Invalid
from clinic.fhir import index_tables as t
from clinic.fhir.index_values import ANY_SYSTEM, folded, place, short
from clinic.fhir.params import resource_types
from clinic.fhir.search.query import Scope
from clinic.fhir.search.terms import Term, plain, split

Columns: TypeAlias = Any
"""The columns of an index table under the name it has in the statement."""
Condition = sa.ColumnElement[bool]

_LAST = "\U0010ffff"
BAD_OF_TYPE = "%(name)s:of-type is written system|code|value."
NO_TARGET = "%(name)s cannot refer to %(type)s."


def token(_scope: Scope, term: Term, c: Columns) -> Condition:
    """`code`, `system|code`, `|code` (no system) or `system|` (any code of it)."""
    codes, tests = [], []
    for value in term.values:
        parts = [short(plain(part)) for part in split(value, "|")]
        if len(parts) == 1:
            codes.append(parts[0])
        elif not parts[1]:
            tests.append(c.system == parts[0])
        else:
            tests.append(sa.and_(c.code == parts[1], c.system.in_((parts[0], ANY_SYSTEM))))
    return _any([c.code.in_(codes)] if codes else [], tests)


def of_type(_scope: Scope, term: Term, c: Columns) -> Condition:
    """An identifier by the system and code of its type and its value."""
    tests = []
    for value in term.values:
        parts = [plain(part) for part in split(value, "|")]
        if len(parts) != 3:
            raise Invalid(BAD_OF_TYPE, field=term.param.name, name=term.param.name)
        same = c.code == short(f"{parts[1]}|{parts[2]}")
        tests.append(sa.and_(same, c.system == short(parts[0])) if parts[0] else same)
    return sa.or_(*tests)


def words(_scope: Scope, term: Term, c: Columns) -> Condition:
    """The text that people see with a code begins with this."""
    return sa.or_(*(begins(c.folded, folded(plain(value))) for value in term.values))


def text(_scope: Scope, term: Term, c: Columns) -> Condition:
    """Begins with (no case, no accents), `exact` (as it is) or `contains`."""
    modifier = term.modifier
    wanted = [plain(value) for value in term.values]
    if modifier == "exact":
        return c.exact.in_([value[: t.LONGEST] for value in wanted])
    bare = [folded(value) for value in wanted]
    if modifier == "contains":
        return sa.or_(*(c.folded.contains(value, autoescape=True) for value in bare))
    return sa.or_(*(begins(c.folded, value) for value in bare))


def begins(column: sa.ColumnElement[str], start: str) -> Condition:
    """Begins with: one range of an index ordered by code point."""
    return sa.and_(column >= start, column < start + _LAST)


def uri(_scope: Scope, term: Term, c: Columns) -> Condition:
    """The same URI, or with `below` one that begins with it."""
    wanted = [short(plain(value)) for value in term.values]
    if term.modifier == "below":
        return sa.or_(*(begins(c.code, value) for value in wanted))
    return c.code.in_(wanted)


def reference(scope: Scope, term: Term, c: Columns) -> Condition:
    """`Patient/1`, `1`, an absolute URL, or with a type as modifier an id of that type."""
    tests = []
    for value in term.values:
        type_, id_ = target(scope, term, plain(value))
        if type_ or not id_ or ":" in id_ or "/" in id_:
            tests.append(sa.and_(c.target_type == type_, c.target_id == id_))
        elif term.param.targets:
            tests.append(sa.and_(c.target_type.in_(term.param.targets), c.target_id == id_))
        else:
            tests.append(sa.and_(c.target_type.in_(sorted(resource_types())), c.target_id == id_))
    return sa.or_(*tests)


def target(scope: Scope, term: Term, value: str) -> tuple[str, str]:
    """The (type, id) that a value asks for; the type is empty for a bare id and for a URL elsewhere."""
    if scope.base and value.startswith(scope.base + "/"):
        value = value[len(scope.base) + 1 :]
    if term.modifier and "/" not in value:
        value = f"{term.modifier}/{value}"
    if "|" in value:
        return "", short(value)
    type_, id_ = place(value)
    if term.modifier and type_ != term.modifier:
        raise Invalid(NO_TARGET, field=term.param.name, name=term.param.name, type=type_ or value[:80])
    return type_, id_


def _any(*groups: Iterable[Condition]) -> Condition:
    return sa.or_(*(one for group in groups for one in group))
