"""Every element of real records turned into something else: refused in words, never broken, never kept by halves."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.fhir_api.conftest import JSON, token_for
from tests.robustness.house import House

TYPES = ("Patient", "Appointment", "Coverage", "Encounter", "Practitioner", "Location", "QuestionnaireResponse")
ODD: tuple[Any, ...] = (
    None, 5, -1, True, "", " ", "x" * 5000, "<script>1</script>", "a\u0007", "\u202e", [], {}, [None], [[]], [5],
    {"a": 1}, "2027-02-30", 10**30, 1.5, "=1+1",
)  # fmt: skip


def mutations(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The record with each of its elements, two levels deep, replaced by a few odd values in turn."""
    made, at = [], 0
    for name, value in record.items():
        for _ in range(3):
            at += 7
            made.append(record | {name: ODD[at % len(ODD)]})
        inner = value[0] if isinstance(value, list) and value else value
        for key in inner if isinstance(inner, dict) else ():
            at += 1
            changed = copy.deepcopy(record)
            target = changed[name][0] if isinstance(value, list) else changed[name]
            target[key] = ODD[at % len(ODD)]
            made.append(changed)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("type_", TYPES)
def test_a_mutated_record_is_refused_or_kept_whole(house: House, type_: str) -> None:
    house.put_back()
    headers = {"Authorization": f"Bearer {token_for(house.app)}"}
    client = house.app.test_client()
    found = client.get(f"/fhir/{type_}?_count=1", headers=headers).json["entry"][0]["resource"]
    before, wrong = house.rows(), []
    for body in mutations(found):
        answer = client.put(f"/fhir/{type_}/{found['id']}", data=json.dumps(body), headers=headers, content_type=JSON)
        after = house.rows()
        outcome = answer.status_code < 400 or answer.json["resourceType"] == "OperationOutcome"
        if answer.status_code >= 500 or not outcome or (answer.status_code >= 400 and after != before):
            wrong.append((answer.status_code, json.dumps(body)[:300]))
        before = after
    assert wrong == []
