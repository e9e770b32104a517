"""`Patient/$match` answers with the desk's own matcher."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from clinic.web.state import state_of
from tests.fhir_api.conftest import Api, why

GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"
BEA: dict[str, Any] = {
    "resourceType": "Patient",
    "name": [{"use": "official", "family": "García Leal", "given": ["Beatriz"]}],
    "gender": "female",
    "birthDate": "1980-02-03",
    "telecom": [{"system": "phone", "value": "+12025550177", "use": "mobile"}],
    "address": [{"line": ["8 Mill Lane"], "postalCode": "12207"}],
}


def asked(patient: Any, **rest: Any) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"name": "resource", "resource": patient}]
    parts += [{"name": name, **value} for name, value in rest.items()]
    return {"resourceType": "Parameters", "parameter": parts}


def grades(answer: Any) -> list[tuple[str, str, float]]:
    assert answer.status_code == 200, answer.text
    assert answer.json["type"] == "searchset"
    found = answer.json.get("entry", [])
    assert answer.json["total"] == len(found)
    return [
        (one["resource"]["id"], one["search"]["extension"][0]["valueCode"], one["search"]["score"]) for one in found
    ]


@pytest.fixture
def known(api: Api) -> dict[str, str]:
    """Beatriz, her twin, and a stranger."""
    twin = BEA | {"name": [{"family": "García Leal", "given": ["Lucía"]}]}
    stranger = {"resourceType": "Patient", "name": [{"family": "García", "given": ["Luis"]}], "birthDate": "1951-07-21"}
    made = {}
    for name, patient in (("bea", BEA), ("twin", twin), ("stranger", stranger)):
        answer = api("POST", "/Patient", patient)
        assert answer.status_code == 201, answer.text
        made[name] = answer.json["id"]
    return made


def test_the_same_person_is_certain_the_twin_possible_and_a_stranger_absent(api: Api, known: dict[str, str]) -> None:
    found = grades(api("POST", "/Patient/$match", asked(BEA)))
    assert [(id_, grade) for id_, grade, _ in found] == [(known["bea"], "certain"), (known["twin"], "possible")]
    assert 0.97 <= found[0][2] <= 1
    assert 0.6 <= found[1][2] < 0.85


def test_errors_make_it_probable(api: Api, known: dict[str, str]) -> None:
    wrong = {
        "resourceType": "Patient",
        "name": [{"family": "Garcia", "given": ["Beatris"]}],
        "birthDate": "1980-03-02",
        "telecom": BEA["telecom"],
        "address": [{"line": ["40 Quay Row"]}],
    }
    found = grades(api("POST", "/Patient/$match", asked(wrong)))
    assert found[0][:2] == (known["bea"], "probable")


def test_only_certain_matches_are_one_or_none(api: Api, known: dict[str, str]) -> None:
    certain = {"onlyCertainMatches": {"valueBoolean": True}}
    assert [id_ for id_, _, _ in grades(api("POST", "/Patient/$match", asked(BEA, **certain)))] == [known["bea"]]
    moved = BEA | {"address": [{"line": ["40 Quay Row"]}]}
    assert grades(api("POST", "/Patient/$match", asked(moved, **certain))) == []
    assert api("POST", "/Patient", BEA).status_code == 201
    assert grades(api("POST", "/Patient/$match", asked(BEA, **certain))) == [], "two who are certain are none"
    assert len(grades(api("POST", "/Patient/$match", asked(BEA)))) == 3


def test_count_limits_the_answer(api: Api, known: dict[str, str]) -> None:
    assert len(grades(api("POST", "/Patient/$match", asked(BEA, count={"valueInteger": 1})))) == 1
    assert len(grades(api("POST", "/Patient/$match", asked(BEA, count={"valueInteger": 5000})))) == 2


def test_a_patient_may_be_sent_alone_and_nobody_is_a_good_answer(api: Api, known: dict[str, str]) -> None:
    assert grades(api("POST", "/Patient/$match", BEA))[0][0] == known["bea"]
    nobody = {"resourceType": "Patient", "name": [{"family": "Okafor", "given": ["Tom"]}], "birthDate": "1999-01-02"}
    assert grades(api("POST", "/Patient/$match", asked(nobody))) == []


def test_an_identifier_finds_its_holder_whatever_the_name(api: Api) -> None:
    number = [{"system": "urn:example:card", "value": "X-4471902"}]
    made = api("POST", "/Patient", BEA | {"identifier": number}).json["id"]
    other = {"resourceType": "Patient", "identifier": number, "name": [{"family": "O", "given": ["B"]}]}
    assert [id_ for id_, _, _ in grades(api("POST", "/Patient/$match", asked(other)))] == [made]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"resourceType": "Parameters"}, 400),
        ({"resourceType": "Parameters", "parameter": "x"}, 400),
        ({"resourceType": "Parameters", "parameter": [{"name": "resource"}]}, 400),
        (asked({"resourceType": "Practitioner"}), 400),
        (asked([]), 400),
        (asked(BEA, count={"valueInteger": 0}), 400),
        (asked(BEA, count={"valueInteger": -1}), 400),
        (asked(BEA, count={"valueString": "3"}), 400),
        (asked(BEA, count={"valueInteger": True}), 400),
        (asked(BEA, onlyCertainMatches={"valueString": "true"}), 400),
        ({"resourceType": "Observation"}, 400),
        ([], 400),
        ("x", 400),
        (b"{", 400),
        (asked({"resourceType": "Patient"}), 422),
        (asked({"resourceType": "Patient", "name": [{"family": "García"}]}), 422),
        (asked({"resourceType": "Patient", "gender": "female"}), 422),
        (asked({"resourceType": "Patient", "birthDate": "1980-02-03", "name": [{"family": "-"}]}), 422),
        (asked({"resourceType": "Patient", "name": "García"}), 422),
        (asked({"resourceType": "Patient", "birthDate": "1980-99-99", "name": [{"family": "X"}]}), 422),
        (asked({"resourceType": "Patient", "birthDate": 1980}), 422),
        (asked({"resourceType": "Patient", "telecom": [{"value": 7}]}), 422),
    ],
)
def test_what_cannot_be_compared_is_refused_with_an_outcome(lite: Api, body: Any, status: int) -> None:
    answer = lite("POST", "/Patient/$match", body)
    assert answer.status_code == status, answer.text
    assert answer.json["resourceType"] == "OperationOutcome"
    assert answer.json["issue"][0]["diagnostics"]


@pytest.mark.parametrize("name", ["X", "a" * 300, "محمد", "李", "O’Dowd", "van", "\u00df"])
def test_odd_names_are_compared_like_others(lite: Api, name: str) -> None:
    odd = {"resourceType": "Patient", "name": [{"family": name, "given": [name]}], "birthDate": "1980-02-03"}
    made = lite("POST", "/Patient", odd).json["id"]
    found = grades(lite("POST", "/Patient/$match", asked(odd)))
    assert [id_ for id_, _, _ in found] == [made]


def test_it_is_a_post_with_a_scope_and_stands_in_the_statement(lite: Api, program: Any) -> None:
    assert lite("GET", "/Patient/$match").status_code == 405
    assert lite("POST", "/Practitioner/$match", asked(BEA)).status_code in (404, 405)
    assert program("system/Observation.rs")("POST", "/Patient/$match", asked(BEA)).status_code == 403
    statement = lite("GET", "/metadata").json
    patient = next(one for one in statement["rest"][0]["resource"] if one["type"] == "Patient")
    assert {"name": "match", "definition": "http://hl7.org/fhir/OperationDefinition/Patient-match"} in patient[
        "operation"
    ]


def test_whoever_was_shown_is_in_the_trail(lite: Api) -> None:
    made = lite("POST", "/Patient", BEA).json["id"]

    def seen() -> int:
        wanted = sa.text("select count(*) from audit_event where patient_id = :id and verb = 'read'")
        with state_of(lite.app).database.read() as conn:
            return int(conn.execute(wanted, {"id": made}).scalar_one())

    assert seen() == 0
    assert lite("POST", "/Patient/$match", asked(BEA)).json["total"] == 1
    assert seen() == 1
    assert why(lite("POST", "/Patient/$match", asked({"resourceType": "Patient"})))[0] == 422
