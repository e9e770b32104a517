"""Searching over HTTP: pages, totals, links, what comes along, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.fhir_api.conftest import Api, a_group, an_observation, why


def _patients(api: Api, count: int) -> None:
    entries = [
        {
            "resource": {
                "resourceType": "Patient",
                "id": f"p{at:02}",
                "name": [{"family": f"Doe{at % 3}"}],
                "gender": "other",
            },
            "request": {"method": "PUT", "url": f"Patient/p{at:02}"},
        }
        for at in range(count)
    ]
    answer = api("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert answer.status_code == 200, answer.text


def _pages(api: Api, path: str) -> list[dict]:
    pages = [api("GET", path).json]
    while following := [one["url"] for one in pages[-1]["link"] if one["relation"] == "next"]:
        pages.append(api("GET", following[0]).json)
        assert len(pages) < 50
    return pages


@pytest.mark.parametrize("order", ["", "&_sort=family", "&_sort=-family,_id", "&_sort=-_lastUpdated"])
def test_pages_hold_every_record_once_and_the_same_total(api: Api, order: str) -> None:
    _patients(api, 11)
    pages = _pages(api, f"/Patient?gender=other&_count=4{order}")
    ids = [one["resource"]["id"] for page in pages for one in page["entry"]]
    assert len(pages) == 3
    assert sorted(ids) == [f"p{at:02}" for at in range(11)]
    assert {page["total"] for page in pages} == {11}
    first = pages[0]["entry"][0]
    assert first["fullUrl"] == f"http://localhost/fhir/Patient/{first['resource']['id']}"
    assert first["search"] == {"mode": "match"}
    if "family" in order:
        names = [one["resource"]["name"][0]["family"] for page in pages for one in page["entry"]]
        assert names == sorted(names, reverse="-family" in order)


def test_a_page_link_tells_nothing_and_works_for_its_program_only(program: Callable[..., Api]) -> None:
    api, other = program("system/*.cruds"), program("system/*.cruds")
    _patients(api, 3)
    found = api("POST", "/Patient/_search", "name=doe&_count=2", content_type="application/x-www-form-urlencoded").json
    link = next(one["url"] for one in found["link"] if one["relation"] == "next")
    assert "doe" not in link.lower().replace("%", "")
    assert len(api("GET", link).json["entry"]) == 1
    assert why(other("GET", link)) == (403, "_page")
    query = urlsplit(link).query
    assert why(api("GET", f"/Patient?{query[:-9]}AAAAAAAAA")) == (400, "_page")
    assert why(api("GET", f"/Group?{query}")) == (400, "_page")
    assert why(api("GET", "/Patient?_page=\u00e9")) == (400, "_page")


def test_counting_without_records(lite: Api) -> None:
    _patients(lite, 3)
    for query in ("_summary=count", "_count=0"):
        found = lite("GET", f"/Patient?name=doe1&{query}").json
        assert found["total"] == 1
        assert "entry" not in found
    assert "total" not in lite("GET", "/Patient?_count=2&_total=none").json
    assert lite("GET", "/Patient?_count=2&_total=accurate").json["total"] == 3


def test_nothing_found_is_an_empty_bundle(lite: Api) -> None:
    found = lite("GET", "/Patient?name=nobody").json
    assert (found["total"], "entry" in found) == (0, False)
    assert found["link"] == [{"relation": "self", "url": "http://localhost/fhir/Patient?name=nobody"}]


def test_records_come_along_and_are_not_counted(api: Api) -> None:
    _patients(api, 1)
    api("PUT", "/Observation/o", an_observation("p00", id="o"))
    found = api("GET", "/Observation?_include=Observation:subject").json
    assert [(one["resource"]["id"], one["search"]["mode"]) for one in found["entry"]] == [
        ("o", "match"),
        ("p00", "include"),
    ]
    assert found["total"] == 1
    back = api("GET", "/Patient?_revinclude=Observation:patient").json
    assert [one["search"]["mode"] for one in back["entry"]] == ["match", "include"]


def test_an_unknown_parameter_is_left_out_unless_handling_is_strict(lite: Api) -> None:
    _patients(lite, 2)
    found = lite("GET", "/Patient?colour=red&name=doe0").json
    assert found["total"] == 1
    assert found["link"][0]["url"] == "http://localhost/fhir/Patient?name=doe0"
    for path in ("/Patient?colour=red", "/Patient?_sort=colour", "/Patient?_include=Patient:colour"):
        strict = lite("GET", path, Prefer="handling=strict, return=minimal")
        assert strict.status_code == 400, path
        assert strict.json["issue"][0]["code"] == "not-supported"


@pytest.mark.parametrize(
    ("query", "element"),
    [
        ("birthdate=soon", "birthdate"),
        ("gender:missing=maybe", "gender"),
        ("gender:sounds=x", "gender"),
        ("_count=many", "_count"),
        ("_count=-1", "_count"),
        ("_summary=some", "_summary"),
        ("_include=Patient", "_include"),
        ("_include=Patient:gender", "_include"),
        ("_has:Patient=1", "_has:Patient"),
        ("name=%00", "http.url"),
        ("name=%ED%A0%80", "http.url"),
        ("name=%FF", "http.url"),
        ("&".join(["name=a"] * 201), "http.url"),
    ],
)
def test_a_bad_argument_is_named(lite: Api, query: str, element: str) -> None:
    assert why(lite("GET", f"/Patient?{query}")) == (400, element)


def test_a_posted_search_takes_a_form_only(lite: Api) -> None:
    assert lite("POST", "/Patient/_search", "{}").status_code == 415
    assert lite("GET", "/Patient/_search").status_code == 405


def test_an_absolute_reference_to_this_server_is_a_reference_here(lite: Api) -> None:
    _patients(lite, 1)
    lite("PUT", "/Observation/o", an_observation("p00", id="o"))
    assert lite.ids("/Observation?subject=http://localhost/fhir/Patient/p00") == ["o"]
    assert lite.ids("/Observation?subject=http://elsewhere.example.org/fhir/Patient/p00") == []


def test_everything_of_a_patient(api: Api) -> None:
    _patients(api, 2)
    api("PUT", "/Practitioner/dr", {"resourceType": "Practitioner", "id": "dr"})
    for at in range(3):
        made = an_observation("p00", id=f"o{at}", performer=[{"reference": "Practitioner/dr"}])
        api("PUT", f"/Observation/o{at}", made)
    api("PUT", "/Observation/else", an_observation("p01", id="else"))
    whole = api("GET", "/Patient/p00/$everything").json
    ids = [one["resource"]["id"] for one in whole["entry"]]
    source = whole["entry"][4]["resource"]
    assert source["target"][0]["reference"] == "Patient/p00/_history/1", "where the values of the record come from"
    assert ids == ["p00", "o0", "o1", "o2", source["id"], "dr"]
    assert whole["total"] == 5
    assert whole["entry"][-1]["search"]["mode"] == "include"
    pages = _pages(api, "/Patient/p00/$everything?_count=2")
    assert [one["resource"]["id"] for page in pages for one in page["entry"]] == ids
    some = api("GET", "/Patient/p00/$everything?_type=Practitioner").json
    assert [one["resource"]["id"] for one in some["entry"]] == ["p00"]
    assert api("GET", "/Patient/never/$everything").status_code == 404
    assert api("GET", "/Patient/p00/$everything?_type=Nothing").status_code == 400


def test_the_statement_lists_what_works(lite: Api) -> None:
    statement = lite("GET", "/metadata").json
    assert statement["fhirVersion"] == "4.0.1"
    listed = {one["type"]: one for one in statement["rest"][0]["resource"]}
    assert len(listed) == 145
    lite("POST", "/Group", a_group())
    samples = {
        "token": "x",
        "string": "x",
        "date": "2027",
        "reference": "Patient/1",
        "uri": "urn:x",
        "quantity": "5",
        "number": "5",
    }
    for type_ in ("Patient", "Appointment", "Observation", "Claim", "AuditEvent", "Group"):
        for param in listed[type_]["searchParam"]:
            path = f"/{type_}?{param['name']}={samples[param['type']]}"
            assert lite("GET", path, Prefer="handling=strict").status_code == 200, path
        for include in listed[type_].get("searchInclude", []):
            assert lite("GET", f"/{type_}?_include={include}", Prefer="handling=strict").status_code == 200, include
    assert [one["code"] for one in listed["AuditEvent"]["interaction"]] == ["read", "search-type"]
