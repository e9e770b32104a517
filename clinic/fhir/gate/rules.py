"""Invariants written in Python: those that most records meet, and those that the evaluator gets wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clinic.fhir.gate.visit import Scope

Rule = Callable[[Any, Scope], bool]

RULES: dict[str, Rule] = {}
