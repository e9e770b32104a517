"""What a bundle brings: the records in it, each with the id that it has or always gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import NAMESPACE_URL, uuid5

from clinic.core.json import Json, canonical
from clinic.fhir.params import resource_types
from clinic.fhir_api.references import CONDITIONAL, conditional, replaced

OPENED = ("transaction", "batch", "collection", "searchset")
"""Kinds of bundles whose entries are records to bring in; the others are records themselves."""
COMMANDS = ("transaction", "batch")

Find = Callable[[str, tuple[tuple[str, str], ...]], list[str]]
"""Type and conditions in, at most two ids out. Raises ClinicError for conditions that cannot be read."""


@dataclass(frozen=True)
class Piece:
    """One record of a bundle with its place; `only_new` when an existing one is to be left alone."""

    place: str
    resource: Json
    only_new: bool = False


@dataclass
class Plan:
    """The records of a bundle, and what keeps it from being taken."""

    pieces: list[Piece] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def stable_id(seed: str) -> str:
    """The id that a record without one always gets, from its address in the bundle or from its content."""
    return str(uuid5(NAMESPACE_URL, seed))


def read_bundle(bundle: Json, find: Find) -> Plan:
    """Read the entries of a bundle that is to be opened."""
    plan = Plan()
    entries = bundle.get("entry", [])
    known: dict[str, str] = {}
    for at, entry in enumerate(entries if isinstance(entries, list) else []):
        place = f"entry[{at}]"
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            _without(plan, place, entry)
            continue
        piece = _piece(plan, place, entry, str(bundle["type"]), find)
        if piece is not None:
            plan.pieces.append(piece)
            full = entry.get("fullUrl")
            if isinstance(full, str) and (full.startswith("urn:") or bundle["type"] in COMMANDS):
                known[full] = f"{piece.resource['resourceType']}/{piece.resource['id']}"
    plan.pieces = [_resolved(plan, piece, known, find) for piece in plan.pieces]
    return plan


def _without(plan: Plan, place: str, entry: Any) -> None:
    request = entry.get("request") if isinstance(entry, dict) else None
    if isinstance(request, dict):
        plan.notes.append(f"{place} left out: {request.get('method')} {request.get('url')} brings no record in")


def _piece(plan: Plan, place: str, entry: Json, kind: str, find: Find) -> Piece | None:
    resource: Json = entry["resource"]
    type_ = resource.get("resourceType")
    request = entry.get("request") if kind in COMMANDS else {}
    if not isinstance(request, dict):
        plan.faults.append(f"{place}.request is missing")
        return None
    url = str(request.get("url", ""))
    if "$" in url or type_ not in resource_types():
        fault = f"{place} is no record that can be kept ({type_})"
        (plan.notes if "$" in url or type_ == "Parameters" else plan.faults).append(fault)
        return None
    id_, only_new = _identity(plan, place, entry, request, find)
    return Piece(place, {**resource, "id": id_}, only_new) if id_ else None


def _identity(plan: Plan, place: str, entry: Json, request: Json, find: Find) -> tuple[str, bool]:
    """(the id, whether an existing record is to be left alone); an empty id when it cannot be told."""
    resource = entry["resource"]
    type_, own = resource["resourceType"], resource.get("id")
    parts = urlsplit(str(request.get("url", "")))
    condition = request.get("ifNoneExist") or (parts.query if request.get("method") == "PUT" else "")
    if condition:
        same = find(type_, tuple(parse_qsl(str(condition).split("?")[-1], keep_blank_values=True)))
        if len(same) > 1:
            plan.faults.append(f"{place}: more than one {type_} matches {condition}")
            return "", False
        if same:
            return same[0], bool(request.get("ifNoneExist"))
    steps = parts.path.split("/")
    if request.get("method") == "PUT" and len(steps) > 1:
        return steps[-1], False
    if isinstance(own, str) and own:
        return own, False
    full = entry.get("fullUrl")
    return stable_id(full if isinstance(full, str) and full else canonical(resource)), False


def _resolved(plan: Plan, piece: Piece, known: dict[str, str], find: Find) -> Piece:
    resource = replaced(piece.resource, known)
    found: dict[str, str] = {}
    for text in conditional(resource):
        match = CONDITIONAL.fullmatch(text)
        if match is None or match[1] not in resource_types():
            continue
        ids = find(match[1], tuple(parse_qsl(match[2], keep_blank_values=True)))
        if len(ids) == 1:
            found[text] = f"{match[1]}/{ids[0]}"
        else:
            plan.faults.append(f"{piece.place}: {text[:120]} matches {'several records' if ids else 'no record'}")
    return Piece(piece.place, replaced(resource, found) if found else resource, piece.only_new)
