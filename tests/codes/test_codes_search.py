"""Finding codes by what people type."""

from __future__ import annotations

import time
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.codes import HCPCS, ICD10CM, MODIFIER, PLACE, children, ensure_loaded, find, search
from clinic.codes.guidance import complete
from clinic.codes.tables import code, code_release
from clinic.codes.text import in_official_words, lay_terms, query_words
from clinic.db.engine import Database

DAY = date(2027, 3, 9)


def names(conn: Connection, text: str, system: str = ICD10CM, limit: int = 20) -> list[str]:
    return [each.code for each in search(conn, system, text, DAY, limit)]


@pytest.mark.parametrize("typed", ["e11.6", "E116", "e11.6 ", "E11.6"])
def test_a_code_is_found_by_its_beginning_with_or_without_the_dot(conn: Connection, typed: str) -> None:
    found = names(conn, typed)
    assert found[0] == "E11.610"
    assert "E11.65" in found
    assert all(each.startswith("E11.6") for each in found)


def test_words_are_found_in_any_order_and_unfinished(conn: Connection) -> None:
    assert names(conn, "knee pain left")[0] == "M25.562"
    assert names(conn, "left knee pa")[0] == "M25.562"


def test_only_codes_that_a_claim_may_carry_are_given(conn: Connection) -> None:
    assert "E11.6" not in names(conn, "e11.6")
    assert all(each.usable(DAY) for each in search(conn, ICD10CM, "asthma", DAY, 50))


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("high blood pressure", "I10"),
        ("heart attack", "I21.9"),
        ("sugar diabetes type 2", "E11.9"),
        ("uti", "N39.0"),
        ("pinkeye", "H10.9"),
        ("Crohn's", "K50.00"),
    ],
)
def test_everyday_words_find_the_official_ones(conn: Connection, typed: str, first: str) -> None:
    assert first in names(conn, typed)[:3]


@pytest.mark.parametrize(("typed", "first"), [("high blood", "I10"), ("heart att", "I21.9"), ("high blood p", "I10")])
def test_an_everyday_term_is_understood_before_it_is_finished(conn: Connection, typed: str, first: str) -> None:
    assert first in names(conn, typed)


def test_every_everyday_word_leads_somewhere(conn: Connection) -> None:
    assert len(lay_terms()) >= 150
    assert [lay for lay, _ in lay_terms() if not names(conn, " ".join(lay), limit=1)] == []


@pytest.mark.parametrize(("typed", "first"), [("diabetis", "E11.9"), ("hypertention", "I10"), ("pnemonia", "J18.9")])
def test_a_misspelling_is_understood_when_nothing_else_was_found(conn: Connection, typed: str, first: str) -> None:
    assert names(conn, typed)[0] == first


@pytest.mark.parametrize(
    "typed", ["", "   ", "...", "\u202e", "%", "'; DROP TABLE code; --x", "😀", "qqqqqq zzzz", "z" * 10_000]
)
def test_odd_input_finds_nothing_and_breaks_nothing(conn: Connection, typed: str) -> None:
    assert names(conn, typed) == []


def test_a_code_that_ended_is_not_offered_even_when_typed_in_full(conn: Connection) -> None:
    known = find(conn, HCPCS, "A4466")
    assert known is not None
    assert known.valid_to == date(2016, 12, 31)
    assert names(conn, "A4466", HCPCS) == []
    assert [each.code for each in search(conn, HCPCS, "A4466", date(2016, 12, 31))] == ["A4466"]


def test_a_code_without_a_text_is_given_only_when_typed_in_full(conn: Connection) -> None:
    assert names(conn, "G2211", HCPCS) == ["G2211"]
    assert "G2211" not in names(conn, "G221", HCPCS)


def test_a_drug_written_with_a_hyphen_is_found_without_it(conn: Connection) -> None:
    assert "J3420" in names(conn, "vitamin b12", HCPCS)
    assert "J3420" in names(conn, "vitamin b-12", HCPCS)


def test_modifiers_and_places_of_service_are_known(conn: Connection) -> None:
    left, office = find(conn, MODIFIER, "LT"), find(conn, PLACE, "11")
    assert left is not None
    assert left.display.startswith("Left side")
    assert office is not None
    assert office.display == "Office"
    assert find(conn, MODIFIER, "25") is None


def test_loading_again_changes_nothing_and_a_new_release_replaces_the_old(code_database: Database) -> None:
    with code_database.write() as conn:
        assert ensure_loaded(conn) == []
        conn.execute(code_release.update().where(code_release.c.system == PLACE).values(version="older"))
        assert ensure_loaded(conn) == [PLACE]
        count = sa.select(sa.func.count()).select_from(code).where(code.c.system == PLACE)
        assert conn.execute(count).scalar_one() == 52


def test_the_whole_diagnosis_list_is_there(conn: Connection) -> None:
    query = sa.select(sa.func.count(), sa.func.sum(sa.cast(code.c.billable, sa.Integer))).where(
        code.c.system == ICD10CM
    )
    assert tuple(conn.execute(query).one()) == (98_186, 74_719)


def test_a_heading_is_completed_by_side_ending_or_detail(conn: Connection) -> None:
    side, ending, detail = (complete(conn, ICD10CM, name) for name in ("M25.56", "S93.401", "E11.6"))
    assert side is not None
    assert side.missing == "side"
    assert [each.code for each in side.choices] == ["M25.561", "M25.562", "M25.569"]
    assert ending is not None
    assert ending.missing == "ending"
    assert [each.code[-1] for each in ending.choices] == ["A", "D", "S"]
    assert detail is not None
    assert detail.missing == "detail"
    assert complete(conn, ICD10CM, "I10") is None
    assert children(conn, ICD10CM, "") == []


def test_lay_words_inside_a_longer_query_are_replaced_and_the_rest_stays() -> None:
    assert in_official_words(query_words("left broken wrist")) == [
        "fracture",
        "lower",
        "end",
        "radius",
        "left",
    ]
    assert in_official_words(["hypertension"]) is None


def test_a_keystroke_is_answered_within_the_budget(conn: Connection) -> None:
    queries = [
        q[:cut] for q in ("knee pain left", "high blood pressure", "m25.562", "copd") for cut in range(1, len(q) + 1)
    ]
    times = []
    for each in queries:
        begun = time.perf_counter()
        names(conn, each)
        times.append(time.perf_counter() - begun)
    assert sorted(times)[len(times) // 2] < 0.02
