"""Notes of the classification: exclusions, endings, ages and sexes; and the sets of ranks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.codes import postings
from clinic.codes.notes import endings, excludes, person_notes


@pytest.mark.parametrize(
    ("one", "other"), [("E11.9", "E10.9"), ("E10.9", "E11.9"), ("A05.1", "A04.7"), ("A05.1", "A04.2")]
)
def test_two_kinds_of_one_illness_exclude_each_other_in_either_order(one: str, other: str) -> None:
    assert excludes(one, other) is not None


@pytest.mark.parametrize(
    ("one", "other"), [("I10", "E11.9"), ("E11.9", "E11.65"), ("I10", "I10"), ("", "I10"), ("x", "y")]
)
def test_unrelated_diagnoses_do_not(one: str, other: str) -> None:
    assert excludes(one, other) is None


def test_an_injury_says_which_endings_it_takes() -> None:
    assert set(endings("S93.401")) >= {"A", "D", "S"}
    assert endings("I10") == {}


def test_a_diagnosis_of_one_sex_or_age_is_noted() -> None:
    assert [note.sex for note in person_notes("N40.1")] == ["M"]
    assert [note.least_years for note in person_notes("Z00.00")] == [18]
    assert [note.most_years for note in person_notes("Z00.129")] == [17]
    assert person_notes("I10") == []


@given(st.lists(st.sets(st.integers(0, 4_999), max_size=600), min_size=1, max_size=5))
def test_packed_sets_come_back_as_their_union_in_order(sets: list[set[int]]) -> None:
    packed = [postings.pack(sorted(each), 5_000) for each in sets]
    assert list(postings.in_order(postings.union(packed, 5_000))) == sorted(set().union(*sets))
