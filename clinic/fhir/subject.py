"""Whose record a resource belongs to."""

from __future__ import annotations

from typing import Any

from clinic.core.json import Json

_FIELDS = ("subject", "patient", "beneficiary", "individual", "for", "source", "actor")
_MORE = ("request", "securityContext")
"""Where a payment and a picture say whose they are; not asked for the audit trail."""


def patient_of(resource: Json) -> str:
    """The id of the patient a resource is about; empty when it is about none."""
    if resource.get("resourceType") == "Patient":
        return str(resource.get("id", ""))
    if resource.get("resourceType") == "Provenance":
        return _patient_id(resource.get("target"))
    for name in _FIELDS:
        found = _patient_id(resource.get(name))
        if found:
            return found
    for part in _list(resource.get("participant")):
        found = _patient_id(part.get("actor"))
        if found:
            return found
    return ""


def patients_of(resource: Json) -> set[str]:
    """The ids of all patients whose record a resource is part of: mostly one, several for a group's appointment."""
    if resource.get("resourceType") == "Patient":
        return {str(resource.get("id", ""))}
    names = ("target",) if resource.get("resourceType") == "Provenance" else (*_FIELDS, *_MORE)
    named = [part for name in names for part in _list(resource.get(name))]
    named += [part.get("actor") for part in _list(resource.get("participant"))]
    return {found for part in named if (found := reference_id(part, "Patient"))}


def reference_id(value: Any, type_: str) -> str:
    """The id in a Reference of the wanted type; empty for any other."""
    text = value.get("reference") if isinstance(value, dict) else None
    if not isinstance(text, str) or not text.startswith(type_ + "/"):
        return ""
    return text[len(type_) + 1 :].split("/", 1)[0]


def _patient_id(value: Any) -> str:
    for one in _list(value):
        found = reference_id(one, "Patient")
        if found:
            return found
    return ""


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [one for one in value if isinstance(one, dict)]
    return [value] if isinstance(value, dict) else []
