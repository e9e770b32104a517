"""Stages and words that a manager decides: checked, obeyed, kept, put back."""

from __future__ import annotations

import pytest

from clinic.communication.queries.decisions import decisions_of
from clinic.communication.queries.messages import tried
from clinic.communication.queries.plans import plans_of
from clinic.communication.rules.reminders import Plan, Stage
from clinic.communication.rules.texts import Words
from clinic.communication.service.deciding import (
    drop_plan,
    plan_subject,
    put_back,
    save_plan,
    save_words,
    words_subject_of,
)
from clinic.communication.service.reminders import remind
from clinic.communication.service.trying import read_with, try_it
from clinic.core.errors import Conflict, Invalid, Stale
from clinic.fhir.store import Store
from tests.appointments import factories as f
from tests.communication.reminding import a_visit, ana, before, deliver, todo

OURS = Words("", "")


def test_a_plan_is_kept_with_who_made_it_and_put_back(any_store: Store) -> None:
    first = save_plan(any_store, Plan("", (Stage(1440),), "9-20"))
    assert plans_of(any_store)[""].hours == "09:00-20:00"
    second = save_plan(any_store, Plan("", (Stage(1440), Stage(60, ("sms",))), "9-20", version=1))
    assert (first, second) == (1, 2)
    put_back(any_store, plan_subject(""), 2)
    assert [stage.minutes for stage in plans_of(any_store)[""].stages] == [1440]
    with pytest.raises(Conflict):
        put_back(any_store, plan_subject(""), 2)
    drop_plan(any_store, "")
    assert plans_of(any_store) == {}
    put_back(any_store, plan_subject(""), 4)
    assert plans_of(any_store)[""].stages == (Stage(1440),)
    assert [one.number for one in decisions_of(any_store, plan_subject(""))] == [5, 4, 3, 2, 1]
    with pytest.raises(Conflict):
        drop_plan(any_store, "check")


def test_two_managers_at_once_do_not_overwrite_each_other(any_store: Store) -> None:
    save_plan(any_store, Plan("", (Stage(1440),)))
    with pytest.raises(Stale):
        save_plan(any_store, Plan("", (Stage(120),)))
    assert save_plan(any_store, Plan("", (Stage(1440),))) == 1
    save_words(any_store, "missed", "", {"en": Words("", "We missed you.")}, version=0)
    with pytest.raises(Stale):
        save_words(any_store, "missed", "", {"en": Words("", "Where were you?")}, version=0)
    assert save_words(any_store, "missed", "", {"en": Words("", "We missed you.")}, version=0) == 1


def test_own_words_are_said_for_their_type_and_language(any_store: Store) -> None:
    f.a_practice(any_store)
    save_words(any_store, "reminder", "check", {"en": Words("", "Bring your card on {day} at {time}. {reply}")})
    a_visit(any_store, ana(any_store))
    a_visit(any_store, ana(any_store, "Ben", "+12025550188"), "2027-03-18 11:00", visit_type="chat")
    before(any_store, "2027-03-18 11:00", days=2)
    remind(any_store)
    said = sorted(one.text.replace("\u202f", " ") for one in deliver(any_store))  # B before H
    assert said[0] == "Bring your card on Thursday 18 March at 10:00 AM. Answer 1 to confirm, 2 to cancel."
    assert said[1].startswith("Harbour Street Clinic: Ben, your visit is on")
    put_back(any_store, words_subject_of("reminder", "check"), 1)
    assert "Bring" not in read_with(any_store, "reminder", "check", "en", OURS).text


@pytest.mark.parametrize(
    ("purpose", "words", "field"),
    [
        ("reminder", Words("", "Come on {day}."), "text_en"),
        ("reminder", Words("", "Come on {day} at {time}, {doctor}."), "text_en"),
        ("reminder", Words("On {Day}", "Come on {day} at {time}."), "subject_en"),
        ("reminder", Words("", "Come on {day} at {time}. {"), "text_en"),
        ("reminder", Words("Soon", ""), "text_en"),
        ("link", Words("", "Here it is."), "text_en"),
        ("missed", Words("", "x" * 601), "text_en"),
        ("missed", Words("x" * 121, "We missed you."), "subject_en"),
    ],
)
def test_words_that_would_say_nothing_are_refused_at_their_field(
    store: Store, purpose: str, words: Words, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        save_words(store, purpose, "", {"en": words})
    assert [one.field for one in refused.value.details] == [field]
    assert decisions_of(store, words_subject_of(purpose, "")) == []


@pytest.mark.parametrize("purpose", ["own", "test", "gossip"])
def test_only_messages_with_words_of_their_own_can_be_worded(store: Store, purpose: str) -> None:
    with pytest.raises(Invalid):
        save_words(store, purpose, "", {"en": Words("", "Hello")})


def test_the_words_are_read_with_a_made_up_patient_in_each_language(any_store: Store) -> None:
    f.a_practice(any_store)
    english = read_with(any_store, "reminder", "check", "en", Words("{type}", "{name}, {day} {time} {reply} {link}"))
    assert english.own
    assert "Mila, Friday 12 March 10:00 AM Answer 1" in english.text.replace("\u202f", " ")
    assert english.subject == "Check"
    arabic = read_with(any_store, "reminder", "", "ar", OURS)
    assert not arabic.own
    assert arabic.parts > 1


def test_a_text_sent_to_oneself_leaves_at_once_and_tells_what_became_of_it(any_store: Store) -> None:
    f.a_practice(any_store)
    trial = read_with(any_store, "missed", "", "en", OURS)
    try_it(any_store, trial, "(202) 555-0143")
    try_it(any_store, trial, "me@clinic.example")
    said = deliver(any_store)
    assert {(one.to, one.text) for one in said} == {("+12025550143", trial.text), ("me@clinic.example", trial.text)}
    assert {(row.state, row.patient_id) for row in tried(any_store)} == {("sent", "")}


@pytest.mark.parametrize("to", ["", "soon", "@", "me@", "me@x.example\r\nBcc: all@x.example", "12"])
def test_who_writes_no_address_of_theirs_is_told(store: Store, to: str) -> None:
    with pytest.raises(Invalid) as refused:
        try_it(store, read_with(store, "missed", "", "en", OURS), to)
    assert refused.value.field == "to"


def test_a_text_to_oneself_without_a_gateway_fails_and_is_no_task(any_store: Store) -> None:
    from clinic.communication.service.leaving import prepare

    made = try_it(any_store, read_with(any_store, "missed", "", "en", OURS), "+12025550143")
    payload = {"message": made["id"], "channels": ["sms"], "to": "+1", "subject": "", "words": "x", "language": "en"}
    assert prepare(any_store, payload, channels=(), public_url="", number=1) is None
    assert [(row.state, bool(row.why)) for row in tried(any_store)] == [("failed", True)]
    assert todo(any_store, "message-failed") == []
