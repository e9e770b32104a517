"""The checks of a sheet, each by itself, and the deeds that mend what they find."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.billing.rules import (
    AgeSexNote,
    ChargeLine,
    CodeFact,
    CoverageFact,
    Diagnosis,
    Facts,
    Finding,
    Level,
    Person,
    ProviderFact,
    Sheet,
    apply,
    check,
    letter,
    stops,
)
from clinic.codes import HCPCS, OWN_PROCEDURES, URI
from clinic.core.errors import Invalid

DAY = date(2027, 3, 9)
DX = ("I10", "E11.65", "E11.9", "E10.9", "W19.XXXA", *(f"Z{n:02}" for n in range(14)))
PLAN = CoverageFact("Meridian PPO", date(2027, 1, 1), None, "MX-1")
FACTS = Facts(
    day=DAY,
    today=DAY,
    person=Person(date(1965, 10, 7), "male"),
    coverages=(PLAN,),
    diagnoses={code: CodeFact(code, code) for code in DX},
    procedures={code: CodeFact(code, code) for code in ("V-1", "V-2", "J3420")},
    modifiers={
        code: CodeFact(code) for code in ("LT", "RT", "GA", "GZ", "GY", "TC", "XE", "50", "26", "59", "76", "QW")
    },
)
LINE = ChargeLine("V-1", OWN_PROCEDURES, pointers=(1,), fee=1000)
GOOD = Sheet((Diagnosis("I10"),), (LINE,))


def rules(sheet: Sheet, facts: Facts = FACTS, level: Level | None = None) -> list[str]:
    return [each.rule for each in check(sheet, facts) if level is None or each.level is level]


def the(sheet: Sheet, rule: str, facts: Facts = FACTS) -> Finding:
    found = [each for each in check(sheet, facts) if each.rule == rule]
    assert len(found) == 1, [each.rule for each in check(sheet, facts)]
    return found[0]


def line(**changes: Any) -> Sheet:
    return replace(GOOD, lines=(replace(LINE, **changes),))


def dx(*codes: str, pointers: tuple[int, ...] = (1,)) -> Sheet:
    return Sheet(tuple(map(Diagnosis, codes)), (replace(LINE, pointers=pointers),))


def test_a_good_sheet_has_nothing_to_mend_and_says_which_coverage_is_in_force() -> None:
    found = check(GOOD, FACTS)
    assert stops(found) == 0
    assert [(each.rule, each.level) for each in found] == [("COVERAGE_NOT_ACTIVE", Level.FINE)]


def test_an_empty_sheet_asks_for_a_diagnosis_and_a_line() -> None:
    assert rules(Sheet(), level=Level.STOP) == ["LINES_REQUIRED", "DX_REQUIRED"]


def test_the_worst_comes_first() -> None:
    levels = [each.level for each in check(dx("I10", "NOPE", "E11.9"), FACTS)]
    assert levels == sorted(levels)


@pytest.mark.parametrize(
    ("sheet", "rule", "where"),
    [
        (dx("NOPE"), "DX_NOT_BILLABLE", "dx-1"),
        (dx("I10", "I10"), "DX_DUPLICATE", "dx-2"),
        (dx("W19.XXXA", "I10"), "DX_EXTERNAL_CAUSE_FIRST", "dx-1"),
        (dx(*DX[5:18]), "DX_MAX_12", "dx-13"),
        (Sheet((Diagnosis("I10"),), ()), "LINES_REQUIRED", "line-1-code"),
        (line(code="XX"), "CODE_UNKNOWN", "line-1-code"),
        (line(pointers=()), "PTR_REQUIRED", "line-1-pointers"),
        (line(pointers=(1, 2)), "PTR_RANGE", "line-1-pointers"),
        (line(pointers=(1, 1)), "PTR_RANGE", "line-1-pointers"),
        (dx("I10", "E11.9", "Z00", "Z01", "Z02", pointers=(1, 2, 3, 4, 5)), "PTR_MAX_4", "line-1-pointers"),
        (line(modifiers=("LT", "QW", "76", "GA", "59")), "MOD_MAX_4", "line-1-modifiers"),
        (line(modifiers=("LT", "LT")), "MOD_DUPLICATE", "line-1-modifiers"),
        (line(modifiers=("LT", "RT")), "MOD_CONFLICT", "line-1-modifiers"),
        (line(modifiers=("GZ", "GA")), "MOD_CONFLICT", "line-1-modifiers"),
        (line(modifiers=("50", "RT")), "MOD_CONFLICT", "line-1-modifiers"),
        (line(modifiers=("59", "XE")), "MOD_CONFLICT", "line-1-modifiers"),
        (line(units=Decimal(0)), "UNITS_POSITIVE", "line-1-units"),
        (line(units=Decimal(-1)), "UNITS_POSITIVE", "line-1-units"),
        (line(units=Decimal("1.0005")), "UNITS_POSITIVE", "line-1-units"),
        (line(units=Decimal("NaN")), "UNITS_POSITIVE", "line-1-units"),
        (line(fee=-1), "CHARGE_NOT_NEGATIVE", "line-1-fee"),
        (line(day=date(2027, 3, 10)), "DOS_FUTURE", "line-1-code"),
        (line(day=date(1965, 10, 6)), "DOS_BEFORE_BIRTH", "line-1-code"),
        (replace(GOOD, lines=(LINE, LINE)), "LINE_DUPLICATE", "line-2-code"),
        (
            replace(
                GOOD, lines=tuple(replace(LINE, day=date(2027, 1, 1 + n % 28), modifiers=("76",)) for n in range(51))
            ),
            "LINES_MAX_50",
            "line-51-code",
        ),
    ],
)
def test_what_must_be_mended_stops_and_names_its_field(sheet: Sheet, rule: str, where: str) -> None:
    units_are_no_number = any(each.units.is_nan() for each in sheet.lines)
    found = the(sheet, rule) if not units_are_no_number else next(e for e in check(sheet, FACTS) if e.rule == rule)
    assert found.level is Level.STOP
    assert found.where == where
    assert found.title % found.values
    assert found.reason % found.values


@pytest.mark.parametrize(
    ("sheet", "rule", "level"),
    [
        (line(fee=0), "CHARGE_ZERO", Level.LOOK),
        (line(modifiers=("ZZ",)), "MOD_KNOWN", Level.LOOK),
        (dx("I10", "E11.9"), "DX_UNUSED", Level.TOLD),
    ],
)
def test_what_may_be_right_only_speaks(sheet: Sheet, rule: str, level: Level) -> None:
    assert the(sheet, rule).level is level
    assert rules(sheet, level=Level.STOP) == []


@pytest.mark.parametrize("modifier", ["76", "77", "91"])
def test_a_repeated_line_that_says_so_is_no_copy(modifier: str) -> None:
    assert "LINE_DUPLICATE" not in rules(replace(GOOD, lines=(LINE, replace(LINE, modifiers=(modifier,)))))


@pytest.mark.parametrize(
    ("missing", "rule"),
    [("side", "DX_NOT_BILLABLE"), ("ending", "DX_7TH"), ("detail", "DX_NOT_BILLABLE"), ("", "DX_NOT_BILLABLE")],
)
def test_a_heading_offers_the_codes_beneath_it(missing: str, rule: str) -> None:
    choices = (("M25.561", "right"), ("M25.562", "left")) if missing else ()
    facts = replace(FACTS, diagnoses={"M25.56": CodeFact("M25.56", billable=False, missing=missing, choices=choices)})
    found = the(dx("M25.56"), rule, facts)
    assert found.level is Level.STOP
    first = found.repairs[0]
    mended = apply(dx("M25.56"), first.deed)
    assert [each.code for each in mended.diagnoses] == (["M25.561"] if missing else [])


@pytest.mark.parametrize(
    ("starts", "ends", "fine"),
    [(None, None, True), (DAY, DAY, True), (None, date(2027, 3, 8), False), (date(2027, 3, 10), None, False)],
)
def test_a_diagnosis_must_be_valid_on_the_visit_date(starts: date | None, ends: date | None, fine: bool) -> None:
    facts = replace(FACTS, diagnoses={"I10": CodeFact("I10", starts=starts, ends=ends)})
    assert ("DX_RELEASE" not in rules(GOOD, facts)) is fine


@pytest.mark.parametrize(
    ("starts", "ends", "rule"), [(None, date(2027, 3, 8), "CODE_TERMINATED"), (date(2027, 3, 10), None, "CODE_DATES")]
)
def test_a_charge_code_must_be_in_force_on_its_day(starts: date | None, ends: date | None, rule: str) -> None:
    facts = replace(FACTS, procedures={"V-1": CodeFact("V-1", starts=starts, ends=ends)})
    assert the(GOOD, rule, facts).level is Level.STOP


def test_a_modifier_that_ended_is_treated_as_unknown() -> None:
    facts = replace(FACTS, modifiers={"QW": CodeFact("QW", ends=date(2018, 3, 31))})
    assert "MOD_KNOWN" in rules(line(modifiers=("QW",)), facts)


def test_diagnoses_that_exclude_each_other_are_shown_with_the_note() -> None:
    facts = replace(FACTS, apart={("E10.9", "E11.9"): "type 1 (E10.-)"})
    found = the(dx("E10.9", "E11.9"), "DX_EXCLUDES1", facts)
    assert found.level is Level.LOOK
    assert "E10" in found.reason % found.values


@pytest.mark.parametrize(
    ("sex", "speaks"), [("male", False), ("female", True), ("other", False), ("unknown", False), ("", False)]
)
def test_sex_is_a_question_only_when_it_is_known_to_differ(sex: str, speaks: bool) -> None:
    facts = replace(FACTS, person=Person(date(1965, 1, 1), sex), notes={"I10": (AgeSexNote("M"),)})
    assert ("DX_SEX_WARNING" in rules(GOOD, facts)) is speaks


@pytest.mark.parametrize(
    ("birth", "least", "most", "speaks"),
    [
        (date(2009, 3, 9), 18, None, False),
        (date(2009, 3, 10), 18, None, True),
        (date(2009, 3, 9), None, 17, True),
        (date(2009, 3, 10), None, 17, False),
        (None, 18, 20, False),
        (date(2030, 1, 1), 18, 20, False),
    ],
)
def test_age_counts_to_the_birthday(birth: date | None, least: int | None, most: int | None, speaks: bool) -> None:
    facts = replace(FACTS, person=Person(birth), notes={"I10": (AgeSexNote("", least, most),)})
    assert ("DX_AGE_WARNING" in rules(GOOD, facts)) is speaks


def test_nothing_is_charged_after_death() -> None:
    facts = replace(FACTS, person=Person(None, "", date(2027, 3, 8)))
    assert "DOS_BEFORE_BIRTH" in rules(GOOD, facts)


@pytest.mark.parametrize(
    ("coverage", "rule"),
    [
        (replace(PLAN, ends=date(2027, 3, 8)), "COVERAGE_NOT_ACTIVE"),
        (replace(PLAN, starts=date(2027, 3, 10)), "COVERAGE_NOT_ACTIVE"),
        (replace(PLAN, member_id=""), "MEMBER_ID_REQUIRED"),
        (replace(PLAN, member_fault="cannot be"), "MBI_FORMAT"),
    ],
)
def test_a_coverage_that_cannot_pay_stops(coverage: CoverageFact, rule: str) -> None:
    found = the(GOOD, rule, replace(FACTS, coverages=(coverage,)))
    assert (found.level, found.where) == (Level.STOP, "coverage")


def test_the_last_day_of_a_coverage_still_counts() -> None:
    assert stops(check(GOOD, replace(FACTS, coverages=(replace(PLAN, starts=DAY, ends=DAY),)))) == 0


@pytest.mark.parametrize(("self_pay", "level"), [(True, Level.LOOK), (False, Level.STOP)])
def test_a_wrong_provider_number_stops_only_where_a_payer_asks_for_it(self_pay: bool, level: Level) -> None:
    facts = replace(FACTS, provider=ProviderFact("Dr Nwosu", "123", "has 10 digits"), self_pay=self_pay)
    assert the(GOOD, "NPI_CHECK", facts).level is level


def test_an_unknown_place_of_service_stops() -> None:
    assert the(replace(GOOD, place="77"), "POS_INVALID", replace(FACTS, place_known=False)).where == "place"


def test_a_patient_without_coverage_pays() -> None:
    assert the(GOOD, "COVERAGE_NONE", replace(FACTS, coverages=(), self_pay=True)).level is Level.TOLD


def test_every_repair_of_every_finding_can_be_done_and_helps() -> None:
    bad = Sheet(
        tuple(map(Diagnosis, ("W19.XXXA", "I10", "I10", "NOPE", "E11.9"))),
        (
            replace(LINE, pointers=()),
            replace(
                LINE, code="V-2", pointers=(1, 2, 3, 4, 5), modifiers=("LT", "LT", "RT", "GA", "GZ"), units=Decimal(0)
            ),
            replace(LINE, code="XX", pointers=(9,), modifiers=("YY",), fee=-5),
            replace(LINE, code="J3420", system=URI[HCPCS], fee=0),
            replace(LINE, code="J3420", system=URI[HCPCS], fee=0),
        ),
    )
    facts = replace(FACTS, fees={"XX": 700, "J3420": 800})
    for _ in range(40):
        mendable = [each for each in check(bad, facts) if each.repairs]
        if not mendable:
            break
        bad = apply(bad, mendable[0].repairs[0].deed)
    assert stops(check(bad, facts)) == 0


def test_links_follow_their_diagnosis_when_the_order_changes() -> None:
    sheet = dx("I10", "E11.9", "Z00", pointers=(1, 3))
    moved = apply(sheet, "first-dx:3")
    assert [each.code for each in moved.diagnoses] == ["Z00", "I10", "E11.9"]
    assert moved.lines[0].pointers == (1, 2)
    gone = apply(moved, "drop-dx:2")
    assert gone.lines[0].pointers == (1,)


def test_equal_lines_are_joined_with_their_units_and_links() -> None:
    sheet = Sheet((Diagnosis("I10"), Diagnosis("E11.9")), (LINE, replace(LINE, pointers=(2,), units=Decimal(2))))
    joined = apply(sheet, "merge:2:1")
    assert joined.lines == (replace(LINE, pointers=(1, 2), units=Decimal(3)),)


@pytest.mark.parametrize(
    "deed",
    [
        "",
        "x",
        "link",
        "link:1",
        "link:9:1",
        "link:1:9",
        "link:a:b",
        "drop-dx:0",
        "drop-line:-1",
        "drop-mod:1:ZZ",
        "units:1:",
        "dx:9:I10",
        "fee:1:1:1",
        "first-dx:2",
        "same-dx:1:7",
        "merge:1:2",
    ],
)
def test_a_deed_that_does_not_fit_is_refused(deed: str) -> None:
    with pytest.raises(Invalid):
        apply(GOOD, deed)


def test_letters_end_at_l() -> None:
    assert (letter(1), letter(12), letter(13), letter(0)) == ("A", "L", "?", "?")
    assert replace(LINE, pointers=(1, 3)).letters == "AC"


@given(st.decimals("0.001", "999", places=3), st.integers(0, 10_000_000))
def test_a_line_is_units_times_fee_rounded_half_up(units: Decimal, fee: int) -> None:
    total = replace(LINE, units=units, fee=fee).total
    assert abs(Decimal(total) - units * fee) <= Decimal("0.5")
    assert replace(GOOD, lines=(replace(LINE, units=Decimal("0.5"), fee=1),)).total == 1
