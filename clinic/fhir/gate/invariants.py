"""Invariants: the official rules between elements, evaluated once the shape is known to be right.

An expression costs 0.05 to 0.3 ms and its first use 10 ms, so the rules that most records meet (periods,
contact points, appointments) are written in Python in `rules`; tests hold both forms against each other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from clinic.fhir.gate.definitions import DATA
from clinic.fhir.gate.expressions import result_of
from clinic.fhir.gate.rare_rules import ALL_RULES
from clinic.fhir.gate.visit import Duty, Visit
from clinic.fhir.issues import Severity


@dataclass(frozen=True, slots=True)
class Invariant:
    """One official rule: what it says to a person, and its FHIRPath expression."""

    severity: Severity
    human: str
    expression: str


@cache
def invariants() -> dict[str, Invariant]:
    """All rules by key, as `build` condensed them."""
    listed = json.loads((DATA / "r4-invariants.json").read_text(encoding="utf-8"))
    return {key: Invariant(**rule) for key, rule in listed.items()}


def keep_duties(visit: Visit) -> None:
    """Evaluate every rule that the walk found to be due, and note those that are broken."""
    for duty in visit.duties:
        if not holds(duty):
            rule = invariants()[duty.key]
            name = duty.key.removeprefix(f"{duty.base.partition('.')[0]}-")
            visit.say("invariant", duty.place, f"{rule.human.rstrip('.')}. ({name})", severity=rule.severity)


def holds(duty: Duty) -> bool:
    """Whether one rule holds, by its Python form where there is one."""
    quick = ALL_RULES.get(duty.key)
    return quick(duty.value, duty.scope) if quick is not None else holds_by_expression(duty)


def holds_by_expression(duty: Duty) -> bool:
    """Whether one rule holds, by its official expression; one that cannot tell (an empty result) holds."""
    result = result_of(invariants()[duty.key].expression, duty)
    return not (result and result[0] is False)
