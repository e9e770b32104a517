"""References: how they are spelled, and which types an element may point to."""

from __future__ import annotations

import re

from clinic.core.json import Json
from clinic.fhir.gate.definitions import Element, resource_types
from clinic.fhir.gate.primitives import quoted
from clinic.fhir.gate.visit import Scope, Visit

_PLACED = re.compile(r"(https?://\S+/)?([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(/_history/[A-Za-z0-9\-.]{1,64})?")
_ELSEWHERE = re.compile(r"(https?://\S+|urn:oid:\S+)")
_BY_UUID = re.compile(r"urn:uuid:[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_BY_SEARCH = re.compile(r"([A-Z][A-Za-z]+)\?\S+")
_DEFINITION = "http://hl7.org/fhir/StructureDefinition/"


def check_reference(value: Json, element: Element, place: str, scope: Scope, visit: Visit) -> None:
    """Check the spelling of a reference and that its type is one that the element allows."""
    text = value.get("reference")
    named = value.get("type")
    if type(text) is not str:
        kind = named if type(named) is str and named in resource_types() else ""
        _check_target(kind, element, place, visit)
        return
    scope.references.append((place, text))
    found = _kind_of(text, scope)
    if found is None:
        visit.say("value", f"{place}.reference", f"is {quoted(text)}, which is not a FHIR reference.")
        return
    _check_target(found, element, place, visit)
    if found and type(named) is str and named.removeprefix(_DEFINITION) != found:
        visit.say("value", f"{place}.type", f"says {quoted(named)}, but the reference is to {found}.")


def _check_target(kind: str, element: Element, place: str, visit: Visit) -> None:
    if kind and element.targets and kind not in element.targets:
        allowed = ", ".join(sorted(element.targets))
        visit.say("structure", place, f"may refer to {allowed}, not to {kind}.")


def _kind_of(text: str, scope: Scope) -> str | None:
    """The type that a reference names, empty when it does not tell, None when it is not a reference."""
    if text == "#":
        return str(scope.root["resourceType"])
    if text.startswith("#"):
        return _contained_kind(text[1:], scope)
    placed = _PLACED.fullmatch(text)
    if placed:
        if placed[2] in resource_types():
            return placed[2]
        return "" if placed[1] else None
    searched = _BY_SEARCH.fullmatch(text)
    if searched:
        return searched[1] if searched[1] in resource_types() else None
    return "" if _BY_UUID.fullmatch(text) or _ELSEWHERE.fullmatch(text) else None


def _contained_kind(name: str, scope: Scope) -> str:
    held = scope.root.get("contained")
    for inner in held if type(held) is list else []:
        if type(inner) is dict and inner.get("id") == name:
            kind = inner.get("resourceType")
            return kind if type(kind) is str and kind in resource_types() else ""
    return ""


def check_contained(scope: Scope, visit: Visit) -> None:
    """Every reference that begins with # must name a resource contained in the root (invariant ref-1)."""
    held = scope.root.get("contained")
    names = [inner.get("id") for inner in held if type(inner) is dict] if type(held) is list else []
    for place, text in scope.references:
        if text.startswith("#") and len(text) > 1 and text[1:] not in names:
            visit.say(
                "invariant",
                f"{place}.reference",
                f"is {quoted(text)}, but no such resource is contained. (ref-1)",
            )
