"""Visits with an order instead of a time: appended, at most so many a day, in any order, and claimed as such."""

from __future__ import annotations

from datetime import date

import pytest

from clinic.appointments.errors import OutsideHours, TimeTaken
from clinic.appointments.mapping.kinds import with_kind
from clinic.appointments.queries.arrivals import expected
from clinic.appointments.queries.free import Search, find_times
from clinic.appointments.queries.listed import listed_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Change
from clinic.appointments.rules.closing import Closing
from clinic.appointments.rules.listed import next_place, places_of
from clinic.appointments.rules.spans import Span
from clinic.appointments.service import book, book_walk_in, cancel, close_time, move, undo
from clinic.appointments.service.holds import hold
from clinic.appointments.service.listed import reorder
from clinic.appointments.service.upkeep import faults_of_claims, rebuild_claims
from clinic.core.errors import Conflict
from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.appointments import factories as f

DAY = date(2027, 3, 10)


def a_home_visit(store: Store, per_day: int = 3) -> None:
    """Home visits of 30 minutes, three a day for each provider."""
    f.a_visit_type(store, "home", "Home visit", 30)
    bare = store.read("HealthcareService", "home")
    store.update(with_kind(bare, margins=(0, 0), lengths=(), needs=(), untimed=True, per_day=per_day))


def booked(store: Store, patient: str = "p1", when: str = "2027-03-10 09:00", **changes: object) -> Json:
    given = {"visit_type": "home", "minutes": None, "patient_id": patient, "anyway": True} | changes
    return book(store, f.a_booking(when, **given))


def order(store: Store, provider: str = "adams") -> list[str]:
    return [one.id for one in listed_of(store, calendar_setup(store), DAY, provider=provider)]


def words(store: Store) -> list[str]:
    return [one.type_name for one in listed_of(store, calendar_setup(store), DAY, provider="adams")]


def test_bookings_stand_in_the_order_in_which_they_were_made_whatever_time_was_asked_for(desk: Store) -> None:
    a_home_visit(desk)
    ids = [booked(desk, when=f"2027-03-10 {time}")["id"] for time in ("16:00", "09:00", "11:00")]
    assert order(desk) == ids
    assert words(desk) == ["1. Home visit", "2. Home visit", "3. Home visit"]
    assert [row.type_name for row in expected(desk, DAY)] == words(desk)
    assert list(faults_of_claims(desk)) == []


def test_the_list_takes_so_many_a_day_and_says_which_day_has_a_place(desk: Store) -> None:
    a_home_visit(desk)
    full = [booked(desk) for _ in range(3)]
    with pytest.raises(TimeTaken, match="full") as refused:
        booked(desk)
    assert [f"{one.start:%d}" for one in refused.value.offers] == ["11", "12", "15", "16"]
    search = Search(0, f.at("2027-03-10 08:00"), ("adams", "baker"), limit=3, type_id="home")
    offers = find_times(desk, calendar_setup(desk), search).offers
    assert [(f"{one.start:%d}", one.provider) for one in offers] == [("10", "baker"), ("11", "adams"), ("11", "baker")]
    cancel(desk, full[1]["id"], reason="Better")
    again = booked(f.later(desk, 120), patient="p2")
    assert order(desk) == [full[0]["id"], again["id"], full[2]["id"]]


def test_a_list_leaves_the_clock_of_its_provider_free(desk: Store) -> None:
    a_home_visit(desk)
    booked(desk)
    timed = book(desk, f.a_booking("2027-03-10 09:00", patient_id="p2"))
    assert timed["start"] == listed_of(desk, calendar_setup(desk), DAY)[0].start.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert list(faults_of_claims(desk)) == []


def test_a_day_on_which_nobody_works_or_that_is_closed_has_no_list(desk: Store) -> None:
    a_home_visit(desk)
    with pytest.raises(OutsideHours):
        booked(desk, when="2027-03-13 09:00")
    span = Span(f.at("2027-03-10 00:00"), f.at("2027-03-11 00:00"))
    close_time(desk, Closing(("Location/site",), span, "holiday", "Harbor Day"))
    with pytest.raises(OutsideHours) as refused:
        booked(desk)
    assert f"{refused.value.offers[0].start:%d}" == "11"


