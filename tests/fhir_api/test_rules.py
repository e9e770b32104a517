"""A program obeys the same rules as the screens: one time, one number, one payer of a rank, legal steps."""

from __future__ import annotations

from dataclasses import replace

from werkzeug.test import TestResponse

from clinic.web.state import state_of
from tests.fhir_api.conftest import Api

RECORD_NUMBER = {
    "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]},
    "system": "urn:clinic:record-number",
    "value": "HS-90001",
}


def _patient(id_: str, **more: object) -> dict:
    return {"resourceType": "Patient", "id": id_, "name": [{"family": "Doe"}], **more}


def _appointment(id_: str, start: str, end: str, **more: object) -> dict:
    actors = ("Patient/ana", "Practitioner/dr")
    return {
        "resourceType": "Appointment", "id": id_, "status": "booked", "start": start, "end": end,
        "participant": [{"actor": {"reference": one}, "status": "accepted"} for one in actors], **more,
    }  # fmt: skip


def _people(api: Api) -> None:
    assert api("PUT", "/Patient/ana", _patient("ana")).status_code == 201
    assert api("PUT", "/Practitioner/dr", {"resourceType": "Practitioner", "id": "dr"}).status_code == 201


def test_a_time_is_booked_once(api: Api) -> None:
    _people(api)
    first = _appointment("a1", "2027-03-10T15:00:00Z", "2027-03-10T15:30:00Z")
    assert api("PUT", "/Appointment/a1", first).status_code == 201
    taken = api("PUT", "/Appointment/a2", _appointment("a2", "2027-03-10T15:15:00Z", "2027-03-10T15:45:00Z"))
    assert taken.status_code == 409, taken.text
    assert api("GET", "/Appointment/a2").status_code == 404, "the loser leaves nothing behind"
    later = _appointment("a2", "2027-03-10T15:30:00Z", "2027-03-10T15:45:00Z")
    assert api("PUT", "/Appointment/a2", later).status_code == 201
    both = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": _appointment(id_, "2027-03-11T15:00:00Z", "2027-03-11T15:30:00Z"),
         "request": {"method": "PUT", "url": f"Appointment/{id_}"}} for id_ in ("b1", "b2")]}  # fmt: skip
    refused = api("POST", "", both)
    assert refused.status_code == 409
    assert refused.json["issue"][0]["expression"][0].startswith("Bundle.entry[1]")
    assert api.ids("/Appointment?date=2027-03-11") == []


def test_an_illegal_step_is_refused(api: Api) -> None:
    _people(api)
    booked = _appointment("a1", "2027-03-10T15:00:00Z", "2027-03-10T15:30:00Z")
    api("PUT", "/Appointment/a1", booked)
    assert api("PUT", "/Appointment/a1", booked | {"status": "cancelled"}).status_code == 200
    back = api("PUT", "/Appointment/a1", booked | {"status": "fulfilled"})
    assert back.status_code == 409, back.text


def test_a_record_number_belongs_to_one_patient(api: Api) -> None:
    assert api("PUT", "/Patient/one", _patient("one", identifier=[RECORD_NUMBER])).status_code == 201
    other = api("PUT", "/Patient/two", _patient("two", identifier=[RECORD_NUMBER]))
    assert other.status_code == 409, other.text
    assert api("GET", "/Patient/two").status_code == 404


SSN, MBI, NPI = (f"http://hl7.org/fhir/sid/us-{name}" for name in ("ssn", "mbi", "npi"))


def _numbered(id_: str, *numbers: tuple[str, str], **more: object) -> dict:
    return _patient(id_, identifier=[{"system": system, "value": value, **more} for system, value in numbers])


def _elements(answer: TestResponse) -> list[str]:
    return [where for issue in answer.json["issue"] for where in issue["expression"]]


def test_a_number_that_cannot_be_right_is_refused_at_its_element(api: Api) -> None:
    wrong = _numbered("ana", (SSN, "000-12-3456"), ("urn:elsewhere", "000"), (MBI, "1SG4TE5MK73"), (NPI, "1234567890"))
    for method, path in (("POST", "/Patient"), ("PUT", "/Patient/ana")):
        refused = api(method, path, wrong)
        assert refused.status_code == 422, refused.text
        assert _elements(refused) == [f"Patient.identifier[{place}].value" for place in (0, 2, 3)]
        assert "000-12" not in refused.text
        assert "SG4" not in refused.text
    assert api("GET", "/Patient/ana").status_code == 404
    said = api("POST", "/Patient/$validate", wrong)
    assert said.status_code == 200
    assert "Patient.identifier[2].value" in _elements(said)
    together = {"resourceType": "Bundle", "type": "transaction",
                "entry": [{"resource": wrong, "request": {"method": "PUT", "url": "Patient/ana"}}]}  # fmt: skip
    refused = api("POST", "", together)
    assert refused.status_code == 422
    assert _elements(refused)[0] == "Bundle.entry[0].Patient.identifier[0].value"


