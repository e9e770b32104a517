"""What the gate says about a resource: one fault, where it is, and a sentence that a person can act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
IssueCode = Literal[
    "structure",
    "required",
    "value",
    "invariant",
    "code-invalid",
    "not-supported",
    "extension",
    "too-costly",
]
"""Codes of http://hl7.org/fhir/issue-type that the gate uses."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault: a FHIRPath such as Patient.name[0].family, and a plain sentence (`diagnostics`)."""

    severity: Severity
    code: IssueCode
    expression: str
    diagnostics: str
