"""Every number of the measures beside a slow plain computation of the same, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clinic.appointments.queries.practice import calendar_setup
from clinic.management.measures.queries import bookings, times, use
from clinic.management.measures.queries.asked import Asked
from clinic.management.measures.queries.behind import Wanted, visits_behind
from clinic.management.measures.queries.bookings import Outcomes, leads_by, outcomes_by
from clinic.management.measures.queries.times import SIDES, STEPS, minutes_by, minutes_by_step
from clinic.management.measures.rules.leads import lead_bucket
from clinic.management.measures.rules.spread import Spread
from tests.management.measures.conftest import MARCH, Past

Row = dict[str, Any]
COLUMNS = {"wait": "wait", "whole": "whole", "arrived": "in_arrived", "check-in": "in_check_in"} | {
    "waiting": "in_waiting", "room": "in_room", "provider": "in_provider", "check-out": "in_check_out"
}  # fmt: skip


def _key(past: Past, by: str, instant: str) -> Callable[[Row], str]:
    """What a row's line is, reckoned in Python."""
    return {
        "provider": lambda row: row["provider"],
        "type": lambda row: row["type_id"],
        "site": lambda row: row["site"],
        "hour": lambda row: str(past.wall(row[instant]).hour),
        "weekday": lambda row: str(past.wall(row[instant]).weekday()),
        "lead": lambda row: "" if row["booked"] is None else str(lead_bucket(_days(row))),
        "stage": lambda row: past.stages.get(row["id"], ""),
    }[by]


