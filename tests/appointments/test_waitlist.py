"""The waiting list offers what becomes free: to whom, for how long, and who has it in the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from clinic.appointments.errors import TimeTaken
from clinic.appointments.queries.waiting import OfferRow, entry, offers_of_wish, waiting
from clinic.appointments.rules.booking import Change
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.waitlist import NORMAL, URGENT, Entry, Rule, Wants
from clinic.appointments.service import add_absence, book, cancel, move, remove_absence, undo
from clinic.appointments.service.freed import FREED
from clinic.appointments.service.holds import hold, leave_hold
from clinic.appointments.service.offer_work import WORKS
from clinic.appointments.service.upkeep import faults_of_claims
from clinic.appointments.service.waitlist import add_wish, answer_offer, change_wish, end_wish, put_back, set_rule
from clinic.core.errors import Conflict, Invalid, Missing
from clinic.core.json import Json
from clinic.db.engine import Database
from clinic.fhir.store import Setting, Store
from clinic.fhir.tables import outbox
from clinic.jobs.outbox import Job
from tests.appointments import factories as f
from tests.appointments.conftest import NOW

TWO = "2027-03-09 14:00"
"""Three and a half hours from now, so the usual notice of four hours is too long; tests set three."""


def a_wish(patient: str = "p1", **changes: Any) -> Entry:
    """Somebody who waits for a check of half an hour, any time within two weeks."""
    wants = {name: changes.pop(name) for name in list(changes) if name in Wants.__dataclass_fields__}
    whole = Entry(patient, "check", NOW, NOW + timedelta(days=14), Wants(**wants))
    return replace(whole, **changes)


def short_notice(store: Store, **changes: Any) -> None:
    """Checks may be offered with two hours' notice."""
    set_rule(store, replace(Rule("check", at_once=1, notice_hours=2, hold_minutes=30), **changes))


def work(store: Store, seconds: int = 0) -> None:
    """Let the worker do what is due after some seconds, and what comes of it."""
    store.now += timedelta(seconds=seconds)
    while True:
        due = sa.select(outbox).where(outbox.c.state == "waiting", outbox.c.not_before <= store.now)
        due = due.where(outbox.c.kind.in_(WORKS))
        row = store.conn.execute(due.order_by(outbox.c.not_before, outbox.c.id).limit(1)).first()
        if row is None:
            return
        store.conn.execute(sa.update(outbox).where(outbox.c.id == row.id).values(state="done"))
        WORKS[row.kind](Job(row.id, row.kind, row.key, row.payload, 1, row.created), lambda fn: fn(store))


def full(store: Store) -> str:
    """Both doctors are full until five, so that nothing is free; gives Cleo's visit with Dr Adams at two."""
    made = book(store, f.a_booking(TWO, patient_id="p3"))
    adams = [("2027-03-09 13:00", 60), ("2027-03-09 14:30", 150)]
    for start, minutes in [*adams, ("2027-03-09 10:25", 95)]:
        book(store, f.a_booking(start, patient_id="p3", minutes=minutes, anyway=True))
    return str(made["id"])


def offers(store: Store, wish: Json) -> list[OfferRow]:
    return offers_of_wish(store, wish["id"])


def the_offer(store: Store, wish: Json) -> OfferRow:
    (one,) = offers(store, wish)
    return one


def test_a_cancelled_visit_is_offered_and_told_when_it_can_no_longer_be_taken_back(desk: Store) -> None:
    gone, told = full(desk), []
    desk.setting.hooks.listen("offer_made", lambda _store, news: told.append(news))
    short_notice(desk)
    wish = add_wish(desk, a_wish())
    cancel(desk, gone, reason="ill")
    work(desk, 3)
    one = the_offer(desk, wish)
    assert (one.state, one.start, one.provider) == ("ready", f.at(TWO), "adams")
    assert told == []
    work(desk, 60)
    one = the_offer(desk, wish)
    assert one.state == "open"
    assert [news["offer"] for news in told] == [one.id]
    assert one.expires - one.tell_at == timedelta(minutes=30)
    with pytest.raises(TimeTaken):
        book(desk, f.a_booking(TWO, patient_id="p2"))


