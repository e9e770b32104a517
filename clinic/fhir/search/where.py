"""Search conditions as SQL: each gives the ids that match it, from one index table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from clinic.core.errors import Invalid
from clinic.fhir import index_tables as t
from clinic.fhir.search import ranges, values
from clinic.fhir.search.query import Scope
from clinic.fhir.search.terms import Term
from clinic.fhir.tables import resource

Ids = sa.Select[Any]
Condition = sa.ColumnElement[bool]

NO_MODIFIER = "The modifier :%(modifier)s does not work with %(name)s."
TRUE_OR_FALSE = "%(name)s:missing is true or false."

_TABLES: dict[str, sa.Table] = {
    "token": t.ix_token,
    "uri": t.ix_token,
    "string": t.ix_string,
    "date": t.ix_date,
    "reference": t.ix_reference,
    "quantity": t.ix_quantity,
    "number": t.ix_quantity,
}


def condition(scope: Scope, term: Term, id_: sa.ColumnElement[str]) -> Condition:
    """The condition of a term on the id of a record. Raises Invalid for values that cannot be read."""
    if term.reverse:
        return id_.in_(_pointed_at(scope, term))
    if term.links:
        return id_.in_(_following(scope, term))
    if term.modifier == "missing":
        return _missing(term, id_)
    if term.modifier == "not":
        return id_.not_in(_ids(scope, term))
    return id_.in_(_ids(scope, term))


def _ids(scope: Scope, term: Term) -> Ids:
    if term.param.type == "":
        return _of_record(scope, term)
    table, name, test = _test(scope, term)
    return _rows(table, term.type, name).where(test)


def _test(scope: Scope, term: Term) -> tuple[sa.Table, str, Condition]:
    """Table, indexed name and test for the values of a term, by kind and modifier."""
    kind, modifier, name = term.param.kind, term.modifier, term.param.name
    if kind == "reference" and modifier[:1].isupper():
        modifier = ""
    suffix, test = _TESTS.get((kind, modifier), ("", None))
    if test is None:
        raise Invalid(NO_MODIFIER, field=name, modifier=modifier[:40], name=name)
    table = t.ix_string if suffix == "text" else t.ix_token if suffix else _TABLES[kind]
    return table, f"{name}:{suffix}" if suffix else name, test(scope, term)


Test = Callable[[Scope, Term], Condition]
_TESTS: dict[tuple[str, str], tuple[str, Test]] = {
    ("token", ""): ("", values.token),
    ("token", "not"): ("", values.token),
    ("token", "text"): ("text", values.words),
    ("token", "of-type"): ("of-type", values.of_type),
    ("uri", ""): ("", values.uri),
    ("uri", "below"): ("", values.uri),
    ("string", ""): ("", values.text),
    ("string", "exact"): ("", values.text),
    ("string", "contains"): ("", values.text),
    ("reference", ""): ("", values.reference),
    ("reference", "identifier"): ("identifier", values.token),
    ("date", ""): ("", ranges.dates),
    ("quantity", ""): ("", ranges.quantities),
    ("number", ""): ("", ranges.quantities),
}
"""What each kind can be asked with each modifier: which indexed name (after a colon), by which test."""


def _rows(table: sa.Table, type_: str, name: str) -> Ids:
    return sa.select(table.c.id).where(table.c.type == type_, table.c.param == name)


def _missing(term: Term, id_: sa.ColumnElement[str]) -> Condition:
    wanted = term.values[0].lower()
    if len(term.values) != 1 or wanted not in ("true", "false"):
        raise Invalid(TRUE_OR_FALSE, field=term.param.name, name=term.param.name)
    if term.param.type == "":
        return sa.false() if wanted == "true" else sa.true()
    present = _rows(_TABLES[term.param.kind], term.type, term.param.name)
    return id_.not_in(present) if wanted == "true" else id_.in_(present)


def _of_record(scope: Scope, term: Term) -> Ids:
    """`_id` and `_lastUpdated`, which every record has in the table of records itself."""
    if term.modifier not in ("", "not"):
        raise Invalid(NO_MODIFIER, field=term.param.name, modifier=term.modifier[:40], name=term.param.name)
    r = resource.c
    found = sa.select(r.id).where(r.type == term.type, ~r.deleted)
    if term.param.name == "_id":
        return found.where(r.id.in_(term.values))
    return found.where(ranges.moments(scope, term, sa.type_coerce(r.updated, sa.BigInteger)))


def _following(scope: Scope, term: Term) -> Ids:
    """Records whose reference leads to a record that matches: `patient.name`."""
    ref = t.ix_reference.c
    either = [sa.and_(ref.target_type == link.type, condition(scope, link, ref.target_id)) for link in term.links]
    return _rows(t.ix_reference, term.type, term.param.name).where(sa.or_(*either))


def _pointed_at(scope: Scope, term: Term) -> Ids:
    """Records that a matching record refers to: `_has:Observation:patient:code`."""
    ref = t.ix_reference.c
    link = term.links[0]
    return (
        sa.select(ref.target_id)
        .where(ref.type == link.type, ref.param == term.param.name, ref.target_type == term.type)
        .where(condition(scope, link, ref.id))
    )
