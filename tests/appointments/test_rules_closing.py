"""Closed time in the years after, and what a closed site means for those who work there."""

from __future__ import annotations

from datetime import date, time

from hypothesis import given
from hypothesis import strategies as st

from clinic.appointments.rules.closing import concerned, with_sites, yearly
from clinic.appointments.rules.hours import Absence, Hours
from clinic.appointments.rules.resources import Device, Need, Room
from clinic.appointments.rules.setup import Provider, Setup, Site, VisitType
from clinic.appointments.rules.spans import Span
from clinic.core.days import day_bounds, local

ZONE = "America/New_York"
WEEKDAYS = frozenset(range(5))


def whole(first: date, last: date) -> Span:
    return Span(day_bounds(first, ZONE)[0], day_bounds(last, ZONE)[1])


@given(st.dates(date(2024, 1, 1), date(2090, 1, 1)), st.integers(0, 10))
def test_a_holiday_is_a_whole_local_day_in_every_year(day: date, years: int) -> None:
    found = yearly(whole(day, day), years, ZONE)
    assert len(found) == years + 1
    for number, span in enumerate(found):
        start, end = local(span.start, ZONE), local(span.end, ZONE)
        assert start.time() == end.time() == time()
        assert start.year == day.year + number
        assert 0 <= (end.date() - start.date()).days <= 2


def a_setup() -> Setup:
    """Ann works at one site, Ben at both on a Wednesday; a room and a laser at the north."""
    split = (
        Hours(WEEKDAYS, time(9), time(12), site="north"),
        Hours(WEEKDAYS, time(13), time(17), site="south"),
    )
    ann = Provider("ann", "Ann", (Hours(WEEKDAYS, time(9), time(17), site="north"),), room="r1", site="north")
    ben = Provider("ben", "Ben", split, site="south")
    carl = Provider("carl", "Carl", (Hours(WEEKDAYS, time(9), time(17), site="south"),), site="south")
    laser = VisitType("laser", "Laser", needs=(Need("device", kind="laser"),))
    return Setup(
        providers=(ann, ben, carl),
        rooms=(Room("r1", "Room 1", "north"), Room("r2", "Room 2", "south")),
        sites=(Site("north", "North"), Site("south", "South")),
        types=(laser,),
        devices=(Device("l1", "Laser 1", "north", "laser"),),
    )


def test_a_closed_site_closes_its_rooms_and_devices_and_people_while_they_are_there() -> None:
    day = date(2027, 3, 10)
    shut = Absence(whole(day, day), "Painting")
    found = with_sites(a_setup(), {"north": [shut]}, whole(date(2027, 3, 1), date(2027, 4, 1)), ZONE)
    assert found["r1"] == found["l1"] == found["ann"] == [shut]
    assert "r2" not in found
    assert "carl" not in found
    [mine] = found["ben"]
    assert (local(mine.span.start, ZONE).hour, local(mine.span.end, ZONE).hour) == (9, 12)


def test_a_long_closing_is_looked_at_only_where_it_is_asked_for() -> None:
    shut = Absence(whole(date(2027, 1, 1), date(2027, 12, 31)))
    found = with_sites(a_setup(), {"south": [shut]}, whole(date(2027, 3, 10), date(2027, 3, 11)), ZONE)
    assert [local(one.span.start, ZONE).day for one in found["ben"]] == [10, 11]


def test_nothing_is_added_while_no_site_is_closed() -> None:
    away = {"ann": [Absence(whole(date(2027, 3, 10), date(2027, 3, 10)))]}
    assert with_sites(a_setup(), away, whole(date(2027, 3, 1), date(2027, 4, 1)), ZONE) == away


def test_those_are_told_who_can_see_patients_again() -> None:
    setup = a_setup()
    assert concerned(setup, "Practitioner/ann") == {"ann"}
    assert concerned(setup, "Practitioner/gone") == {"gone"}
    assert concerned(setup, "Location/r1") == {"ann"}
    assert concerned(setup, "Location/north") == {"ann", "ben"}
    assert concerned(setup, "Device/l1") == {"ann", "ben", "carl"}
    assert concerned(setup, "Device/gone") == frozenset()
