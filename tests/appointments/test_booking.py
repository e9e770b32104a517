"""Booking, moving, cancelling and taking back, on both databases."""

from __future__ import annotations

import pytest

from clinic.appointments.errors import InThePast, OutsideHours, SamePatient, TimeTaken
from clinic.appointments.queries.board import board, day_span
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Change
from clinic.appointments.service.booking import book, book_walk_in, record
from clinic.appointments.service.changes import cancel, move, no_show, resize, set_status, undo
from clinic.appointments.service.holds import hold, release_hold
from clinic.core.days import local
from clinic.core.errors import Conflict, Forbidden, Invalid, Stale
from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.appointments import factories as f


def hours(error: TimeTaken | OutsideHours) -> list[str]:
    return [local(offer.start, f.ZONE).strftime("%H:%M") for offer in error.offers]


def version(resource: Json) -> int:
    return int(resource["meta"]["versionId"])


def test_a_booking_is_an_appointment_with_everybody_who_takes_part(desk: Store) -> None:
    made = book(desk, f.a_booking(note="brings a letter"))
    assert (made["status"], made["start"], made["end"]) == (
        "booked",
        "2027-03-09T19:00:00Z",
        "2027-03-09T19:30:00Z",
    )
    assert made["minutesDuration"] == 30
    actors = {part["actor"]["reference"]: part["actor"]["display"] for part in made["participant"]}
    assert actors == {
        "Patient/p1": "Ada Lovelace",
        "Practitioner/adams": "Dr Ann Adams",
        "Location/room1": "Room 1",
        "Location/site": "Main Street",
    }


def test_a_booking_appears_in_the_day_view_with_names_copied_in(desk: Store) -> None:
    made = book(desk, f.a_booking())
    (row,) = board(desk, calendar_setup(desk), day_span(desk, local(desk.now, f.ZONE).date())).rows
    assert (row.id, row.patient_name, row.provider, row.room_name, row.type_name, row.birth_date) == (
        made["id"],
        "Ada Lovelace",
        "adams",
        "Room 1",
        "Check",
        "1980-02-03",
    )


def test_a_taken_time_is_refused_with_the_nearest_free_ones(desk: Store) -> None:
    book(desk, f.a_booking())
    with pytest.raises(TimeTaken) as caught:
        book(desk, f.a_booking("2027-03-09 14:15", patient_id="p2"))
    assert hours(caught.value) == ["13:00", "13:30", "14:30", "15:00"]


def test_visits_that_only_touch_do_not_clash(desk: Store) -> None:
    book(desk, f.a_booking())
    book(desk, f.a_booking("2027-03-09 14:30", patient_id="p2"))
    book(desk, f.a_booking("2027-03-09 13:30", patient_id="p3"))


def test_two_providers_cannot_use_one_room_at_one_time(desk: Store) -> None:
    book(desk, f.a_booking())
    with pytest.raises(TimeTaken) as caught:
        book(desk, f.a_booking(provider_id="baker", room_id="room1", patient_id="p2"))
    assert [detail.field for detail in caught.value.details] == ["Location/room1"]


@pytest.mark.parametrize("when", ["2027-03-09 12:15", "2027-03-09 11:45", "2027-03-09 16:45", "2027-03-13 10:00"])
def test_time_outside_working_hours_is_refused_with_free_times(desk: Store, when: str) -> None:
    with pytest.raises(OutsideHours) as caught:
        book(desk, f.a_booking(when))
    assert len(caught.value.offers) == 4


def test_the_past_cannot_be_booked_but_a_moment_ago_can(desk: Store) -> None:
    with pytest.raises(InThePast):
        book(desk, f.a_booking("2027-03-09 10:15"))
    assert book(desk, f.a_booking("2027-03-09 10:20"))["status"] == "booked"


