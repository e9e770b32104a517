"""A program that still uses the id of a merged patient is led to where the person is now."""

from __future__ import annotations

import pytest

from clinic.cli.state import transact
from clinic.fhir.store import Store
from clinic.registration.service.merging import MergeOrder, merge_patients
from clinic.registration.service.parting import PartingOrder, unmerge_patients
from clinic.web.state import state_of
from tests.fhir_api.conftest import Api

NUMBER = "urn:clinic:record-number"


def _patient(id_: str, number: str) -> dict:
    return {
        "resourceType": "Patient", "id": id_, "active": True, "name": [{"family": "Doe", "given": [id_]}],
        "identifier": [{"system": NUMBER, "value": number}],
    }  # fmt: skip


def _weight(patient: str, id_: str = "w1") -> dict:
    subject = {"reference": f"Patient/{patient}"}
    return {"resourceType": "Observation", "id": id_, "status": "final", "code": {"text": "Weight"}, "subject": subject}


@pytest.fixture
def merged(api: Api) -> str:
    """`old` with a weight, merged into `new`; the id of the merge."""
    for id_, number in (("new", "HS-1"), ("old", "HS-2")):
        assert api("PUT", f"/Patient/{id_}", _patient(id_, number)).status_code == 201
    assert api("PUT", "/Observation/w1", _weight("old")).status_code == 201
    return str(_act(api, lambda store: merge_patients(store, MergeOrder("new", "old")))["id"])


def _act(api: Api, work) -> dict:  # type: ignore[no-untyped-def, type-arg]
    def done(store: Store) -> dict:  # type: ignore[type-arg]
        return work(store)  # type: ignore[no-any-return]

    return transact(state_of(api.app), done)  # type: ignore[no-any-return]


def test_reading_the_old_id_gives_the_inactive_record_and_says_where_it_lives_on(api: Api, merged: str) -> None:
    answer = api("GET", "/Patient/old")
    assert (answer.status_code, answer.json["active"]) == (200, False)
    assert answer.json["link"] == [{"other": {"reference": "Patient/new"}, "type": "replaced-by"}]
    assert answer.headers["Link"].endswith('/fhir/Patient/new>; rel="canonical"')
    assert api("GET", "/Patient/new").json["link"] == [{"other": {"reference": "Patient/old"}, "type": "replaces"}]
    assert "Link" not in api("GET", "/Patient/new").headers


@pytest.mark.parametrize(
    "query", ["subject=Patient/old", "patient=old", "subject:Patient=old", "patient=x,Patient/old"]
)
def test_a_search_by_the_old_id_finds_what_is_with_the_survivor(api: Api, merged: str, query: str) -> None:
    assert api.ids(f"/Observation?{query}") == ["w1"]


def test_a_search_for_the_old_record_gives_the_survivor_along(api: Api, merged: str) -> None:
    for query in ("_id=old", f"identifier={NUMBER}|HS-2"):
        entries = api("GET", f"/Patient?{query}").json["entry"]
        assert sorted(one["resource"]["id"] for one in entries) == ["new", "old"]
    modes = {one["resource"]["id"]: one["search"]["mode"] for one in api("GET", "/Patient?_id=old").json["entry"]}
    assert modes == {"old": "match", "new": "include"}


def test_everything_of_the_old_one_is_that_of_the_survivor(api: Api, merged: str) -> None:
    found = [one["resource"]["id"] for one in api("GET", "/Patient/old/$everything").json["entry"]]
    assert found[0] == "new"
    assert "w1" in found


def test_nothing_new_is_filed_under_the_old_one(api: Api, merged: str) -> None:
    answer = api("PUT", "/Observation/w2", _weight("old", "w2"))
    assert (answer.status_code, "Patient/new" in answer.text) == (409, True)
    assert api("PUT", "/Patient/old", _patient("old", "HS-2")).status_code == 409
    assert api("PUT", "/Observation/w2", _weight("new", "w2")).status_code == 201


def test_a_program_neither_makes_nor_breaks_the_links_of_a_merge(api: Api, merged: str) -> None:
    survivor = api("GET", "/Patient/new").json
    bare = {key: value for key, value in survivor.items() if key != "link"}
    assert api("PUT", "/Patient/new", bare).status_code == 409
    assert api("PUT", "/Patient/new", survivor | {"gender": "female"}).status_code == 200


def test_a_condition_that_fits_both_means_the_survivor(api: Api, merged: str) -> None:
    fresh = {"resourceType": "Patient", "name": [{"family": "Doe"}]}
    answer = api("POST", "/Patient", fresh, If_None_Exist=f"identifier={NUMBER}|HS-2")
    assert (answer.status_code, answer.json["id"]) == (200, "new")


def test_after_an_unmerge_both_are_as_they_were(api: Api, merged: str) -> None:
    _act(api, lambda store: unmerge_patients(store, PartingOrder(merged)))
    assert api("GET", "/Patient/old").json["active"] is True
    assert "link" not in api("GET", "/Patient/old").json
    assert api.ids("/Observation?patient=old") == ["w1"]
    assert api.ids("/Observation?patient=new") == []
