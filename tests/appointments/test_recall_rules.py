"""Recalls by rule: for whom, when, once, and when they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.appointments.queries.calling import lines_of
from clinic.appointments.queries.recalls import Sought, list_recalls, open_for, policy, rules
from clinic.appointments.rules.recalls import (
    LETTER,
    RECALL,
    Policy,
    Recall,
    Rule,
    Someone,
    add_months,
    check_rule,
    concerns,
    due_after,
    is_due,
    latest_last,
    may_step,
    read_due,
    stops,
)
from clinic.appointments.service import book, cancel, recalls, record
from clinic.appointments.service.recall_rules import make_due, save_policy, save_rule, stop_over
from clinic.cli.daily import recall as nightly
from clinic.core.days import read_date
from clinic.core.errors import Invalid, Missing, Stale
from clinic.fhir.store import Store
from tests.appointments import factories as f

TODAY = date(2027, 3, 9)
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def read(text: str) -> date:
    return read_due(text, TODAY, lambda words: read_date(words, today=date(2032, 1, 1), order="mdy"))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("6 weeks", "2027-04-20"),
        ("in 6 weeks", "2027-04-20"),
        ("6w", "2027-04-20"),
        ("3 months", "2027-06-09"),
        ("over 3 maanden", "2027-06-09"),
        ("en 2 semanas", "2027-03-23"),
        ("1 year", "2028-03-09"),
        ("10 d", "2027-03-19"),
        ("4/1/2027", "2027-04-01"),
        ("2027-05-02", "2027-05-02"),
    ],
)
def test_a_due_day_is_read_as_people_say_it(text: str, day: str) -> None:
    assert read(text) == date.fromisoformat(day)


@pytest.mark.parametrize("text", ["", "soon", "6 moons", "-3 weeks", "999 years", "999 months", "²3 weeks"])
def test_what_means_no_day_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(text)
    assert refused.value.field == "due"


def test_the_end_of_a_month_stays_the_end_of_a_shorter_one() -> None:
    assert add_months(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert add_months(date(2027, 11, 30), 3) == date(2028, 2, 29)


@given(DAYS, st.integers(1, 120), st.integers(0, 366))
def test_no_visit_that_is_due_is_left_out_by_the_day_that_is_searched_for(today: date, months: int, ahead: int) -> None:
    rule = Rule(months=months, ahead=ahead)
    latest = latest_last(rule, today)
    for days in range(-3, 6):
        last = latest + timedelta(days=days)
        if is_due(rule, last, today):
            assert last <= latest + timedelta(days=3)
    assert due_after(rule, latest - timedelta(days=5)) <= today + timedelta(days=ahead)


@pytest.mark.parametrize(
    ("changes", "meant"),
    [
        ({}, True),
        ({"age": 39}, False),
        ({"age": 66}, False),
        ({"age": None}, False),
        ({"sex": "male"}, False),
        ({"flags": frozenset()}, False),
        ({"deceased": True}, False),
        ({"active": False}, False),
        ({"declined": True}, False),
    ],
)
def test_a_rule_means_who_fits_it_and_may_be_asked(changes: dict[str, Any], meant: bool) -> None:
    rule = Rule(age_from=40, age_to=65, sex="female", flag="help")
    someone = Someone(age=50, sex="female", flags=frozenset({"help"}))
    assert concerns(rule, replace(someone, **changes)) is meant
    assert bool(stops(replace(someone, **changes))) is bool(changes.keys() & {"deceased", "active", "declined"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"months": 0}, "months"), ({"age_from": 70, "age_to": 60}, "age_to"), ({"age_to": 200}, "age_from"),
     ({"days": 400}, "days"), ({"priority": "now"}, "priority")],
)  # fmt: skip
def test_a_rule_that_nobody_would_mean_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_rule(replace(Rule(), **changes))
    assert [one.field for one in refused.value.details] == [field]


def test_what_was_given_up_is_not_completed() -> None:
    assert may_step("active", "completed")
    assert not may_step("revoked", "completed")
    assert may_step("completed", "entered-in-error")


# -- on a database


def a_rule(store: Store, **changes: Any) -> Rule:
    """A check a year after the last one, onto the list a month before."""
    return save_rule(store, replace(Rule(type_id="check"), **changes))


def came(store: Store, patient: str = "p1", when: str = "2026-03-20 10:00", **changes: Any) -> str:
    made = record(store, f.a_booking(when, patient_id=patient, **changes), status="fulfilled")
    return str(made["id"])


def at_night(store: Store) -> None:
    nightly(lambda fn: fn(store))


def test_a_year_after_the_last_visit_a_recall_is_made_once(desk: Store) -> None:
    rule, visit = a_rule(desk), came(desk)
    came(desk, when="2025-01-08 10:00")
    at_night(desk)
    at_night(desk)
    (one,) = open_for(desk, "p1")
    assert (one.kind, one.due, one.type_id, one.provider_id) == (RECALL, date(2027, 3, 20), "check", "adams")
    assert (one.rule, one.follows, one.what) == (rule.id, visit, "Check")


def test_what_is_not_due_booked_or_asked_already_is_not_recalled(desk: Store) -> None:
    a_rule(desk)
    came(desk, "p1", "2026-08-03 10:00")
    came(desk, "p2")
    book(desk, f.a_booking("2027-04-01 10:00", patient_id="p2"))
    came(desk, "p3", "2026-03-19 10:00")
    recalls.add(desk, Recall("p3", TODAY + timedelta(days=30), type_id="check"))
    at_night(desk)
    assert [one.kind for one in list_recalls(desk, Sought())[0]] == ["order"]


def test_one_that_was_given_up_is_not_made_again_after_the_same_visit(desk: Store) -> None:
    a_rule(desk)
    came(desk)
    at_night(desk)
    recalls.close(desk, open_for(desk, "p1")[0].id, reason="Moved away")
    at_night(desk)
    assert open_for(desk, "p1") == []


def test_a_visit_booked_before_the_night_and_cancelled_after_it_is_recalled_the_next_night(lite: Store) -> None:
    a_rule(lite)
    came(lite)
    visit = book(lite, f.a_booking("2027-04-01 10:00"))
    at_night(lite)
    assert open_for(lite, "p1") == []
    cancel(lite, visit["id"], reason="ill")
    at_night(lite)
    assert len(open_for(lite, "p1")) == 1


def test_a_rule_for_some_recalls_only_them(lite: Store) -> None:
    a_rule(lite, age_from=60)
    came(lite)
    at_night(lite)
    assert open_for(lite, "p1") == []
    a_rule(lite, age_from=40, wanted="chat", same_provider=False, priority="urgent")
    at_night(lite)
    assert [(one.type_id, one.provider_id, one.priority) for one in open_for(lite, "p1")] == [("chat", "", "urgent")]


@pytest.mark.parametrize("changes", [{"deceasedDateTime": "2027-03-01"}, {"active": False}])
def test_for_the_deceased_and_records_out_of_use_recalls_end(desk: Store, changes: dict[str, Any]) -> None:
    a_rule(desk)
    came(desk)
    came(desk, "p2", "2026-03-19 10:00")
    at_night(desk)
    order = recalls.add(desk, Recall("p1", TODAY + timedelta(days=30), type_id="chat"))
    desk.update(desk.read("Patient", "p1") | changes)
    at_night(desk)
    assert open_for(desk, "p1") == []
    assert desk.read("ServiceRequest", order["id"])["status"] == "revoked"
    assert len(open_for(desk, "p2")) == 1


def test_the_nightly_work_carries_on_where_it_broke_off(lite: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = a_rule(lite)
    for number in (1, 2, 3):
        came(lite, f"p{number}", f"2026-03-{15 + number} 10:00")
    monkeypatch.setattr("clinic.appointments.queries.calling._MOST", 1)
    first = make_due(lite, rule)
    assert (first, list_recalls(lite, Sought())[1]) == ("p1", 1)
    at_night(lite)
    assert list_recalls(lite, Sought())[1] == 3
    assert stop_over(lite) != ""


def test_managers_rules_are_kept_changed_and_put_out_of_use(desk: Store) -> None:
    rule = a_rule(desk)
    changed = save_rule(desk, replace(rule, months=6))
    assert rules(desk) == [changed]
    with pytest.raises(Stale):
        save_rule(desk, replace(rule, months=3))
    with pytest.raises(Missing):
        save_rule(desk, replace(rule, id="nothing", version=4))
    with pytest.raises(Invalid):
        save_rule(desk, Rule(type_id="nothing"))
    assert save_rule(desk, changed) == changed
    off = save_rule(desk, replace(changed, active=False))
    came(desk)
    at_night(desk)
    assert (rules(desk), open_for(desk, "p1")) == ([off], [])


def test_what_follows_attempts_in_vain_is_the_managers_choice(desk: Store) -> None:
    assert policy(desk) == Policy(3, "task", 0)
    save_policy(desk, Policy(2, LETTER, 0))
    assert policy(desk) == Policy(2, LETTER, 1)
    with pytest.raises(Stale):
        save_policy(desk, Policy(4, LETTER, 0))
    with pytest.raises(Invalid):
        save_policy(desk, Policy(0, LETTER, 1))


def test_a_patient_is_called_by_a_number_that_may_be_called(lite: Store) -> None:
    telecom = [{"system": "phone", "use": "mobile", "value": "+12025550123"}]
    lite.update(lite.read("Patient", "p1") | {"telecom": telecom})
    lite.update(lite.read("Patient", "p2") | {"telecom": telecom, "deceasedBoolean": True})
    found = lines_of(lite, ["p1", "p2", "p3"])
    assert (found["p1"].number, found["p1"].why) == ("+12025550123", "")
    assert found["p2"].why == "Recorded as deceased"
    assert found["p3"].why == "No number"
