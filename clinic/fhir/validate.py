"""The gate: whether a FHIR resource may be stored.

Every resource passes here once, when it is written; reading trusts the store. The gate never changes a
resource: what is stored is the JSON that came, digit for digit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from clinic.core.errors import Detail, Invalid
from clinic.core.json import Json
from clinic.fhir.gate.invariants import keep_duties
from clinic.fhir.gate.visit import Visit
from clinic.fhir.gate.walk import walk_resource
from clinic.fhir.issues import Issue

__all__ = ["Issue", "check", "check_tolerant", "require_valid"]


def check(resource: Any) -> list[Issue]:
    """List every fault of a resource, an empty list when there is none.

    Rules between elements (invariants) are looked at once the shape is right, since they mean nothing before.
    Follows FHIR R4 4.0.1; what a profile such as US Core asks beyond it is the region's affair.
    """
    visit = Visit()
    walk_resource(resource, "", visit)
    if not visit.refused:
        keep_duties(visit)
    return visit.issues


def check_tolerant(resource: Any) -> list[Issue]:
    """List every fault as a warning: for forms brought in from outside, which are kept as they came.

    Real questionnaires have small faults ("true" for true, an id with an underscore) that keep nobody from
    filling them in. Only what cannot be stored at all (no resource, an unknown type, too large) stays an error.
    """
    fatal = {"not-supported", "too-costly"}
    faults = check(resource)
    if type(resource) is not dict:
        return faults
    return [fault if fault.code in fatal else replace(fault, severity="warning") for fault in faults]


def require_valid(resource: Json) -> None:
    """Raise Invalid, carrying the issues, when the resource breaks a rule of FHIR R4."""
    errors = tuple(issue for issue in check(resource) if issue.severity == "error")
    if errors:
        raise Invalid(
            "The %(kind)s cannot be stored: %(fault)s",
            kind=str(resource.get("resourceType", "record")) if type(resource) is dict else "record",
            fault=errors[0].diagnostics,
            field=errors[0].expression,
            issues=errors,
            details=tuple(Detail(issue.expression, issue.diagnostics) for issue in errors),
        )