def test_a_yes_books_the_time_and_takes_the_wish_off_the_list(desk: Store) -> None:
    gone, told = full(desk), []
    desk.setting.hooks.listen("offer_made", lambda _store, news: told.append(news))
    short_notice(desk)
    wish = add_wish(desk, a_wish(note="knee"))
    cancel(desk, gone, reason="ill")
    work(desk, 70)
    answered = answer_offer(desk, told[0]["token"], accept=True)
    assert answered.appointment is not None
    assert (answered.appointment["status"], answered.appointment["comment"]) == ("booked", "knee")
    kept = entry(desk, wish["id"])
    assert kept is not None
    assert (kept.status, kept.booked) == ("cancelled", answered.appointment["id"])
    assert list(faults_of_claims(desk)) == []
    (response,) = desk.search("AppointmentResponse")
    assert response["participantStatus"] == "accepted"
    again = answer_offer(desk, told[0]["token"], accept=True)
    assert again.appointment is not None
    assert again.appointment["id"] == answered.appointment["id"]
    with pytest.raises(Conflict):
        answer_offer(desk, told[0]["offer"], accept=False)


def test_a_no_goes_to_the_next_at_once_and_no_answer_when_the_time_is_over(desk: Store) -> None:
    gone = full(desk)
    short_notice(desk)
    first, second = add_wish(desk, a_wish("p1", urgency=URGENT)), add_wish(desk, a_wish("p2"))
    set_rule(desk, Rule("chat", notice_hours=1))
    third = add_wish(f.later(desk, 1), a_wish("p2", type_id="chat", minutes=30))
    cancel(desk, gone, reason="ill")
    work(desk, 70)
    assert (len(offers(desk, first)), len(offers(desk, second))) == (1, 0)
    answer_offer(desk, the_offer(desk, first).id, accept=False)
    work(desk, 2)
    assert the_offer(desk, first).state == "declined"
    assert the_offer(desk, second).state == "open"
    work(desk, 31 * 60)
    assert the_offer(desk, second).state == "expired"
    assert the_offer(desk, third).start == f.at(TWO)
    with pytest.raises(Conflict, match="answer is over"):
        answer_offer(desk, the_offer(desk, second).id, accept=True)


def test_when_nobody_is_left_the_time_is_free_for_all(desk: Store) -> None:
    gone = full(desk)
    short_notice(desk)
    wish = add_wish(desk, a_wish())
    cancel(desk, gone, reason="ill")
    work(desk, 70)
    answer_offer(desk, the_offer(desk, wish).id, accept=False)
    work(desk, 70)
    assert len(offers(desk, wish)) == 1
    assert book(desk, f.a_booking(TWO, patient_id="p2"))["status"] == "booked"


def test_taking_the_cancellation_back_takes_the_offer_back_that_nobody_was_told_of(desk: Store) -> None:
    gone = full(desk)
    short_notice(desk)
    wish = add_wish(desk, a_wish())
    version = int(cancel(desk, gone, reason="ill")["meta"]["versionId"])
    work(desk, 5)
    assert the_offer(desk, wish).state == "ready"
    assert undo(desk, gone, version=version)["status"] == "booked"
    work(desk, 70)
    assert the_offer(desk, wish).state == "withdrawn"
    assert list(faults_of_claims(desk)) == []


def test_an_earlier_time_moves_the_visit_that_was_booked(desk: Store) -> None:
    gone = full(desk)
    short_notice(desk)
    later = book(desk, f.a_booking("2027-03-11 10:00"))
    wish = add_wish(desk, a_wish(instead=later["id"]))
    kept = entry(desk, wish["id"])
    assert kept is not None
    assert kept.until == f.at("2027-03-11 10:00")
    cancel(desk, gone, reason="ill")
    work(desk, 70)
    answered = answer_offer(desk, the_offer(desk, wish).id, accept=True)
    assert answered.appointment is not None
    assert (answered.appointment["id"], answered.appointment["start"]) == (later["id"], "2027-03-09T19:00:00Z")


