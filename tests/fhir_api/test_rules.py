"""A program obeys the same rules as the screens: one time, one number, one payer of a rank, legal steps."""

from __future__ import annotations

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
