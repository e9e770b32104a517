"""The official invariants: each can be evaluated on any record, and its Python form says what its text says."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from clinic.fhir.gate.definitions import resource_types
from clinic.fhir.gate.invariants import holds, holds_by_expression, invariants
from clinic.fhir.gate.rare_rules import RARE_RULES
from clinic.fhir.gate.rules import RULES, not_later, not_more
from clinic.fhir.gate.visit import Duty, Visit
from clinic.fhir.gate.walk import walk_resource
from tests.fhir.made_up import a_resource

COMPARISONS = {"rng-2", "per-1", "mdd-1", "Task-inv-1", "age-1", "cnt-3", "tim-4", "tim-5", "tim-9", "ras-2", "eld-2"}
"""The evaluator cannot make these when a value is missing, of another precision or of another unit."""
STRICTER = {"app-4", "bdl-7", "bdl-11", "bdl-12", "ctm-1"}
"""The evaluator does not find an Appointment by its name (app-4); bdl-7 is looked at elsewhere; a message without entries breaks bdl-12; ctm-1 asks to resolve a reference."""
UNREACHED = {"tst-6", "tst-8", "tst-9", "tst-11", "tst-13"}
"""Too deep inside TestScript for the made-up records; twins of tst-5, tst-7, tst-10 and tst-12."""

NESTED = {"TestScript", "ValueSet", "ConceptMap", "CoverageEligibilityResponse", "Questionnaire", "PlanDefinition"}
"""Types with rules so deep inside that few made-up records reach them."""


@cache
def duties() -> tuple[Duty, ...]:
    random = Random(20270309)
    found: list[Duty] = []
    for kind in sorted(resource_types()):
        for _ in range(40 if kind in NESTED else 10):
            visit = Visit()
            resource = a_resource(kind, random)
            walk_resource(resource, "", visit)
            assert visit.issues == [], resource
            found += visit.duties
    return tuple(found)


def test_every_invariant_can_be_evaluated_on_made_up_records_of_every_type() -> None:
    met = set()
    for duty in duties():
        assert holds(duty) in {True, False}
        met.add(duty.key)
    assert set(invariants()) - met <= UNREACHED


@pytest.mark.parametrize("key", sorted({*RULES} - COMPARISONS - STRICTER))
def test_a_rule_in_python_agrees_with_its_official_expression(key: str) -> None:
    """On up to sixty made-up records, and among all rules both answers occur."""
    mine = [duty for duty in duties() if duty.key == key][:60]
    assert mine
    for duty in mine:
        assert holds(duty) == holds_by_expression(duty), (duty.place, duty.value)


def test_both_answers_occur_among_the_compared_rules() -> None:
    answers = {duty.key: set() for duty in duties() if duty.key in RULES}
    for duty in duties():
        if duty.key in RULES:
            answers[duty.key].add(holds(duty))
    assert sum(found == {True, False} for found in answers.values()) > len(answers) / 2


def test_every_rule_in_python_is_an_official_one() -> None:
    assert {*RULES, *RARE_RULES} <= {*invariants()}


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("2027-01-01", "2027-01-01", True),
        ("2027-01-02", "2027-01-01", False),
        ("2027-01-15", "2027-01", True),
        ("2027-02", "2027-01-15", False),
        ("2027", "2027-01-15", True),
        ("2027-03-09T10:00:00-05:00", "2027-03-09T14:59:59Z", False),
        ("2027-03-09T10:00:00-05:00", "2027-03-09T15:00:00Z", True),
        ("2027-03-09T10:00:00Z", "2027-03-09", True),
        ("2027-03-09T23:59:60Z", "2027-03-09T00:00:00Z", True),
        (None, "2027", True),
        ("2027", None, True),
    ],
)
def test_dates_are_compared_as_far_as_they_are_known(first: str | None, second: str | None, kept: bool) -> None:
    assert not_later(first, second) is kept


@pytest.mark.parametrize(
    ("low", "high", "kept"),
    [
        ({"value": 1, "unit": "kg"}, {"value": 2, "unit": "kg"}, True),
        ({"value": 2, "unit": "kg"}, {"value": 1, "unit": "kg"}, False),
        ({"value": 900, "unit": "g"}, {"value": 1, "unit": "kg"}, True),
        ({"unit": "kg"}, {"value": 1, "unit": "kg"}, True),
        (None, {"value": 1}, True),
    ],
)
def test_quantities_are_compared_in_one_unit_only(low: object, high: object, kept: bool) -> None:
    assert not_more(low, high) is kept