@pytest.mark.parametrize(
    "changes",
    [
        {"providers": ("baker",)},
        {"parts": frozenset({"morning"})},
        {"weekdays": frozenset({2})},
        {"notice": 24},
        {"site": "site", "language": "es"},
        {"since": NOW + timedelta(days=1)},
    ],
)
def test_what_does_not_suit_is_not_offered(desk: Store, changes: dict[str, Any]) -> None:
    gone = full(desk)
    short_notice(desk)
    wish = add_wish(desk, a_wish(**changes))
    cancel(desk, gone, reason="ill")
    work(desk, 70)
    assert offers(desk, wish) == []


def test_the_rule_of_the_type_says_how_many_and_with_how_much_notice(desk: Store) -> None:
    gone = full(desk)
    short_notice(desk, at_once=0)
    wish = add_wish(desk, a_wish())
    cancel(desk, gone, reason="ill")
    work(desk, 70)
    assert offers(desk, wish) == []
    short_notice(desk, notice_hours=72)
    one = book(desk, f.a_booking(TWO, patient_id="p3", anyway=True))
    cancel(desk, one["id"], reason="ill")
    work(desk, 70)
    assert offers(desk, wish) == []


def test_a_batch_is_asked_at_once_and_the_first_yes_has_it(desk: Store) -> None:
    gone, over = full(desk), []
    desk.setting.hooks.listen("offer_over", lambda _store, news: over.append(news["offer"]))
    short_notice(desk, at_once=2)
    first, second = add_wish(desk, a_wish("p1")), add_wish(desk, a_wish("p2"))
    cancel(desk, gone, reason="ill")
    work(desk, 70)
    one, two = the_offer(desk, first), the_offer(desk, second)
    assert one.round == two.round
    answer_offer(desk, two.id, accept=True)
    assert the_offer(desk, first).state == "lost"
    assert over == [one.id]
    with pytest.raises(Conflict, match="else was first"):
        answer_offer(desk, one.id, accept=True)


def test_other_ways_in_which_time_becomes_free(desk: Store) -> None:
    short_notice(desk)
    full(desk)
    span = Span(f.at("2027-03-09 13:00"), f.at("2027-03-09 17:00"))
    slot = add_absence(desk, ["baker"], span, reason="course")[0]
    book(desk, f.a_booking("2027-03-09 10:25", provider_id="baker", patient_id="p3", minutes=95, anyway=True))
    wish = add_wish(desk, a_wish(until=f.at("2027-03-10 00:00")))
    remove_absence(desk, slot["id"])
    work(desk, 3)
    one = the_offer(desk, wish)
    assert (one.provider, one.start) == ("baker", f.at("2027-03-09 13:00"))


def test_a_time_that_was_moved_away_from_or_only_held_is_offered(desk: Store) -> None:
    short_notice(desk)
    gone = full(desk)
    wish = add_wish(desk, a_wish(providers=("adams",), until=f.at("2027-03-10 00:00")))
    move(desk, gone, Change(start=f.at("2027-03-10 10:00")))
    work(desk, 3)
    assert the_offer(desk, wish).start == f.at(TWO)
    end_wish(desk, wish["id"], reason="moved away")
    work(desk, 3)
    kept = hold(desk, "adams", start=f.at(TWO), minutes=30)
    other = add_wish(desk, a_wish("p2", providers=("adams",), until=f.at("2027-03-10 00:00")))
    work(desk, 3)
    assert offers(desk, other) == []
    leave_hold(desk, kept.holder)
    work(desk, 3)
    assert the_offer(desk, other).start == f.at(TWO)


def test_a_hold_that_nobody_gave_back_is_offered_when_it_runs_out(desk: Store) -> None:
    short_notice(desk)
    gone = full(desk)
    cancel(desk, gone, reason="ill")
    f.later(desk, 61)
    wish = add_wish(desk, a_wish(providers=("adams",), until=f.at("2027-03-10 00:00")))
    hold(desk, "adams", start=f.at(TWO), minutes=30)
    work(desk, 60)
    assert offers(desk, wish) == []
    work(desk, 241)
    assert the_offer(desk, wish).start == f.at(TWO)


