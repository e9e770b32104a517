"""Invariants: the official FHIRPath rules between elements, each parsed once, and the busiest written in Python.

An expression costs about 0.2 ms, so those that most records meet (periods, contact points, appointments) are in
`rules.py`. Both are held against each other in the tests.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from clinic.fhir.gate.definitions import DATA
from clinic.fhir.gate.rules import RULES
from clinic.fhir.gate.visit import Duty, Visit
from clinic.fhir.issues import Severity

CANNOT_SAY = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
"""What the evaluator raises on values that it has no rule for; such a rule is not held against the record."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """One official rule: its key, what it says to a person, and how it is evaluated."""

    key: str
    severity: Severity
    human: str
    expression: str


@cache
def invariants() -> dict[str, Invariant]:
    """All rules by key, as `build` condensed them."""
    listed = json.loads((DATA / "r4-invariants.json").read_text(encoding="utf-8"))
    return {
        key: Invariant(key, "error" if rule["severity"] == "error" else "warning", rule["human"], rule["expression"])
        for key, rule in listed.items()
    }


def keep_duties(visit: Visit) -> None:
    """Evaluate every rule that the walk found to be due, and note those that are broken."""
    for duty in visit.duties:
        rule = invariants()[duty.key]
        if not holds(duty):
            name = duty.key.rpartition("inv-")[0].rstrip("-") and duty.key.partition("-")[2] or duty.key
            visit.say("invariant", duty.place, f"{rule.human.rstrip('.')}. ({name})", severity=rule.severity)


def holds(duty: Duty) -> bool:
    """Whether one rule holds, by its Python form where there is one."""
    quick = RULES.get(duty.key)
    return quick(duty.value, duty.scope) if quick is not None else holds_by_expression(duty)


def holds_by_expression(duty: Duty) -> bool:
    """Whether one rule holds, by its official expression."""
    from fhirpathpy.engine.nodes import ResourceNode

    names = {"resource": duty.scope.resource, "rootResource": duty.scope.root}
    try:
        result = _compiled(invariants()[duty.key].expression)(ResourceNode.create_node(duty.value, duty.base), names)
    except CANNOT_SAY:
        return True
    return not (result and result[0] is False)


@cache
def _compiled(expression: str) -> Callable[[Any, dict[str, Any]], list[Any]]:
    import fhirpathpy
    from fhirpathpy.models import models

    options: dict[str, Any] = {
        "traceFn": lambda *_: None,
        "userInvocationTable": {"hasValue": {"fn": _has_value, "arity": {0: []}}},
    }
    compiled: Callable[[Any, dict[str, Any]], list[Any]] = fhirpathpy.compile(
        expression.replace("is Boolean", "is boolean"), models["r4"], options
    )
    return compiled


def _has_value(found: list[Any]) -> list[bool]:
    """FHIR's own function, which the evaluator does not know: one primitive with a value, not only extensions."""
    from fhirpathpy.engine.util import get_data

    return [len(found) == 1 and not isinstance(get_data(found[0]), dict | list | None)]
