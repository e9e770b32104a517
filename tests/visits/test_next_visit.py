"""The next visit at check-out, on both databases: what was ordered, offered in its days, booked, or called for later."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic.appointments.queries.recalls import open_for, recall
from clinic.appointments.rules.recalls import COMPLETED, ORDER, RECALL, Recall
from clinic.appointments.service.changes import undo as undo_booking
from clinic.appointments.service.recalls import add, undo
from clinic.core.days import local
from clinic.core.errors import ClinicError, Invalid
from clinic.visits.mapping.leaving import said_of
from clinic.visits.queries.leaving import at_check_out
from clinic.visits.queries.next_visit import NextTimes, next_times, today_of
from clinic.visits.rules.leaving import NEXT, items_of
from clinic.visits.service import arrive, move_to
from clinic.visits.service.next_visit import NextVisit, book_next, call_later
from tests.visits.conftest import Desk


@pytest.fixture
def going(desk: Desk) -> tuple[Desk, str]:
    """A visit at check-out."""
    visit = arrive(desk.store, desk.appointment_id)
    move_to(desk.later(20), visit["id"], "check-out")
    return desk, visit["id"]


def order(desk: Desk, *, weeks: int = 6, kind: str = ORDER) -> str:
    """A visit that the provider wants in some weeks; gives its id."""
    due = today_of(desk.store) + timedelta(weeks=weeks)
    wanted = Recall(
        desk.patient_id, due, kind, type_id=desk.made.types["Results"], days=7, provider_id=desk.made.providers[1]
    )
    return str(add(desk.store, wanted)["id"])


def state_of(desk: Desk, visit: str) -> str:
    """How it stands with the next visit."""
    encounter = desk.store.read("Encounter", visit)
    items = items_of(at_check_out(desk.store, encounter).leaving(0), said_of(encounter))
    return next(item.state for item in items if item.name == NEXT)


def day_of(desk: Desk, times: NextTimes) -> list[date]:
    """The days of the times that fit."""
    return [local(one.offer.start, desk.store.practice.zone).date() for one in times.found.offers if one.fits]


def test_an_order_is_offered_in_its_days_with_its_provider_and_booking_it_carries_it_out(
    going: tuple[Desk, str],
) -> None:
    desk, visit = going
    wanted = order(desk)
    assert state_of(desk, visit) == "open"
    times = next_times(desk.store, visit, order=wanted)
    assert times.order == wanted
    assert times.what == "Results"
    days = day_of(desk, times)
    assert days
    assert all(times.window.first <= one <= times.window.last for one in days)
    first = times.found.offers[0].offer
    assert first.provider == desk.made.providers[1]
    made = book_next(desk.store, visit, NextVisit(first.start, first.provider, times.type_id, wanted))
    assert state_of(desk, visit) == "done"
    kept = recall(desk.store, wanted)
    assert kept is not None
    assert (kept.status, kept.booked) == (COMPLETED, made["id"])
    undo_booking(desk.store, made["id"], version=int(made["meta"]["versionId"]))
    assert state_of(desk, visit) == "open", "what was taken back is to be booked again"


def test_what_was_said_goes_before_the_days_of_the_order_and_without_one_such_a_visit_is_offered(
    going: tuple[Desk, str],
) -> None:
    desk, visit = going
    today = today_of(desk.store)
    times = next_times(desk.store, visit, due="3 weeks")
    assert times.order == ""
    assert times.what == "Annual visit"
    assert times.window.first <= today + timedelta(weeks=3) <= times.window.last
    assert {one.offer.provider for one in times.found.offers if one.fits} <= {desk.made.providers[0]}
    sooner = next_times(desk.store, visit, due="1 week", order=order(desk))
    assert sooner.window.last < today + timedelta(weeks=3)
    assert sooner.what == "Results"


def test_an_order_of_somebody_else_is_no_order(going: tuple[Desk, str]) -> None:
    desk, visit = going
    with pytest.raises(Invalid):
        next_times(desk.store, visit, order="nothing")


@pytest.mark.parametrize("due", ["", "soon", "6 parsecs", "99 years", "1 jan 1980"])
def test_a_day_that_cannot_be_read_is_said_beside_it(going: tuple[Desk, str], due: str) -> None:
    desk, visit = going
    for ask in (lambda: next_times(desk.store, visit, due=due), lambda: call_later(desk.store, visit, due)):
        with pytest.raises(Invalid) as refused:
            ask()
        assert refused.value.field == "due"
    assert open_for(desk.store, desk.patient_id) == []


def test_a_time_that_is_gone_is_refused_and_nothing_is_booked(going: tuple[Desk, str]) -> None:
    desk, visit = going
    times = next_times(desk.store, visit, order=order(desk))
    first = times.found.offers[0].offer
    taken = NextVisit(first.start, first.provider, times.type_id, times.order)
    made = book_next(desk.store, visit, taken)
    with pytest.raises(ClinicError):
        book_next(desk.store, visit, taken)
    coming = at_check_out(desk.store, desk.store.read("Encounter", visit)).coming
    assert [one.id for one in coming] == [made["id"]]


def test_somebody_who_is_called_later_needs_no_visit_now_and_undo_takes_it_back(going: tuple[Desk, str]) -> None:
    desk, visit = going
    made = call_later(desk.store, visit, "6 months")
    [waits] = open_for(desk.store, desk.patient_id)
    assert (waits.kind, waits.what, waits.provider_id) == (RECALL, "Annual visit", desk.made.providers[0])
    assert waits.due > today_of(desk.store) + timedelta(days=175)
    assert state_of(desk, visit) == "done"
    undo(desk.store, made["id"], version=1)
    assert open_for(desk.store, desk.patient_id) == []
    assert state_of(desk, visit) == "open"
