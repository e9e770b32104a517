"""New working hours from a day on, and the booked visits that they leave outside."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.appointments.errors import FallsOutside, OutsideHours
from clinic.appointments.queries.outside import outside_visits
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Change
from clinic.appointments.rules.hours import Hours, working_spans
from clinic.appointments.rules.looking import is_open
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.weeks import with_new_week
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import cancel, move
from clinic.appointments.service.upkeep import faults_of_claims
from clinic.appointments.service.weeks import change_week, hours_in
from clinic.core.days import local, to_utc
from clinic.core.errors import Invalid
from clinic.fhir.store import Store
from tests.appointments import factories as f

DAYS = frozenset(range(7))
MORNINGS = [Hours(frozenset(range(5)), time(9), time(12))]
ZONES = [
    "America/New_York", "Europe/Amsterdam", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "Africa/Casablanca",
]  # fmt: skip


def test_a_change_names_the_visits_that_fall_outside_and_leaves_them_as_a_list(desk: Store) -> None:
    afternoon = book(desk, f.a_booking("2027-03-17 14:00"))
    morning = book(desk, f.a_booking("2027-03-17 09:00", patient_id="p2"))
    early = book(desk, f.a_booking("2027-03-11 14:00", patient_id="p3"))
    role, since = desk.read("PractitionerRole", "role-adams"), date(2027, 3, 15)
    with pytest.raises(FallsOutside) as refused:
        change_week(desk, role, MORNINGS, since=since, version=None, agreed=False)
    assert [one.id for one in refused.value.visits] == [afternoon["id"]]
    assert desk.read("PractitionerRole", "role-adams") == role
    saved = change_week(desk, role, MORNINGS, since=since, version=None, agreed=True)
    assert [one.id for one in outside_visits(desk)] == [afternoon["id"]]
    assert {rule.until for rule in hours_in(saved) if rule.since is None} == {date(2027, 3, 14)}
    provider = calendar_setup(desk).provider("adams")
    assert provider is not None
    for id_, open_ in ((morning["id"], True), (early["id"], True), (afternoon["id"], False)):
        visit = desk.read("Appointment", id_)
        span = Span(datetime.fromisoformat(visit["start"]), datetime.fromisoformat(visit["end"]))
        assert is_open(provider.hours, (), span, f.ZONE) is open_
    with pytest.raises(OutsideHours):
        book(desk, f.a_booking("2027-03-18 14:00", patient_id="p2"))
    move(desk, afternoon["id"], Change(start=f.at("2027-03-17 10:00")))
    assert outside_visits(desk) == []


def test_a_visit_may_go_on_over_midnight(lite: Store) -> None:
    role = lite.read("PractitionerRole", "role-adams")
    night = [Hours(DAYS, time(20), time(0)), Hours(DAYS, time(0), time(6))]
    change_week(lite, role, night, since=None, version=None, agreed=True)
    made = book(lite, f.a_booking("2027-03-17 23:45"))
    assert made["end"] == "2027-03-18T04:15:00Z"
    with pytest.raises(OutsideHours):
        book(lite, f.a_booking("2027-03-18 05:45", patient_id="p2"))


def test_an_exception_holds_in_place_of_the_week() -> None:
    day = date(2027, 3, 17)
    week = Hours(DAYS, time(9), time(17))
    other = Hours(DAYS, time(13), time(15), since=day, until=day, instead=True)
    assert [span.start for span in working_spans([week, other], day, f.ZONE)] == [f.at("2027-03-17 13:00")]
    assert working_spans([week, other], day + timedelta(days=1), f.ZONE)[0].start == f.at("2027-03-18 09:00")


def test_hours_can_be_for_some_visit_types_only() -> None:
    rule = Hours(DAYS, time(9), time(17), types=frozenset({"laser"}))
    day = date(2027, 3, 17)
    assert working_spans([rule], day, f.ZONE, "laser")
    assert not working_spans([rule], day, f.ZONE, "check")


@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.sampled_from(ZONES), st.integers(4, 22))
def test_a_week_begins_at_its_wall_time_on_every_day_in_six_zones(day: date, zone: str, hour: int) -> None:
    since = date(2027, 3, 15)
    old, new = Hours(DAYS, time(hour), time(hour + 1)), Hours(DAYS, time(hour), time(hour + 1))
    rules = with_new_week([old], [new], since)
    spans = working_spans(rules, day, zone)
    assert [local(span.start, zone).time() for span in spans] == [time(hour)]
    assert spans[0] == Span(*(to_utc(datetime.combine(day, time(hour + more)), zone) for more in (0, 1)))
    assert len([rule for rule in rules if rule.holds_on(day)]) == 1


def test_hours_that_are_deleted_under_booked_visits_leave_the_visits_which_can_be_moved_elsewhere_and_cancelled(
    desk: Store,
) -> None:
    kept, other = (
        book(desk, f.a_booking("2027-03-10 14:00")),
        book(desk, f.a_booking("2027-03-10 15:00", patient_id="p2")),
    )
    desk.delete("PractitionerRole", "role-adams")
    assert list(faults_of_claims(desk)) == []
    with pytest.raises((OutsideHours, Invalid)):
        move(desk, kept["id"], Change(start=f.at("2027-03-10 16:00")))
    assert desk.read("Appointment", kept["id"])["start"] == kept["start"]
    moved = move(desk, kept["id"], Change(provider_id="baker"))
    assert "Practitioner/baker" in [part["actor"]["reference"] for part in moved["participant"]]
    assert cancel(desk, other["id"], reason="Provider left")["status"] == "cancelled"
    assert list(faults_of_claims(desk)) == []
