"""Related persons, guarantors and the practice's own fields, for programs."""

from __future__ import annotations

from clinic.registration.mapping.own import OWN, definition_of
from clinic.registration.rules.own import OwnField
from tests.fhir_api.conftest import Api

ROSA = {
    "resourceType": "RelatedPerson", "id": "rosa", "active": True, "patient": {"reference": "Patient/ana"},
    "relationship": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "GRPRN"}]}],
    "name": [{"family": "Ochoa", "given": ["Rosa"]}],
    "telecom": [{"system": "phone", "value": "+12025550199", "use": "mobile"}],
}  # fmt: skip


def patient(id_: str, **more: object) -> dict:
    return {"resourceType": "Patient", "id": id_, "name": [{"family": "Doe"}], **more}


def test_a_related_person_is_written_found_and_not_lost_while_paying(api: Api) -> None:
    refused = api("PUT", "/RelatedPerson/rosa", ROSA)
    assert refused.status_code == 422, refused.text
    assert refused.json["issue"][0]["expression"] == ["RelatedPerson.patient"]
    api("PUT", "/Patient/ana", patient("ana"))
    assert api("PUT", "/RelatedPerson/rosa", ROSA).status_code == 201
    for query in ("patient=Patient/ana", "name=ochoa", "phone=%2B12025550199", "relationship=GRPRN"):
        assert api.ids(f"/RelatedPerson?{query}") == ["rosa"], query
    account = {"resourceType": "Account", "id": "acc", "status": "active", "subject": [{"reference": "Patient/ana"}],
               "guarantor": [{"party": {"reference": "RelatedPerson/rosa"}}]}  # fmt: skip
    assert api("PUT", "/Account/acc", account).status_code == 201
    kept = api("DELETE", "/RelatedPerson/rosa")
    assert kept.status_code == 409, kept.text
    wrong = {**account, "guarantor": [{"party": {"reference": "RelatedPerson/nobody"}}]}
    assert api("PUT", "/Account/acc", wrong).status_code == 422
    assert api("PUT", "/Account/acc", {**account, "status": "inactive"}).status_code == 200
    assert api("DELETE", "/RelatedPerson/rosa").status_code in (200, 204)


def test_one_human_beside_two_patients_is_changed_once(api: Api) -> None:
    for id_ in ("ana", "leo"):
        api("PUT", f"/Patient/{id_}", patient(id_))
    api("PUT", "/RelatedPerson/rosa", ROSA)
    api("PUT", "/RelatedPerson/rosa2", {**ROSA, "id": "rosa2", "patient": {"reference": "Patient/leo"}})
    links = [{"target": {"reference": f"RelatedPerson/{one}"}} for one in ("rosa", "rosa2")]
    assert api("POST", "/Person", {"resourceType": "Person", "link": links}).status_code == 201
    changed = {**ROSA, "telecom": [{"system": "phone", "value": "+12025550100", "use": "mobile"}]}
    assert api("PUT", "/RelatedPerson/rosa", changed).status_code == 200
    assert api.ids("/RelatedPerson?phone=%2B12025550100") == ["rosa", "rosa2"]
    assert api.ids("/Patient?_has:RelatedPerson:patient:name=rosa") == ["ana", "leo"]


def test_a_field_of_the_practice_is_defined_checked_and_searched(api: Api) -> None:
    field = OwnField("shoe-size", "number", {"en": "Shoe size"})
    assert api("POST", "/StructureDefinition", definition_of(field)).status_code == 201
    assert api("POST", "/StructureDefinition", definition_of(field)).status_code == 409
    found = api("GET", f"/StructureDefinition?url={OWN}shoe-size")
    assert found.json["entry"][0]["resource"]["title"] == "Shoe size"
    good = patient("ana", extension=[{"url": f"{OWN}shoe-size", "valueDecimal": 42.5}])
    assert api("PUT", "/Patient/ana", good).status_code == 201
    assert api.ids(f"/Patient?own={OWN}shoe-size|42.5") == ["ana"]
    assert api.ids(f"/Patient?own={OWN}shoe-size|43") == []
    for bad in ({"url": f"{OWN}shoe-size", "valueString": "big"}, {"url": f"{OWN}hat", "valueString": "x"}):
        refused = api("PUT", "/Patient/ana", patient("ana", extension=[bad]))
        assert refused.status_code == 422, refused.text
        assert refused.json["issue"][0]["expression"] == ["Patient.extension"]
    names = {one["name"] for one in _patient_of(api("GET", "/metadata").json)["searchParam"]}
    assert "own" in names


def _patient_of(statement: dict) -> dict:
    return next(one for one in statement["rest"][0]["resource"] if one["type"] == "Patient")
