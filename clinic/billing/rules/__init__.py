"""Pure decisions about diagnoses and charges."""

from __future__ import annotations

from clinic.billing.rules.facts import AgeSexNote, CodeFact, CoverageFact, Facts, Person, ProviderFact
from clinic.billing.rules.findings import N_, Finding, Level, Repair
from clinic.billing.rules.repairs import apply
from clinic.billing.rules.sheet import (
    LETTERS,
    MOST_DIAGNOSES,
    MOST_LINES,
    MOST_MODIFIERS,
    ChargeLine,
    Diagnosis,
    Sheet,
    letter,
)
from clinic.billing.rules.visit import check, stops

__all__ = [
    "LETTERS",
    "MOST_DIAGNOSES",
    "MOST_LINES",
    "MOST_MODIFIERS",
    "N_",
    "AgeSexNote",
    "ChargeLine",
    "CodeFact",
    "CoverageFact",
    "Diagnosis",
    "Facts",
    "Finding",
    "Level",
    "Person",
    "ProviderFact",
    "Repair",
    "Sheet",
    "apply",
    "check",
    "letter",
    "stops",
]
