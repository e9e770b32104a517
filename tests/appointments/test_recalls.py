"""Orders and recalls: written down, tried, booked, given up, and what follows each; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from clinic.appointments.mapping.recall import recall_of
from clinic.appointments.queries.recalls import Sought, attempts_of, fitting, list_recalls, open_for, recall
from clinic.appointments.rules.recalls import LETTER, NO_ANSWER, ORDER, REACHED, RECALL, Policy, Recall, Tried
from clinic.appointments.service import book, cancel, recalls, undo
from clinic.core.errors import Conflict, Invalid, Stale
from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.appointments import factories as f

TODAY = date(2027, 3, 9)


def an_order(**changes: Any) -> Recall:
    """A check for Ada with Dr Adams in two weeks, give or take three days."""
    whole = Recall("p1", TODAY + timedelta(days=14), type_id="check", days=3, provider_id="adams", requester_id="baker")
    return replace(whole, **changes)


def added(store: Store, **changes: Any) -> str:
    return str(recalls.add(store, an_order(**changes))["id"])


def status_of(store: Store, id_: str) -> str:
    found = recall(store, id_)
    assert found
    return found.status


def test_an_order_is_a_service_request_that_reads_back_as_it_was_said(desk: Store) -> None:
    made = recalls.add(desk, an_order(note="Blood pressure again", priority="urgent"))
    assert made["occurrencePeriod"] == {"start": "2027-03-20", "end": "2027-03-26"}
    assert (made["status"], made["intent"], made["priority"]) == ("active", "order", "urgent")
    assert made["requester"] == {"reference": "Practitioner/baker", "display": "Dr Ben Baker"}
    found = open_for(desk, "p1")
    assert found == [recall_of(made)]
    assert (found[0].what, found[0].patient_name, found[0].note) == ("Check", "Ada Lovelace", "Blood pressure again")


def test_a_recall_without_tolerance_has_one_day_and_is_a_plan(desk: Store) -> None:
    made = recalls.add(desk, an_order(kind=RECALL, days=0, type_id="", what="Retinal photograph"))
    assert (made["intent"], made["occurrenceDateTime"]) == ("plan", "2027-03-23")
    assert [one.what for one in open_for(desk, "p1")] == ["Retinal photograph"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"patient_id": "nobody"}, "patient"),
        ({"type_id": "nothing"}, "visit_type"),
        ({"type_id": "", "what": " "}, "what"),
        ({"provider_id": "nobody"}, "provider"),
        ({"due": TODAY - timedelta(days=1)}, "due"),
        ({"days": 400}, "days"),
        ({"priority": "soon"}, "priority"),
    ],
)
def test_what_cannot_be_ordered_is_refused_at_its_field(lite: Store, changes: Json, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        added(lite, **changes)
    assert refused.value.field == field


def test_a_recall_stops_when_such_a_visit_is_booked_and_comes_back_when_it_is_cancelled(desk: Store) -> None:
    id_ = added(desk, kind=RECALL)
    visit = book(desk, f.a_booking("2027-03-23 14:00"))
    assert visit["basedOn"] == [{"reference": f"ServiceRequest/{id_}"}]
    done = recall(desk, id_)
    assert done
    assert (done.status, done.booked) == ("completed", visit["id"])
    cancelled = cancel(desk, visit["id"], reason="ill")
    assert status_of(desk, id_) == "active"
    undo(desk, visit["id"], version=int(cancelled["meta"]["versionId"]))
    assert status_of(desk, id_) == "completed"


def test_a_visit_of_another_type_leaves_the_recall_open(desk: Store) -> None:
    id_ = added(desk, kind=RECALL)
    book(desk, f.a_booking("2027-03-23 14:00", visit_type="chat"))
    assert status_of(desk, id_) == "active"
    assert fitting(desk, "p1", "chat") == []


def test_an_order_waits_until_somebody_says_that_this_is_its_visit(desk: Store) -> None:
    id_ = added(desk)
    book(desk, f.a_booking("2027-03-22 14:00"))
    assert [one.id for one in fitting(desk, "p1", "check")] == [id_]
    visit = book(desk, f.a_booking("2027-03-23 14:00", orders=(id_, "nothing")))
    assert visit["basedOn"] == [{"reference": f"ServiceRequest/{id_}"}]
    assert status_of(desk, id_) == "completed"


def test_somebody_may_say_that_a_visit_is_not_the_recalled_one(lite: Store) -> None:
    id_ = added(lite, kind=RECALL)
    visit = book(lite, f.a_booking("2027-03-22 14:00", orders=()))
    assert "basedOn" not in visit
    assert status_of(lite, id_) == "active"


def test_another_patients_order_is_not_carried_out(lite: Store) -> None:
    id_ = added(lite, patient_id="p2")
    visit = book(lite, f.a_booking("2027-03-22 14:00", orders=(id_,)))
    assert "basedOn" not in visit
    assert status_of(lite, id_) == "active"


def test_attempts_are_counted_kept_as_calls_and_taken_back(desk: Store) -> None:
    id_ = added(desk)
    tomorrow = TODAY + timedelta(days=1)
    recalls.log_attempt(desk, id_, Tried(NO_ANSWER, "rang ten times", "+12025550123", tomorrow))
    f.later(desk, 5)
    last = recalls.log_attempt(desk, id_, Tried(REACHED, "will call back"))
    found = recall(desk, id_)
    assert found
    assert (found.tally.attempts, found.tally.failed, found.tally.again) == (2, 0, None)
    assert [(one.outcome, one.note, one.by_name) for one in attempts_of(desk, id_)] == [
        ("done", "will call back", "Noor"),
        ("no-answer", "rang ten times", "Noor"),
    ]
    recalls.undo(desk, id_, version=int(last["meta"]["versionId"]))
    back = recall(desk, id_)
    assert back
    assert (back.tally.attempts, back.tally.failed, back.tally.again) == (1, 1, tomorrow)
    assert [one.outcome for one in attempts_of(desk, id_)] == ["no-answer"]


def test_an_attempt_by_an_old_page_is_refused_and_nothing_is_logged(lite: Store) -> None:
    id_ = added(lite)
    recalls.log_attempt(lite, id_, Tried(NO_ANSWER), version=1)
    with pytest.raises(Stale):
        recalls.log_attempt(lite, id_, Tried(NO_ANSWER), version=1)
    assert len(attempts_of(lite, id_)) == 1


def test_too_many_attempts_in_vain_are_handed_on_once(desk: Store) -> None:
    tasks: list[Json] = []
    desk.setting.hooks.listen("task_wanted", lambda _store, news: tasks.append(news))
    id_ = added(desk)
    for _ in range(5):
        recalls.log_attempt(desk, id_, Tried(NO_ANSWER))
    assert [(one["kind"], one["focus"]) for one in tasks] == [("recall", f"ServiceRequest/{id_}")]
    recalls.log_attempt(desk, id_, Tried(REACHED))
    found = recall(desk, id_)
    assert found
    assert (found.tally.failed, found.tally.handed) == (0, "")


def test_a_closed_one_is_off_the_list_until_it_is_reopened(desk: Store) -> None:
    id_ = added(desk)
    with pytest.raises(Invalid):
        recalls.close(desk, id_, reason="  ")
    recalls.close(desk, id_, reason="Done elsewhere")
    assert open_for(desk, "p1") == []
    with pytest.raises(Conflict):
        recalls.log_attempt(desk, id_, Tried(NO_ANSWER))
    recalls.reopen(desk, id_)
    assert [one.id for one in open_for(desk, "p1")] == [id_]


def test_what_was_just_written_down_can_be_taken_back_for_a_minute(desk: Store) -> None:
    id_ = added(desk)
    f.later(desk, 90)
    with pytest.raises(Conflict):
        recalls.undo(desk, id_, version=1)
    other = added(desk, patient_id="p2")
    recalls.undo(desk, other, version=1)
    assert status_of(desk, other) == "entered-in-error"
    assert list_recalls(desk, Sought())[1] == 1


def test_the_call_list_is_sorted_by_day_then_urgency_and_can_be_searched(desk: Store) -> None:
    soon = added(desk, due=TODAY + timedelta(days=2), days=0)
    urgent = added(desk, patient_id="p2", priority="stat")
    routine = added(desk, patient_id="p3", kind=RECALL)
    assert [one.id for one in list_recalls(desk, Sought())[0]] == [soon, urgent, routine]
    assert [one.id for one in list_recalls(desk, Sought(kind=RECALL))[0]] == [routine]
    assert [one.id for one in list_recalls(desk, Sought(words="bea love"))[0]] == [urgent]
    assert list_recalls(desk, Sought(words="bea%"))[0] == []
    assert [one.id for one in list_recalls(desk, Sought(provider="baker", kind=ORDER))[0]] == [soon, urgent]
    f.later(desk, 4 * 86_400)
    assert [one.id for one in list_recalls(desk, Sought(view="overdue"))[0]] == [soon]
    recalls.log_attempt(desk, soon, Tried(NO_ANSWER, again=TODAY + timedelta(days=9)))
    assert [one.id for one in list_recalls(desk, Sought())[0]] == [urgent, routine]
    assert [one.id for one in list_recalls(desk, Sought(view="ahead"))[0]] == [soon]


def test_a_letter_is_proposed_where_the_manager_wants_one() -> None:
    tally = Recall("p1", TODAY).tally
    for _ in range(2):
        tally = tally.after(Tried(NO_ANSWER), f.at("2027-03-09 10:00"), Policy(2, LETTER))
    assert tally.handed == LETTER
