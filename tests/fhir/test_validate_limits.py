"""Depth, numbers of faults and mangled records never fell the gate."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from clinic.fhir.gate.visit import DEEPEST, MOST_ISSUES
from clinic.fhir.validate import check
from tests.fhir.samples import a_sample, names


def errors(resource: Any) -> list[tuple[str, str]]:
    return [(issue.code, issue.expression) for issue in check(resource) if issue.severity == "error"]


def test_depth_is_limited_without_felling_the_reader() -> None:
    extension: dict[str, Any] = {"url": "urn:x", "valueCode": "y"}
    for _ in range(5_000):
        extension = {"url": "urn:x", "extension": [extension]}
    found = errors({"resourceType": "Basic", "code": {"text": "x"}, "extension": [extension, extension]})
    assert [code for code, _ in found] == ["too-costly"]
    assert found[0][1].count("extension[0]") <= DEEPEST


def test_depth_in_a_contained_record_or_in_a_wrong_value_is_limited_too() -> None:
    deep: dict[str, Any] = {"a": 1}
    for _ in range(5_000):
        deep = {"extension": [deep]}
    basic = {"resourceType": "Basic", "id": "b", "code": {"text": "x"}}
    assert "too-costly" in [code for code, _ in errors(basic | {"contained": [basic | deep]})]
    assert ("value", "Patient.active") in errors({"resourceType": "Patient", "active": deep})
    assert ("structure", "Patient.name[0]") in errors({"resourceType": "Patient", "name": [[deep]]})
    assert errors({"resourceType": deep}) == [("not-supported", "$this")]


@pytest.mark.parametrize("name", names())
def test_no_mangled_record_fells_the_gate(name: str) -> None:
    random = Random(name)
    odd = [None, True, 0, -1, Decimal("1.5"), "", "x", " ", [], {}, [None], [[]], {"id": []}, {"x": {}}, "#", "#x"]
    for _ in range(300):
        resource = a_sample(name)
        spots: list[tuple[Any, Any]] = []
        waiting: list[Any] = [resource]
        while waiting:
            holder = waiting.pop()
            keys = list(holder) if isinstance(holder, dict) else range(len(holder))
            spots += [(holder, key) for key in keys]
            waiting += [holder[key] for key in keys if isinstance(holder[key], dict | list)]
        for holder, key in random.sample(spots, min(3, len(spots))):
            holder[key] = random.choice(odd)
        for issue in check(resource):
            assert issue.diagnostics
            assert issue.expression


def test_resources_inside_resources_are_limited_too() -> None:
    resource: dict[str, Any] = {"resourceType": "Basic", "code": {"text": "x"}}
    for _ in range(2_000):
        resource = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource}]}
    assert [code for code, _ in errors(resource)] == ["too-costly"]


def test_a_record_with_thousands_of_faults_gets_a_short_answer() -> None:
    resource = {"resourceType": "Patient", "name": [{"family": ""} for _ in range(5_000)]}
    assert len(check(resource)) == MOST_ISSUES