def test_the_same_patient_at_the_same_time_is_noticed_and_may_be_booked_anyway(desk: Store) -> None:
    book(desk, f.a_booking())
    with pytest.raises(SamePatient) as caught:
        book(desk, f.a_booking("2027-03-09 14:15", provider_id="baker"))
    assert "14:00 with Dr Ann Adams" in str(caught.value)
    assert book(desk, f.a_booking("2027-03-09 14:15", provider_id="baker", anyway=True))["status"] == "booked"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"patient_id": "nobody"}, "patient"), ({"patient_id": ""}, "patient"), ({"provider_id": "x"}, "provider"),
        ({"visit_type": "x"}, "visit_type"), ({"room_id": "site"}, "room"), ({"room_id": "x"}, "room"),
    ],
)  # fmt: skip
def test_a_booking_needs_records_of_this_practice(lite: Store, change: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        book(lite, f.a_booking(**change))
    assert caught.value.field == field


def test_a_record_that_was_merged_away_is_not_booked(lite: Store) -> None:
    other = {"other": {"reference": "Patient/p2"}, "type": "replaced-by"}
    lite.update(lite.read("Patient", "p1") | {"link": [other]})
    with pytest.raises(Invalid):
        book(lite, f.a_booking())


def test_overbooking_needs_the_right_and_a_reason(desk: Store) -> None:
    book(desk, f.a_booking())
    with pytest.raises(Forbidden):
        book(desk, f.a_booking(patient_id="p2", overbook_reason="acute pain"))
    desk.actor = f.MANAGER
    made = book(desk, f.a_booking(patient_id="p2", overbook_reason="acute pain"))
    rows = board(desk, calendar_setup(desk), day_span(desk, local(desk.now, f.ZONE).date())).rows
    assert [(row.lane, row.reason) for row in rows] == [(0, ""), (1, "acute pain")]
    assert made["status"] == "booked"


def test_with_the_right_closed_time_can_be_used(desk: Store) -> None:
    desk.actor = f.MANAGER
    assert book(desk, f.a_booking("2027-03-09 12:15", overbook_reason="only time"))["status"] == "booked"


def test_a_walk_in_is_arrived_now_whoever_else_is_booked(desk: Store) -> None:
    book(desk, f.a_booking("2027-03-09 10:20"))
    made = book_walk_in(desk, "p2", provider_id="adams", visit_type="check")
    assert (made["status"], made["start"]) == ("arrived", "2027-03-09T15:20:00Z")


def test_moving_frees_the_old_time_for_others_after_a_minute(desk: Store) -> None:
    made = book(desk, f.a_booking())
    moved = move(desk, made["id"], Change(start=f.at("2027-03-09 16:00"), version=1))
    assert moved["start"] == "2027-03-09T21:00:00Z"
    desk.actor = f.OTHER_DESK
    with pytest.raises(TimeTaken):
        book(desk, f.a_booking(patient_id="p2"))
    f.later(desk, 61)
    assert book(desk, f.a_booking(patient_id="p3"))["status"] == "booked"


def test_whoever_moved_a_visit_may_use_its_old_time_at_once(desk: Store) -> None:
    made = book(desk, f.a_booking())
    move(desk, made["id"], Change(start=f.at("2027-03-09 16:00")))
    assert book(desk, f.a_booking(patient_id="p2"))["status"] == "booked"
    with pytest.raises(TimeTaken):
        undo(desk, made["id"], version=2)


def test_moving_to_another_provider_takes_their_room(desk: Store) -> None:
    made = book(desk, f.a_booking())
    moved = move(desk, made["id"], Change(provider_id="baker"))
    actors = [part["actor"]["reference"] for part in moved["participant"]]
    assert actors == ["Patient/p1", "Practitioner/baker", "Location/room2", "Location/site"]


def test_moving_by_less_than_its_length_does_not_clash_with_itself(desk: Store) -> None:
    made = book(desk, f.a_booking())
    assert move(desk, made["id"], Change(start=f.at("2027-03-09 14:10")))["start"] == "2027-03-09T19:10:00Z"


def test_moving_into_a_taken_time_changes_nothing(desk: Store) -> None:
    made = book(desk, f.a_booking())
    book(desk, f.a_booking("2027-03-09 15:00", patient_id="p2"))
    with pytest.raises(TimeTaken) as caught, desk.conn.begin_nested():
        move(desk, made["id"], Change(start=f.at("2027-03-09 15:15")))
    assert hours(caught.value) == ["14:00", "14:30", "15:30", "16:00"]
    assert version(desk.read("Appointment", made["id"])) == 1


def test_a_stale_move_is_refused(desk: Store) -> None:
    made = book(desk, f.a_booking())
    move(desk, made["id"], Change(start=f.at("2027-03-09 15:00"), version=1))
    with pytest.raises(Stale):
        move(desk, made["id"], Change(start=f.at("2027-03-09 16:00"), version=1))


def test_a_visit_grows_only_into_free_time(desk: Store) -> None:
    made = book(desk, f.a_booking())
    book(desk, f.a_booking("2027-03-09 15:00", patient_id="p2"))
    assert resize(desk, made["id"], minutes=57)["minutesDuration"] == 60
    with pytest.raises(TimeTaken):
        resize(desk, made["id"], minutes=65)


def test_a_visit_that_has_begun_does_not_move(lite: Store) -> None:
    made = book(lite, f.a_booking("2027-03-09 10:25"))
    set_status(lite, made["id"], "arrived")
    with pytest.raises(Conflict):
        move(lite, made["id"], Change(start=f.at("2027-03-09 15:00")))


def test_cancelling_needs_a_reason_and_hides_the_visit(desk: Store) -> None:
    made = book(desk, f.a_booking())
    with pytest.raises(Invalid):
        cancel(desk, made["id"], reason="  ")
    gone = cancel(desk, made["id"], reason="Has a cold", version=1)
    assert (gone["status"], gone["cancelationReason"]) == ("cancelled", {"text": "Has a cold"})
    found = board(desk, calendar_setup(desk), day_span(desk, local(desk.now, f.ZONE).date()))
    assert found.rows == ()
    assert [(item.purpose, item.provider) for item in found.holds] == [("undo", "adams")]


def test_cancelling_twice_is_refused_by_its_steps_only_when_it_differs(lite: Store) -> None:
    made = book(lite, f.a_booking())
    cancel(lite, made["id"], reason="cold")
    assert version(cancel(lite, made["id"], reason="cold")) == 2
    with pytest.raises(Conflict):
        set_status(lite, made["id"], "fulfilled")


@pytest.mark.parametrize("kind", ["book", "move", "cancel", "resize"])
def test_everything_can_be_taken_back_within_a_minute(desk: Store, kind: str) -> None:
    made = book(desk, f.a_booking())
    id_ = made["id"]
    changed = {
        "book": lambda: made,
        "move": lambda: move(desk, id_, Change(start=f.at("2027-03-09 16:00"), provider_id="baker")),
        "cancel": lambda: cancel(desk, id_, reason="cold"),
        "resize": lambda: resize(desk, id_, minutes=60),
    }[kind]()
    f.later(desk, 60)
    back = undo(desk, id_, version=version(changed))
    if kind == "book":
        assert back["status"] == "entered-in-error"
        book(desk, f.a_booking(patient_id="p2"))
    else:
        assert {key: back[key] for key in ("status", "start", "end", "participant")} == {
            key: made[key] for key in ("status", "start", "end", "participant")
        }
        desk.actor = f.OTHER_DESK
        with pytest.raises(TimeTaken):
            book(desk, f.a_booking(patient_id="p2"))


def test_after_a_minute_nothing_is_taken_back(lite: Store) -> None:
    made = book(lite, f.a_booking())
    cancel(lite, made["id"], reason="cold")
    f.later(lite, 90)
    with pytest.raises(Conflict):
        undo(lite, made["id"], version=2)


def test_what_somebody_changed_since_is_not_taken_back(lite: Store) -> None:
    made = book(lite, f.a_booking())
    cancel(lite, made["id"], reason="cold")
    set_status(lite, made["id"], "booked")
    with pytest.raises(Conflict):
        undo(lite, made["id"], version=2)


def test_a_no_show_keeps_its_reason_and_comes_only_after_the_time(desk: Store) -> None:
    made = book(desk, f.a_booking("2027-03-09 10:20"))
    missed = no_show(desk, made["id"], reason="car broke down")
    assert missed["status"] == "noshow"
    assert {"url": "urn:clinic:no-show-reason", "valueString": "car broke down"} in missed["extension"]
    assert undo(desk, made["id"], version=2)["status"] == "booked"
    with pytest.raises(Conflict):
        no_show(desk, book(desk, f.a_booking())["id"])


def test_a_cancelled_visit_that_comes_back_needs_its_time_to_be_free(desk: Store) -> None:
    made = book(desk, f.a_booking())
    cancel(desk, made["id"], reason="cold")
    book(desk, f.a_booking(patient_id="p2"))
    with pytest.raises(TimeTaken):
        set_status(desk, made["id"], "booked")


def test_a_typing_hold_keeps_others_out_but_not_its_owner(desk: Store) -> None:
    kept = hold(desk, "adams", start=f.at("2027-03-09 14:00"), minutes=30)
    desk.actor = f.OTHER_DESK
    with pytest.raises(TimeTaken), desk.conn.begin_nested():
        book(desk, f.a_booking(patient_id="p2"))
    desk.actor = f.DESK
    assert book(desk, f.a_booking(hold=kept.holder))["status"] == "booked"


def test_a_hold_that_ran_out_or_was_given_back_keeps_nobody_out(desk: Store) -> None:
    kept = hold(desk, "adams", start=f.at("2027-03-09 14:00"), minutes=30)
    release_hold(desk, kept.holder)
    hold(desk, "baker", start=f.at("2027-03-09 14:00"), minutes=30)
    desk.actor = f.OTHER_DESK
    book(desk, f.a_booking())
    f.later(desk, 301)
    book(desk, f.a_booking(provider_id="baker", patient_id="p2"))


def test_a_new_hold_replaces_ones_own_earlier_one(desk: Store) -> None:
    hold(desk, "adams", start=f.at("2027-03-09 14:00"), minutes=30)
    hold(desk, "adams", start=f.at("2027-03-09 15:00"), minutes=30)
    desk.actor = f.OTHER_DESK
    assert book(desk, f.a_booking())["status"] == "booked"


def test_a_visit_of_the_past_can_be_recorded_as_it_was(desk: Store) -> None:
    made = record(desk, f.a_booking("2027-03-02 09:00"), status="fulfilled")
    assert record(desk, f.a_booking("2027-03-02 09:00"), status="noshow")["status"] == "noshow"
    assert made["status"] == "fulfilled"
    record(desk, f.a_booking("2027-03-10 09:00", patient_id="p2"))
    with pytest.raises(TimeTaken):
        record(desk, f.a_booking("2027-03-10 09:15", patient_id="p3"))


def test_a_renamed_patient_has_the_new_name_in_the_calendar(desk: Store) -> None:
    book(desk, f.a_booking())
    patient = desk.read("Patient", "p1")
    patient["name"].append({"use": "usual", "given": ["Addie"]})
    patient = desk.update(patient | {"birthDate": "1981-02-03"})
    desk.fire("patient_renamed", patient)
    (row,) = board(desk, calendar_setup(desk), day_span(desk, local(desk.now, f.ZONE).date())).rows
    assert (row.patient_name, row.birth_date, row.version) == ("Addie Lovelace", "1981-02-03", 2)