def test_a_right_number_is_kept_as_it_was_written(api: Api) -> None:
    right = _numbered("ana", (SSN, "123-12-1234"), (MBI, "1EG4-TE5-MK73"), (NPI, "1234567893"))
    assert api("PUT", "/Patient/ana", right).status_code == 201
    assert api("GET", "/Patient/ana").json["identifier"] == right["identifier"]
    old = _numbered("ben", (SSN, "000-12-3456"), use="old")
    assert api("PUT", "/Patient/ben", old).status_code == 201, "what somebody had before is history"
    swap = [{"op": "replace", "path": "/identifier/0/value", "value": "666-12-1234"}]
    patched = api("PATCH", "/Patient/ana", swap, content_type="application/json-patch+json")
    assert patched.status_code == 422
    assert _elements(patched) == ["Patient.identifier[0].value"]


def test_another_country_has_other_numbers(api: Api) -> None:
    setting = state_of(api.app).setting
    setting.practice = replace(setting.practice, region="nl")
    bsn = "http://fhir.nl/fhir/NamingSystem/bsn"
    refused = api("POST", "/Patient", _numbered("", (bsn, "111222334")))
    assert refused.status_code == 422, refused.text
    assert _elements(refused) == ["Patient.identifier[0].value"]
    assert api("PUT", "/Patient/jan", _numbered("jan", (bsn, "111222333"), (SSN, "000-12-3456"))).status_code == 201


def test_a_payer_of_a_rank_is_one_at_a_time(api: Api) -> None:
    _people(api)

    def coverage(id_: str, **more: object) -> dict:
        return {
            "resourceType": "Coverage", "id": id_, "status": "active", "order": 1, "subscriberId": f"MEM-{id_}",
            "beneficiary": {"reference": "Patient/ana"}, "payor": [{"display": "Northern Mutual"}],
            "period": {"start": "2027-01-01"}, **more,
        }  # fmt: skip

    assert api("PUT", "/Coverage/c1", coverage("c1")).status_code == 201
    second = api("PUT", "/Coverage/c2", coverage("c2"))
    assert second.status_code == 409, second.text
    assert api("PUT", "/Coverage/c2", coverage("c2", order=2)).status_code == 201
    assert api.ids("/Coverage?beneficiary=Patient/ana") == ["c1", "c2"]


def test_types_of_the_screens_come_back_as_they_were_sent(api: Api) -> None:
    _people(api)
    appointment = _appointment("a1", "2027-03-10T15:00:00Z", "2027-03-10T15:30:00Z", comment="x")
    api("PUT", "/Appointment/a1", appointment)
    kept = api("GET", "/Appointment/a1").json
    kept.pop("meta")
    assert kept == appointment
    found = api(
        "GET", "/Appointment?patient=ana&date=2027-03-10&_include=Appointment:patient&_include=Appointment:actor"
    ).json
    assert [one["search"]["mode"] for one in found["entry"]] == ["match", "include", "include"]


def test_where_values_come_from_is_read_by_programs_and_imitated_by_none(api: Api) -> None:
    made = api("PUT", "/Patient/mafe", {"resourceType": "Patient", "id": "mafe", "name": [{"family": "García"}]}).json
    found = api("GET", "/Provenance?target=Patient/mafe").json["entry"]
    (source,) = [one["resource"] for one in found]
    assert source["target"][0]["reference"] == "Patient/mafe/_history/1"
    assert {"url": "urn:clinic:source", "valueCode": "interface"} in source["extension"]
    assert {"url": "urn:clinic:field", "valueString": "family"} in source["target"][0]["extension"]
    assert api("DELETE", f"/Provenance/{source['id']}").status_code == 405
    assert api("PUT", f"/Provenance/{source['id']}", source).status_code == 405
    posing = {key: value for key, value in source.items() if key not in ("id", "meta")}
    answer = api("POST", "/Provenance", posing)
    assert answer.status_code == 422
    assert "kept by the system itself" in answer.json["issue"][0]["diagnostics"]
    plain = {**posing, "target": [{"reference": "Patient/mafe"}]}
    plain.pop("extension")
    assert api("POST", "/Provenance", plain).status_code == 201
    assert made["meta"]["versionId"] == "1"


def test_a_practice_for_trying_takes_the_numbers_of_made_up_people(api: Api) -> None:
    made_up = _numbered("syn", (SSN, "999-12-3456"))
    assert api("PUT", "/Patient/syn", made_up).status_code == 422
    setting = state_of(api.app).setting
    setting.practice = replace(setting.practice, demo=True)
    assert api("PUT", "/Patient/syn", made_up).status_code == 201
    assert api("PUT", "/Patient/other", _numbered("other", (SSN, "000-12-3456"))).status_code == 422
