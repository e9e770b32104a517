"""Records over HTTP: made, read, changed, deleted, with their versions and conditions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.core.clock import FixedClock
from clinic.web.state import state_of
from tests.fhir_api.conftest import Api, a_group, an_observation, why

PATCH = "application/json-patch+json"


def test_a_new_record_is_answered_with_its_place(api: Api) -> None:
    made = api("POST", "/Group", a_group(id="ignored"))
    assert made.status_code == 201
    assert made.json["id"] != "ignored"
    assert made.headers["Location"] == f"http://localhost/fhir/Group/{made.json['id']}/_history/1"
    assert made.headers["ETag"] == 'W/"1"'
    assert made.headers["Last-Modified"] == "Tue, 09 Mar 2027 15:24:00 GMT"
    read = api("GET", f"/Group/{made.json['id']}")
    assert read.json == made.json
    assert read.content_type == "application/fhir+json; charset=utf-8"


def test_decimals_come_back_digit_for_digit(api: Api) -> None:
    text = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":%s}}'
    for number in ("105.00", "1.0E2", "0.10", "-0.000", "12345678901234567.890123456789"):
        made = api("POST", "/Observation", text % number)
        assert made.status_code == 201, made.text
        assert f'"value":{number}}}' in api("GET", f"/Observation/{made.json['id']}").text


def test_minimal_answers_have_only_headers(api: Api) -> None:
    made = api("POST", "/Group", a_group(), Prefer="return=minimal")
    assert (made.status_code, made.text) == (201, "")
    assert made.headers["Location"]


def test_what_a_program_has_already_is_not_sent_again(api: Api) -> None:
    id_ = api("POST", "/Group", a_group()).json["id"]
    assert api("GET", f"/Group/{id_}", If_None_Match='W/"1"').status_code == 304
    assert api("GET", f"/Group/{id_}", If_None_Match='W/"2"').status_code == 200
    later, sooner = "Tue, 09 Mar 2027 15:24:00 GMT", "Tue, 09 Mar 2027 15:23:59 GMT"
    assert api("GET", f"/Group/{id_}", If_Modified_Since=later).status_code == 304
    assert api("GET", f"/Group/{id_}", If_Modified_Since=sooner).status_code == 200


def test_a_change_needs_the_version_it_was_made_on(api: Api) -> None:
    record = api("POST", "/Group", a_group()).json
    changed = api("PUT", f"/Group/{record['id']}", record | {"name": "Runners"}, If_Match='W/"1"')
    assert (changed.status_code, changed.headers["ETag"]) == (200, 'W/"2"')
    late = api("PUT", f"/Group/{record['id']}", record | {"name": "Riders"}, If_Match='W/"1"')
    assert why(late) == (412, "Group.meta.versionId")
    assert why(api("PUT", f"/Group/{record['id']}", record, If_Match="soon")) == (412, "http.If-Match")
    assert api("GET", f"/Group/{record['id']}").json["name"] == "Runners"


def test_the_same_content_makes_no_new_version(api: Api) -> None:
    record = api("POST", "/Group", a_group()).json
    again = api("PUT", f"/Group/{record['id']}", record)
    assert (again.status_code, again.headers["ETag"]) == (200, 'W/"1"')


def test_a_program_may_choose_the_id_of_a_new_record(api: Api) -> None:
    made = api("PUT", "/Group/my-own.id", a_group(id="my-own.id"))
    assert (made.status_code, made.json["id"]) == (201, "my-own.id")
    assert made.headers["Location"].endswith("/fhir/Group/my-own.id/_history/1")
    assert api("PUT", "/Group/my-own.id", a_group(id="my-own.id"), If_None_Match="*").status_code == 412
    assert api("PUT", "/Group/other", a_group(id="other"), If_Match='W/"1"').status_code == 412


@pytest.mark.parametrize("body", [{"id": "b"}, {}, {"id": 5}])
def test_the_id_must_be_the_one_of_the_address(lite: Api, body: dict) -> None:
    answer = lite("PUT", "/Group/a", a_group(**body))
    assert answer.status_code in (400, 422)
    assert answer.json["issue"][0]["expression"] == ["Group.id"]


def test_a_bad_id_is_refused(lite: Api) -> None:
    for bad in ("a_b", "x" * 65, "a b"):
        assert lite("PUT", f"/Group/{bad}", a_group(id=bad)).status_code == 422


def test_a_deleted_record_is_gone_and_comes_back_by_a_change(api: Api) -> None:
    record = api("POST", "/Group", a_group()).json
    path = f"/Group/{record['id']}"
    assert api("DELETE", path, If_Match='W/"9"').status_code == 412
    assert api("DELETE", path).status_code == 204
    assert why(api("GET", path)) == (410, "Group.id")
    assert api("DELETE", path).status_code == 204
    assert api.ids("/Group") == []
    assert why(api("GET", f"{path}/_history/2")) == (410, "Group.id")
    assert api("GET", f"{path}/_history/1").status_code == 200
    assert api("PUT", path, record | {"name": "Back"}).headers["ETag"] == 'W/"3"'
    assert api.ids("/Group?type=person") == [record["id"]]


def test_the_history_tells_every_version_newest_first(api: Api) -> None:
    record = api("POST", "/Group", a_group()).json
    path = f"/Group/{record['id']}"
    api("PUT", path, record | {"name": "Runners"})
    api("DELETE", path)
    told = api("GET", f"{path}/_history").json
    assert (told["type"], told["total"]) == ("history", 3)
    assert [one["request"]["method"] for one in told["entry"]] == ["DELETE", "PUT", "POST"]
    assert "resource" not in told["entry"][0]
    assert told["entry"][1]["response"]["etag"] == 'W/"2"'
    first = api("GET", f"{path}/_history?_count=2").json
    rest = api("GET", next(one["url"] for one in first["link"] if one["relation"] == "next")).json
    assert [one["request"]["method"] for one in rest["entry"]] == ["POST"]
    assert api("GET", "/Group/_history").json["total"] == 3
    assert api("GET", "/_history").json["total"] == 3
    assert api("GET", "/_history?_since=2027-03-09T15:24:01Z").json["total"] == 0
    assert api("GET", "/Group/never/_history").status_code == 404
    assert api("GET", "/Group/_history?_since=soon").status_code == 400


def test_a_conditional_create_makes_one_record(api: Api) -> None:
    group = a_group(identifier=[{"system": "urn:g", "value": "1"}])
    first = api("POST", "/Group", group, If_None_Exist="identifier=urn:g|1")
    again = api("POST", "/Group", group, If_None_Exist="identifier=urn:g|1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json["id"] == first.json["id"]
    api("POST", "/Group", group)
    assert why(api("POST", "/Group", group, If_None_Exist="identifier=urn:g|1")) == (412, "Group")
    assert api("POST", "/Group", group, If_None_Exist="colour=red").status_code == 400
    assert api("POST", "/Group", group, If_None_Exist="").status_code == 201


def test_a_conditional_update_changes_the_one_that_matches(api: Api) -> None:
    group = a_group(identifier=[{"system": "urn:g", "value": "1"}])
    made = api("PUT", "/Group?identifier=urn:g|1", group)
    assert made.status_code == 201
    changed = api("PUT", "/Group?identifier=urn:g|1", group | {"name": "Runners"})
    assert (changed.status_code, changed.json["id"]) == (200, made.json["id"])
    assert why(api("PUT", "/Group?identifier=urn:g|1", group | {"id": "else"})) == (400, "Group.id")
    api("POST", "/Group", group)
    assert api("PUT", "/Group?identifier=urn:g|1", group).status_code == 412
    assert api("PUT", "/Group", group).status_code == 400


def test_a_conditional_delete_takes_one_record(api: Api) -> None:
    for kind in ("animal", "animal", "device"):
        api("POST", "/Group", a_group(type=kind))
    assert api("DELETE", "/Group?type=animal").status_code == 412
    assert api("DELETE", "/Group?type=device").status_code == 204
    assert api("DELETE", "/Group?type=device").status_code == 204
    assert len(api.ids("/Group")) == 2
    assert api("DELETE", "/Group").status_code == 400


def test_a_patch_changes_parts(api: Api) -> None:
    path = f"/Group/{api('POST', '/Group', a_group()).json['id']}"
    operations = [
        {"op": "test", "path": "/name", "value": "Walkers"},
        {"op": "replace", "path": "/name", "value": "Runners"},
        {"op": "add", "path": "/identifier", "value": [{"value": "1"}]},
        {"op": "add", "path": "/identifier/-", "value": {"value": "2"}},
        {"op": "move", "from": "/identifier/0", "path": "/identifier/1"},
        {"op": "copy", "from": "/identifier/0", "path": "/identifier/0"},
        {"op": "remove", "path": "/identifier/2"},
    ]
    changed = api("PATCH", path, operations, content_type=PATCH, If_Match='W/"1"')
    assert changed.status_code == 200, changed.text
    assert changed.json["name"] == "Runners"
    assert [one["value"] for one in changed.json["identifier"]] == ["2", "2"]
    assert api("PATCH", path, operations, content_type=PATCH, If_Match='W/"1"').status_code in (412, 422)


@pytest.mark.parametrize(
    ("operations", "status"),
    [
        ({}, 400),
        ([1], 400),
        ([{"op": "paint"}], 400),
        ([{"op": "add", "path": "name"}], 400),
        ([{"op": "add", "path": "/name"}], 400),
        ([{"op": "copy", "path": "/name"}], 400),
        ([{"op": "remove", "path": "/nothing"}], 422),
        ([{"op": "remove", "path": "/name/0"}], 422),
        ([{"op": "remove", "path": ""}], 422),
        ([{"op": "replace", "path": "/identifier/7", "value": 1}], 422),
        ([{"op": "add", "path": "/id", "value": "other"}], 422),
        ([{"op": "replace", "path": "/resourceType", "value": "Patient"}], 422),
        ([{"op": "replace", "path": "", "value": 5}], 422),
        ([{"op": "test", "path": "/name", "value": "Others"}], 422),
        ([{"op": "remove", "path": "/type"}], 422),
        ([{"op": "move", "from": "/name", "path": "/name/inside"}], 422),
        ([{"op": "test", "path": "/name", "value": 1}] * 501, 400),
    ],
)
def test_a_patch_that_does_not_fit_changes_nothing(lite: Api, operations: object, status: int) -> None:
    path = f"/Group/{lite('POST', '/Group', a_group()).json['id']}"
    assert lite("PATCH", path, operations, content_type=PATCH).status_code == status
    assert lite("GET", path).headers["ETag"] == 'W/"1"'


def test_a_summary_and_chosen_elements_are_marked_as_parts(lite: Api) -> None:
    made = lite(
        "POST",
        "/Observation",
        an_observation(
            note=[{"text": "long"}],
            text={"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Weight</div>'},
        ),
    ).json
    path = f"/Observation/{made['id']}"
    for query, kept, left in (
        ("_summary=true", {"status", "code"}, {"note", "text"}),
        ("_summary=text", {"status", "code", "text"}, {"note"}),
        ("_summary=data", {"status", "note"}, {"text"}),
        ("_elements=note", {"status", "code", "note"}, {"text"}),
    ):
        found = lite("GET", f"{path}?{query}").json
        assert kept <= set(found), query
        assert not left & set(found), query
        assert [tag["code"] for tag in found["meta"]["tag"]] == ["SUBSETTED"]
    assert lite("GET", f"{path}?_summary=maybe").status_code == 400


def test_checking_keeps_nothing(lite: Api) -> None:
    fine = lite("POST", "/Group/$validate", a_group())
    assert (fine.status_code, fine.json["issue"][0]["severity"]) == (200, "information")
    bad = lite(
        "POST",
        "/Group/$validate",
        {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": a_group(type="crowd")}]},
    )
    assert (bad.status_code, bad.json["issue"][0]["expression"]) == (200, ["Group.type"])
    assert lite("POST", "/Group/$validate", an_observation()).json["issue"][0]["severity"] == "error"
    assert lite("POST", "/Group/$validate", {"resourceType": "Parameters"}).status_code == 400
    id_ = lite("POST", "/Group", a_group()).json["id"]
    assert lite("GET", f"/Group/{id_}/$validate").json["issue"][0]["severity"] == "information"
    assert len(lite.ids("/Group")) == 1


def test_a_record_of_ours_for_the_trail_cannot_be_written(lite: Api) -> None:
    event = {"resourceType": "AuditEvent"}
    for method, path in (("POST", "/AuditEvent"), ("PUT", "/AuditEvent/a"), ("DELETE", "/AuditEvent/a")):
        answer = lite(method, path, event | {"id": "a"} if method != "DELETE" else None)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD"
    assert lite("PUT", "/Provenance/a", {"resourceType": "Provenance", "id": "a"}).status_code == 405


def test_reading_a_patients_record_leaves_a_trace_that_can_be_read(api: Api) -> None:
    patient = api("PUT", "/Patient/ana", {"resourceType": "Patient", "id": "ana", "name": [{"family": "Doe"}]})
    assert patient.status_code == 201, patient.text
    api("GET", "/Patient/ana")
    state = state_of(api.app)
    state.clock = FixedClock(state.clock.now() + timedelta(seconds=1))
    events = api("GET", "/AuditEvent?patient=Patient/ana").json
    assert {one["resource"]["action"] for one in events["entry"]} >= {"C", "R"}
    first = events["entry"][0]["resource"]
    assert api("GET", f"/AuditEvent/{first['id']}").json == first
    assert api("GET", "/AuditEvent?patient=ana&date=lt2027-03-09").json["total"] == 0
    assert api("GET", "/AuditEvent?colour=red").status_code == 400
    assert api("GET", "/AuditEvent?_summary=count").json["total"] > 0
