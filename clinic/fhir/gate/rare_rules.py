"""Invariants of definitions and test scripts whose expressions the evaluator cannot evaluate.

It raises on `in`, `and`, `&` and comparisons when an element has only an extension and no value. Keys and
meaning: http://hl7.org/fhir/R4, the page of each type.
"""

from __future__ import annotations

from typing import Any

from clinic.fhir.gate.rules import RULES, Rule, has
from clinic.fhir.gate.visit import Scope

_WITH_LENGTH = {"boolean", "decimal", "integer", "string", "text", "url", "open-choice"}
_WITHOUT_TARGET = {"capabilities", "search", "transaction", "history"}


def _que_10(value: Any, _: Scope) -> bool:
    return not has(value, "maxLength") or value.get("type") in _WITH_LENGTH


def _tst_7(value: Any, _: Scope) -> bool:
    given = [name for name in ("targetId", "url", "params") if has(value, name)]
    kind = value.get("type", {}).get("code")
    return has(value, "sourceId") or len(given) == 1 or kind is None or kind in _WITHOUT_TARGET


def _eld_18(value: Any, _: Scope) -> bool:
    return value.get("isModifier") is not True or has(value, "isModifierReason")


def _cpb_7(value: Any, _: Scope) -> bool:
    named = [(held.get("profile", ""), held.get("mode", "")) for held in value.get("document", ())]
    return len(named) == len({*named})


def _paths(value: Any) -> list[str]:
    return [element.get("path", "") for element in value.get("element", ())]


def _sdf_8(value: Any, scope: Scope) -> bool:
    first, *rest = _paths(value)
    rooted = scope.resource.get("kind") == "logical" or first == scope.resource.get("type")
    return rooted and all(path.startswith(f"{first}.") for path in rest if path)


def _sdf_8a(value: Any, scope: Scope) -> bool:
    first, *rest = _paths(value)
    rooted = scope.resource.get("kind") == "logical" or first.startswith(scope.resource.get("type", ""))
    root = first.partition(".")[0]
    return (rooted or not first) and all(path.startswith(f"{root}.") for path in rest if path)


RARE_RULES: dict[str, Rule] = {
    "cpb-7": _cpb_7,
    "eld-18": _eld_18,
    "que-10": _que_10,
    "sdf-8": _sdf_8,
    "sdf-8a": _sdf_8a,
    "tst-7": _tst_7,
    "tst-8": _tst_7,
    "tst-9": _tst_7,
}
ALL_RULES: dict[str, Rule] = RULES | RARE_RULES
