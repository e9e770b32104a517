"""What people say to their visits, and the links by which they say it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.access.sessions import digest
from clinic.appointments.errors import BEGUN
from clinic.appointments.rules.booking import Change
from clinic.appointments.service import book, set_status
from clinic.appointments.service.answers import (
    Answer,
    answer_visit,
    confirm,
    create_response,
    decline,
    is_confirmed,
    update_response,
)
from clinic.appointments.service.changes import move
from clinic.appointments.service.links import end_links, find_link, make_link, open_link, require_link, visit_link_for
from clinic.core.errors import Conflict, Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.appointments import factories as f


def claimed(store: Store, appointment: Json) -> int:
    query = "SELECT count(*) FROM slot_claim WHERE appointment = %s"
    mark = "?" if store.conn.dialect.name == "sqlite" else "%s"
    return int(store.conn.exec_driver_sql(query.replace("%s", mark), (appointment["id"],)).scalar_one())


def test_a_patient_who_comes_is_confirmed_until_the_time_changes(desk: Store) -> None:
    visit = book(desk, f.a_booking())
    assert not is_confirmed(visit)
    said = confirm(desk, visit["id"])
    assert is_confirmed(said)
    assert confirm(desk, visit["id"])["meta"] == said["meta"]
    assert len(desk.search("AppointmentResponse", [("appointment", f"Appointment/{visit['id']}")])) == 1
    moved = move(desk, visit["id"], Change(start=f.at("2027-03-10 10:00")))
    assert not is_confirmed(moved)


def test_a_patient_who_does_not_come_frees_the_time(desk: Store) -> None:
    visit = book(desk, f.a_booking())
    gone = decline(desk, visit["id"], reason="I am away")
    assert (gone["status"], gone["cancelationReason"]["text"]) == ("cancelled", "I am away")
    assert claimed(desk, visit) == 0
    assert decline(desk, visit["id"])["meta"] == gone["meta"]


def test_a_provider_who_declines_leaves_the_visit_to_the_desk(desk: Store) -> None:
    visit = book(desk, f.a_booking())
    pending = answer_visit(desk, visit["id"], Answer("Practitioner/adams", "declined"))
    assert pending["status"] == "pending"
    assert claimed(desk, visit) > 0
    booked = answer_visit(desk, visit["id"], Answer("Practitioner/adams", "accepted"))
    assert booked["status"] == "booked"


def test_who_takes_no_part_has_no_say(desk: Store) -> None:
    visit = book(desk, f.a_booking())
    with pytest.raises(Invalid):
        answer_visit(desk, visit["id"], Answer("Patient/p2", "declined"))
    with pytest.raises(Missing):
        answer_visit(desk, "nothing", Answer("Patient/p1", "declined"))


def test_a_visit_that_has_begun_is_not_declined(desk: Store) -> None:
    visit = book(desk, f.a_booking("2027-03-09 10:30"))
    set_status(desk, visit["id"], "arrived")
    with pytest.raises(Conflict, match=BEGUN):
        decline(desk, visit["id"])


def test_a_response_of_a_program_takes_effect_once(desk: Store) -> None:
    visit = book(desk, f.a_booking())
    response: Json = {
        "resourceType": "AppointmentResponse",
        "appointment": {"reference": f"Appointment/{visit['id']}"},
        "actor": {"reference": "Patient/p1"},
        "participantStatus": "tentative",
    }
    made = create_response(desk, response)
    assert desk.read("Appointment", visit["id"])["participant"][0]["status"] == "tentative"
    version = desk.read("Appointment", visit["id"])["meta"]["versionId"]
    update_response(desk, made | {"comment": "not sure"}, None)
    assert desk.read("Appointment", visit["id"])["meta"]["versionId"] == version
    update_response(desk, made | {"participantStatus": "declined"}, None)
    assert desk.read("Appointment", visit["id"])["status"] == "cancelled"


def test_a_link_opens_with_the_birth_date_only(desk: Store) -> None:
    token = visit_link_for(desk, book(desk, f.a_booking()))
    assert open_link(desk, token, "1980-02-04") == "wrong"
    assert open_link(desk, token, "") == "wrong"
    assert open_link(desk, token, "1980-02-03") == "ok"
    assert open_link(desk, "another", "1980-02-03") == "over"


def test_five_wrong_birth_dates_end_a_link(desk: Store) -> None:
    token = visit_link_for(desk, book(desk, f.a_booking()))
    said = [open_link(desk, token, "1990-01-01") for _ in range(5)]
    assert said == ["wrong"] * 4 + ["over"]
    assert open_link(desk, token, "1980-02-03") == "over"


def test_a_link_is_kept_as_a_hash_for_one_purpose_and_a_while(desk: Store) -> None:
    visit = book(desk, f.a_booking())
    token = visit_link_for(desk, visit)
    kept = desk.conn.exec_driver_sql("SELECT token FROM visit_link").scalar_one()
    assert token != kept == digest(token)
    assert require_link(desk, digest(token), "visit").target == visit["id"]
    with pytest.raises(Missing):
        require_link(desk, digest(token), "request")
    desk.now += timedelta(days=2)
    assert find_link(desk, digest(token)) is None


def test_the_links_of_a_thing_end_together(desk: Store) -> None:
    tokens = [make_link(desk, "visit", "one", expires=desk.now + timedelta(hours=1)) for _ in range(2)]
    end_links(desk, "one")
    assert [find_link(desk, digest(token)) for token in tokens] == [None, None]
