"""What the pages are built from: set-up, drawn days, weeks over a clock change, free times, lists, print."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from clinic.appointments.panels import PANELS
from clinic.appointments.printing import day_schedule
from clinic.appointments.queries.advice import Wanted, advice
from clinic.appointments.queries.closing import visits_hit
from clinic.appointments.queries.day import Asked, day_page, week_page
from clinic.appointments.queries.free import Search, next_free
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.service import add_absence, book, cancel, record, remove_absence
from clinic.appointments.service.holds import hold
from clinic.core.days import local
from clinic.core.errors import Invalid
from clinic.db.together import read_together
from clinic.fhir.store import Store
from tests.appointments import factories as f

TUESDAY = date(2027, 3, 9)


def starts(offers: list) -> list[tuple[str, str]]:
    return [(local(offer.start, f.ZONE).strftime("%d %H:%M"), offer.provider) for offer in offers]


def test_the_set_up_knows_people_rooms_and_types_in_order(desk: Store) -> None:
    setup = calendar_setup(desk)
    assert [(person.name, person.room, person.site) for person in setup.providers] == [
        ("Dr Ann Adams", "room1", "site"),
        ("Dr Ben Baker", "room2", "site"),
    ]
    assert [(kind.name, kind.minutes, kind.colour) for kind in setup.types] == [
        ("Chat", 15, "teal"),
        ("Check", 30, "teal"),
    ]
    assert [room.name for room in setup.rooms] == ["Room 1", "Room 2"]


def test_what_another_organisation_owns_has_no_column(lite: Store) -> None:
    f.a_provider(lite, "other", "Dr Olga Other", organization={"reference": "Organization/f001"})
    foreign = {"providedBy": {"reference": "Organization/f001"}}
    lite.create({"resourceType": "HealthcareService", "name": "Elsewhere"} | foreign)
    setup = calendar_setup(lite)
    assert [person.id for person in setup.columns()] == ["adams", "baker"]
    assert len(setup.types) == 2


def test_order_and_inactive_people_are_respected(lite: Store) -> None:
    f.a_provider(lite, "zed", "Dr Zed Zimmer", extension=[{"url": "urn:clinic:order", "valueInteger": 1}])
    lite.update(lite.read("Practitioner", "baker") | {"active": False})
    assert [person.id for person in calendar_setup(lite).columns()] == ["zed", "adams"]
    lite.update(lite.read("PractitionerRole", "role-adams") | {"active": False})
    assert [person.id for person in calendar_setup(lite).columns()] == ["zed"]


def test_two_roles_of_one_person_are_one_column_with_both_hours(lite: Store) -> None:
    f.a_provider(lite, "zed", "Dr Zed Zimmer")
    role = lite.read("PractitionerRole", "role-zed")
    evening = [{"daysOfWeek": ["sat"], "availableStartTime": "18:00:00", "availableEndTime": "21:00:00"}]
    more = {key: value for key, value in role.items() if key not in ("id", "meta")} | {"availableTime": evening}
    lite.create(more | {"period": {"start": "2027-03-01", "end": "2027-03-31"}})
    (zed,) = [person for person in calendar_setup(lite).providers if person.id == "zed"]
    assert len(zed.hours) == 3
    offers = next_free(lite, calendar_setup(lite), Search(30, f.at("2027-03-13 08:00"), ("zed",)))
    assert starts(offers)[0] == ("13 18:00", "zed")


def test_time_off_written_in_the_role_is_closed(lite: Store) -> None:
    during = {"start": "2027-03-09T19:00:00Z", "end": "2027-03-09T22:00:00Z"}
    role = lite.read("PractitionerRole", "role-adams")
    lite.update(role | {"notAvailable": [{"description": "Leave", "during": during}]})
    offers = next_free(lite, calendar_setup(lite), Search(30, f.at("2027-03-09 13:40"), ("adams",)))
    assert starts(offers)[0] == ("10 09:00", "adams")


def test_a_day_is_drawn_with_events_breaks_and_how_full_it_is(desk: Store) -> None:
    book(desk, f.a_booking())
    hold(desk, "baker", start=f.at("2027-03-09 15:00"), minutes=30)
    page = day_page(desk, TUESDAY)
    adams, baker = page.columns
    assert [(event.row.patient_name, event.state, event.classes) for event in adams.events] == [
        ("Ada Lovelace", "conf", "conf r72 n6 s-conf")
    ]
    assert [(closed.shut.kind, closed.classes) for closed in adams.closed] == [
        ("before", "r0 n12"),
        ("break", "r48 n12"),
    ]
    assert [(kept.classes, kept.own) for kept in baker.held] == [("r84 n6", True)]
    assert (adams.taken, adams.places, page.places) == (1, 20, 41)
    assert adams.now_row == 28


def test_a_day_without_anybody_still_has_columns(desk: Store) -> None:
    assert [column.works for column in day_page(desk, date(2027, 3, 13)).columns] == [False, False]


@pytest.mark.parametrize("day", [date(2027, 3, 14), date(2027, 11, 7)])
def test_a_week_with_a_clock_change_draws_every_day_from_the_same_wall_time(desk: Store, day: date) -> None:
    page = week_page(desk, day, Asked(who="adams"))
    walls = {local(column.frame.span.start, f.ZONE).time().isoformat() for column in page.columns}
    assert walls == {"08:00:00"}
    assert {column.frame.rows for column in page.columns} == {108}
    assert [column.frame.day.weekday() for column in page.columns] == list(range(7))


def test_full_days_are_marked_in_the_small_month(desk: Store) -> None:
    for hour in (9, 10, 11, 13, 14, 15, 16):
        for provider in ("adams", "baker"):
            record(desk, f.a_booking(f"2027-03-11 {hour:02d}:00", provider_id=provider, minutes=60))
    days = {each.day: each for week in day_page(desk, TUESDAY).month.weeks for each in week}
    assert [day.day for day, each in days.items() if each.full] == [11]
    assert days[date(2027, 3, 13)].off
    assert not days[TUESDAY].off


def test_absences_close_time_and_name_the_visits_they_hit(desk: Store) -> None:
    book(desk, f.a_booking())
    span = Span(f.at("2027-03-09 13:00"), f.at("2027-03-09 17:00"))
    assert [row.patient_name for row in visits_hit(desk, ["Practitioner/adams"], [span])] == ["Ada Lovelace"]
    (slot,) = add_absence(desk, ["adams"], span, reason="Ill")
    offers = next_free(desk, calendar_setup(desk), Search(30, f.at("2027-03-09 13:00"), ("adams",)))
    assert starts(offers)[0] == ("10 09:00", "adams")
    remove_absence(desk, slot["id"])
    offers = next_free(desk, calendar_setup(desk), Search(30, f.at("2027-03-09 13:00"), ("adams",)))
    assert starts(offers)[0] == ("09 13:00", "adams")


@pytest.mark.parametrize(
    "change",
    [{"providers": ["nobody"]}, {"reason": " "}, {"span": Span(f.at("2027-03-09 17:00"), f.at("2027-03-09 13:00"))}],
)
def test_an_absence_needs_somebody_a_reason_and_an_order(lite: Store, change: dict) -> None:
    given = {
        "providers": ["adams"],
        "reason": "Ill",
        "span": Span(f.at("2027-03-09 13:00"), f.at("2027-03-09 17:00")),
    } | change
    with pytest.raises(Invalid):
        add_absence(lite, given["providers"], given["span"], reason=given["reason"])


def test_free_times_skip_what_is_booked_held_by_others_or_away(desk: Store) -> None:
    book(desk, f.a_booking("2027-03-09 13:00"))
    desk.actor = f.OTHER_DESK
    hold(desk, "adams", start=f.at("2027-03-09 13:30"), minutes=30)
    desk.actor = f.DESK
    search = Search(30, f.at("2027-03-09 12:00"), ("adams",), spread=9)
    assert starts(next_free(desk, calendar_setup(desk), search))[0] == ("09 14:00", "adams")
    f.later(desk, 301)
    assert starts(next_free(desk, calendar_setup(desk), search))[0] == ("09 13:30", "adams")


def test_the_chosen_provider_comes_first_then_the_others(desk: Store) -> None:
    wanted = Wanted(30, "check", "baker", "p1", f.at("2027-03-09 15:30"))
    found = advice(desk, wanted)
    assert found.fits
    assert starts(list(found.offers)) == [
        ("09 15:30", "baker"),
        ("10 09:00", "baker"),
        ("10 13:00", "baker"),
        ("09 15:30", "adams"),
    ]


def test_advice_sees_another_visit_that_day_and_a_clash(desk: Store) -> None:
    book(desk, f.a_booking("2027-03-09 14:00"))
    wanted = Wanted(30, "check", "baker", "p1", f.at("2027-03-09 15:30"))
    assert [(found.clash, len(found.near)) for found in [advice(desk, wanted)]] == [(False, 1)]
    assert advice(desk, replace(wanted, start=f.at("2027-03-09 14:15"))).clash
    assert not advice(desk, replace(wanted, provider="adams", start=f.at("2027-03-09 13:45"))).fits


def test_no_time_is_offered_while_the_patient_is_at_another_visit(desk: Store) -> None:
    start = f.at("2027-03-09 14:00")
    wanted = Wanted(30, "check", patient="p1", start=start)
    assert starts(list(advice(desk, wanted).offers))[0] == ("09 14:00", "adams")
    book(desk, f.a_booking("2027-03-09 14:00"))
    assert starts(list(advice(desk, wanted).offers))[0] == ("09 14:30", "adams")
    assert ("09 14:00", "baker") in starts(list(advice(desk, replace(wanted, patient="p2")).offers))


def test_only_people_who_do_the_visit_type_are_offered(lite: Store) -> None:
    role = lite.read("PractitionerRole", "role-baker")
    lite.update(role | {"healthcareService": [{"reference": "HealthcareService/chat"}]})
    assert {offer.provider for offer in advice(lite, Wanted(30, "check"), limit=8).offers} == {"adams"}


def test_the_patient_page_knows_the_next_visit_and_the_earlier_ones(desk: Store) -> None:
    record(desk, f.a_booking("2027-03-01 09:00"), status="fulfilled")
    gone = book(desk, f.a_booking("2027-03-09 13:00"))
    coming = book(desk, f.a_booking("2027-03-10 09:00"))
    cancel(desk, gone["id"], reason="cold")
    loaded = _tiles(desk, "p1")
    assert loaded["next_visit"]["visit"].id == coming["id"]
    assert [visit.status for visit in loaded["visits"]["visits"]] == ["booked", "cancelled", "fulfilled"]
    assert _tiles(desk, "p2")["next_visit"]["visit"] is None


def test_the_next_visit_is_found_behind_many_later_ones(desk: Store) -> None:
    for day in range(10, 32):
        record(desk, f.a_booking(f"2027-03-{day} 14:00"), status="booked")
    coming = book(desk, f.a_booking("2027-03-09 13:00"))
    loaded = _tiles(desk, "p1")
    assert loaded["next_visit"]["visit"].id == coming["id"]
    assert loaded["next_visit"]["visit"].start == f.at("2027-03-09 13:00")
    assert [visit.start.day for visit in loaded["visits"]["visits"]] == sorted(
        (visit.start.day for visit in loaded["visits"]["visits"]), reverse=True
    )
    assert len(loaded["visits"]["visits"]) == 6


def _tiles(store: Store, patient_id: str) -> dict[str, Any]:
    lists = [panel.rows for panel in PANELS if panel.rows]
    found = read_together(store.conn, lists, {"patient_id": patient_id, "now": store.now})
    return {panel.name: panel.load(store, patient_id, rows) for panel, rows in zip(PANELS, found, strict=True)}


def test_the_printed_day_has_visits_free_time_breaks_and_absences(app: Flask, desk: Store) -> None:
    book(desk, f.a_booking("2027-03-09 13:00", note="wheelchair"))
    add_absence(desk, ["adams"], Span(f.at("2027-03-09 16:00"), f.at("2027-03-09 17:00")), reason="Case meeting")
    with app.app_context():
        schedule = day_schedule(desk, TUESDAY)
    adams = schedule.providers[0]
    assert [(line.kind, local(line.start, f.ZONE).strftime("%H:%M"), line.minutes) for line in adams.lines] == [
        ("free", "09:00", 180),
        ("break", "12:00", 60),
        ("visit", "13:00", 30),
        ("free", "13:30", 150),
        ("away", "16:00", 60),
    ]
    assert (adams.lines[2].patient, adams.lines[2].note, adams.lines[4].note) == (
        "Ada Lovelace",
        "wheelchair",
        "Case meeting",
    )
    assert (schedule.patients, adams.free_minutes) == (1, 330)


def test_a_visit_over_midnight_is_drawn_on_both_days(desk: Store) -> None:
    desk.actor = f.MANAGER
    book(desk, f.a_booking("2027-03-09 23:30", minutes=60, overbook_reason="night"))
    for day in (TUESDAY, TUESDAY + timedelta(days=1)):
        assert len(day_page(desk, day).columns[0].events) == 1
