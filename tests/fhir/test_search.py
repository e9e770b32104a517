"""Searching records: every kind, every modifier, chains both ways, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.core.errors import Invalid
from clinic.fhir.search import (
    Include,
    NoSuchParam,
    Scope,
    SearchQuery,
    find,
    find_texts,
    included,
    read_include,
    read_term,
)
from clinic.fhir.store import Store

Find = Callable[..., list[str]]
ZONE = "America/New_York"

RECORDS = (
    {"resourceType": "Organization", "id": "org", "name": "Harbour Street"},
    {"resourceType": "Practitioner", "id": "dr", "name": [{"family": "Ó Briain"}]},
    {
        "resourceType": "Patient", "id": "ana", "active": True, "gender": "female", "birthDate": "1980-02-03",
        "name": [{"family": "Ångström", "given": ["Ana María"]}], "managingOrganization": {"reference": "Organization/org"},
        "identifier": [{"system": "urn:rec", "value": "HS-1"}], "generalPractitioner": [{"reference": "Practitioner/dr"}],
        "meta": {"tag": [{"system": "urn:tag", "code": "vip"}], "profile": ["http://example.org/p"]},
    },
    {
        "resourceType": "Patient", "id": "ben", "gender": "male", "birthDate": "1980", "deceasedDateTime": "2020-01-01",
        "name": [{"family": "Angstrom-Smith", "given": ["Ben"]}], "identifier": [{"system": "urn:other", "value": "HS-1"}],
    },
    {"resourceType": "Patient", "id": "cyd", "name": [{"family": "50%_off"}]},
    {
        "resourceType": "Observation", "id": "o1", "status": "final", "subject": {"reference": "Patient/ana"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}]},
        "effectiveDateTime": "2027-03-09T21:30:00-05:00", "valueQuantity": {"value": 72.5, "unit": "bpm", "system": "u", "code": "/min"},
    },
    {
        "resourceType": "Observation", "id": "o2", "status": "amended", "subject": {"reference": "Patient/ben"},
        "code": {"text": "Mood"}, "effectivePeriod": {"start": "2027-03-01", "end": "2027-03-05"}, "valueString": "fine",
        "hasMember": [{"reference": "Observation/o1"}],
    },
    {"resourceType": "Questionnaire", "id": "q", "status": "active", "url": "http://example.org/forms/one"},
)  # fmt: skip


@pytest.fixture
def found(any_store: Store) -> Find:
    for record in RECORDS:
        any_store.create(dict(record), id=record["id"])

    def find_ids(type_: str, *pairs: str) -> list[str]:
        query = tuple(tuple(pair.split("=", 1)) for pair in pairs)
        texts = find_texts(any_store.conn, any_store.registry, SearchQuery(type_, query, zone=ZONE))
        return [text.split('"id":"')[1].split('"')[0] for text in texts]

    return find_ids


P, OBS = "Patient", "Observation"


@pytest.mark.parametrize(
    ("type_", "query", "ids"),
    [
        (P, "name=angstrom", "ana ben"),
        (P, "name=ÅNGSTRÖM", "ana ben"),
        (P, "family:exact=Ångström", "ana"),
        (P, "family:exact=ångström", ""),
        (P, "family:contains=strom-s", "ben"),
        (P, "name=maria", ""),
        (P, "name:contains=maria", "ana"),
        (P, "name=ana maria angstrom", "ana"),
        (P, "family=50%_", "cyd"),
        (P, "family:contains=%", "cyd"),
        (P, "family:contains=_", "cyd"),
        (P, "name=ang,50", "ana ben cyd"),
        (P, "gender=female", "ana"),
        (P, "gender=http://hl7.org/fhir/administrative-gender|female", "ana"),
        (P, "gender:not=female", "ben cyd"),
        (P, "gender:missing=true", "cyd"),
        (P, "gender:missing=false", "ana ben"),
        (P, "identifier=HS-1", "ana ben"),
        (P, "identifier=urn:rec|HS-1", "ana"),
        (P, "identifier=urn:rec|", "ana"),
        (P, "identifier=|HS-1", ""),
        (P, "deceased=true", "ben"),
        (P, "deceased=false", "ana cyd"),
        (P, "_tag=urn:tag|vip", "ana"),
        (P, "_profile=http://example.org/p", "ana"),
        (P, "_id=ana,cyd", "ana cyd"),
        (P, "_id:not=ana", "ben cyd"),
        (P, "_lastUpdated=2027-03-09", "ana ben cyd"),
        (P, "_lastUpdated=gt2027-03-09T15:24:00Z", ""),
        (P, "_lastUpdated=ge2027-03-09T10:24:00-05:00", "ana ben cyd"),
        (P, "birthdate=1980", "ana ben"),
        (P, "birthdate=1980-02-03", "ana"),
        (P, "birthdate=ne1980-02-03", "ben"),
        (P, "birthdate=lt1980-02-04", "ana ben"),
        (P, "birthdate=sa1979", "ana ben"),
        (P, "birthdate=eb1981", "ana ben"),
        (P, "birthdate=gt1980-12-31", ""),
        (P, "birthdate:missing=true", "cyd"),
        (P, "general-practitioner=dr", "ana"),
        (P, "general-practitioner=Practitioner/dr", "ana"),
        (P, "general-practitioner:Practitioner=dr", "ana"),
        (P, "general-practitioner.name=o briain", "ana"),
        (P, "organization.name=harb", "ana"),
        (P, "general-practitioner:Practitioner.family=x", ""),
        (P, "_has:Observation:patient:code=8867-4", "ana"),
        (P, "_has:Observation:patient:status=amended", "ben"),
        (P, "_has:Observation:patient:_has:Observation:has-member:status=amended", "ana"),
        (OBS, "patient=ana", "o1"),
        (OBS, "subject=Patient/ana", "o1"),
        (OBS, "subject=ana", "o1"),
        (OBS, "subject:Patient.organization.name=harbour", "o1"),
        (OBS, "patient.identifier=urn:other|HS-1", "o2"),
        (OBS, "patient._id=ben", "o2"),
        (OBS, "code=http://loinc.org|8867-4", "o1"),
        (OBS, "code:text=heart", "o1"),
        (OBS, "code:text=mood", "o2"),
        (OBS, "code:missing=true", ""),
        (OBS, "value-quantity=72.5", "o1"),
        (OBS, "value-quantity=73", "o1"),
        (OBS, "value-quantity=72.50", "o1"),
        (OBS, "value-quantity=72.51", ""),
        (OBS, "value-quantity=gt72|u|/min", "o1"),
        (OBS, "value-quantity=gt72||bpm", ""),
        (OBS, "value-quantity=ap70", "o1"),
        (OBS, "value-quantity=lt72.5", ""),
        (OBS, "date=2027-03-09", "o1"),
        (OBS, "date=2027-03-10", ""),
        (OBS, "date=2027-03-10T02:30:00Z", "o1"),
        (OBS, "date=2027-03-10T02:30Z", "o1"),
        (OBS, "date=2027-03", "o1 o2"),
        (OBS, "date=ge2027-03-05", "o1 o2"),
        (OBS, "date=sa2027-03-05", "o1"),
        (OBS, "value-string=fi", "o2"),
        ("Questionnaire", "url=http://example.org/forms/one", "q"),
        ("Questionnaire", "url:below=http://example.org/forms", "q"),
        ("Questionnaire", "url=http://example.org/forms", ""),
    ],
)
def test_a_search_finds(found: Find, type_: str, query: str, ids: str) -> None:
    assert sorted(found(type_, query)) == ids.split()


def test_several_arguments_must_all_match(found: Find) -> None:
    assert found(P, "name=ang", "gender=male") == ["ben"]
    assert found(OBS, "date=ge2027-03-01", "date=lt2027-03-06") == ["o2"]


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("birthdate", "ben ana cyd"),
        ("-birthdate", "ben ana cyd"),
        ("-family", "ben ana cyd"),
        ("family", "cyd ana ben"),
        ("gender,-_id", "ana ben cyd"),
        ("-_id", "cyd ben ana"),
        ("-_lastUpdated,_id", "ana ben cyd"),
    ],
)
def test_sorting_puts_records_without_the_value_last(found: Find, order: str, ids: str) -> None:
    assert found(P, f"_sort={order}") == ids.split()


def test_deleted_records_are_found_no_more(found: Find, any_store: Store) -> None:
    any_store.delete(OBS, "o1")
    assert found(OBS, "patient=ana") == []
    assert found(P, "_has:Observation:patient:code=8867-4") == []


def test_a_changed_record_is_found_by_what_it_says_now(found: Find, any_store: Store) -> None:
    record = any_store.read(P, "cyd")
    any_store.update(record | {"gender": "other"})
    assert found(P, "gender=other") == ["cyd"]
    assert found(P, "gender:missing=true") == []


@pytest.mark.parametrize(
    ("type_", "query", "kind"),
    [
        (P, "colour=red", NoSuchParam),
        (P, "gender.name=x", Invalid),
        (P, "general-practitioner:Nothing.name=x", Invalid),
        (P, "general-practitioner:Practitioner.colour=x", NoSuchParam),
        (P, "birthdate=yesterday", Invalid),
        (P, "birthdate:exact=1980", Invalid),
        (P, "gender:missing=perhaps", Invalid),
        (P, "gender:below=x", Invalid),
        (P, "name:text=x", Invalid),
        (P, "name=", Invalid),
        (P, "_has:Observation=x", Invalid),
        (P, "_has:Observation:code:status=x", Invalid),
        (P, "_id:exact=x", Invalid),
        (OBS, "value-quantity=heavy", Invalid),
        (OBS, "value-quantity=NaN", Invalid),
        (OBS, "subject:Group=Patient/ana", Invalid),
        (OBS, "patient" + ".link" * 9 + "=x", Invalid),
        (P, "name=" + ",a" * 600, Invalid),
        (P, "_sort=colour", NoSuchParam),
    ],
)
def test_what_cannot_be_understood_is_refused(found: Find, type_: str, query: str, kind: type[Invalid]) -> None:
    with pytest.raises(kind):
        found(type_, query)


def test_records_come_along_both_ways(found: Find, any_store: Store) -> None:
    conn, scope = any_store.conn, Scope(any_store.registry)
    page = find(conn, scope, SearchQuery(OBS), [read_term(scope, OBS, "_id", "o1")])

    def around(*asked: tuple[str, str], type_: str = OBS, start=page) -> set[str]:
        includes = [read_include(scope, *pair, type_) for pair in asked]
        return {f"{one.type}/{one.id}" for one in included(conn, start, includes)}

    assert around(("_include", "Observation:subject")) == {"Patient/ana"}
    assert around(("_include", "Observation:subject:Group")) == set()
    assert around(("_include", "*")) == {"Patient/ana"}
    assert around(("_revinclude", "Observation:has-member")) == {"Observation/o2"}
    assert around(("_include", "Observation:subject"), ("_include:iterate", "Patient:organization")) == {
        "Patient/ana",
        "Organization/org",
    }
    for bad in ("Observation", "Nothing:subject", "Observation:code", "Observation:subject:Nothing"):
        with pytest.raises(Invalid):
            read_include(scope, "_include", bad, OBS)
    assert read_include(scope, "_revinclude", "Observation:*", P) == Include(OBS, "", reverse=True)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=st.sampled_from(
        ["name", "birthdate", "identifier", "_id", "general-practitioner", "_lastUpdated", "name:contains"]
    ),
    value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30),
)
def test_no_value_breaks_a_search(store: Store, name: str, value: str) -> None:
    query = SearchQuery(P, ((name, value),))
    with suppress(Invalid):
        assert find_texts(store.conn, store.registry, query) == []
