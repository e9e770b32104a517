"""The official FHIRPath expressions, parsed once and evaluated by fhirpathpy.

The evaluator lacks `hasValue` and, against FHIRPath, raises when a text has only an extension and no value;
the functions here replace its own. The operators that share the fault are met by `rare_rules`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from clinic.fhir.gate.visit import Duty

Evaluated = Callable[[Any, dict[str, Any]], list[Any]]


def result_of(expression: str, duty: Duty) -> list[Any]:
    """Evaluate an expression on the object of a duty."""
    nodes = _nodes()
    names = {"resource": duty.scope.resource, "rootResource": duty.scope.root}
    return _compiled(expression)(nodes.create_node(duty.value, duty.base), names)


@cache
def _nodes() -> Any:
    from fhirpathpy.engine.nodes import ResourceNode

    return ResourceNode


@cache
def _compiled(expression: str) -> Evaluated:
    import fhirpathpy
    from fhirpathpy.models import models

    options = {"traceFn": lambda *_: None, "userInvocationTable": _FUNCTIONS}
    spelled = expression.replace("is Boolean", "is boolean")  # FHIR's type, not FHIRPath's own
    compiled: Evaluated = fhirpathpy.compile(spelled, models["r4"], options)
    return compiled


def _has_value(found: list[Any]) -> list[bool]:
    return [len(found) == 1 and not isinstance(found[0], dict | list | None)]


def _text_function(says: Callable[[str, str], bool]) -> dict[str, Any]:
    def function(found: list[Any], other: str) -> list[bool]:
        text = found[0] if len(found) == 1 else None
        return [says(text, other)] if isinstance(text, str) and isinstance(other, str) else []

    return {"fn": function, "arity": {1: ["String"]}}


_FUNCTIONS: dict[str, Any] = {
    "hasValue": {"fn": _has_value, "arity": {0: []}},
    "startsWith": _text_function(str.startswith),
    "contains": _text_function(str.__contains__),
    "matches": _text_function(lambda text, pattern: re.search(pattern, text, re.DOTALL) is not None),
}
