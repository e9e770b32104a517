"""Bundles that are commands: a batch entry by entry, a transaction as a whole."""

from __future__ import annotations

import base64
import json

import pytest

from tests.fhir_api.conftest import Api, a_group, an_observation, why

ANA = {"resourceType": "Patient", "name": [{"family": "Doe"}], "identifier": [{"system": "urn:r", "value": "1"}]}


def _bundle(*entries: dict, kind: str = "transaction") -> dict:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def _entry(method: str, url: str, resource: dict | None = None, full: str = "", **request: str) -> dict:
    made: dict = {"request": {"method": method, "url": url} | request}
    if full:
        made["fullUrl"] = full
    return made | ({"resource": resource} if resource else {})


def _statuses(answer) -> list[str]:
    return [one["response"]["status"][:3] for one in answer.json["entry"]]


def test_a_transaction_links_its_entries(api: Api) -> None:
    answer = api("POST", "/", _bundle(
        _entry("POST", "Observation", an_observation(subject={"reference": "urn:uuid:ana"}, focus=[
            {"reference": "http://elsewhere.example.org/Patient/b"}]), "urn:uuid:obs"),
        _entry("POST", "Patient", ANA, "urn:uuid:ana"),
        _entry("PUT", "Patient/b", ANA | {"id": "b", "identifier": []} if False else {"resourceType": "Patient", "id": "b"},
               "http://elsewhere.example.org/Patient/b"),
        _entry("GET", "Observation?code:text=weight"),
    ))  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert answer.json["type"] == "transaction-response"
    assert _statuses(answer) == ["201", "201", "201", "200"]
    made, ana = answer.json["entry"][0], answer.json["entry"][1]
    assert made["resource"]["subject"]["reference"] == f"Patient/{ana['resource']['id']}"
    assert made["resource"]["focus"][0]["reference"] == "Patient/b"
    assert made["response"]["location"] == f"Observation/{made['resource']['id']}/_history/1"
    assert answer.json["entry"][3]["resource"]["total"] == 1


def test_a_transaction_does_all_or_nothing(api: Api) -> None:
    answer = api("POST", "", _bundle(
        _entry("POST", "Group", a_group()),
        _entry("POST", "Observation", an_observation(status="dreamt")),
    ))  # fmt: skip
    assert why(answer) == (422, "Bundle.entry[1].Observation.status")
    assert api.ids("/Group") == []


def test_a_batch_does_each_entry_by_itself(api: Api) -> None:
    answer = api("POST", "", _bundle(
        _entry("POST", "Group", a_group()),
        _entry("POST", "Observation", an_observation(status="dreamt")),
        _entry("GET", "Group"),
        _entry("GET", "Group/never"),
        {"request": {"method": "FLY", "url": "Group"}},
        {},
        kind="batch",
    ))  # fmt: skip
    assert answer.json["type"] == "batch-response"
    assert _statuses(answer) == ["201", "422", "200", "404", "400", "400"]
    assert answer.json["entry"][1]["response"]["outcome"]["resourceType"] == "OperationOutcome"
    assert len(api.ids("/Group")) == 1


