"""From an entry form to a person, or to every fault beside its field."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.errors import Invalid
from clinic.regions import region_of
from clinic.registration.rules.checking import Desk, draft_of, read_details
from clinic.registration.rules.details import Number
from clinic.registration.rules.text import clean, read_name

DESK = Desk(region_of("us"), date(2027, 3, 9))
ENTRY = {"given": "Beatriz", "family": "Garcia Leal", "birth_date": "2 2 80", "sex": "female"}


def faults(**changes: str) -> dict[str, str]:
    try:
        read_details({**ENTRY, **changes}, DESK)
    except Invalid as refused:
        return {detail.field: detail.message for detail in refused.details}
    return {}


def test_four_answers_are_enough():
    details = read_details(ENTRY, DESK)
    assert (details.given, details.family, details.birth_date, details.sex) == (
        "Beatriz",
        "Garcia Leal",
        "1980-02-02",
        "female",
    )


def test_every_missing_answer_is_named_at_once():
    with pytest.raises(Invalid) as refused:
        read_details({}, DESK)
    assert {detail.field for detail in refused.value.details} == {"given", "family", "birth_date", "sex"}


def test_a_whole_person_is_read():
    details = read_details(
        ENTRY
        | {
            "preferred": "Bea",
            "mobile": "(202) 555-0177",
            "texts": "1",
            "email": "Bea@EXAMPLE.org",
            "postal_code": "12207 1234",
            "line": " 8  Mill Lane ",
            "city": "Albany",
            "state": "NY",
            "language": "es",
            "interpreter": "1",
            "emergency_given": "Luis",
            "emergency_family": "Leal",
            "emergency_relation": "SPS",
            "emergency_phone": "202 555 0106",
            "number_itin": "912-90-3456",
        },
        DESK,
    )
    assert details.phones == ("+12025550177",)
    assert details.email == "Bea@example.org"
    assert (details.address.line, details.address.postal_code) == ("8 Mill Lane", "12207-1234")
    assert details.emergency.phone == "+12025550106"
    assert details.numbers == (Number("itin", "912903456"),)
    assert details.number("itin") == "912903456"
    assert details.interpreter


@pytest.mark.parametrize(
    "name",
    [
        "María José",
        "O’Brien-Smith",
        "Nguyễn Thị Hạnh",
        "李小龍",
        "محمد",
        "Ólafur",
        "D'Arcy",
        "J. P.",
        "Иван",
        "김",
        "X",
    ],
)
def test_names_of_the_world_are_kept(name):
    assert read_details({**ENTRY, "given": name}, DESK).given == clean(name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Bea\u202etriz", "cannot be seen"),
        ("Bea\x00", "cannot be seen"),
        ("Bea\x1b[31m", "cannot be seen"),
        ("\ud800Bea", "cannot be seen"),
        ("Bea 😀", "😀"),
        ("<script>alert(1)</script>", "<"),
        ("=HYPERLINK", "="),
        ("A" * 300, "longer than 200"),
        ("A" * 10_000_000, "longer than 200"),
        ("---", "no letter"),
        ("   ", "Give a first name"),
    ],
)
def test_hostile_names_are_refused_in_words(name, words):
    assert words in faults(given=name)["given"]


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("birth_date", "3/10/2027", "future"),
        ("birth_date", "30 feb 1980", "does not read"),
        ("sex", "", "Choose"),
        ("sex", "robot", "Choose"),
        ("mobile", "12", "too few"),
        ("email", "bea@quaymail", "No ending after “quaymail”"),
        ("email", "bea at example", "no e-mail"),
        ("postal_code", "ABC", "ZIP"),
        ("line", "8 Mill\u2066Lane", "cannot be seen"),
        ("city", "x" * 201, "longer"),
        ("number_ssn", "000-12-3456", "ever given out"),
        ("number_itin", "12", "9 digits"),
        ("marital", "Z", "list"),
        ("contact_by", "pigeon", "list"),
        ("emergency_relation", "BOSS", "list"),
        ("language", "<es>", "list"),
        ("emergency_phone", "call", "telephone"),
    ],
)
def test_each_fault_stands_beside_its_own_field(field, typed, words):
    found = faults(**{field: typed})
    assert words in found[field]


def test_a_telephone_without_a_name_asks_for_the_name():
    assert "name" in faults(emergency_phone="202 555 0106")["emergency_given"]


def test_a_half_typed_entry_is_read_as_far_as_it_goes():
    draft = draft_of({"given": "Bea", "family": "<", "mobile": "12", "birth_date": "2 2 80"}, DESK)
    assert (draft.given, draft.family, draft.mobile, draft.birth_date) == ("Bea", "", "", "1980-02-02")


def test_a_joiner_is_kept_only_where_letters_join():
    assert draft_of({"given": "می\u200cرم"}, DESK).given == "می\u200cرم"
    assert draft_of({"given": "\u200dBea"}, DESK).given == ""


def test_a_foreign_postcode_is_not_held_to_the_home_rule():
    details = read_details({**ENTRY, "postal_code": "HB4 1QD", "country": "GB"}, DESK)
    assert details.address.postal_code == "HB4 1QD"


@given(st.dictionaries(st.sampled_from([*ENTRY, "email", "mobile", "city", "number_ssn"]), st.text(max_size=50)))
def test_no_entry_breaks_the_reader(entry):
    details = draft_of(entry, DESK)
    assert details.phones == tuple(phone for phone in details.phones if phone.startswith("+"))
    with contextlib.suppress(Invalid):
        assert read_details(entry, DESK) == details


@given(st.text(max_size=50))
def test_a_kept_name_reads_back_the_same(text):
    try:
        name = read_name(text, field="given", label="First name")
    except Invalid:
        return
    assert read_name(name, field="given", label="First name") == name