def test_the_order_is_changed_claimed_anew_and_taken_back(desk: Store) -> None:
    a_home_visit(desk)
    one, two, three = [booked(desk, patient)["id"] for patient in ("p1", "p2", "p3")]
    assert len(reorder(desk, "adams", DAY, [three, one, two])) == 3
    assert order(desk) == [three, one, two]
    assert words(desk) == ["1. Home visit", "2. Home visit", "3. Home visit"]
    assert list(faults_of_claims(desk)) == []
    assert reorder(desk, "adams", DAY, [three, one, two]) == []
    assert len(reorder(desk, "adams", DAY, [one, three, two])) == 2
    for wrong in ([one, two], [one, two, two], [one, two, three, "other"]):
        with pytest.raises(Conflict):
            reorder(desk, "adams", DAY, wrong)
    rebuild_claims(desk)
    assert list(faults_of_claims(desk)) == []


def test_who_has_arrived_keeps_the_place(desk: Store) -> None:
    a_home_visit(desk, per_day=5)
    first = book_walk_in(desk, "p1", provider_id="adams", visit_type="home")
    today = date(2027, 3, 9)
    two, three = [booked(desk, patient, when="2027-03-09 14:00")["id"] for patient in ("p2", "p3")]
    assert first["status"] == "arrived"
    reorder(desk, "adams", today, [three, two])
    found = [one.id for one in listed_of(desk, calendar_setup(desk), today)]
    assert found == [first["id"], three, two]
    assert list(faults_of_claims(desk)) == []


def test_a_visit_moves_to_the_end_of_another_day_and_back(desk: Store) -> None:
    a_home_visit(desk)
    one, two = booked(desk)["id"], booked(desk, "p2")["id"]
    other = booked(desk, "p3", when="2027-03-11 09:00")["id"]
    moved = move(desk, one, Change(start=f.at("2027-03-11 09:00")))
    assert order(desk) == [two]
    assert [row.id for row in listed_of(desk, calendar_setup(desk), date(2027, 3, 11))] == [other, one]
    undo(desk, one, version=int(moved["meta"]["versionId"]))
    assert order(desk) == [one, two]
    move(desk, two, Change(provider_id="baker"))
    assert (order(desk), order(desk, "baker")) == ([one], [two])
    assert list(faults_of_claims(desk)) == []


def test_a_place_is_held_while_somebody_types(desk: Store) -> None:
    a_home_visit(desk)
    kept = hold(desk, "adams", start=f.at("2027-03-10 09:00"), minutes=30, type_id="home")
    made = booked(desk, hold=kept.holder)
    assert words(desk) == ["1. Home visit"]
    assert order(desk) == [made["id"]]


def test_places_follow_the_working_time_and_the_most_of_a_day() -> None:
    open_ = [
        Span(f.at("2027-03-10 13:00"), f.at("2027-03-10 14:00")),
        Span(f.at("2027-03-10 09:00"), f.at("2027-03-10 10:15")),
    ]
    places = places_of(open_, 30, 12)
    assert [one.start for one in places] == [f.at(f"2027-03-10 {t}") for t in ("09:00", "09:30", "13:00", "13:30")]
    assert len(places_of(open_, 30, 3)) == 3
    assert places_of([], 30, 3) == ()
    early, noon = f.at("2027-03-10 00:00"), f.at("2027-03-10 12:00")
    assert next_place(places, [], early, 12) == 0
    assert next_place(places, [places[1]], early, 12) == 2
    assert next_place(places, [places[3]], early, 12) == 0
    assert next_place(places, [], noon, 12) == 2
    assert next_place(places, places, early, 12) is None
    assert next_place(places, [places[0]], early, 1) is None
    assert next_place((), [], early, 12) is None
