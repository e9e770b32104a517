"""What one validation carries along: the faults so far, and what to look at once the shape is right."""

from __future__ import annotations

from dataclasses import dataclass, field

from clinic.core.json import Json
from clinic.fhir.issues import Issue, IssueCode, Severity

DEEPEST = 60
"""Objects inside each other. A reader that recurses must not be felled by one record."""
MOST_ELEMENTS = 500_000
MOST_ISSUES = 200
"""Faults listed; more help nobody and would let a small request ask for a large answer."""


@dataclass(slots=True, eq=False)
class Scope:
    """The resource that an element belongs to, and the one that contains it (itself, when none does)."""

    resource: Json
    root: Json
    references: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Duty:
    """An invariant to evaluate on one object (`base` is its FHIR path, such as Patient.contact)."""

    key: str
    value: object
    base: str
    place: str
    scope: Scope


@dataclass(slots=True, eq=False)
class Visit:
    """The state of one validation."""

    issues: list[Issue] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    depth: int = 0
    elements: int = 0
    stopped: bool = False

    def say(self, code: IssueCode, place: str, text: str, *, severity: Severity = "error") -> None:
        """Note a fault; the sentence begins with the place when it begins with a small letter."""
        if len(self.issues) < MOST_ISSUES:
            sentence = f"{place} {text}" if text[:1].islower() else text
            self.issues.append(Issue(severity, code, place, sentence))

    def stop(self, place: str) -> None:
        """Note that the record is too deep or too large to be looked at further."""
        if not self.stopped:
            self.stopped = True
            fault = f"{place} is nested deeper than {DEEPEST} objects, or the record is too large."
            self.issues.append(Issue("error", "too-costly", place, fault))

    @property
    def refused(self) -> bool:
        """Whether an error (and not only warnings) was found."""
        return any(issue.severity == "error" for issue in self.issues)
