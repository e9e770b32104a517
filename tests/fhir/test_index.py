"""The search index holds what a resource says, and is always what a rebuild would give."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.json import loads
from clinic.fhir import index_tables as t
from clinic.fhir.dates import Span, span_of
from clinic.fhir.index import add_index, drop_index, replace_index, rows_of, untrue
from clinic.fhir.index_values import amounts, folded, place, short, texts, tokens
from clinic.fhir.params import Param, official, params_of, patient_compartment, resource_types
from clinic.fhir.paths import values_at
from clinic.fhir.registry import Registry
from clinic.fhir.store import Store

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [{"type": {"coding": [{"system": "urn:t", "code": "MR"}]}, "system": "urn:rec", "value": "HS-1"}],
    "name": [{"family": "García Márquez", "given": ["José", "Luis"]}],
    "telecom": [{"system": "phone", "value": "+12125550101"}, {"system": "email", "value": "jo@example.org"}],
    "gender": "male",
    "birthDate": "1980-02",
    "generalPractitioner": [{"reference": "Practitioner/7"}, {"identifier": {"system": "urn:npi", "value": "9"}}],
}


def _rows(resource, table):
    return rows_of(resource, Registry()).get(table, [])


def test_every_type_has_parameters_and_parameters_is_no_record() -> None:
    assert len(resource_types()) == 145
    assert "Parameters" not in resource_types()
    assert official("Patient")["birthdate"].kind == "date"
    assert official("Appointment")["patient"].path == "participant.actor:Patient"
    assert official("Nothing") == {}
    assert patient_compartment()["Observation"] == ("subject", "performer")


def test_a_slice_adds_and_replaces_parameters() -> None:
    own = (
        Param("Patient", "colour", "token", "extension[url=urn:c].valueCode"),
        Param("Patient", "name", "string", "name.family"),
    )
    known = params_of("Patient", own)
    assert known["colour"].kind == "token"
    assert known["name"].path == "name.family"
    assert known["gender"].path == "gender"
    assert params_of("Observation", own) == official("Observation")


def test_a_replaced_reference_keeps_its_official_targets() -> None:
    own = (Param("Coverage", "payor", "reference", "payor"),)
    assert "Organization" in params_of("Coverage", own)["payor"].targets


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("name.given", ["José", "Luis"]),
        ("telecom[system=phone].value", ["+12125550101"]),
        ("generalPractitioner:Practitioner.reference", ["Practitioner/7"]),
        ("generalPractitioner:Organization", []),
        ("gender|birthDate", ["male", "1980-02"]),
        ("?deceasedBoolean|deceasedDateTime", [False]),
        ("?active|gender", [True]),
        ("name.nothing.more", []),
    ],
)
def test_a_path_walks_lists_choices_and_conditions(path: str, found: list) -> None:
    assert list(values_at(PATIENT, path)) == found


def test_an_extension_is_found_by_its_url_dots_and_all() -> None:
    resource = {"extension": [{"url": "urn:clinic:a.b", "valueCode": "x"}, {"url": "urn:c", "valueCode": "y"}]}
    assert list(values_at(resource, "extension[url=urn:clinic:a.b].valueCode")) == ["x"]


def test_a_path_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="unreadable"):
        list(values_at({}, "name..given["))


def test_tokens_keep_system_and_code_apart() -> None:
    concept = {"coding": [{"system": "s", "code": "a"}, {"code": "b"}], "text": "words"}
    assert list(tokens(concept)) == [("a", "s"), ("b", "")]
    assert list(tokens({"text": "only words"})) == [("", "")]
    assert list(tokens("final")) == [("final", "*")]
    assert list(tokens(False)) == [("false", "*")]
    assert list(tokens({"system": "phone", "value": "5"})) == [("5", "phone")]


def test_texts_of_a_name_hold_the_whole_name_too() -> None:
    assert set(texts(PATIENT["name"][0])) == {"García Márquez", "José", "Luis", "José Luis García Márquez"}
    assert folded("  GARCÍA   Márquez ") == "garcia marquez"


def test_long_values_stay_equal_only_to_themselves() -> None:
    one, other = "x" * 5000 + "a", "x" * 5000 + "b"
    assert len(short(one)) <= t.LONGEST
    assert short(one) != short(other)
    assert short("kurz") == "kurz"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Patient/1", ("Patient", "1")),
        ("Patient/1/_history/3", ("Patient", "1")),
        ("http://elsewhere.example.org/Patient/1", ("", "http://elsewhere.example.org/Patient/1")),
        ("http://a.example.org/q|2.0", ("", "http://a.example.org/q")),
        ("#inside", ("", "")),
        ("urn:uuid:1", ("", "urn:uuid:1")),
    ],
)
def test_a_reference_is_here_or_elsewhere(text: str, found: tuple) -> None:
    assert place(text) == found


def test_amounts_of_quantities_ranges_and_numbers() -> None:
    assert list(amounts({"value": Decimal("5.40"), "code": "mmol/L", "system": "u"})) == [(5.4, 5.4, "u", "mmol/L")]
    assert next(amounts({"low": {"value": 1, "unit": "a"}}))[0] == 1.0
    assert list(amounts(Decimal("1E400"))) == [(1.7e308, 1.7e308, "", "")]
    assert list(amounts("text")) == []


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1970", 0, 365 * 86_400_000),
        ("1970-02", 31 * 86_400_000, 59 * 86_400_000),
        ("1970-01-02", 86_400_000, 2 * 86_400_000),
        ("1970-01-01T00:01Z", 60_000, 120_000),
        ("1970-01-01T00:00:01Z", 1000, 2000),
        ("1970-01-01T00:00:01.250Z", 1250, 1251),
        ("1970-01-01T01:00:00+01:00", 0, 1000),
        ("1969-12-31T19:00:00-05:00", 0, 1000),
    ],
)
def test_a_date_is_the_range_of_time_that_it_names(text: str, low: int, high: int) -> None:
    assert (span_of(text).low, span_of(text).high) == (low, high)


@pytest.mark.parametrize("text", ["", "1970-13", "1970-02-30", "70", "yesterday", "1970-01-01T25:00:00Z", "１９７０"])
def test_what_is_no_date_raises(text: str) -> None:
    with pytest.raises(ValueError):
        span_of(text)


def test_the_last_year_does_not_overflow() -> None:
    assert span_of("9999").high > span_of("9999").low
    assert span_of("9999-12-31").in_zone("America/New_York").high


def test_a_day_is_a_day_of_the_practices_calendar() -> None:
    day = span_of("2027-03-14").in_zone("America/New_York")
    assert (day.high - day.low) / 3_600_000 == 23, "the day that the clocks go forward"
    instant = span_of("2027-03-10T01:00:00Z").on_the_wall("America/New_York")
    assert instant.low == span_of("2027-03-09T20:00:00").low


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_wall_and_instant_are_inverse_outside_the_autumn_hour(moment: int) -> None:
    span = Span(moment, moment + 1000, False)
    assert span.on_the_wall("Asia/Kolkata").in_zone("Asia/Kolkata") == span


def test_the_index_of_a_patient_has_every_kind_of_row() -> None:
    assert ("Patient", "identifier", "HS-1", "urn:rec", "p1") in _rows(PATIENT, t.ix_token)
    assert ("Patient", "identifier:of-type", "MR|HS-1", "urn:t", "p1") in _rows(PATIENT, t.ix_token)
    assert ("Patient", "phone", "+12125550101", "phone", "p1") in _rows(PATIENT, t.ix_token)
    assert ("Patient", "deceased", "false", "*", "p1") in _rows(PATIENT, t.ix_token)
    assert ("Patient", "general-practitioner:identifier", "9", "urn:npi", "p1") in _rows(PATIENT, t.ix_token)
    assert ("Patient", "family", "garcia marquez", "García Márquez", "p1") in _rows(PATIENT, t.ix_string)
    assert ("Patient", "general-practitioner", "Practitioner", "7", "p1") in _rows(PATIENT, t.ix_reference)
    assert len(_rows(PATIENT, t.ix_date)) == 1


def test_the_stored_index_is_what_a_rebuild_gives_and_follows_changes(any_store: Store) -> None:
    conn, registry = any_store.conn, Registry()
    add_index(conn, PATIENT, registry)
    assert untrue(conn, [PATIENT], registry) == set()
    changed = {**PATIENT, "gender": "female", "telecom": []}
    assert untrue(conn, [changed], registry) == {("Patient", "p1")}
    replace_index(conn, changed, registry)
    assert untrue(conn, [changed], registry) == set()
    drop_index(conn, "Patient", "p1")
    assert untrue(conn, [changed], registry) == {("Patient", "p1")}
    assert [conn.execute(sa.select(sa.func.count()).select_from(table)).scalar() for table in t.TABLES] == [0] * 5


def test_hostile_values_are_indexed_without_harm(any_store: Store) -> None:
    odd = loads(
        '{"resourceType":"Observation","id":"o","code":{"text":"' + "é" * 9000 + '"},"valueQuantity":{"value":1e400}}'
    )
    odd["identifier"] = [{"system": "s" * 9000, "value": "v" * 9000}]
    odd["note"] = [{"text": "'; DROP TABLE resource; --"}]
    add_index(any_store.conn, odd, Registry())
    assert untrue(any_store.conn, [odd], Registry()) == set()
