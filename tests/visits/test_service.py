"""The way of a visit through the practice, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.core.errors import Conflict, Invalid, Missing, Stale
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage, change_coverage, coverage_in_force, coverages_of
from clinic.visits import mapping, service
from clinic.visits.errors import NotNow
from clinic.visits.queries import at_check_in, recent_visits, todays_board
from clinic.visits.rules import CHECK_IN, LEFT, PROVIDER, STATIONS, WAITING
from clinic.visits.screens import today_of
from tests.visits.conftest import Desk


def test_a_patient_arrives_once_however_often_it_is_said(desk: Desk) -> None:
    first = service.arrive(desk.store, desk.appointment_id)
    again = service.arrive(desk.later(1), desk.appointment_id)
    assert first["id"] == again["id"]
    assert desk.store.read("Appointment", desk.appointment_id)["status"] == "arrived"
    assert len(desk.store.search("Encounter")) == 1


def test_every_station_is_timed_and_fhirs_status_follows(desk: Desk) -> None:
    encounter = service.arrive(desk.store, desk.appointment_id)
    for station in STATIONS[1:]:
        encounter = service.move_to(desk.later(4), encounter["id"], station)
    assert [name for name, _ in mapping.log_of(encounter)] == list(STATIONS)
    assert encounter["status"] == "finished"
    assert [one["status"] for one in encounter["statusHistory"]] == ["arrived", "triaged", "in-progress", "finished"]
    assert all("end" in one["period"] for one in encounter["statusHistory"][:-1])
    assert desk.store.read("Appointment", desk.appointment_id)["status"] == "fulfilled"
    with pytest.raises(NotNow):
        service.move_to(desk.store, encounter["id"], WAITING)


def test_a_step_can_be_taken_back_for_a_minute_and_not_later(desk: Desk) -> None:
    encounter = service.arrive(desk.store, desk.appointment_id)
    moved = service.move_to(desk.later(3), encounter["id"], CHECK_IN)
    back = service.undo(desk.later(0.5), encounter["id"], version=int(moved["meta"]["versionId"]))
    assert back is not None
    assert mapping.station_of(back) == "arrived"
    moved = service.move_to(desk.store, encounter["id"], CHECK_IN)
    with pytest.raises(NotNow):
        service.undo(desk.later(5), encounter["id"], version=int(moved["meta"]["versionId"]))


def test_an_arrival_taken_back_frees_the_appointment(desk: Desk) -> None:
    encounter = service.arrive(desk.store, desk.appointment_id)
    assert service.undo(desk.later(0.2), encounter["id"], version=1) is None
    assert desk.store.read("Appointment", desk.appointment_id)["status"] == "booked"
    assert service.arrive(desk.store, desk.appointment_id)["id"] != encounter["id"]


def test_an_undo_after_somebody_elses_step_is_refused(desk: Desk) -> None:
    encounter = service.arrive(desk.store, desk.appointment_id)
    service.move_to(desk.later(0.1), encounter["id"], CHECK_IN)
    service.move_to(desk.later(0.1), encounter["id"], WAITING)
    with pytest.raises(Stale):
        service.undo(desk.store, encounter["id"], version=2)


def test_check_in_ends_only_when_nothing_is_open_or_with_a_reason(desk: Desk) -> None:
    encounter = service.begin_check_in(desk.store, desk.appointment_id)
    needs = at_check_in(desk.store, desk.patient_id, desk.appointment_id, today_of(desk.store)).needs
    assert [need.name for need in needs if need.open] == ["contact", "coverage", "consents"]
    with pytest.raises(Conflict):
        service.finish_check_in(desk.store, encounter["id"], open_needs=4)
    done = service.finish_check_in(desk.store, encounter["id"], open_needs=4, reason="Emergency")
    assert mapping.station_of(done) == WAITING
    for kind in ("identity", "contact", "coverage"):
        service.confirm(desk.store, desk.patient_id, kind)
    needs = at_check_in(desk.store, desk.patient_id, desk.appointment_id, today_of(desk.store)).needs
    assert [need.name for need in needs if need.open] == ["consents"]


def test_a_walk_in_is_here_at_once(desk: Desk) -> None:
    encounter = service.walk_in(
        desk.store, desk.patient_id, provider_id=desk.made.providers[1], visit_type=desk.made.types["Results"]
    )
    assert mapping.station_of(encounter) == "arrived"
    board = todays_board(desk.store, today_of(desk.store))
    assert [line.station for line in board.here] == ["arrived"]


def test_the_board_shows_who_is_where_and_what_is_missing(desk: Desk) -> None:
    board = todays_board(desk.store, today_of(desk.store))
    assert [line.station for line in board.to_come] == ["expected"]
    assert board.to_come[0].needs[0].state == "todo"
    encounter = service.arrive(desk.store, desk.appointment_id)
    service.move_to(desk.later(2), encounter["id"], PROVIDER)
    board = todays_board(desk.later(60), today_of(desk.store))
    assert board.here[0].over_limit
    assert len(board.at(PROVIDER)) == 1
    service.move_to(desk.store, encounter["id"], LEFT)
    assert len(todays_board(desk.store, today_of(desk.store)).gone) == 1
    assert [visit.station for visit in recent_visits(desk.store, desk.patient_id)] == [LEFT]


def test_a_visit_goes_to_a_real_room_only(desk: Desk) -> None:
    encounter = service.arrive(desk.store, desk.appointment_id)
    room = next(one for one in desk.store.search("Location") if one["name"] == "Room 2")
    moved = service.to_room(desk.store, encounter["id"], room["id"])
    assert mapping.visit_rows(moved)[0]["room_name"] == "Room 2"
    with pytest.raises(Missing):
        service.to_room(desk.store, encounter["id"], "nowhere")
    with pytest.raises(Invalid):
        service.move_to(desk.store, encounter["id"], "kitchen")


def test_two_first_payers_on_one_day_are_refused_and_two_in_turn_are_not(desk: Desk) -> None:
    today = today_of(desk.store)
    with pytest.raises(Conflict), desk.store.conn.begin_nested():
        add_coverage(desk.store, desk.patient_id, Policy("Other", member_id="X1", starts=today))
    first = coverages_of(desk.store, desk.patient_id)[0]
    from clinic.insurance.mapping import to_policy

    ended = Policy(**{**to_policy(first).__dict__, "ends": today - timedelta(days=1)})
    change_coverage(desk.store, first["id"], ended, version=1)
    added = add_coverage(desk.store, desk.patient_id, Policy("Other", member_id="X1", starts=today))
    assert [one["id"] for one in coverage_in_force(desk.store, desk.patient_id, today)] == [added["id"]]
    assert [one["id"] for one in coverage_in_force(desk.store, desk.patient_id, today - timedelta(days=1))] == [
        first["id"]
    ]
