"""Reminders are made when their stage is due, once, and taken back when what they say is no longer so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.appointments.rules.booking import Change
from clinic.appointments.service import cancel, move, set_status
from clinic.communication.queries.messages import MessageRow, messages_about
from clinic.communication.rules.reminders import CATCH_UP, Plan, Stage, is_due
from clinic.communication.service.deciding import save_plan
from clinic.communication.service.reminders import anything_due, remind
from clinic.core.days import local
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.service.refusing import refuse
from tests.appointments import factories as f
from tests.communication.reminding import MOBILE, a_visit, ana, before, deliver, reminded, todo
from tests.conftest import NOW


def reminders_of(store: Store, visit: Json) -> list[MessageRow]:
    return [row for row in messages_about(store, visit["id"]) if row.purpose == "reminder"]


def test_each_stage_is_said_once_at_its_moment(any_store: Store) -> None:
    f.a_practice(any_store)
    visit = a_visit(any_store, ana(any_store))
    before(any_store, days=7, minutes=1)
    assert not anything_due(any_store)
    assert remind(any_store) == 0
    for lead in ({"days": 7}, {"days": 2}, {"hours": 2}):
        before(any_store, **lead)
        assert anything_due(any_store)
        assert remind(any_store) == 1
        assert remind(any_store) == 0
        (said,) = deliver(any_store)
        assert said.to == MOBILE
        assert "your visit is on Thursday 18 March at 10:00" in said.text.replace("\u202f", " ")
        assert "Answer 1 to confirm, 2 to cancel." in said.text
    assert len(reminders_of(any_store, visit)) == 3


def test_a_stage_that_passed_while_nothing_ran_is_caught_up_for_two_hours_only(any_store: Store) -> None:
    f.a_practice(any_store)
    a_visit(any_store, ana(any_store))
    before(any_store, days=7, minutes=-119)
    assert anything_due(any_store)
    before(any_store, days=7, minutes=-121)
    assert not anything_due(any_store)


def test_who_books_for_tomorrow_is_not_reminded_of_what_was_said_just_now(any_store: Store) -> None:
    f.a_practice(any_store)
    a_visit(any_store, ana(any_store), "2027-03-11 10:00")
    f.later(any_store, 60)
    assert remind(any_store) == 0


def test_a_visit_type_has_its_own_stages_and_none_is_an_answer(any_store: Store) -> None:
    f.a_practice(any_store)
    save_plan(any_store, Plan("check", (Stage(3 * 1440, ("sms",)),)))
    save_plan(any_store, Plan("chat", ()))
    a_visit(any_store, ana(any_store))
    a_visit(any_store, ana(any_store, "Ben", "+12025550188"), "2027-03-18 11:00", visit_type="chat")
    for days in (7, 2):
        before(any_store, days=days)
        assert remind(any_store) == 0
    before(any_store, days=3)
    assert remind(any_store) == 1
    before(any_store, "2027-03-18 11:00", days=3)
    assert remind(any_store) == 0


def test_a_visit_that_moved_takes_its_waiting_reminder_back_and_is_reminded_anew(any_store: Store) -> None:
    f.a_practice(any_store)
    visit = a_visit(any_store, ana(any_store))
    before(any_store, days=7)
    remind(any_store)
    move(any_store, visit["id"], Change(start=f.at("2027-03-19 10:00")))
    (row,) = reminders_of(any_store, visit)
    assert (row.state, row.why) == ("stopped", "The visit was moved or cancelled.")
    assert deliver(any_store) == []
    before(any_store, "2027-03-19 10:00", days=2)
    assert remind(any_store) == 1
    assert "Friday 19 March" in deliver(any_store)[0].text


def test_a_cancelled_visit_takes_its_waiting_reminder_back_and_makes_no_more(any_store: Store) -> None:
    f.a_practice(any_store)
    visit = a_visit(any_store, ana(any_store))
    before(any_store, days=7)
    remind(any_store)
    cancel(any_store, visit["id"], reason="ill")
    assert [row.state for row in reminders_of(any_store, visit)] == ["stopped"]
    before(any_store, days=2)
    assert remind(any_store) == 0
    assert deliver(any_store) == []


def test_a_visit_that_began_early_is_not_reminded(any_store: Store) -> None:
    f.a_practice(any_store)
    visit = a_visit(any_store, ana(any_store))
    before(any_store, hours=2)
    remind(any_store)
    set_status(any_store, visit["id"], "arrived")
    assert deliver(any_store) == []
    assert [row.state for row in reminders_of(any_store, visit)] == ["stopped"]


def test_over_a_clock_change_a_reminder_tells_the_time_on_the_wall(any_store: Store) -> None:
    """The clocks of New York go forward on 14 March: seven days before are 168 hours, an hour earlier on the wall."""
    f.a_practice(any_store)
    a_visit(any_store, ana(any_store))
    before(any_store, days=7)
    assert f"{local(any_store.now, f.ZONE):%d %H:%M}" == "11 09:00"
    remind(any_store)
    assert "at 10:00" in deliver(any_store)[0].text.replace("\u202f", " ")


def test_in_quiet_hours_a_reminder_waits_and_is_taken_back_when_the_visit_comes_first(any_store: Store) -> None:
    f.a_practice(any_store)
    early = "2027-03-18 09:00"
    visit = a_visit(any_store, ana(any_store), early)
    save_plan(any_store, Plan("", (Stage(14 * 60, ("sms",)), Stage(30, ("sms",))), hours="10:00-18:00"))
    before(any_store, early, hours=14)
    remind(any_store)
    assert deliver(any_store) == []
    any_store.now = f.at(early) - timedelta(minutes=1)
    assert deliver(any_store) == []
    (row,) = reminders_of(any_store, visit)
    assert row.state == "stopped"
    assert todo(any_store, "message-failed") == []


def test_in_quiet_hours_a_reminder_waits_for_the_morning(any_store: Store) -> None:
    f.a_practice(any_store)
    a_visit(any_store, ana(any_store))
    save_plan(any_store, Plan("", (Stage(36 * 60, ("sms",)),), hours="09:00-18:00"))
    before(any_store, hours=36)
    remind(any_store)
    assert deliver(any_store) == []
    any_store.now = f.at("2027-03-17 08:59")
    assert deliver(any_store) == []
    any_store.now = f.at("2027-03-17 09:00")
    assert len(deliver(any_store)) == 1


def test_a_consent_that_is_taken_back_meanwhile_is_obeyed(any_store: Store) -> None:
    f.a_practice(any_store)
    patient = ana(any_store)
    visit = a_visit(any_store, patient)
    before(any_store, days=7)
    remind(any_store)
    refuse(any_store, patient, "sms", reason="Said so")
    assert deliver(any_store) == []
    (row,) = reminders_of(any_store, visit)
    assert (row.state, row.why) == ("stopped", "The patient has not agreed to this, or took it back.")
    assert todo(any_store, "message-failed") == []


def test_who_confirmed_is_not_asked_again(any_store: Store) -> None:
    from clinic.appointments.service.answers import confirm

    f.a_practice(any_store)
    visit = a_visit(any_store, ana(any_store))
    reminded(any_store, visit)
    confirm(any_store, visit["id"])
    before(any_store, hours=2)
    remind(any_store)
    assert "Answer 1" not in deliver(any_store)[0].text


def test_what_was_made_by_a_worker_that_died_is_not_made_again(any_store: Store) -> None:
    """The key of a reminder is a claim: two workers, or one that begins again, make it once."""
    from clinic.communication.queries.plans import due_reminders
    from clinic.communication.service.messages import send
    from clinic.communication.service.reminders import _message

    f.a_practice(any_store)
    visit = a_visit(any_store, ana(any_store))
    before(any_store, days=7)
    (due,) = due_reminders(any_store)
    assert not send(any_store, _message(due)).repeated
    assert send(any_store, _message(due)).repeated
    assert due_reminders(any_store) == []
    assert len(reminders_of(any_store, visit)) == 1


@given(st.integers(15, 60 * 1440), st.integers(-200, 90 * 1440), st.integers(0, 90 * 1440))
def test_a_stage_is_due_only_after_the_booking_and_before_the_visit(lead: int, passed: int, booked: int) -> None:
    start = NOW + timedelta(days=60)
    now = start - timedelta(minutes=lead) + timedelta(minutes=passed)
    made = start - timedelta(minutes=booked)
    due = is_due(Stage(lead), start, now, made)
    assert due == (0 <= passed < CATCH_UP.total_seconds() / 60 and passed < lead and booked > lead)


@pytest.mark.parametrize("hours", ["25:00-26:00", "nine to five"])
def test_hours_that_nobody_can_read_are_refused(store: Store, hours: str) -> None:
    from clinic.core.errors import Invalid

    with pytest.raises(Invalid) as refused:
        save_plan(store, Plan("", (), hours=hours))
    assert refused.value.details[0].field == "hours"
