"""What a visit needs, and where it goes next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clinic.visits import rules
from clinic.visits.rules.needs import TERMS, Known, Rules, left_to_do, needs_of, worst

NOW = datetime(2027, 3, 9, 15, 24, tzinfo=UTC)
START = NOW.replace(hour=5, minute=0)


def states(known: Known) -> dict[str, str]:
    return {need.name: need.state for need in needs_of(known, NOW, START) if need.state != "off"}


def test_a_patient_whose_data_are_fresh_needs_nothing() -> None:
    fresh = dict.fromkeys(("identity", "coverage"), NOW)
    assert set(states(Known(confirmed=fresh, cover="active", stale=(), told=NOW)).values()) == {"ok"}


def test_identity_is_asked_at_every_visit_but_never_before_they_come() -> None:
    yesterday = {"identity": NOW - timedelta(days=1)}
    assert states(Known(confirmed=yesterday))["identity"] == "todo"
    assert states(Known(confirmed=yesterday, here=False))["identity"] == "todo"


@pytest.mark.parametrize(
    ("cover", "state"), [("none", "danger"), ("ended", "danger"), ("future", "danger"), ("self", "ok")]
)
def test_cover_that_is_not_in_force_stops_the_work(cover: str, state: str) -> None:
    assert states(Known(cover=cover))["coverage"] == state


def test_who_said_today_that_they_pay_is_not_asked_again() -> None:
    assert states(Known(confirmed={"coverage": NOW}, cover="none"))["coverage"] == "ok"


def test_old_data_ask_to_be_confirmed() -> None:
    old = {"coverage": NOW - timedelta(days=366)}
    found = states(Known(confirmed=old, cover="active", forms_open=2, stale=("mobile",)))
    assert (found["contact"], found["coverage"], found["forms"]) == ("warn", "warn", "warn")
    assert states(Known(has_contact=False))["contact"] == "danger"
    assert states(Known(confirmed={"contact": NOW}, has_contact=False))["contact"] == "ok"
    assert states(Known(stale=()))["contact"] == "ok"
    longer = Rules(days=dict(TERMS) | {"coverage": 400})
    found = {need.name: need.state for need in needs_of(Known(confirmed=old, cover="active"), NOW, START, longer)}
    assert found["coverage"] == "ok"


def test_the_worst_comes_first_and_all_are_counted() -> None:
    needs = needs_of(Known(cover="ended", forms_open=1), NOW, START)
    first = worst(needs)
    assert first is not None
    assert first.name == "coverage"
    assert left_to_do(needs) == 3


def test_stations_follow_each_other_and_the_last_one_stays() -> None:
    assert [rules.next_station(one) for one in rules.STATIONS] == [*rules.STATIONS[1:], "left"]
    assert set(rules.ENCOUNTER_STATUS) == set(rules.STATIONS)
