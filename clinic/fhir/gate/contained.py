"""Resources inside a resource: named, used, not nested and without a life of their own (dom-2 to dom-5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clinic.core.json import Json
from clinic.fhir.gate.visit import Visit


def check_containment(value: Json, place: str, visit: Visit) -> None:
    """Check what a resource contains. The walk finds faults of form; here are the rules between them."""
    held = value.get("contained")
    if type(held) is not list:
        return
    used: set[str] | None = None
    seen: set[Any] = set()
    for index, inner in enumerate(held):
        if type(inner) is not dict:
            continue
        here = f"{place}.contained[{index}]"
        used = set(_addresses(value)) if used is None else used
        _check_one(inner, here, visit)
        name = inner.get("id")
        if type(name) is not str:
            continue
        if name in seen:
            visit.say("structure", f"{here}.id", "is given to two contained resources.")
        seen.add(name)
        if f"#{name}" not in used and "#" not in set(_addresses(inner)):
            visit.say("invariant", here, "is contained, but nothing refers to it. (dom-3)")


def _check_one(inner: Json, here: str, visit: Visit) -> None:
    if "id" not in inner:
        visit.say("required", f"{here}.id", "is missing; a contained resource needs one to be referred to.")
    if "contained" in inner:
        visit.say("invariant", f"{here}.contained", "A contained resource may not contain others. (dom-2)")
    meta = inner.get("meta")
    if type(meta) is not dict:
        return
    if "versionId" in meta or "lastUpdated" in meta:
        visit.say("invariant", f"{here}.meta", "A contained resource has no version of its own. (dom-4)")
    if "security" in meta:
        visit.say("invariant", f"{here}.meta.security", "A contained resource has no security labels. (dom-5)")


def _addresses(value: Any) -> Iterator[str]:
    """Every text that could be a reference into the resource (reference, canonical, uri, url)."""
    if type(value) is str:
        if value.startswith("#"):
            yield value
    elif type(value) is dict:
        for inner in value.values():
            yield from _addresses(inner)
    elif type(value) is list:
        for inner in value:
            yield from _addresses(inner)
