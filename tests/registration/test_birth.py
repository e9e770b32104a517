"""Birth dates in any usual form."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.errors import Invalid
from clinic.registration.rules.birth import birth_day, read_birth, too_old

TODAY = date(2027, 3, 9)


@pytest.mark.parametrize(
    ("typed", "order", "value"),
    [
        ("3/2/80", "mdy", "1980-03-02"),
        ("3/2/80", "dmy", "1980-02-03"),
        ("3 2 80", "dmy", "1980-02-03"),
        ("3 feb 1980", "mdy", "1980-02-03"),
        ("Feb 3, 1980", "mdy", "1980-02-03"),
        ("3 de febrero de 1980", "mdy", "1980-02-03"),
        ("800203", "mdy", "1980-02-03"),
        ("020380", "mdy", "1980-02-03"),
        ("030280", "dmy", "1980-02-03"),
        ("19800203", "mdy", "1980-02-03"),
        ("1980-02-03", "mdy", "1980-02-03"),
        ("14.8.79", "mdy", "1979-08-14"),
        ("14/8/79", "mdy", "1979-08-14"),
        ("8/14/79", "dmy", "1979-08-14"),
        ("3/9/27", "mdy", "2027-03-09"),
        ("3/10/27", "mdy", "1927-03-10"),
        ("1980", "mdy", "1980"),
        ("feb 1980", "mdy", "1980-02"),
        ("2/1980", "mdy", "1980-02"),
        ("1980-02", "mdy", "1980-02"),
    ],
)
def test_a_birth_date_is_read_as_people_say_it(typed, order, value):
    birth = read_birth(typed, today=TODAY, order=order)
    assert (birth.value, birth.estimated) == (value, False)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("about 40", "1987"),
        ("40y", "1987"),
        ("~7", "2020"),
        ("40 years old", "1987"),
        ("2 days", "2027-03-07"),
        ("about 1987", "1987"),
        ("~1987-05", "1987-05"),
    ],
)
def test_an_age_makes_an_estimate(typed, value):
    birth = read_birth(typed, today=TODAY)
    assert (birth.value, birth.estimated) == (value, True)


def test_a_baby_is_estimated_to_the_month():
    assert read_birth("6 months", today=TODAY).value == "2026-09"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Give a birth date"),
        ("yesterday", "does not read"),
        ("30 feb 1980", "does not read"),
        ("29/2/1981", "does not read"),
        ("99/99/99", "does not read"),
        ("12", "does not read"),
        ("3/10/2027", "future"),
        ("2028", "future"),
        ("2027-04", "future"),
        ("12/12/1870", "150 years"),
        ("about 200", "150 years"),
        ("about 1980-13", "does not read"),
        ("13/1980", "does not read"),
        ("foo 1980", "does not read"),
        ("29/2/27", "does not read"),
        ("'; DROP TABLE patient;--", "does not read"),
        ("９/９/８０x", "does not read"),
    ],
)
def test_what_is_no_birth_date_is_refused_in_words(typed, words):
    with pytest.raises(Invalid, match=words) as refused:
        read_birth(typed, today=TODAY)
    assert refused.value.field == "birth_date"


def test_someone_over_120_is_asked_about_but_not_refused():
    assert too_old(read_birth("1/1/1900", today=TODAY).value, TODAY)
    assert not too_old(read_birth("1/1/1910", today=TODAY).value, TODAY)


@given(st.dates(TODAY - timedelta(days=365 * 149), TODAY), st.sampled_from(["mdy", "dmy", "ymd"]))
def test_a_full_date_written_in_the_practice_order_reads_back(day, order):
    place = {"y": f"{day.year}", "m": f"{day.month}", "d": f"{day.day}"}
    for mark in "/-. ":
        typed = mark.join(place[letter] for letter in order)
        assert read_birth(typed, today=TODAY, order=order).value == day.isoformat()


def test_29_february_of_a_year_to_come_is_the_one_a_century_ago():
    assert read_birth("2/29/28", today=date(2028, 1, 1)).value == "1928-02-29"
    with pytest.raises(Invalid):
        read_birth("2/29/00", today=date(2000, 1, 1))


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text):
    with contextlib.suppress(Invalid):
        birth = read_birth(text, today=TODAY)
        assert birth.value[:4] <= "2027"
        assert birth_day(birth.value) <= date(2027, 12, 31)
