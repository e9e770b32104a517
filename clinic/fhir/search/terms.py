"""Reading one search argument: its name with modifier and chain, its values with their separators."""

from __future__ import annotations

import re
from dataclasses import dataclass

from clinic.core.errors import Invalid
from clinic.fhir.params import Param, resource_types
from clinic.fhir.search.query import Scope

DEEPEST = 4
"""Links of a chain; longer ones are refused."""
MOST_VALUES = 500

NO_PARAM = "%(type)s has no search parameter %(name)s."
NO_TYPE = "%(name)s is not a resource type."
NOT_REFERENCE = "%(name)s is not a reference, so nothing can follow it."
TOO_DEEP = "The chain %(name)s is too long."
SAY_TYPE = "Say which type %(name)s is to be followed to, as in %(name)s:Patient."
BAD_HAS = "_has is written _has:Type:reference:parameter."
TOO_MANY = "There are more than %(count)s values for %(name)s."
NO_VALUE = "The parameter %(name)s has no value."

_ID = Param("", "_id", "token", "id")
_LAST_UPDATED = Param("", "_lastUpdated", "date", "meta.lastUpdated")
_RECORD = {"_id": _ID, "_lastUpdated": _LAST_UPDATED}


class NoSuchParam(Invalid):
    """The type has no parameter of this name; a lenient server leaves it out."""


@dataclass(frozen=True)
class Term:
    """One condition: a parameter of a type with its modifier and values, or a link to a condition elsewhere.

    `links` holds what a chain or `_has` leads to: one condition for each type that a reference may have.
    """

    type: str
    param: Param
    modifier: str = ""
    values: tuple[str, ...] = ()
    links: tuple[Term, ...] = ()
    reverse: bool = False


def read_term(scope: Scope, type_: str, name: str, value: str, depth: int = 0) -> Term:
    """Read one argument of a search of a type.

    Raises NoSuchParam for an unknown parameter, Invalid for what cannot be understood.
    """
    if depth > DEEPEST:
        raise Invalid(TOO_DEEP, field=name, name=name[:80])
    if name.startswith("_has:"):
        return _read_has(scope, type_, name, value, depth)
    head, dot, rest = name.partition(".")
    bare, _, modifier = head.partition(":")
    param = param_of(scope, type_, bare)
    if dot:
        return _read_chain(scope, param, modifier, (rest, value), depth)
    values = split(value, ",")
    if len(values) > MOST_VALUES:
        raise Invalid(TOO_MANY, field=name, count=MOST_VALUES, name=bare)
    if not any(values):
        raise Invalid(NO_VALUE, field=name, name=bare)
    return Term(type_, param, modifier, tuple(one for one in values if one))


def param_of(scope: Scope, type_: str, name: str) -> Param:
    """A parameter of a type by name. Raises NoSuchParam."""
    found = _RECORD.get(name) or scope.registry.params_of(type_).get(name)
    if found is None:
        raise NoSuchParam(NO_PARAM, field=name, type=type_, name=name[:80])
    return found


def _read_chain(scope: Scope, param: Param, target: str, rest: tuple[str, str], depth: int) -> Term:
    if param.kind != "reference":
        raise Invalid(NOT_REFERENCE, field=param.name, name=param.name)
    types = (_known_type(target),) if target else param.targets
    if not types:
        raise Invalid(SAY_TYPE, field=param.name, name=param.name)
    links = []
    for type_ in types:
        try:
            links.append(read_term(scope, type_, *rest, depth + 1))
        except NoSuchParam:
            if len(types) == 1:
                raise
    if not links:
        raise NoSuchParam(NO_PARAM, field=rest[0], type="/".join(types), name=rest[0][:80])
    return Term(param.type, param, links=tuple(links))


def _read_has(scope: Scope, type_: str, name: str, value: str, depth: int) -> Term:
    parts = name.split(":", 3)
    if len(parts) < 4:
        raise Invalid(BAD_HAS, field=name)
    other = _known_type(parts[1])
    param = param_of(scope, other, parts[2])
    if param.kind != "reference":
        raise Invalid(NOT_REFERENCE, field=name, name=param.name)
    return Term(type_, param, links=(read_term(scope, other, parts[3], value, depth + 1),), reverse=True)


def _known_type(name: str) -> str:
    if name not in resource_types():
        raise Invalid(NO_TYPE, name=name[:80])
    return name


def split(text: str, sign: str) -> list[str]:
    """Split at a sign that is not escaped by a backslash; the parts keep their other escapes."""
    return re.split(rf"(?<!\\){re.escape(sign)}", text)


def plain(text: str) -> str:
    """A value without the backslashes that escape separators."""
    return re.sub(r"\\([,$|\\])", r"\1", text)
