"""Groups with seats: the time is the group's, each patient has an appointment of their own in it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from clinic.appointments.errors import SamePatient, TimeTaken
from clinic.appointments.mapping.bonds import host_of, seats_of
from clinic.appointments.queries.arrivals import expected
from clinic.appointments.queries.board import board, day_span
from clinic.appointments.queries.groups import in_group
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Change
from clinic.appointments.service.api import update_appointment
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import cancel, move, undo
from clinic.appointments.service.groups import SEAT, change_group, give_seat, join, open_group
from clinic.appointments.service.upkeep import faults_of_claims
from clinic.appointments.tables import appointment_row
from clinic.core.days import local
from clinic.core.errors import Conflict, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.tables import unique_claim
from tests.appointments import factories as f


def a_group(store: Store, *, seats: int = 2) -> Json:
    return open_group(store, f.a_booking(patient_id=""), title="Breathing class", seats=seats)


def status(store: Store, resource: Json) -> str:
    return str(store.read("Appointment", resource["id"])["status"])


def seats_taken(store: Store) -> int:
    c = unique_claim.c
    return int(store.conn.execute(sa.select(sa.func.count()).where(c.kind == SEAT)).scalar_one())


def test_a_group_has_a_title_seats_and_no_patient(desk: Store) -> None:
    made = a_group(desk)
    assert (made["description"], seats_of(made)) == ("Breathing class", 2)
    assert not [part for part in made["participant"] if part["actor"]["reference"].startswith("Patient/")]
    with pytest.raises(TimeTaken):
        book(desk, f.a_booking())


@pytest.mark.parametrize(("title", "seats"), [("", 4), ("   ", 4), ("Class", 1), ("Class", 100), ("Class", -3)])
def test_a_group_without_a_title_or_with_odd_seats_is_refused(lite: Store, title: str, seats: int) -> None:
    with pytest.raises(Invalid):
        open_group(lite, f.a_booking(patient_id=""), title=title, seats=seats)


def test_each_patient_has_an_appointment_at_the_time_of_the_group(desk: Store) -> None:
    group = a_group(desk)
    seat = join(desk, group["id"], "p1")
    assert (seat["start"], seat["end"], seat["status"]) == (group["start"], group["end"], "booked")
    assert seat["supportingInformation"][0]["reference"] == f"Appointment/{group['id']}"
    assert host_of(seat) == group["id"]
    assert list(faults_of_claims(desk)) == []


def test_who_comes_when_it_is_full_waits_and_gets_the_seat_that_becomes_free(desk: Store) -> None:
    group = a_group(desk)
    first = join(desk, group["id"], "p1")
    join(desk, group["id"], "p2")
    waits = join(desk, group["id"], "p3")
    assert waits["status"] == "waitlist"
    with pytest.raises(Conflict, match="taken"):
        give_seat(desk, waits["id"])
    cancel(desk, first["id"], reason="ill")
    give_seat(desk, desk.read("Appointment", waits["id"])["id"])
    assert status(desk, waits) == "booked"
    assert seats_taken(desk) == 2


def test_nobody_has_two_seats_and_the_same_patient_twice_at_one_time_is_noticed(desk: Store) -> None:
    group = a_group(desk)
    join(desk, group["id"], "p1")
    with pytest.raises(Conflict, match="already"):
        join(desk, group["id"], "p1")
    book(desk, f.a_booking(patient_id="p2", provider_id="baker"))
    with pytest.raises(SamePatient):
        join(desk, group["id"], "p2")
    join(desk, group["id"], "p2", anyway=True)


def test_the_calendar_draws_one_visit_and_the_day_expects_each_patient(desk: Store) -> None:
    group = a_group(desk)
    for patient in ("p1", "p2"):
        join(desk, group["id"], patient)
    day = local(desk.now, f.ZONE).date()
    (row,) = board(desk, calendar_setup(desk), day_span(desk, day)).rows
    assert (row.patient_name, row.type_name) == ("Breathing class", "Check 2/2")
    assert {one.patient_name for one in expected(desk, day)} == {"Ada Lovelace", "Bea Lovelace"}


def test_moving_the_group_moves_every_seat_and_undo_brings_all_back(desk: Store) -> None:
    group = a_group(desk)
    seat = join(desk, group["id"], "p1")
    moved = move(desk, group["id"], Change(start=f.at("2027-03-10 10:00"), provider_id="baker"))
    there = desk.read("Appointment", seat["id"])
    assert there["start"] == moved["start"]
    assert "Practitioner/baker" in [part["actor"]["reference"] for part in there["participant"]]
    undo(desk, group["id"], version=int(moved["meta"]["versionId"]))
    assert desk.read("Appointment", seat["id"])["start"] == group["start"]
    assert list(faults_of_claims(desk)) == []


def test_cancelling_the_group_cancels_its_seats_and_undo_seats_the_same_people(desk: Store) -> None:
    group = a_group(desk)
    seat, left = join(desk, group["id"], "p1"), join(desk, group["id"], "p2")
    cancel(desk, left["id"], reason="moved away")
    gone = cancel(desk, group["id"], reason="Provider is away")
    assert status(desk, seat) == "cancelled"
    assert seats_taken(desk) == 0
    undo(desk, group["id"], version=int(gone["meta"]["versionId"]))
    assert (status(desk, seat), status(desk, left)) == ("booked", "cancelled")
    assert seats_taken(desk) == 1


def test_a_seat_cannot_leave_the_time_of_its_group(desk: Store) -> None:
    group = a_group(desk)
    seat = join(desk, group["id"], "p1")
    with pytest.raises(Conflict, match="keeps the time"):
        move(desk, seat["id"], Change(start=f.at("2027-03-10 10:00")))


def test_seats_can_be_added_and_taken_away_but_not_under_people(desk: Store) -> None:
    group = a_group(desk, seats=3)
    for patient in ("p1", "p2", "p3"):
        join(desk, group["id"], patient)
    with pytest.raises(Conflict, match="2 seats|3 seats"):
        change_group(desk, group["id"], title="Class", seats=2)


def test_a_freed_low_seat_lets_the_group_become_smaller(desk: Store) -> None:
    group = a_group(desk, seats=3)
    first = join(desk, group["id"], "p1")
    for patient in ("p2", "p3"):
        join(desk, group["id"], patient)
    cancel(desk, first["id"], reason="ill")
    assert seats_of(change_group(desk, group["id"], title="Class", seats=2)) == 2
    assert seats_taken(desk) == 2


def test_no_program_and_no_undo_takes_seats_away_under_people(desk: Store) -> None:
    group = a_group(desk)
    larger = change_group(desk, group["id"], title="Class", seats=3)
    for patient in ("p1", "p2", "p3"):
        join(desk, group["id"], patient)
    with pytest.raises(Conflict, match="3 seats"):
        undo(desk, group["id"], version=int(larger["meta"]["versionId"]))
    alone = {key: value for key, value in larger.items() if key != "extension"}
    with pytest.raises(Conflict, match="3 seats"):
        update_appointment(desk, alone, None)


def test_the_seats_of_a_group_are_found_without_reading_every_visit(lite: Store) -> None:
    wanted = sa.select(appointment_row.c.id).where(in_group("g"))
    text = str(wanted.compile(dialect=lite.conn.dialect, compile_kwargs={"literal_binds": True}))
    plan = lite.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()
    assert "ix_appointment_row_group_id" in str(plan)
