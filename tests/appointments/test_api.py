"""Appointments that programs write: the same claims, the same steps."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from clinic.appointments.errors import TimeTaken
from clinic.appointments.service import book
from clinic.appointments.service.api import create_appointment, delete_appointment, update_appointment
from clinic.core.errors import Conflict, Forbidden, Stale
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.tables import slot_claim
from tests.appointments import factories as f


def sent(**changes: Any) -> Json:
    """An appointment as a foreign program sends it."""
    accepted = {"status": "accepted"}
    resource = {
        "resourceType": "Appointment",
        "status": "booked",
        "start": "2027-03-09T14:00:00-05:00",
        "end": "2027-03-09T14:30:00-05:00",
        "participant": [
            {"actor": {"reference": "Patient/p1"}} | accepted,
            {"actor": {"reference": "Practitioner/adams"}} | accepted,
            {"actor": {"reference": "Location/room1"}} | accepted,
        ],
    }
    return resource | changes


def claimed(store: Store) -> set[tuple[str, str]]:
    c = slot_claim.c
    return {(row.actor, row.appointment) for row in store.conn.execute(sa.select(c.actor, c.appointment).distinct())}


def test_what_a_program_books_is_claimed_and_kept_as_it_was_sent(desk: Store) -> None:
    made = create_appointment(desk, sent(id="abc"))
    assert {key: made[key] for key in sent()} == sent()
    assert claimed(desk) == {("Practitioner/adams", "abc"), ("Location/room1", "abc")}


def test_a_program_cannot_book_over_the_desk_nor_the_desk_over_a_program(desk: Store) -> None:
    book(desk, f.a_booking(patient_id="p2"))
    with pytest.raises(TimeTaken) as caught, desk.conn.begin_nested():
        create_appointment(desk, sent())
    assert {detail.field for detail in caught.value.details} == {"Practitioner/adams", "Location/room1"}
    create_appointment(desk, sent(start="2027-03-09T20:00:00Z", end="2027-03-09T20:30:00Z"))
    with pytest.raises(TimeTaken):
        book(desk, f.a_booking("2027-03-09 15:15", patient_id="p3"))


def test_a_program_s_change_moves_the_claims(desk: Store) -> None:
    made = create_appointment(desk, sent())
    changed = made | {"start": "2027-03-09T20:00:00Z", "end": "2027-03-09T20:20:00Z"}
    with pytest.raises(Stale), desk.conn.begin_nested():
        update_appointment(desk, changed, 7)
    update_appointment(desk, changed, 1)
    book(desk, f.a_booking(patient_id="p2"))
    delete_appointment(desk, made["id"], 2)
    book(desk, f.a_booking("2027-03-09 15:00", patient_id="p3"))


@pytest.mark.parametrize(
    ("before", "after"), [("cancelled", "fulfilled"), ("noshow", "fulfilled"), ("fulfilled", "booked")]
)
def test_a_step_that_does_not_exist_is_refused(lite: Store, before: str, after: str) -> None:
    made = create_appointment(lite, sent(status=before))
    with pytest.raises(Conflict):
        update_appointment(lite, made | {"status": after}, None)


def test_overbooking_by_a_program_needs_the_right(lite: Store) -> None:
    create_appointment(lite, sent())
    lane = {"extension": [{"url": "urn:clinic:lane", "valueInteger": 1}]}
    with pytest.raises(Forbidden):
        create_appointment(lite, sent(**lane))
    lite.actor = f.MANAGER
    assert create_appointment(lite, sent(**lane))["status"] == "booked"


def test_wishes_and_the_past_claim_nothing(lite: Store) -> None:
    create_appointment(
        lite, {key: value for key, value in sent(status="proposed").items() if key not in ("start", "end")}
    )
    create_appointment(lite, sent(status="waitlist"))
    create_appointment(lite, sent(start="2020-01-01T10:00:00Z", end="2020-01-01T11:00:00Z"))
    create_appointment(lite, sent(start="2020-01-01T10:00:00Z", end="2020-01-01T11:00:00Z"))
    assert claimed(lite) == set()
