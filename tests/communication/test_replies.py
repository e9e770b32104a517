"""What a patient answers by text confirms, cancels, stops the texts, or lands with a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.appointments.rules.booking import Change
from clinic.appointments.service import cancel, move, set_status
from clinic.appointments.service.answers import is_confirmed
from clinic.communication.queries.messages import messages_of
from clinic.communication.rules.messages import Message
from clinic.communication.rules.replies import meaning
from clinic.communication.service.messages import send
from clinic.communication.service.replies import answer, take_answer_back, thread_of
from clinic.core.errors import Conflict
from clinic.fhir.store import Store
from clinic.registration.service.consents import answers
from tests.appointments import factories as f
from tests.communication.reminding import MOBILE, START, a_visit, ana, deliver, reminded, status, texted, todo


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1", "yes"), (" 1. ", "yes"), ("١", "yes"), ("Yes!", "yes"), ("Sí", "yes"), ("JA", "yes"), ("2", "no"),
        ("٢", "no"), ("2.", "no"), ("STOP", "stop"), ("Stop.", "stop"), ("opt-out", "stop"), ("START", "start"),
        ("CANCEL", "text"), ("12", "text"), ("1 or 2?", "text"), ("", "text"), ("no", "text"), ("💥", "text"),
    ],
)  # fmt: skip
def test_an_answer_means_what_its_sender_wrote(text: str, said: str) -> None:
    assert meaning(text) == said


def test_a_one_confirms_and_thanks_once(any_store: Store) -> None:
    f.a_practice(any_store)
    patient = ana(any_store)
    visit = a_visit(any_store, patient)
    reminded(any_store, visit)
    texted(any_store, "1", name="first")
    assert is_confirmed(any_store.read("Appointment", visit["id"]))
    (thanks,) = deliver(any_store)
    assert "thank you, we see you on Thursday 18 March" in thanks.text
    texted(any_store, "1", name="second")
    assert deliver(any_store) == []
    assert todo(any_store) == []


def test_a_two_cancels_and_frees_the_time_and_a_second_one_changes_nothing(any_store: Store) -> None:
    f.a_practice(any_store)
    patient = ana(any_store)
    visit = a_visit(any_store, patient)
    reminded(any_store, visit)
    texted(any_store, "2", name="first")
    cancelled = any_store.read("Appointment", visit["id"])
    assert (cancelled["status"], cancelled["cancelationReason"]["text"]) == ("cancelled", "Cancelled by text")
    f.later(any_store, 90)
    assert a_visit(any_store, ana(any_store, "Bea", "+12025550188"))["status"] == "booked"
    texted(any_store, "2", name="second")
    assert any_store.read("Appointment", visit["id"])["meta"] == cancelled["meta"]
    assert todo(any_store) == []


def test_a_one_after_a_two_comes_to_a_person(any_store: Store) -> None:
    f.a_practice(any_store)
    visit = a_visit(any_store, ana(any_store))
    reminded(any_store, visit)
    texted(any_store, "2")
    texted(any_store, "1")
    assert status(any_store, visit) == "cancelled"
    assert [row.words for row in todo(any_store)] == ["1"]


def test_the_same_text_sent_twice_by_the_gateway_counts_once(any_store: Store) -> None:
    f.a_practice(any_store)
    patient = ana(any_store)
    reminded(any_store, a_visit(any_store, patient))
    first = texted(any_store, "Shall I come fasting?", name="SM77")
    assert texted(any_store, "Shall I come fasting?", name="SM77") == first
    assert [(row.words, row.patient_id) for row in todo(any_store)] == [("Shall I come fasting?", patient)]
    assert sum(row.incoming for row in messages_of(any_store, patient)) == 1


def test_stop_ends_the_texts_of_everybody_with_the_number_and_start_is_seen_to_by_a_person(any_store: Store) -> None:
    f.a_practice(any_store)
    mother, child = ana(any_store), ana(any_store, "Ben")
    texted(any_store, "Stop")
    for patient in (mother, child):
        assert not answers(any_store, patient, ("sms",))["sms"].allowed
    assert todo(any_store) == []
    send(any_store, Message(mother, "own", "k", words="Please ring us.", at_once=True))
    assert deliver(any_store) == []
    assert [row.patient_id for row in todo(any_store, "message-failed")] == [mother]
    texted(any_store, "START")
    assert not answers(any_store, mother, ("sms",))["sms"].allowed
    assert [row.words for row in todo(any_store)] == ["START"]


def test_an_unknown_number_comes_to_a_person_without_a_name(any_store: Store) -> None:
    f.a_practice(any_store)
    visit = a_visit(any_store, ana(any_store))
    reminded(any_store, visit)
    for text in ("1", "2", "Who is this?"):
        texted(any_store, text, sender="+12025550000")
    assert not is_confirmed(any_store.read("Appointment", visit["id"]))
    assert {(row.words, row.patient_id) for row in todo(any_store)} == {("1", ""), ("2", ""), ("Who is this?", "")}


def test_a_number_of_two_patients_with_a_visit_each_comes_to_a_person(any_store: Store) -> None:
    f.a_practice(any_store)
    one = a_visit(any_store, ana(any_store))
    other = a_visit(any_store, ana(any_store, "Ben"), "2027-03-18 11:00")
    reminded(any_store, one)
    reminded(any_store, other, "2027-03-18 11:00")
    texted(any_store, "2")
    assert (status(any_store, one), status(any_store, other)) == ("booked", "booked")
    assert [row.words for row in todo(any_store)] == ["2"]


def test_a_number_of_two_patients_answers_for_the_one_who_was_reminded(any_store: Store) -> None:
    f.a_practice(any_store)
    visit = a_visit(any_store, ana(any_store))
    ana(any_store, "Ben")
    reminded(any_store, visit)
    texted(any_store, "1")
    assert is_confirmed(any_store.read("Appointment", visit["id"]))


@pytest.mark.parametrize("answer", ["1", "2"])
def test_an_answer_after_the_visit_began_comes_to_a_person(any_store: Store, answer: str) -> None:
    f.a_practice(any_store)
    visit = a_visit(any_store, ana(any_store))
    reminded(any_store, visit)
    any_store.now = f.at(START) + timedelta(minutes=5)
    set_status(any_store, visit["id"], "arrived")
    texted(any_store, answer)
    assert status(any_store, visit) == "arrived"
    assert [row.words for row in todo(any_store)] == [answer]


def test_an_answer_to_a_time_that_was_moved_since_comes_to_a_person(any_store: Store) -> None:
    f.a_practice(any_store)
    visit = a_visit(any_store, ana(any_store))
    reminded(any_store, visit)
    move(any_store, visit["id"], Change(start=f.at("2027-03-19 10:00")))
    texted(any_store, "2")
    assert status(any_store, visit) == "booked"
    assert [row.words for row in todo(any_store)] == ["2"]


def test_a_one_to_a_visit_that_the_desk_cancelled_comes_to_a_person(any_store: Store) -> None:
    f.a_practice(any_store)
    visit = a_visit(any_store, ana(any_store))
    reminded(any_store, visit)
    cancel(any_store, visit["id"], reason="The doctor is ill")
    texted(any_store, "1")
    assert status(any_store, visit) == "cancelled"
    assert [row.words for row in todo(any_store)] == ["1"]


def test_a_text_without_words_and_a_very_long_one_are_kept(any_store: Store) -> None:
    patient = ana(any_store)
    texted(any_store, "")
    texted(any_store, "<b>é💥</b>" * 120, name="long")
    assert [row.words for row in todo(any_store)] == ["A text without words", "<b>é💥</b>" * 120]
    assert {row.patient_id for row in todo(any_store)} == {patient}


def test_a_person_answers_a_text_by_text_and_takes_it_back(any_store: Store) -> None:
    f.a_practice(any_store)
    patient = ana(any_store)
    reminded(any_store, a_visit(any_store, patient))
    texted(any_store, "Shall I come fasting?")
    (task,) = todo(any_store)
    thread = thread_of(any_store, task.id)
    assert (thread.said, thread.why_not) == ("Shall I come fasting?", "")
    assert [row.incoming for row in thread.rows] == [False, True]
    done = answer(any_store, task.id, "No, please eat.")
    assert todo(any_store) == []
    with pytest.raises(Conflict):
        answer(any_store, task.id, "Once more")
    take_answer_back(any_store, task.id, version=int(done["meta"]["versionId"]))
    f.later(any_store, 90)
    assert deliver(any_store) == []
    again = answer(any_store, todo(any_store)[0].id, "No, please eat well.")
    f.later(any_store, 90)
    assert [(one.to, one.text) for one in deliver(any_store)] == [(MOBILE, "No, please eat well.")]
    with pytest.raises(Conflict):
        take_answer_back(any_store, task.id, version=int(again["meta"]["versionId"]))
    assert todo(any_store) == []


def test_who_stopped_the_texts_or_is_unknown_is_answered_by_telephone(any_store: Store) -> None:
    f.a_practice(any_store)
    ana(any_store)
    texted(any_store, "Stop")
    texted(any_store, "Why did you write?")
    texted(any_store, "Who is this?", sender="+12025550000")
    known, unknown = sorted(todo(any_store), key=lambda row: row.patient_id == "")
    assert thread_of(any_store, known.id).why_not == "The patient has not agreed to this, or took it back."
    assert [row.text for row in thread_of(any_store, unknown.id).rows] == ["Who is this?"]
    with pytest.raises(Conflict):
        answer(any_store, unknown.id, "We are the clinic.")
    assert len(todo(any_store)) == 2
