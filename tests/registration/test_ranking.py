"""Who comes first in the finder, and why."""

from __future__ import annotations

from datetime import date

import pytest

from clinic.registration.rules import ranking
from clinic.registration.rules.query import read_query
from clinic.registration.rules.ranking import Person, pieces, rank

TODAY = date(2027, 3, 9)


def a_person(family: str, given: str = "ana", *, born: str = "1980-02-02", others: str = "", phone: str = "") -> Person:
    return Person(
        id=family + given,
        record_number="HS-00001",
        display=f"{given} {family}".title(),
        legal="",
        family_words=family,
        given_words=given,
        other_words=others,
        birth_date=born,
        birth_estimated=False,
        sex="female",
        phones=(phone,) if phone else (),
        photo="",
        active=True,
        deceased=False,
    )


def ranked(text: str, *people: Person, numbers: frozenset[str] = frozenset()):
    return rank(read_query(text, today=TODAY), people, today=TODAY, by_number=numbers)


def test_exact_comes_before_beginning_before_a_letter_off_before_a_like_sound():
    people = [a_person("karsia"), a_person("garcie"), a_person("garciaz"), a_person("garcia")]
    assert [hit.person.family_words for hit in ranked("garcia", *people)] == ["garcia", "garciaz", "garcie", "karsia"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("garcia", (ranking.SURNAME,)),
        ("ana", (ranking.GIVEN,)),
        ("mafe", (ranking.OTHER,)),
        ("ana garcia", (ranking.NAME,)),
        ("garzia", (ranking.ALIKE,)),
        ("garcia 2/2/80", (ranking.SURNAME, ranking.BORN)),
        ("garcia 1980", (ranking.SURNAME, ranking.YEAR)),
        ("garcia 47", (ranking.SURNAME, ranking.AGE)),
        ("garcia 81", (ranking.SURNAME, ranking.YEAR_OFF)),
        ("garcia 0177", (ranking.SURNAME, ranking.PHONE)),
        ("0177", (ranking.PHONE,)),
    ],
)
def test_the_reason_is_told(text, why):
    hits = ranked(text, a_person("garcia", others="mafe", phone="+12025550177"))
    assert [hit.why for hit in hits] == [why]


def test_a_number_is_surer_than_any_name():
    hits = ranked("garcia", a_person("garcia"), a_person("leal"), numbers=frozenset({"lealana"}))
    assert hits[0].why == (ranking.NUMBER,)


@pytest.mark.parametrize("text", ["leal", "garcia 55", "garcia 12/12/2012", "ana leal", "9999"])
def test_who_does_not_fit_is_left_out(text):
    assert ranked(text, a_person("garcia", phone="+12025550177")) == []


def test_a_person_without_a_birth_date_has_no_age_and_is_still_found_by_name():
    assert a_person("garcia", born="").years(TODAY) is None
    assert ranked("garcia", a_person("garcia", born=""))
    assert ranked("ana garcia 80", a_person("garcia", born=""))[0].why == (ranking.NAME,)


def test_the_name_is_cut_where_it_is_marked():
    assert pieces("Ana García-Leal", ("garcia",)) == [
        ("Ana", False), (" ", False), ("García", True), ("-", False), ("Leal", False)
    ]  # fmt: skip
    assert pieces("", ()) == []
