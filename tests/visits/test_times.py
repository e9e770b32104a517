"""The minutes of each visit, and when it was booked and cancelled: what the measures count."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.mapping.appointment import cancelled_at
from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import cancel, undo
from clinic.appointments.tables import appointment_row
from clinic.core.json import Json
from clinic.visits import service
from clinic.visits.rules import CHECK_IN, CHECK_OUT, LEFT, PROVIDER, ROOM, WAITING
from clinic.visits.tables import visit_time
from tests.visits.conftest import Desk

_a = appointment_row.c


def _times(desk: Desk, encounter: Json) -> dict[str, object]:
    found = desk.store.conn.execute(sa.select(visit_time).where(visit_time.c.id == encounter["id"])).one()
    return dict(found._mapping)


def test_every_stay_the_wait_and_the_lateness_are_kept_in_minutes(desk: Desk) -> None:
    desk.later(21)  # ten minutes early
    encounter = service.arrive(desk.store, desk.appointment_id)
    for minutes, station in ((2, CHECK_IN), (3, WAITING), (14, ROOM), (6, PROVIDER), (20, CHECK_OUT), (4, LEFT)):
        encounter = service.move_to(desk.later(minutes), encounter["id"], station)
    found = _times(desk, encounter)
    assert (found["late"], found["late_provider"], found["wait"], found["whole"]) == (-10, 15, 19, 49)
    stays = ("in_arrived", "in_check_in", "in_waiting", "in_room", "in_provider", "in_check_out")
    assert [found[name] for name in stays] == [2, 3, 14, 6, 20, 4]
    assert (found["provider"], found["appointment_id"]) == (desk.made.providers[0], desk.appointment_id)
    assert found["site"] == desk.made.sites[0]


def test_a_visit_that_goes_on_has_no_end_and_one_that_came_late_no_late_provider(desk: Desk) -> None:
    encounter = service.arrive(desk.later(40), desk.appointment_id)
    encounter = service.move_to(desk.later(5), encounter["id"], ROOM)
    found = _times(desk, encounter)
    assert (found["late"], found["late_provider"], found["wait"]) == (9, None, 5)
    assert (found["whole"], found["in_room"]) == (None, None)
    back = service.undo(desk.later(0.2), encounter["id"], version=int(encounter["meta"]["versionId"]))
    assert _times(desk, back or encounter)["wait"] is None


def test_a_walk_in_was_not_expected_at_any_time(desk: Desk) -> None:
    kind = desk.made.types["Results"]
    encounter = service.walk_in(desk.store, desk.patient_id, provider_id=desk.made.providers[0], visit_type=kind)
    assert _times(desk, encounter)["late"] is None


@pytest.mark.parametrize("taken_back", [False, True])
def test_when_a_visit_was_booked_and_cancelled_is_kept(desk: Desk, taken_back: bool) -> None:
    begun = desk.store.now
    start = begun + timedelta(days=2)
    made = book(desk.store, Booking(desk.patient_id, desk.made.providers[0], desk.made.types["Results"], start))
    gone = cancel(desk.later(30), made["id"], reason="Feels better")
    if taken_back:
        undo(desk.later(0.5), made["id"], version=int(gone["meta"]["versionId"]))
    row = desk.store.conn.execute(sa.select(_a.booked, _a.cancelled).where(_a.id == made["id"])).one()
    assert row.booked == begun
    assert row.cancelled == (None if taken_back else begun + timedelta(minutes=30))


def test_a_cancelled_record_from_elsewhere_does_not_say_when() -> None:
    record: Json = {"status": "cancelled", "meta": {"versionId": "1", "lastUpdated": "2027-03-01T10:00:00Z"}}
    assert cancelled_at(record) is None
    later = record | {"meta": {"versionId": "2", "lastUpdated": "2027-03-01T10:00:00Z"}}
    assert cancelled_at(later) is not None
