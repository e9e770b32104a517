"""An offer of the waiting list is told by message, and answered by one."""

from __future__ import annotations

from datetime import timedelta

from clinic.appointments.queries.waiting import offers_of_wish
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.waitlist import Entry
from clinic.appointments.service import book, cancel
from clinic.appointments.service.offering import offer_freed, tell_round
from clinic.appointments.service.waitlist import add_wish
from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.appointments import factories as f

START = "2027-03-11 10:00"


def an_offer(store: Store) -> Json:
    """Somebody waits, a visit is cancelled, and its time is offered and told."""
    f.a_practice(store)
    for number in (1, 2):
        f.a_patient(store, f"p{number}")
    wish = add_wish(store, Entry("p1", "check", store.now, store.now + timedelta(days=14)))
    gone = book(store, f.a_booking(START, patient_id="p2"))
    cancel(store, gone["id"], reason="ill")
    offer_freed(store, "adams", Span(f.at(START), f.at("2027-03-11 10:30")))
    for one in offers_of_wish(store, wish["id"]):
        tell_round(store, one.round)
    return wish


def messages(store: Store) -> list[Json]:
    return [one for one in store.search("Communication") if "kept for you" in str(one.get("payload"))]


def test_who_is_offered_a_time_is_told_of_it_once(any_store: Store) -> None:
    wish = an_offer(any_store)
    (said,) = messages(any_store)
    text = said["payload"][0]["contentString"]
    assert said["subject"]["reference"] == "Patient/p1"
    assert "Thursday 11 March at 10:00 AM with Dr Ann Adams" in text.replace("\u202f", " ")
    assert "kept for you until" in text
    tell_round(any_store, offers_of_wish(any_store, wish["id"])[0].round)
    assert len(messages(any_store)) == 1


def test_a_one_books_the_offered_time_and_a_second_answer_says_why_not(any_store: Store) -> None:
    wish = an_offer(any_store)
    (one,) = offers_of_wish(any_store, wish["id"])
    news: Json = {"purpose": "offer", "key": f"offer:{one.id}", "answer": "yes", "patient": "p1"}
    any_store.fire("message_answered", news)
    assert news["taken"] is True
    assert "reply" not in news
    assert offers_of_wish(any_store, wish["id"])[0].state == "accepted"
    late: Json = {"purpose": "offer", "key": f"offer:{one.id}", "answer": "no", "patient": "p1"}
    any_store.fire("message_answered", late)
    assert "no longer open" in late["reply"]


def test_other_answers_are_left_to_a_person(any_store: Store) -> None:
    wish = an_offer(any_store)
    (one,) = offers_of_wish(any_store, wish["id"])
    for news in (
        {"purpose": "offer", "key": f"offer:{one.id}", "answer": "text"},
        {"purpose": "reminder", "key": "reminder:x", "answer": "yes"},
    ):
        any_store.fire("message_answered", news)
        assert "taken" not in news
    assert offers_of_wish(any_store, wish["id"])[0].state == "open"
