"""Which policy counts on which day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.errors import Invalid
from clinic.insurance.mapping import to_coverage, to_policy
from clinic.insurance.rules import Policy, Term, check, chosen, in_force, overlaps

TODAY = date(2027, 3, 9)
DAYS = st.none() | st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(DAYS, DAYS, DAYS, DAYS, st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_two_policies_that_do_not_overlap_are_never_in_force_together(
    a: date | None, b: date | None, c: date | None, d: date | None, on: date
) -> None:
    one, other = Term("1", 1, a, b), Term("2", 1, c, d)
    assert overlaps(one, other) == overlaps(other, one)
    if in_force(one, on) and in_force(other, on):
        assert overlaps(one, other)


def test_a_policy_counts_on_its_last_day_and_not_after() -> None:
    term = Term("1", 1, TODAY - timedelta(days=1), TODAY)
    assert in_force(term, TODAY)
    assert not in_force(term, TODAY + timedelta(days=1))
    assert not in_force(Term("1", 1, cancelled=True), TODAY)


def test_the_first_comes_before_the_second() -> None:
    assert [
        term.id for term in chosen([Term("b", 2), Term("a", 1), Term("c", 3, ends=TODAY - timedelta(days=1))], TODAY)
    ] == ["a", "b"]


def test_a_policy_that_cannot_be_billed_is_refused_with_every_reason() -> None:
    with pytest.raises(Invalid) as refused:
        check(Policy(rank=7, relationship="child", starts=TODAY, ends=TODAY - timedelta(days=1), copay_cents=-1), TODAY)
    fields = {detail.field for detail in refused.value.details}
    assert fields == {"rank", "ends", "payer", "member_id", "subscriber_name", "copay"}
    check(Policy(self_pay=True), TODAY)


def test_a_policy_survives_its_fhir_form_and_unknown_elements_stay() -> None:
    policy = Policy("Meridian PPO", plan="Plus", member_id="MRD 1", group="G1", relationship="child",
                    subscriber_name="Ana", subscriber_birth_date="1970-01-02", rank=2, starts=TODAY,
                    copay_cents=2550, filing="12")  # fmt: skip
    coverage = to_coverage(policy, "p", currency="USD", before={"resourceType": "Coverage", "network": "N"})
    assert to_policy(coverage) == policy
    assert coverage["network"] == "N"
    assert str(coverage["costToBeneficiary"][0]["valueMoney"]["value"]) == "25.50"
    assert to_policy(to_coverage(Policy(self_pay=True), "p", currency="USD")).self_pay


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2026", "2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-02", "2026-02", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_partial_dates_of_an_import_are_read_as_ranges(start: str, end: str, first: date, last: date) -> None:
    policy = to_policy({"period": {"start": start, "end": end}, "payor": [{"display": "X"}]})
    assert (policy.starts, policy.ends) == (first, last)
