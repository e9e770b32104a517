"""Search conditions as SQL: each gives the ids that match it, from one index table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def condition(scope: Scope, term: Term, id_: sa.ColumnElement[str], *, drives: bool = True) -> Condition:
    """The condition of a term on the id of a record. Raises Invalid for values that cannot be read.

    The term that drives a search gathers its ids from the index; the others look at each candidate.
    """
    rows = rows_of(scope, term)
    if term.modifier == "missing":
        present = _holds(rows, id_, drives=False)
        return ~present if _is_true(term) else present
    if term.modifier == "not":
        return ~_holds(rows, id_, drives=False)
    return _holds(rows, id_, drives=drives)


def driver(terms: Sequence[Term]) -> int:
    """The place of the term that likely matches the fewest records."""
    ranks = [
        9
        if term.modifier in ("not", "missing")
        else 2
        if term.links
        else _RANKS.get(term.param.name, _RANKS[term.param.kind])
        for term in terms
    ]
    return ranks.index(min(ranks)) if ranks else -1


_RANKS = {
    "_id": 0, "identifier": 0, "_lastUpdated": 7, "reference": 1, "string": 3, "uri": 3, "token": 4, "quantity": 5,
    "number": 5, "date": 6,
}  # fmt: skip


def gathers(term: Term) -> bool:
    """Whether the index rows of a term are all there is to know: each stands for a current record that matches."""
    return not term.reverse and term.modifier not in ("not", "missing")


def _holds(rows: tuple[Ids, sa.ColumnElement[str]], id_: sa.ColumnElement[str], *, drives: bool) -> Condition:
    ids, own = rows
    return id_.in_(ids.with_only_columns(own)) if drives else ids.where(own == id_).exists()


def rows_of(scope: Scope, term: Term) -> tuple[Ids, sa.ColumnElement[str]]:
    """The index rows that match a term, and their column that names the record."""
    if term.reverse:
        return _pointed_at(scope, term)
    if term.links:
        return _following(scope, term)
    if term.param.type == "":
        return _of_record(scope, term)
    if term.modifier == "missing":
        table = _TABLES[term.param.kind].alias()
        return _named(table, term.type, term.param.name), table.c.id
    source, name, test = _test(scope, term)
    return _named(source, term.type, name).where(test), source.c.id


def _named(table: sa.FromClause, type_: str, name: str) -> Ids:
    return sa.select(table.c.id).where(table.c.type == type_, table.c.param == name)


def _test(scope: Scope, term: Term) -> tuple[sa.FromClause, str, Condition]:
    """Table, indexed name and test for the values of a term, by kind and modifier."""
    kind, modifier, name = term.param.kind, term.modifier, term.param.name
    if kind == "reference" and modifier[:1].isupper():
        modifier = ""
    suffix, test = _TESTS.get((kind, modifier), ("", None))
    if test is None:
        raise Invalid(NO_MODIFIER, field=name, modifier=modifier[:40], name=name)
    chosen: sa.FromClause = t.ix_string if suffix == "text" else t.ix_token if suffix else _TABLES[kind]
    table = chosen.alias()
    return table, f"{name}:{suffix}" if suffix else name, test(scope, term, table.c)


Test = Callable[[Scope, Term, values.Columns], Condition]
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


def _is_true(term: Term) -> bool:
    wanted = term.values[0].lower()
    if len(term.values) != 1 or wanted not in ("true", "false"):
        raise Invalid(TRUE_OR_FALSE, field=term.param.name, name=term.param.name)
    return wanted == "true"


def _of_record(scope: Scope, term: Term) -> tuple[Ids, sa.ColumnElement[str]]:
    """`_id` and `_lastUpdated`, which every record has in the table of records itself."""
    if term.modifier not in ("", "not", "missing"):
        raise Invalid(NO_MODIFIER, field=term.param.name, modifier=term.modifier[:40], name=term.param.name)
    r = resource.alias().c
    found = sa.select(r.id).where(r.type == term.type, ~r.deleted)
    if term.modifier == "missing":
        return found, r.id
    if term.param.name == "_id":
        return found.where(r.id.in_(term.values)), r.id
    return found.where(ranges.moments(scope, term, sa.type_coerce(r.updated, sa.BigInteger))), r.id


def _following(scope: Scope, term: Term) -> tuple[Ids, sa.ColumnElement[str]]:
    """Records whose reference leads to a record that matches: `patient.name`."""
    ref = t.ix_reference.alias()
    either = [sa.and_(ref.c.target_type == link.type, condition(scope, link, ref.c.target_id)) for link in term.links]
    return _named(ref, term.type, term.param.name).where(sa.or_(*either)), ref.c.id


def _pointed_at(scope: Scope, term: Term) -> tuple[Ids, sa.ColumnElement[str]]:
    """Records that a matching record refers to: `_has:Observation:patient:code`."""
    ref, link = t.ix_reference.alias(), term.links[0]
    found = (
        _named(ref, link.type, term.param.name)
        .where(ref.c.target_type == term.type)
        .where(condition(scope, link, ref.c.id))
    )
    return found, ref.c.target_id
