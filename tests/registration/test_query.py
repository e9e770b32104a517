"""Reading one line of the finder."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.registration.rules.query import carried_over, read_query

TODAY = date(2027, 3, 9)


def read(text: str, order: str = "mdy"):
    return read_query(text, today=TODAY, order=order)


@pytest.mark.parametrize("text", ["garcia 80", "80 garcia", "  GARCÍA   80 "])
def test_a_name_and_two_figures_are_a_birth_year_or_an_age(text):
    query = read(text)
    assert (query.words, query.years, query.age) == (("garcia",), (1980,), 80)


def test_figures_that_are_no_age_stay_figures():
    assert read("garcia 0177").digits == "0177"
    assert read("garcia 1980").years == (1980,)
    assert read("garcia 105").age == 105
    assert read("garcia 105").years == ()


@pytest.mark.parametrize(
    ("text", "words", "first"),
    [
        ("14/8/79", (), "1979-08-14"),
        ("3 feb 1980", (), "1980-02-03"),
        ("ana 3 feb 1980 garcía", ("ana", "garcia"), "1980-02-03"),
        ("800203", (), "1980-02-03"),
        ("2 2 80 beatriz", ("beatriz",), "1980-02-02"),
        ("feb 1980 ana", ("ana",), "1980-02"),
        ("ana dob 14.8.79", ("ana",), "1979-08-14"),
    ],
)
def test_birth_dates_are_found_anywhere_in_the_line(text, words, first):
    query = read(text)
    assert query.words == words
    assert query.births[0] == first


def test_a_date_of_two_readings_searches_both_the_practice_order_first():
    assert read("3/2/80").births == ("1980-03-02", "1980-02-03")
    assert read("3/2/80", "dmy").births == ("1980-02-03", "1980-03-02")


def test_a_run_of_six_figures_is_a_date_and_also_a_number():
    query = read("800203")
    assert (query.births, query.digits, query.number) == (("1980-02-03",), "800203", "800203")


@pytest.mark.parametrize(
    ("text", "digits"),
    [("(202) 555-0143", "2025550143"), ("+1 202 555 0143", "12025550143"), ("0177", "0177"), ("555 0143", "5550143")],
)
def test_telephone_figures_are_joined(text, digits):
    assert read(text).digits == digits


@pytest.mark.parametrize(
    ("text", "number"), [("HS-20418", "HS20418"), ("mrd 4471 9026 01", "MRD4471902601"), ("912-90-3456", "912903456")]
)
def test_record_and_insurance_numbers_are_read_compact(text, number):
    assert read(text).number == number


@pytest.mark.parametrize("text", ["", " ", "g", "8", "80", "a b", "%", "_", "*", "я", "é"])
def test_fishing_with_one_letter_is_refused(text):
    assert read(text).too_short


@pytest.mark.parametrize("text", ["ga", "李", "김", "0177", "14/8/79", "o'b"])
def test_two_letters_or_an_ideograph_are_enough(text):
    assert not read(text).too_short


def test_a_long_line_is_cut_and_a_few_words_are_kept():
    assert len(read("maria " * 500).text) <= 200
    assert len(read("a1b " * 3 + "maria anna ella ines rosa lola zoe").words) == 6


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text):
    query = read(text)
    assert all(word == word.casefold() for word in query.words if word.isascii())
    assert query.number == "" or query.number.isalnum()


@given(st.lists(st.sampled_from(["garcia", "beatriz", "80", "0177", "14/8/79", "3 feb 1980"]), max_size=6))
def test_the_order_of_names_does_not_matter(parts):
    assert sorted(read(" ".join(parts)).words) == sorted(read(" ".join(reversed(parts))).words)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("garcia", {"family": "Garcia"}),
        ("beatriz garcia leal", {"given": "Beatriz", "family": "Garcia Leal"}),
        ("garcia leal, beatriz", {"given": "Beatriz", "family": "Garcia Leal"}),
        ("María O'Neil", {"given": "María", "family": "O'Neil"}),
        ("garcia 80", {"family": "Garcia"}),
        ("ana ruiz 1980", {"given": "Ana", "family": "Ruiz", "birth_date": "1980"}),
        ("ana ruiz 14/8/79", {"given": "Ana", "family": "Ruiz", "birth_date": "1979-08-14"}),
        ("ana ruiz 202 555 0143", {"given": "Ana", "family": "Ruiz", "mobile": "2025550143"}),
        ("0177", {}),
    ],
)
def test_what_was_typed_is_carried_over_into_the_new_record(text, entry):
    assert carried_over(read(text)) == entry
