"""Check-out on both databases: what is said is kept with the visit, what is left waits as a task, and Undo."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.cash.service import open_till, take_payment
from clinic.communication.queries.tasks import list_tasks
from clinic.core.errors import Invalid, Stale
from clinic.core.json import Json
from clinic.visits import mapping
from clinic.visits.errors import NotNow, StillOpen
from clinic.visits.mapping.leaving import said_of
from clinic.visits.queries.leaving import at_check_out
from clinic.visits.rules.leaving import (
    CHARGES,
    FORMS,
    GIVEN,
    LEFT_OPEN,
    MONEY,
    NEXT,
    NOT_WANTED,
    Leaving,
    items_of,
    open_items,
)
from clinic.visits.service import arrive, move_to, undo
from clinic.visits.service.leaving import Answer, Ending, finish, say, take_back
from tests.visits.conftest import Desk

PAYS = Answer(MONEY, LEFT_OPEN, "Forgot the card", "Amount due")


@pytest.fixture
def going(desk: Desk) -> tuple[Desk, str]:
    """A visit at check-out."""
    visit = arrive(desk.store, desk.appointment_id)
    move_to(desk.later(20), visit["id"], "check-out")
    return desk, visit["id"]


def items(desk: Desk, visit: str, due: int = 0) -> tuple[object, ...]:
    """The things as they stand."""
    encounter = desk.store.read("Encounter", visit)
    return items_of(at_check_out(desk.store, encounter).leaving(due), said_of(encounter))


def waiting(desk: Desk) -> list[str]:
    """What waits for somebody, in words."""
    return sorted(f"{row.kind} {row.words}" for row in list_tasks(desk.store)[0])


def test_what_is_left_is_kept_with_the_visit_and_waits_as_a_task(going: tuple[Desk, str]) -> None:
    desk, visit = going
    kept = say(desk.store, visit, PAYS)
    assert said_of(kept)[MONEY].reason == "Forgot the card"
    assert waiting(desk) == ["check-out Amount due: Forgot the card"]
    assert list_tasks(desk.store)[0][0].patient_id == desk.patient_id
    again = say(desk.store, visit, PAYS)
    assert again["meta"]["versionId"] == kept["meta"]["versionId"], "a second click changes nothing"
    assert len(waiting(desk)) == 1


def test_another_answer_takes_the_task_of_the_first_away(going: tuple[Desk, str]) -> None:
    desk, visit = going
    say(desk.store, visit, Answer(NEXT, LEFT_OPEN, "Has no diary", "Next visit"))
    say(desk.store, visit, Answer(NEXT, NOT_WANTED))
    assert waiting(desk) == []
    assert said_of(desk.store.read("Encounter", visit))[NEXT].how == NOT_WANTED


def test_what_was_said_is_taken_back_with_its_task(going: tuple[Desk, str]) -> None:
    desk, visit = going
    say(desk.store, visit, PAYS)
    say(desk.store, visit, Answer(NEXT, NOT_WANTED))
    back = take_back(desk.store, visit, MONEY)
    assert list(said_of(back)) == [NEXT]
    assert waiting(desk) == []
    assert take_back(desk.store, visit, MONEY)["meta"]["versionId"] == back["meta"]["versionId"]


def test_a_visit_with_something_open_does_not_end_without_a_reason(going: tuple[Desk, str]) -> None:
    desk, visit = going
    with pytest.raises(StillOpen) as refused:
        finish(desk.store, visit, Ending(items(desk, visit, due=3000), labels={NEXT: "Next visit"}))
    assert refused.value.field == "reason"
    assert "Next visit" in str(refused.value)
    assert mapping.station_of(desk.store.read("Encounter", visit)) == "check-out"
    assert waiting(desk) == []


def test_one_reason_leaves_all_that_is_open_and_undo_takes_all_of_it_back(going: tuple[Desk, str]) -> None:
    desk, visit = going
    before = items(desk, visit, due=3000)
    ending = Ending(before, "Had to catch a bus", {NEXT: "Next visit", MONEY: "Amount due", CHARGES: "Charges"})
    left = finish(desk.store, visit, ending)
    assert mapping.station_of(left) == "left"
    assert left["status"] == "finished"
    assert {said.reason for name, said in said_of(left).items() if name != CHARGES} == {"Had to catch a bus"}
    tasks = waiting(desk)
    assert "charges Charges" in tasks
    assert any(one.startswith("check-out Next visit, Amount due") for one in tasks)
    assert len(tasks) == 2, "one for the desk, one for billing"
    assert open_items(items(desk, visit, due=3000)) == ()
    back = undo(desk.store, visit, version=int(left["meta"]["versionId"]))
    assert back is not None
    assert mapping.station_of(back) == "check-out"
    assert waiting(desk) == []
    assert items(desk, visit, due=3000) == before


def test_with_nothing_open_the_visit_ends_and_a_second_click_ends_it_once(going: tuple[Desk, str]) -> None:
    desk, visit = going
    for name, how in ((NEXT, NOT_WANTED), (FORMS, LEFT_OPEN)):
        say(desk.store, visit, Answer(name, how, "Signs at home"))
    ending = Ending(items(desk, visit), labels={CHARGES: "Charges"})
    left = finish(desk.later(3), visit, ending)
    assert finish(desk.later(1), visit, ending)["meta"]["versionId"] == left["meta"]["versionId"]
    assert sum(one.startswith("charges") for one in waiting(desk)) == 1
    assert [at for name, at in mapping.log_of(left) if name == "left"] == [desk.store.now - timedelta(minutes=1)]


def test_a_page_that_is_old_ends_nothing_and_nothing_is_said_of_a_visit_that_ended(going: tuple[Desk, str]) -> None:
    desk, visit = going
    with pytest.raises(Stale):
        finish(desk.store, visit, Ending((), ""), version=1)
    finish(desk.store, visit, Ending(()))
    for refused in (PAYS, Answer(NEXT, NOT_WANTED)):
        with pytest.raises(NotNow):
            say(desk.store, visit, refused)
    with pytest.raises(NotNow):
        take_back(desk.store, visit, NEXT)


@pytest.mark.parametrize("answer", [Answer("shoes", GIVEN), Answer(MONEY, LEFT_OPEN), Answer(CHARGES, NOT_WANTED)])
def test_an_answer_without_sense_or_reason_keeps_nothing(going: tuple[Desk, str], answer: Answer) -> None:
    desk, visit = going
    with pytest.raises(Invalid):
        say(desk.store, visit, answer)
    assert said_of(desk.store.read("Encounter", visit)) == {}


def test_all_of_it_is_one_statement_and_says_what_is_there(going: tuple[Desk, str]) -> None:
    desk, visit = going
    open_till(desk.store, 0)
    take_payment(desk.store, desk.patient_id, cents=1200, tender="card")
    encounter, engine = desk.store.read("Encounter", visit), desk.store.conn.engine
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        found = at_check_out(desk.store, encounter)
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert len(seen) == 1
    assert [one.cents for one in found.paid] == [1200]
    assert found.paid_cents == 1200
    assert found.leaving(0) == Leaving(unsigned=len(found.unsigned))
    assert {state.kind.code for state in found.unsigned} == {"privacy", "treatment"}


def test_what_was_said_is_a_valid_record_for_other_programs(going: tuple[Desk, str]) -> None:
    desk, visit = going
    kept: Json = say(desk.store, visit, PAYS)
    [said] = [one for one in kept["extension"] if one["url"] == "urn:clinic:check-out"]
    parts = {part["url"]: part for part in said["extension"]}
    task = desk.store.read("Task", parts["task"]["valueReference"]["reference"].split("/")[1])
    assert task["focus"]["reference"] == f"Encounter/{visit}"
    assert task["for"]["reference"] == f"Patient/{desk.patient_id}"
