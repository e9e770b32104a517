"""Search parameters: what may be asked of each resource type, and where in a resource the answer lies.

The official R4 parameters of every type are data (`data/search_params.json`, made from HL7's own
definitions, CC0); a slice adds or replaces one with one line: `Param("Coverage", "payor", "reference", "payor")`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

ParamKind = Literal["token", "string", "date", "reference", "quantity", "uri", "number"]

_DATA = Path(__file__).parent / "data" / "search_params.json"


@dataclass(frozen=True)
class Param:
    """One search parameter of one resource type.

    `path` is a dotted element path; lists are walked, choices are named concretely
    (`effectiveDateTime`), alternatives are joined by `|`. `telecom[system=phone]` keeps elements with
    that value, `extension[url^=urn:x:]` those that begin so, `participant.actor:Patient` references to that type;
    a leading `?` asks whether there is anything (and it is not false).
    """

    type: str
    name: str
    kind: ParamKind
    path: str
    targets: tuple[str, ...] = ()
    """The types a reference may point to; empty for any."""


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_DATA.read_text("utf-8"))
    return found


@cache
def resource_types() -> frozenset[str]:
    """Every resource type of R4 that can be stored (Parameters is no record)."""
    return frozenset(_data()["params"]) - {"Parameters"}


@cache
def official(type_: str) -> Mapping[str, Param]:
    """The official parameters of a type, by name; none for a type that does not exist."""
    rows = _data()["params"].get(type_, {})
    return {
        name: Param(type_, name, cast("ParamKind", kind), path, tuple(targets))
        for name, (kind, path, targets) in rows.items()
    }


def params_of(type_: str, own: Iterable[Param]) -> Mapping[str, Param]:
    """The official parameters of a type with those of the slices laid over them."""
    mine = {param.name: _with_targets(param) for param in own if param.type == type_}
    return {**official(type_), **mine} if mine else official(type_)


def _with_targets(param: Param) -> Param:
    known = official(param.type).get(param.name)
    if param.targets or known is None or known.kind != param.kind:
        return param
    return Param(param.type, param.name, param.kind, param.path, known.targets)


@cache
def patient_compartment() -> Mapping[str, tuple[str, ...]]:
    """For each type of a patient's compartment, the reference parameters that tie it to the patient."""
    return {type_: tuple(names) for type_, names in _data()["patient"].items()}
