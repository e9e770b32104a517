"""A provider is out: plan, agree, ask, choose, no answer, put back, take back, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic.appointments.errors import OutsideHours, TimeTaken
from clinic.appointments.mapping.appointment import place_of, span_of
from clinic.appointments.mapping.kinds import with_kind
from clinic.appointments.queries.replanning import replans, visits_of
from clinic.appointments.rules.booking import Change
from clinic.appointments.rules.spans import Span
from clinic.appointments.service import book, cancel, move
from clinic.appointments.service.groups import join, open_group
from clinic.appointments.service.replan_work import do_replan
from clinic.appointments.service.replanning import (
    agree,
    ask,
    call_off,
    choose,
    leave,
    look_again,
    put_back,
    require_plan,
    take_back,
)
from clinic.appointments.service.upkeep import faults_of_claims
from clinic.core.errors import Conflict, Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.jobs.outbox import Job
from tests.appointments import factories as f
from tests.appointments.replan_factories import TODAY, a_plan, line, planned, three_visits, work


def told(store: Store) -> list[Json]:
    news: list[Json] = []
    store.setting.hooks.listen("message_wanted", lambda _store, one: news.append(one))
    return news


def test_a_plan_has_a_time_for_every_visit_and_moves_nothing(desk: Store) -> None:
    visits = three_visits(desk)
    plan_id = a_plan(desk)
    assert require_plan(desk, plan_id).busy
    work(desk)
    plan = require_plan(desk, plan_id)
    assert (plan.state, plan.total, plan.done, plan.left, plan.proven) == ("open", 3, 3, 3, True)
    lines = visits_of(desk, plan_id)
    assert all(one.offers and one.offers[0].reasons for one in lines)
    first = [(one.offers[0].provider, one.offers[0].start) for one in lines]
    assert len(set(first)) == 3
    assert all(not (who == "adams" and TODAY.start <= start < TODAY.end) for who, start in first)
    assert [desk.read("Appointment", one["id"]) for one in visits] == visits
    with pytest.raises(OutsideHours):
        book(desk, f.a_booking("2027-03-09 15:30"))
    assert replans(desk)[1] == 1


def test_who_agrees_moves_the_visit_and_the_patient_is_told(desk: Store) -> None:
    plan_id, visits = planned(desk)
    news, offer = told(desk), line(desk, plan_id, visits[0]).offers[1]
    moved = agree(desk, plan_id, visits[0]["id"], 1)
    assert (span_of(moved), place_of(moved).provider_id) == (Span(offer.start, offer.end), offer.provider)
    assert line(desk, plan_id, visits[0]).offers[0] == offer
    assert [(one["purpose"], one["patient"]) for one in news] == [("moved", "p1")]
    with pytest.raises(Conflict):
        agree(desk, plan_id, visits[0]["id"])
    assert list(faults_of_claims(desk)) == []


def test_of_two_who_want_one_time_the_second_tries_another(desk: Store) -> None:
    plan_id, visits = planned(desk)
    offer = line(desk, plan_id, visits[0]).offers[0]
    taken = replace(f.a_booking(patient_id="p3", anyway=True), provider_id=offer.provider, start=offer.start)
    book(desk, taken)
    step = desk.conn.begin_nested()
    with pytest.raises(TimeTaken):
        agree(desk, plan_id, visits[0]["id"], 0)
    step.rollback()
    assert line(desk, plan_id, visits[0]).state == "open"
    agree(desk, plan_id, visits[0]["id"], 1)
    assert list(faults_of_claims(desk)) == []


def test_a_visit_that_was_changed_since_is_not_touched(desk: Store) -> None:
    plan_id, visits = planned(desk)
    move(desk, visits[0]["id"], Change(start=f.at("2027-03-10 10:00"), provider_id="baker"))
    with pytest.raises(Conflict):
        agree(desk, plan_id, visits[0]["id"])
    cancel(desk, visits[1]["id"], reason="well again")
    for act in (ask, call_off):
        with pytest.raises(Conflict):
            act(desk, plan_id, visits[1]["id"])


def test_the_patient_is_asked_and_chooses_among_times_that_are_kept(desk: Store) -> None:
    plan_id, visits = planned(desk)
    news = told(desk)
    number = ask(desk, plan_id, visits[0]["id"])
    kept = line(desk, plan_id, visits[0])
    assert (kept.state, number, len(kept.holds)) == ("asked", 3, 3)
    assert news[0]["purpose"] == "own"
    assert news[0]["links"]["path"].startswith("/appointments/own/")
    taken = kept.offers[1]
    with pytest.raises(TimeTaken):
        book(desk, replace(f.a_booking(patient_id="p3", anyway=True), provider_id=taken.provider, start=taken.start))
    assert list(faults_of_claims(desk)) == []
    moved = choose(desk, plan_id, visits[0]["id"], 1)
    assert place_of(moved).span.start == taken.start
    with pytest.raises(Conflict):
        choose(desk, plan_id, visits[0]["id"], 0)
    assert list(faults_of_claims(desk)) == []


def test_only_a_kept_time_can_be_chosen(desk: Store) -> None:
    plan_id, visits = planned(desk)
    with pytest.raises(Conflict):
        choose(desk, plan_id, visits[0]["id"], 0)
    number = ask(desk, plan_id, visits[0]["id"])
    with pytest.raises(Conflict):
        choose(desk, plan_id, visits[0]["id"], number)


def test_without_an_answer_in_time_the_desk_decides(desk: Store) -> None:
    plan_id, visits = planned(desk)
    ask(desk, plan_id, visits[0]["id"])
    until = line(desk, plan_id, visits[0]).until
    assert until is not None
    work(desk, int((until - desk.now) / timedelta(seconds=1)) + 1)
    kept = line(desk, plan_id, visits[0])
    assert (kept.state, kept.holds, kept.note) == ("open", (), "No answer in time")
    assert list(faults_of_claims(desk)) == []


def test_a_visit_is_put_back_and_the_message_with_it(desk: Store) -> None:
    plan_id, visits = planned(desk)
    unwanted: list[Json] = []
    desk.setting.hooks.listen("message_unwanted", lambda _store, one: unwanted.append(one))
    agree(desk, plan_id, visits[0]["id"])
    call_off(desk, plan_id, visits[1]["id"])
    for visit in visits[:2]:
        back = put_back(desk, plan_id, visit["id"])
        assert place_of(back) == place_of(visit)
        assert line(desk, plan_id, visit).state == "back"
    assert len(unwanted) == 2
    with pytest.raises(Conflict):
        put_back(desk, plan_id, visits[0]["id"])
    assert list(faults_of_claims(desk)) == []


def test_who_was_told_already_is_told_again_when_put_back(desk: Store) -> None:
    plan_id, visits = planned(desk)
    agree(desk, plan_id, visits[0]["id"])
    news = told(desk)
    f.later(desk, 600)
    put_back(desk, plan_id, visits[0]["id"])
    assert [one["purpose"] for one in news] == ["moved"]


def test_the_old_time_may_be_gone(desk: Store) -> None:
    plan_id, visits = planned(desk)
    agree(desk, plan_id, visits[0]["id"])
    f.later(desk, 120)
    take_back(desk, plan_id)
    book(desk, f.a_booking(patient_id="p3", anyway=True))
    with pytest.raises(TimeTaken):
        put_back(desk, plan_id, visits[0]["id"])


def test_the_provider_comes_after_all(desk: Store) -> None:
    plan_id, visits = planned(desk)
    agree(desk, plan_id, visits[0]["id"])
    ask(desk, plan_id, visits[1]["id"])
    assert take_back(desk, plan_id) == [visits[0]["id"]]
    put_back(desk, plan_id, visits[0]["id"])
    assert [line(desk, plan_id, one).state for one in visits] == ["back", "left", "left"]
    assert require_plan(desk, plan_id).state == "over"
    assert book(desk, f.a_booking("2027-03-09 15:30"))["status"] == "booked"
    assert list(faults_of_claims(desk)) == []


def test_the_plan_is_over_when_all_is_decided(desk: Store) -> None:
    plan_id, visits = planned(desk)
    agree(desk, plan_id, visits[0]["id"])
    call_off(desk, plan_id, visits[1]["id"])
    assert require_plan(desk, plan_id).state == "open"
    leave(desk, plan_id, visits[2]["id"])
    assert require_plan(desk, plan_id).state == "over"


def test_times_are_looked_for_again_and_decided_lines_stay(desk: Store) -> None:
    plan_id, visits = planned(desk)
    ask(desk, plan_id, visits[0]["id"])
    look_again(desk, plan_id)
    with pytest.raises(Conflict):
        agree(desk, plan_id, visits[1]["id"])
    work(desk)
    assert [line(desk, plan_id, one).state for one in visits] == ["asked", "open", "open"]
    assert require_plan(desk, plan_id).left == 3


def test_work_that_runs_twice_changes_nothing(desk: Store) -> None:
    plan_id, visits = planned(desk)
    agree(desk, plan_id, visits[0]["id"])
    before = visits_of(desk, plan_id)
    job = Job("j", "replan", "k", {"replan": plan_id, "round": 1}, 2, desk.now)
    do_replan(job, lambda fn: fn(desk))
    assert visits_of(desk, plan_id) == before


def test_an_absence_that_hits_nobody_has_a_plan_without_lines(lite: Store) -> None:
    plan_id = a_plan(lite)
    work(lite)
    assert (require_plan(lite, plan_id).state, visits_of(lite, plan_id)) == ("over", [])


@pytest.mark.parametrize(
    "span",
    [Span(TODAY.end, TODAY.start), Span(TODAY.start, TODAY.end + timedelta(days=61)),
     Span(TODAY.start - timedelta(days=3), TODAY.start)],
)  # fmt: skip
def test_a_time_that_makes_no_sense_is_refused(lite: Store, span: Span) -> None:
    with pytest.raises(Invalid):
        a_plan(lite, span=span)


def test_what_is_not_there_is_said(lite: Store) -> None:
    plan_id, _visits = planned(lite)
    with pytest.raises(Missing):
        require_plan(lite, "none")
    with pytest.raises(Missing):
        agree(lite, plan_id, "none")


def test_a_group_moves_as_one_and_everybody_with_a_seat_is_told(desk: Store) -> None:
    group = open_group(desk, f.a_booking(patient_id="", minutes=60), title="Breathing", seats=3)
    for patient in ("p1", "p2"):
        join(desk, group["id"], patient)
    plan_id = a_plan(desk)
    work(desk)
    news = told(desk)
    (only,) = visits_of(desk, plan_id)
    with pytest.raises(Invalid):
        ask(desk, plan_id, only.appointment)
    agree(desk, plan_id, only.appointment)
    assert sorted(one["patient"] for one in news) == ["p1", "p2"]
    assert list(faults_of_claims(desk)) == []


def test_of_a_closed_record_the_plan_shows_no_more_than_the_calendar(lite: Store) -> None:
    plan_id, visits = planned(lite)
    lite.actor = replace(f.DESK, barred=frozenset({"p1"}))
    found = line(lite, plan_id, visits[0])
    assert (found.type_name, found.birth_date) == ("", "1980")


def test_a_time_whose_margin_is_taken_by_now_is_not_kept_and_the_next_one_is(desk: Store) -> None:
    kind = desk.read("HealthcareService", "check")
    desk.update(with_kind(kind, margins=(5, 5), lengths=(), needs=(), untimed=False))
    plan_id, visits = planned(desk)
    offers = line(desk, plan_id, visits[0]).offers
    gone = next(one for one in offers if one.start > desk.now + timedelta(hours=3))
    before = gone.start - timedelta(minutes=15)
    book(desk, f.a_booking(visit_type="chat", start=before, provider_id=gone.provider, patient_id="p2", anyway=True))
    assert ask(desk, plan_id, visits[0]["id"])
    kept = line(desk, plan_id, visits[0])
    assert (gone.provider, gone.start) not in [(one.provider, one.start) for one in kept.offers[: len(kept.holds)]]
    assert list(faults_of_claims(desk)) == []