def _days(row: Row) -> int:
    return max(0, (row["start"] - row["booked"]) // timedelta(days=1))


def _spread(rows: list[Row], name: str) -> dict[int, int]:
    return dict(Counter(row[name] for row in rows if row[name] is not None))


def _counts(pair: tuple[Spread, Spread]) -> tuple[dict[int, int], dict[int, int]]:
    return pair[0].counts, pair[1].counts


@pytest.mark.parametrize("by", times.BY)
@pytest.mark.parametrize("step", ["wait", "check-out"])
def test_the_minutes_of_a_step_are_those_of_the_visits(past: Past, by: str, step: str) -> None:
    found = minutes_by(past.store, Asked(MARCH, by), STEPS[step])
    key, name = _key(past, by, "arrived"), COLUMNS[step]
    now, before = (past.within(past.visits, "arrived", one) for one in (MARCH, MARCH.before()))
    for line in {key(row) for row in (*now, *before) if row[name] is not None}:
        mine = ([row for row in rows if key(row) == line] for rows in (now, before))
        assert _counts(found[line]) == tuple(_spread(rows, name) for rows in mine)
    assert sum(one.number + other.number for one, other in found.values()) == sum(
        row[name] is not None for row in (*now, *before)
    )


def test_every_step_has_its_own_minutes(past: Past) -> None:
    found = minutes_by_step(past.store, Asked(MARCH, "step"))
    now = past.within(past.visits, "arrived", MARCH)
    assert {step: pair[0].counts for step, pair in found.items()} == {
        step: _spread(now, name) for step, name in COLUMNS.items()
    }


def test_filters_narrow_the_visits(past: Past) -> None:
    provider, kind, site = past.made.providers[0], past.made.types["Results"], past.made.sites[1]
    asked = Asked(MARCH, "provider", provider=provider, type_id=kind, site=site)
    wanted = [
        row
        for row in past.within(past.visits, "arrived", MARCH)
        if (row["provider"], row["type_id"], row["site"]) == (provider, kind, site)
    ]
    found = minutes_by(past.store, asked, SIDES["patients"])
    assert found.get(provider, (Spread(), Spread()))[0].counts == _spread(wanted, "late")
    assert set(found) <= {provider}


def _outcome(past: Past, row: Row) -> str:
    notice = timedelta(hours=72 if row["type_id"] == past.made.types["Results"] else 24)
    if row["status"] == "cancelled":
        return "late" if row["cancelled"] > row["start"] - notice else "cancelled"
    return {"fulfilled": "came", "noshow": "noshow", "booked": "open"}[row["status"]]


def _once(rows: list[Row], by: str) -> list[Row]:
    """Each visit once, as its first provider's, unless the lines are providers."""
    kept = [row for row in rows if row["status"] != "entered-in-error"]
    first: dict[str, Row] = {}
    for row in sorted(kept, key=lambda one: one["provider"]):
        first.setdefault(row["id"], row)
    return kept if by == "provider" else list(first.values())


@pytest.mark.parametrize("by", bookings.BY)
def test_what_became_of_the_visits_is_counted(past: Past, by: str) -> None:
    found = outcomes_by(past.store, Asked(MARCH, by))
    key = _key(past, by, "start")
    wanted: dict[str, tuple[Counter[str], Counter[str]]] = {}
    for place, period in enumerate((MARCH, MARCH.before())):
        for row in _once(past.within(past.booked, "start", period), by):
            if row["start"] < past.store.now:
                wanted.setdefault(key(row), (Counter(), Counter()))[place][_outcome(past, row)] += 1
    assert found == {line: tuple(Outcomes(**one) for one in pair) for line, pair in wanted.items()}


@pytest.mark.parametrize("by", ["type", "provider", "weekday"])
def test_lead_times_are_whole_days_between_booking_and_visit(past: Past, by: str) -> None:
    found = leads_by(past.store, Asked(MARCH, by))
    key = _key(past, by, "start")
    rows = [row for row in _once(past.within(past.booked, "start", MARCH), by) if row["booked"] is not None]
    for line in {key(row) for row in rows}:
        assert found[line][0].counts == dict(Counter(_days(row) for row in rows if key(row) == line))


def test_booked_and_lost_minutes_of_a_provider_are_those_of_the_calendar(past: Past) -> None:
    found = use.used(past.store, calendar_setup(past.store), Asked(MARCH, "", "provider"))
    for provider in past.made.providers:
        rows = [row for row in past.within(past.booked, "start", MARCH) if row["provider"] == provider]
        held = [row for row in rows if row["status"] in ("fulfilled", "booked", "noshow")]
        one = found[provider][0]
        assert (one.booked, one.visits) == (20 * len(held), len(held))
        assert one.lost == 20 * sum(row["status"] == "noshow" for row in held)
    assert found[past.made.providers[1]][0].open == 23 * 15 * 30  # 8:30 to 12 and 13 to 17, on 23 days


@pytest.mark.parametrize("by", ["provider", "hour", "weekday", "site", "type"])
def test_the_visits_behind_a_line_are_those_that_were_counted(past: Past, by: str) -> None:
    asked = Asked(MARCH, by, "wait")
    key = _key(past, by, "arrived")
    rows = [row for row in past.within(past.visits, "arrived", MARCH) if row["wait"] is not None]
    line = key(rows[0])
    wanted = sorted((row["wait"] for row in rows if key(row) == line), reverse=True)
    found, total = visits_behind(past.store, "waiting", asked, Wanted(line))
    assert total == len(wanted)
    assert [one.value for one in found] == wanted[:50]
    if total > 50:
        more, _total = visits_behind(past.store, "waiting", asked, Wanted(line, page=2))
        assert [one.value for one in more] == wanted[50:100]


@pytest.mark.parametrize("by", bookings.BY)
def test_the_missed_visits_behind_a_line_are_those_that_were_counted(past: Past, by: str) -> None:
    asked = Asked(MARCH, by)
    for line, (now, _before) in outcomes_by(past.store, asked).items():
        for only, number in (("noshow", now.noshow), ("late", now.late), ("", now.visits)):
            assert visits_behind(past.store, "missed", asked, Wanted(line, only))[1] == number


def test_behind_lead_times_and_use_stand_their_visits(past: Past) -> None:
    asked = Asked(MARCH, "type")
    for line, (now, _before) in leads_by(past.store, asked).items():
        assert visits_behind(past.store, "ahead", asked, Wanted(line))[1] == now.number
    provider = past.made.providers[0]
    used = use.used(past.store, calendar_setup(past.store), Asked(MARCH, "", "provider"))[provider][0]
    assert visits_behind(past.store, "use", Asked(MARCH, "", "provider"), Wanted(provider))[1] == used.visits


def test_of_a_closed_record_neither_name_nor_visit_is_shown(past: Past) -> None:
    patient = past.within(past.visits, "arrived", MARCH)[0]["patient_id"]
    past.store.actor = replace(past.store.actor, barred=frozenset({patient}))
    pages = [
        visits_behind(past.store, "waiting", Asked(MARCH, "provider", "wait"), Wanted(page=n))[0] for n in range(1, 9)
    ]
    hidden = [one for page in pages for one in page if one.patient_id == patient]
    assert hidden
    assert {(one.patient_name, one.appointment, one.type_name, one.closed) for one in hidden} == {("", "", "", True)}