def test_conditions_and_every_method_work_inside(api: Api) -> None:
    api("PUT", "/Group/old", a_group(id="old"))
    api("PUT", "/Group/gone", a_group(id="gone"))
    patch = base64.b64encode(json.dumps([{"op": "replace", "path": "/name", "value": "Riders"}]).encode()).decode()
    answer = api("POST", "", _bundle(
        _entry("DELETE", "Group/gone"),
        _entry("PUT", "Patient?identifier=urn:r|1", ANA, "urn:uuid:x"),
        _entry("POST", "Patient", ANA | {"identifier": [{"system": "urn:r", "value": "2"}]}, ifNoneExist="identifier=urn:r|2"),
        _entry("PATCH", "Group/old", {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": patch}),
        _entry("POST", "Observation", an_observation(subject={"reference": "urn:uuid:x"})),
        _entry("GET", "Group/old"),
        _entry("GET", "Group/old/_history"),
        _entry("GET", "Group/old/_history/1"),
        _entry("GET", "Group/old", ifNoneMatch='W/"2"'),
    ))  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert _statuses(answer) == ["204", "201", "201", "200", "201", "200", "200", "200", "304"]
    assert answer.json["entry"][5]["resource"]["name"] == "Riders"
    again = api("POST", "", _bundle(
        _entry("POST", "Patient", ANA, "urn:uuid:x", ifNoneExist="identifier=urn:r|1"),
        _entry("POST", "Observation", an_observation(subject={"reference": "urn:uuid:x"})),
    ))  # fmt: skip
    assert _statuses(again) == ["200", "201"]
    assert (
        again.json["entry"][1]["resource"]["subject"]["reference"]
        == f"Patient/{answer.json['entry'][1]['resource']['id']}"
    )


def test_a_conditional_reference_must_be_clear(api: Api) -> None:
    observation = _entry("POST", "Observation", an_observation(subject={"reference": "Patient?identifier=urn:r|1"}))
    assert why(api("POST", "", _bundle(observation)))[0] == 412
    api("PUT", "/Patient/ana", ANA | {"id": "ana"})
    made = api("POST", "", _bundle(observation))
    assert made.json["entry"][0]["resource"]["subject"]["reference"] == "Patient/ana"


@pytest.mark.parametrize(
    ("bundle", "status", "element"),
    [
        ({"resourceType": "Patient"}, 400, "Bundle.resourceType"),
        ([], 400, "Bundle.resourceType"),
        ({"resourceType": "Bundle", "type": "collection"}, 400, "Bundle.type"),
        ({"resourceType": "Bundle", "type": "transaction", "entry": {}}, 400, "Bundle.entry"),
        (_bundle(5), 400, "Bundle.entry[0].request"),
        (_bundle({"request": 5}), 400, "Bundle.entry[0].request"),
        (_bundle(_entry("FLY", "Group")), 400, "Bundle.entry[0].request.method"),
        (_bundle({"request": {"method": "GET", "url": 5}}), 400, "Bundle.entry[0].request.url"),
        (_bundle(_entry("GET", "Nothing/1")), 400, "Bundle.entry[0].request.url"),
        (_bundle(_entry("GET", "http://elsewhere.example.org/Group/1")), 400, "Bundle.entry[0].request.url"),
        (_bundle(_entry("GET", "Group/1/x/y/z")), 400, "Bundle.entry[0].request.url"),
        (_bundle(_entry("POST", "Group")), 400, "Bundle.entry[0].Group"),
        (_bundle(_entry("POST", "Group/1", a_group())), 405, "Bundle.entry[0].request.url"),
        (_bundle(_entry("PUT", "Group/1", a_group(id="2"))), 400, "Bundle.entry[0].Group.id"),
        (_bundle(_entry("PUT", "Group/1", a_group(id="1"), ifMatch='W/"3"')), 412, "Bundle.entry[0].Group.id"),
        (_bundle(*[_entry("PUT", "Group/1", a_group(id="1"))] * 2), 400, "Bundle.entry[1]"),
        (_bundle(_entry("PATCH", "Group/1", a_group())), 400, "Bundle.entry[0].resource.data"),
        (_bundle(_entry("GET", "Group/never")), 404, "Bundle.entry[0].Group.id"),
        (
            _bundle(_entry("PUT", "AuditEvent/1", {"resourceType": "AuditEvent", "id": "1"})),
            405,
            "Bundle.entry[0].AuditEvent",
        ),
    ],
)
def test_a_bad_bundle_names_the_element(lite: Api, bundle: object, status: int, element: str) -> None:
    assert why(lite("POST", "", bundle)) == (status, element)


def test_an_empty_transaction_is_no_fault(lite: Api) -> None:
    assert lite("POST", "", {"resourceType": "Bundle", "type": "transaction"}).json["type"] == "transaction-response"
