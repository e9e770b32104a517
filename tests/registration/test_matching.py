"""Whether two descriptions are one person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.registration.rules.matching import LIKELY, SHOWN, Face, compare

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


def test_twins_are_a_maybe_never_a_probably():
    twin = replace(BEA, given="Lucia", email="", street="")
    assert compare(twin, BEA).score < LIKELY


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
        ({"given": "Bea"}, "First name close"),
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
        ({"given": "B"}, "Same birth date"),
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
