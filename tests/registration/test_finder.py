"""Finding people, on both databases."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.fhir.store import Store
from clinic.registration.queries.duplicates import likely_duplicates
from clinic.registration.queries.finder import find_patients
from clinic.registration.rules.details import Address, Number
from clinic.registration.rules.query import read_query
from clinic.registration.rules.ranking import pieces
from clinic.registration.service import amend_patient, writers
from clinic.web.filters import coming
from tests.registration.factories import a_patient, someone

TODAY = date(2027, 3, 9)


@pytest.fixture
def practice(any_store: Store) -> Store:
    """A store with a few people of many cultures."""
    a_patient(any_store, "Beatriz", "Garcia Leal", "1980-02-02", mobile="+12025550177")
    a_patient(any_store, "Marisol", "García-Nakamura", "1980-11-27", mobile="+12025550106")
    a_patient(any_store, "Joaquín", "García Prat", "1946-06-09", sex="male")
    a_patient(any_store, "Iker", "Garzía Etxeberria", "1980-09-30", sex="male")
    a_patient(any_store, "María Fernanda", "García Ochoa", "1979-08-14", preferred="Mafe", mobile="+12025550142")
    a_patient(any_store, "Thị Hạnh", "Nguyễn", "1994-01-05", numbers=(Number("itin", "912903456"),))
    a_patient(any_store, "小龍", "李", "1960-11-27", sex="male")
    a_patient(any_store, "Seán", "O’Brien", "1980-02-03", sex="male", maiden="Walsh")
    return any_store


def found(store: Store, text: str) -> list[str]:
    return [hit.person.display for hit in find_patients(store, read_query(text, today=TODAY))]


def test_surname_and_two_figures_find_by_year_and_by_age_best_first(practice: Store):
    hits = find_patients(practice, read_query("garcia 80", today=TODAY))
    names = [hit.person.display for hit in hits]
    assert set(names[:2]) == {"Beatriz Garcia Leal", "Marisol García-Nakamura"}
    assert names[2:] == ["Joaquín García Prat", "Iker Garzía Etxeberria", "Mafe García Ochoa"]
    assert hits[0].why == ("Surname matches", "birth year matches")
    assert hits[2].why == ("Surname matches", "age matches")
    assert hits[3].why == ("Sounds alike", "birth year matches")
    assert hits[4].why == ("Surname matches", "born one year off")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("beatriz garcia", "Beatriz Garcia Leal"),
        ("garcia beatriz", "Beatriz Garcia Leal"),
        ("leal bea", "Beatriz Garcia Leal"),
        ("garcia b", "Beatriz Garcia Leal"),
        ("GARCÍA MARISOL", "Marisol García-Nakamura"),
        ("nakamura", "Marisol García-Nakamura"),
        ("mafe", "Mafe García Ochoa"),
        ("maria fernanda ochoa", "Mafe García Ochoa"),
        ("nguyen hanh", "Thị Hạnh Nguyễn"),
        ("ngu", "Thị Hạnh Nguyễn"),
        ("李", "小龍 李"),
        ("obrien", "Seán O’Brien"),
        ("o'brien sean", "Seán O’Brien"),
        ("walsh", "Seán O’Brien"),
        ("2/2/80", "Beatriz Garcia Leal"),
        ("3 feb 1980", "Seán O’Brien"),
        ("800203", "Seán O’Brien"),
        ("14/8/79", "Mafe García Ochoa"),
        ("garcia 14/8/79", "Mafe García Ochoa"),
        ("nov 1980", "Marisol García-Nakamura"),
        ("0177", "Beatriz Garcia Leal"),
        ("2025550177", "Beatriz Garcia Leal"),
        ("gracia beatriz", "Beatriz Garcia Leal"),
        ("beatris garca", "Beatriz Garcia Leal"),
        ("baetriz garcia", "Beatriz Garcia Leal"),
        ("nakamurra", "Marisol García-Nakamura"),
        ("nakumara", "Marisol García-Nakamura"),
        ("nguyan hanh", "Thị Hạnh Nguyễn"),
        ("marisl nakamura", "Marisol García-Nakamura"),
        ("(202) 555-0142", "Mafe García Ochoa"),
        ("+1 202 555 0142", "Mafe García Ochoa"),
        ("garcia 0106", "Marisol García-Nakamura"),
        ("HS-00005", "Mafe García Ochoa"),
        ("hs00005", "Mafe García Ochoa"),
        ("00005", "Mafe García Ochoa"),
        ("912-90-3456", "Thị Hạnh Nguyễn"),
        ("912903456", "Thị Hạnh Nguyễn"),
    ],
)
def test_one_line_finds_the_person(practice: Store, text: str, first: str):
    assert found(practice, text)[:1] == [first]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("nguyem", "Thị Hạnh Nguyễn"),
        ("beatris garcia", "Beatriz Garcia Leal"),
        ("garzia beatriz", "Beatriz Garcia Leal"),
        ("marisal garcia", "Marisol García-Nakamura"),
    ],
)
def test_a_letter_off_or_a_like_sound_still_finds(practice: Store, text: str, first: str):
    assert first in found(practice, text)


@pytest.mark.parametrize(
    "text", ["g", "8", "", "%", "%%", "__", "zzzz", "garcia 12/12/2012", "'; drop table patient_row; --"]
)
def test_fishing_wildcards_and_strangers_find_nobody(practice: Store, text: str):
    assert found(practice, text) == []


def test_an_insurance_number_finds_its_patient_and_no_longer_when_the_policy_goes(practice: Store):
    patient = found_id(practice, "mafe")
    policy = practice.create(
        {
            "resourceType": "Coverage",
            "status": "active",
            "beneficiary": {"reference": f"Patient/{patient}"},
            "payor": [{"display": "Meridian"}],
            "subscriberId": "MRD 4471 9026 01",
        }
    )
    assert found(practice, "mrd-4471-9026-01") == ["Mafe García Ochoa"]
    practice.delete("Coverage", policy["id"])
    assert found(practice, "mrd-4471-9026-01") == []


def found_id(store: Store, text: str) -> str:
    return find_patients(store, read_query(text, today=TODAY))[0].person.id


def test_a_changed_name_is_found_and_the_old_one_is_not(practice: Store):
    patient = found_id(practice, "nguyen")
    amend_patient(practice, patient, {"family": "Okafor"})
    assert found(practice, "okafor") == ["Thị Hạnh Okafor"]
    assert found(practice, "nguyen") == []


def test_last_and_next_visit_stand_in_the_row(practice: Store):
    patient = found_id(practice, "mafe")
    for start, status in (
        ("2027-01-19T15:00:00Z", "fulfilled"),
        ("2027-03-09T15:40:00Z", "booked"),
        ("2027-02-01T15:00:00Z", "noshow"),
    ):
        practice.create(
            {
                "resourceType": "Appointment",
                "status": status,
                "start": start,
                "end": start.replace(":00:00Z", ":30:00Z").replace(":40:00Z", ":55:00Z"),
                "participant": [{"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"}],
            }
        )
    person = find_patients(practice, read_query("mafe", today=TODAY))[0].person
    assert person.last_visit.isoformat() == "2027-01-19T15:00:00+00:00"
    assert person.next_visit.isoformat() == "2027-03-09T15:40:00+00:00"


def test_a_search_takes_at_most_five_statements(practice: Store):
    statements: list[str] = []
    listen = lambda conn, cursor, statement, *rest: statements.append(statement)  # noqa: E731
    sa.event.listen(practice.conn.engine, "before_cursor_execute", listen)
    for text in ("garcia 80", "zzzyx", "beatris garcia", "0177"):
        statements.clear()
        found(practice, text)
        assert len(statements) <= 5, text
    sa.event.remove(practice.conn.engine, "before_cursor_execute", listen)


def test_a_record_without_names_or_dates_does_not_break_the_rows(any_store: Store):
    made = writers["Patient"].create(any_store, {"resourceType": "Patient", "name": [{"text": "Unknown, bed 4"}]})
    writers["Patient"].create(any_store, {"resourceType": "Patient"})
    assert found_id(any_store, "bed unknown") == made["id"]


def test_what_was_searched_for_is_marked_in_the_name():
    assert pieces("Marisol García-Nakamura", ("garcia",)) == [
        ("Marisol", False),
        (" ", False),
        ("García", True),
        ("-", False),
        ("Nakamura", False),
    ]


def test_a_person_known_already_is_found_while_registering(practice: Store):
    entry = someone("Beatris", "Garcia", "1980-02-02", mobile="+12025550177", address=Address(line="40 Quay Row"))
    candidates = likely_duplicates(practice, entry)
    assert [candidate.display for candidate in candidates] == ["Beatriz Garcia Leal"]
    assert candidates[0].probable
    assert likely_duplicates(practice, entry, but=candidates[0].id) == []


@pytest.mark.parametrize(
    "entry",
    [
        someone("Mafe", "Ochoa", "1979-08-14"),
        someone("Maria", "Garcia", "1979-08-14"),
        someone("Sean", "Obrien", "1980-03-02", sex="male"),
        someone("Sean", "Walsh", "1980-02-03", sex="male"),
        someone("Garcia", "Beatriz", "1980-02-02"),
        someone("Hanh", "Nguyen", "1994-01-05"),
        someone("Anna", "Smith", "1990-01-01", numbers=(Number("itin", "912903456"),)),
    ],
)
def test_one_error_does_not_hide_a_duplicate(practice: Store, entry):
    assert len(likely_duplicates(practice, entry)) >= 1 or entry.family == "Smith"


def test_a_stranger_gives_no_warning(practice: Store):
    assert likely_duplicates(practice, someone("Ingrid", "Sørensen", "1991-05-17", mobile="+12025550199")) == []
    assert likely_duplicates(practice, someone("Luisa", "Garcia", "1955-01-01")) == []


def test_the_next_visit_is_said_without_the_year_unless_it_is_far_away(app: Flask):
    with app.test_request_context("/"):
        said = [coming(at) for at in ("2027-03-09T19:00:00Z", "2027-04-06T13:00:00Z", "2028-03-20T13:00:00Z", None)]
    assert said == ["today 14:00", "6 Apr 09:00", "20 Mar 2028 09:00", ""]
