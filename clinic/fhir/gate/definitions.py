"""R4 as the gate walks it: for every object, which keys may stand in it and what each must hold.

Types are read from the data file when they are first met: a practice that uses thirty pays for thirty.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from clinic.fhir.gate.primitives import CHECKS, Check

DATA = Path(__file__).parent.parent / "data"

Codes = dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class CodeSet:
    """The codes of a required binding by their system; a set of media types has no list."""

    name: str
    systems: Codes
    codes: frozenset[str]
    media_types: bool


@dataclass(frozen=True, slots=True)
class Element:
    """One JSON key of an object. `node` names what an object under it must be; a primitive has `check`."""

    kind: str
    many: bool
    check: Check | None
    node: str
    targets: frozenset[str]
    codes: CodeSet | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One kind of object: a resource, a data type or a part of one, such as Patient.contact."""

    path: str
    elements: dict[str, Element]
    required: tuple[tuple[str, tuple[str, ...]], ...]
    choices: tuple[tuple[str, tuple[str, ...]], ...]
    rules: tuple[str, ...]


@cache
def _lines() -> dict[str, str]:
    lines = (DATA / "r4-structure.ndjson").read_text(encoding="utf-8").splitlines()
    return {line.split('"', 4)[3]: line for line in lines}


@cache
def resource_types() -> frozenset[str]:
    """The R4 resource types that can be stored (146; not the abstract Resource and DomainResource)."""
    heads = {name: line.partition('"nodes"')[0] for name, line in _lines().items()}
    tails = {name: line.endswith('"abstract":true}') for name, line in _lines().items()}
    return frozenset(name for name, head in heads.items() if '"kind":"resource"' in head and not tails[name])


@cache
def is_resource(kind: str) -> bool:
    """Whether a type code stands for a whole resource (contained, in a bundle)."""
    return kind in {"Resource", "DomainResource"} or kind in resource_types()


@cache
def _structure(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_lines()[name])["nodes"]
    return found


@cache
def node(path: str) -> Node:
    """The object at a path such as "Patient", "Period" or "Patient.contact"."""
    raw = _structure(path.partition(".")[0])[path]
    elements: dict[str, Element] = {}
    required = []
    choices = []
    for name, entry in raw["elements"].items():
        keys = _keys(name, entry)
        for key, kind in zip(keys, entry["types"], strict=True):
            elements[key] = _element(f"{path}.{name}", kind, entry)
        if entry.get("min"):
            required.append((name, keys))
        if len(keys) > 1:
            choices.append((name, keys))
    return Node(path, elements, tuple(required), tuple(choices), tuple(raw.get("rules", ())))


@dataclass(frozen=True, slots=True)
class Part:
    """A value that an extension, or a part of one, may hold; `values` None stands for any type."""

    least: int
    most: int | None
    values: frozenset[str] | None
    codes: CodeSet | None


@cache
def extension(url: str) -> tuple[Part, dict[str, Part]] | None:
    """What one of HL7's extensions holds itself and in its parts, None for an address that is not theirs."""
    raw = _extensions().get(url)
    if raw is None:
        return None
    return _part(raw), {name: _part(part) for name, part in raw.get("parts", {}).items()}


@cache
def _extensions() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((DATA / "r4-extensions.json").read_text(encoding="utf-8"))
    return found


def _part(raw: dict[str, Any]) -> Part:
    values = frozenset(f"value{name}" for name in raw["values"]) if "values" in raw else None
    most = raw.get("max", "1")
    codes = _code_set(raw["codes"]) if "codes" in raw else None
    return Part(raw.get("min", 0), int(most) if most.isdigit() else None, values, codes)


def _keys(name: str, entry: dict[str, Any]) -> tuple[str, ...]:
    if not name.endswith("[x]"):
        return (name,)
    stem = name.removesuffix("[x]")
    return tuple(stem + kind[0][0].upper() + kind[0][1:] for kind in entry["types"])


def _element(path: str, kind: list[Any], entry: dict[str, Any]) -> Element:
    code: str = kind[0]
    targets = frozenset(kind[1]) if code == "Reference" and len(kind) > 1 else frozenset()
    return Element(
        kind=code,
        many="max" in entry,
        check=CHECKS.get(code),
        node=_node_name(path, kind),
        targets=targets,
        codes=_code_set(entry["codes"]) if "codes" in entry else None,
        rules=tuple(entry.get("rules", ())),
    )


def _node_name(path: str, kind: list[Any]) -> str:
    if kind[0] == "":
        return str(kind[1])
    return path if kind[0] in {"BackboneElement", "Element"} and path.count(".") else str(kind[0])


@cache
def _all_codes() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = json.loads((DATA / "r4-codes.json").read_text(encoding="utf-8"))
    return found


@cache
def _code_set(name: str) -> CodeSet:
    listed = _all_codes()[name]
    systems = {system: frozenset(codes) for system, codes in listed.items() if system != "mime"}
    return CodeSet(name, systems, frozenset().union(*systems.values()), "mime" in listed)