def test_nothing_is_left_to_do_when_nobody_waits(desk: Store) -> None:
    cancel(desk, full(desk), reason="ill")
    assert desk.conn.execute(sa.select(outbox).where(outbox.c.kind == FREED)).first() is None


def test_a_wish_is_changed_ended_and_put_back(desk: Store) -> None:
    made = add_wish(desk, a_wish())
    changed = change_wish(desk, made["id"], a_wish(urgency=URGENT, parts=frozenset({"morning"})), version=1)
    kept = entry(desk, made["id"])
    assert kept is not None
    assert (kept.urgency, kept.wants.parts) == (URGENT, {"morning"})
    ended = end_wish(desk, made["id"], reason="no longer needed", version=int(changed["meta"]["versionId"]))
    assert waiting(desk, Span(NOW, NOW + timedelta(days=14))) == []
    with pytest.raises(Conflict):
        end_wish(desk, made["id"], reason="twice")
    assert put_back(desk, made["id"], version=int(ended["meta"]["versionId"]))["status"] == "waitlist"
    with pytest.raises(Conflict):
        put_back(desk, made["id"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type_id": "none"}, "visit_type"),
        ({"patient_id": "none"}, "patient"),
        ({"providers": ("none",)}, "providers"),
        ({"site": "room1"}, "site"),
        ({"until": NOW}, "until"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(lite: Store, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        add_wish(lite, a_wish(**changes))
    assert refused.value.field == field


def test_an_offer_that_does_not_exist_and_a_rule_out_of_bounds(lite: Store) -> None:
    with pytest.raises(Missing):
        answer_offer(lite, "nothing", accept=True)
    for wrong in (Rule("check", hold_minutes=1), Rule("check", at_once=21), Rule("none")):
        with pytest.raises(Invalid):
            set_rule(lite, wrong)


def test_a_booking_taken_back_as_a_mistake_puts_the_patient_back_on_the_list(desk: Store) -> None:
    gone = full(desk)
    short_notice(desk)
    wish = add_wish(desk, a_wish())
    cancel(desk, gone, reason="ill")
    work(desk, 70)
    made = answer_offer(desk, the_offer(desk, wish).id, accept=True).appointment
    assert made is not None
    undo(desk, made["id"], version=int(made["meta"]["versionId"]))
    kept = entry(desk, wish["id"])
    assert kept is not None
    assert (kept.status, kept.booked, kept.urgency) == ("waitlist", "", NORMAL)


def test_of_two_who_say_yes_at_the_same_moment_one_has_the_time(practice_database: Database, setting: Setting) -> None:
    def prepare(store: Store) -> list[str]:
        gone = full(store)
        short_notice(store, at_once=20)
        for number in range(20):
            f.a_patient(store, f"w{number}", given=f"Given{number}")
        wishes = [add_wish(store, a_wish(f"w{number}")) for number in range(20)]
        cancel(store, gone, reason="ill")
        work(store, 70)
        return [the_offer(store, wish).id for wish in wishes]

    ids = in_one(practice_database, setting, prepare)
    barrier, later = threading.Barrier(len(ids)), NOW + timedelta(seconds=75)

    def one(id_: str) -> str:
        barrier.wait()
        try:
            practice_database.run_write(
                lambda conn: answer_offer(Store(conn, setting, actor=f.DESK, now=later), id_, accept=True)
            )
        except Exception as error:
            return type(error).__name__
        return "won"

    with ThreadPoolExecutor(len(ids)) as pool:
        results = sorted(pool.map(one, ids))
    assert results == ["Conflict"] * (len(ids) - 1) + ["won"]

    def check(store: Store) -> None:
        store.now = later
        assert list(faults_of_claims(store)) == []

    in_one(practice_database, setting, check)


def in_one(database: Database, setting: Setting, act: Callable[[Store], Any], now: datetime = NOW) -> Any:
    with database.write() as conn:
        return act(Store(conn, setting, actor=f.DESK, now=now))
