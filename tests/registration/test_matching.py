"""Whether two descriptions are one person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.registration.routes.words import REASONS
from clinic.registration.rules.blocking import blocks, wanted_blocks
from clinic.registration.rules.faces import Face
from clinic.registration.rules.matching import LIKELY, SHOWN, compare

BEA = Face(
    given="Beatriz",
    family="Garcia Leal",
    birth_date="1980-02-02",
    sex="female",
    phones=("+12025550177",),
    email="bea@example.org",
    street="8 Mill Lane",
    postal_code="12207",
)


def words(verdict) -> list[str]:
    return [reason.message % reason.values for reason in verdict.reasons]


def test_the_same_person_with_a_typo_is_probably_known_with_reasons():
    verdict = compare(replace(BEA, given="Beatris", family="Garcia", email="", street="40 Quay Row"), BEA)
    assert verdict.score >= LIKELY
    assert "Same birth date, 1980-02-02" in words(verdict)
    assert "Same telephone, ending 0177" in words(verdict)
    assert "First name one letter off: Beatris, Beatriz" in words(verdict)
    assert "Street differs: 40 Quay Row, 8 Mill Lane" in words(verdict)
    assert [reason.same for reason in verdict.reasons] == [True, True, True, True, False]


def test_strangers_with_a_common_surname_are_not_shown():
    stranger = Face(given="Luis", family="Garcia", birth_date="1955-07-01", sex="male", phones=("+12025550101",))
    assert compare(stranger, BEA).score < SHOWN


def test_two_people_who_differ_only_by_birth_date_score_far_below_one_who_does_not():
    assert compare(replace(BEA, birth_date="1949-11-23", phones=(), email=""), BEA).score < LIKELY
    assert compare(BEA, BEA).score == 99


def test_identical_twins_are_a_maybe_that_says_the_first_name_differs():
    twin = replace(BEA, given="Lucia")
    verdict = compare(twin, BEA)
    assert SHOWN <= verdict.score < LIKELY
    assert verdict.grade == "possible"
    assert "First name differs: Lucia, Beatriz" in words(verdict)
    assert "Same birth date, 1980-02-02" in words(verdict)


def test_people_who_differ_only_by_birth_date_are_a_maybe_that_says_so():
    verdict = compare(replace(BEA, birth_date="1951-11-23"), BEA)
    assert SHOWN <= verdict.score < LIKELY
    assert "Birth date differs: 1951-11-23, 1980-02-02" in words(verdict)


def test_brothers_and_sisters_of_one_house_raise_no_warning():
    assert compare(replace(BEA, given="Lucia", birth_date="1983-06-30", email=""), BEA).score < SHOWN
    partner = replace(BEA, given="Tom", family="Okafor", birth_date="1979-01-05", sex="male", email="")
    assert compare(partner, BEA).score < SHOWN


def test_the_same_identity_number_makes_even_a_new_name_certainly_worth_a_look():
    other = replace(BEA, given="Lucia", family="Okafor", numbers=("abc",))
    assert compare(other, replace(BEA, numbers=("abc",))).score >= LIKELY


def test_who_is_said_to_be_certain_has_nothing_against_it():
    assert compare(BEA, BEA).grade == "certain"
    assert compare(replace(BEA, street="40 Quay Row"), BEA).grade == "probable"
    assert compare(Face(given="Luis", family="Garcia", birth_date="1955-07-01"), BEA).grade == "certainly-not"


TWO_WAYS = [
    ("Pat", "O'Dowd", "Pat", "ODowd"),
    ("Siân", "Müller-Lüdenscheidt", "Sian", "Muller Ludenscheidt"),
    ("Piet", "van den Berg", "Piet", "Vandenberg"),
    ("小龍", "李", "小龍", "李"),
    ("李小龍", "", "小龍", "李"),
    ("محمد", "الحداد", "محمد", "الحداد"),
    ("Thi Hoa", "Le", "Hoa", "Le Thi"),
    ("Mary Ann", "Carver", "Maryann", "Carver"),
    ("Bill", "Carver", "William", "Carver"),
    ("X", "Æ", "X", "AE"),
    ("Ana", "Núñez Prat", "Ana", "Nunez"),
    ("Ana", "Prat", "Ana", "Núñez Prat"),
    ("a" * 300, "b" * 300, "a" * 300, "b" * 299 + "c"),
]


@pytest.mark.parametrize(("given", "family", "known_given", "known_family"), TWO_WAYS)
def test_one_name_written_in_two_ways_is_found_and_recognised(given, family, known_given, known_family):
    new = Face(given=given, family=family, birth_date="1980-02-13")
    known = Face(given=known_given, family=known_family, birth_date="1980-02-13")
    assert compare(new, known).score >= LIKELY
    assert wanted_blocks(new) & blocks(known)
    assert compare(known, new).score >= LIKELY
    assert wanted_blocks(known) & blocks(new)


@pytest.mark.parametrize(
    "changes",
    [
        {"given": "Beatris", "birth_date": "1980-11-08"},
        {"given": "Garcia Leal", "family": "Beatriz", "birth_date": "1980-11-08"},
        {"family": "Garzia", "birth_date": "1980-11-05"},
        {"family": "Okafor", "birth_date": "1990-11-05"},
        {"family": "Okafor", "street": "", "given": "Bea"},
        {"birth_date": "1981", "estimated": True},
    ],
)
def test_two_errors_leave_a_key_by_which_people_meet(changes):
    known = replace(BEA, birth_date="1980-11-05")
    new = replace(known, email="", **changes)
    assert wanted_blocks(new) & blocks(known)
    assert compare(new, known).score >= SHOWN


def test_one_of_two_surnames_says_much_less_when_the_other_differs():
    one = Face(given="Ana", family="García Leal", birth_date="1980-02-13", street="8 Mill Lane")
    half, other = (
        replace(one, family="García", street="40 Quay Row"),
        replace(one, family="García Okafor", street="9 X"),
    )
    assert compare(half, one).score >= LIKELY
    assert compare(other, one).score < SHOWN
    assert "One surname shared: García" in words(compare(other, one))


def test_common_little_words_of_surnames_are_not_shared_surnames():
    one = Face(given="Jan", family="van den Berg", birth_date="1980-02-13")
    other = Face(given="Jan", family="van der Meer", birth_date="1980-02-13")
    assert compare(one, other).score < SHOWN


def test_a_swapped_day_and_month_and_a_maiden_name_are_recognised():
    swapped = replace(BEA, birth_date="1980-05-11")
    verdict = compare(swapped, replace(BEA, birth_date="1980-11-05", phones=()))
    assert verdict.score >= SHOWN
    assert any("swapped" in line for line in words(verdict))
    married = replace(BEA, family="Nakamura", phones=(), email="", street="")
    assert compare(married, replace(BEA, other_names=("Nakamura",))).score >= LIKELY


@pytest.mark.parametrize(
    ("changes", "words_"),
    [
        ({"given": "Garcia", "family": "Beatriz"}, "swapped"),
        ({"given": "Bea"}, "First name short or in full: Bea, Beatriz"),
        ({"given": "Beat"}, "First name close"),
        ({"given": "Garcia", "family": "Okafor"}, "stands where the surname was"),
        ({"given": "", "family": "Beatriz Garcia Leal"}, "Same name, written otherwise"),
        ({"family": "Garzia"}, "Surname close"),
        ({"given": "Luz"}, "also in use"),
        ({"given": "Beatryze"}, "First name"),
        ({"family": "Garzia Leall"}, "Surname"),
        ({"family": "Karsia"}, "Surname"),
        ({"birth_date": "1980"}, "Birth dates fit"),
        ({"birth_date": "1980-02-03"}, "one figure off"),
        ({"birth_date": "1975-07-21"}, "Birth date differs"),
        ({"email": "other@example.org", "phones": ()}, "Same street"),
        ({"street": ""}, "Same postcode"),
        ({"sex": "male"}, "Administrative sex differs"),
        ({"given": "B"}, "First name fits its initial: B, Beatriz"),
        ({"estimated": True, "birth_date": "1981"}, "Birth dates fit"),
        ({"estimated": True, "birth_date": "1950"}, "Birth date differs"),
    ],
)
def test_each_likeness_and_difference_has_its_words(changes, words_):
    known = replace(BEA, other_names=("Luz",))
    assert any(words_ in line for line in words(compare(replace(BEA, **changes), known)))


def test_the_same_insurance_number_weighs_more_than_all_names():
    other = Face(given="B.", family="G.", numbers=("abc",))
    assert compare(other, replace(BEA, numbers=("abc",))).score > compare(other, BEA).score + 20


def test_an_empty_description_matches_nobody():
    assert compare(Face(), BEA).score < SHOWN


NAME = st.text(alphabet="abcdeéñøИвЁ李- '", max_size=12)
FACES = st.builds(
    Face,
    given=NAME,
    family=NAME,
    birth_date=st.sampled_from(["", "1980", "1980-02", "1980-02-02", "1980-03-02"]),
    sex=st.sampled_from(["female", "male", "unknown", ""]),
    phones=st.lists(st.sampled_from(["+12025550101", "+12025550102"]), max_size=2).map(tuple),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FACES, FACES)
def test_the_score_lies_between_0_and_99_and_every_reason_reads_as_words(one, other):
    verdict = compare(one, other)
    assert 0 <= verdict.score <= 99
    assert all("%(" not in line for line in words(verdict))
    assert {reason.message for reason in verdict.reasons} <= {str(message) for message in REASONS}
