"""The random calendar with all that there is: needs, rooms for two, series, families, groups, overbooking, absences,
closures, the waiting list, plans of who is out, swaps, merges and un-merges; on both databases.

After each step the records are looked at by `stateful_checks`, which knows none of the product's rules. Hypothesis
prints the steps that led to a fault and how to run them again.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from clinic import make_state
from clinic.appointments.online_tables import online_request
from clinic.appointments.queries.replanning import plan_of_slot
from clinic.appointments.replan_tables import replan_visit
from clinic.appointments.rules.booking import Booking, Change
from clinic.appointments.rules.series import Pattern
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.waitlist import Rule, Wants
from clinic.appointments.service import offer_work, replan_work, requests
from clinic.appointments.service import replanning as plans
from clinic.appointments.service import series as dates
from clinic.appointments.service.absences import add_absence, remove_absence
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import move
from clinic.appointments.service.family import book_family
from clinic.appointments.service.groups import change_group, give_seat, join, open_group
from clinic.appointments.service.holds import hold
from clinic.appointments.service.many import stamp_of, undo_many
from clinic.appointments.service.upkeep import faults_of_claims
from clinic.appointments.service.waitlist import set_rule
from clinic.appointments.tables import absence_row, appointment_row, appointment_series
from clinic.core.days import read_instant
from clinic.fhir.store import Store
from clinic.fhir.tables import resource
from clinic.registration.service.merging import MergeOrder, hindrances_of, merge_patients
from clinic.registration.service.parting import PartingOrder, look_at_parting, unmerge_patients
from clinic.tables import metadata
from config import Settings
from tests.appointments import factories as f
from tests.appointments.conftest import fill
from tests.appointments.stateful_checks import check, check_bookable
from tests.appointments.stateful_practice import (
    KINDS,
    PATIENTS,
    PROVIDERS,
    RULES,
    a_full_practice,
    ask_from_home,
    minutes_of,
    provider_in,
    some_visits,
    version_of,
)
from tests.appointments.test_stateful_waitlist import WaitingCalendar
from tests.factories import PRACTICE

TIMES = st.tuples(
    st.integers(9, 11), st.sampled_from([9, 10, 11, 13, 14, 15, 16]), st.sampled_from([0, 5, 20, 30, 40])
).map(lambda when: f.at(f"2027-03-{when[0]:02} {when[1]:02}:{when[2]:02}"))
WHO, PATIENT, KIND = st.sampled_from(PROVIDERS), st.sampled_from(PATIENTS), st.sampled_from(KINDS)
REASON = st.sampled_from(["", "", "acute"])


class Everything(WaitingCalendar):
    """The whole of scheduling; every rule is one transaction of its own."""

    url = "sqlite:///file:everything?mode=memory&cache=shared&uri=true"
    works = {**offer_work.WORKS, **replan_work.WORKS}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.plans = self.away = None
        self.merges: list[tuple[str, str]] = []
        """Each merge that stands, with the record that is no more."""

    @initialize()
    def start(self) -> None:
        metadata.create_all(self.database.engine)
        with self.database.write() as conn:
            for table in reversed(metadata.sorted_tables):
                conn.execute(sa.delete(table))
        self.setting = make_state(
            Settings(data_dir=Path(self.folder.name), worker=False), database=self.database
        ).setting
        self.setting.practice = PRACTICE
        fill(self.database, self.setting)
        self.act(f.MANAGER, a_full_practice)
        for kind in KINDS:
            self.act(f.DESK, lambda store, kind=kind: set_rule(store, Rule(kind, 1, 0, 5)))
        for patient, kind in (("p2", "check"), ("p3", "laser"), ("p4", "")):
            self.somebody_waits_for(patient, Wants(), kind or "scan")
        self.act(f.MANAGER, some_visits)
        self.a_provider_is_out(who="baker", days=2)

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()

    def take_stock(self) -> None:
        """The ids of every appointment, in the order in which they were made, and what there is beside them."""
        wanted = sa.select(resource.c.id).where(resource.c.type == "Appointment", ~resource.c.deleted)
        with self.database.read() as conn:
            self.ids = sorted(conn.execute(wanted).scalars())
            self.plans = conn.execute(sa.select(replan_visit.c.replan).limit(1)).first()
            self.away = conn.execute(sa.select(absence_row.c.id).limit(1)).first()

    def do(self, actor: Any, work: Callable[[Store], Any]) -> Any:
        """One transaction, after which the appointments are counted anew."""
        made = self.act(actor, work)
        self.take_stock()
        return made

    def draw_row(self, data: Any, query: sa.Select[Any]) -> Any:
        """One row that a statement finds, or None."""
        with self.database.read() as conn:
            rows = conn.execute(query).all()
        return data.draw(st.sampled_from(rows)) if rows else None

    @rule(data=st.data(), kind=KIND, who=WHO, start=TIMES, patient=PATIENT, reason=REASON)
    def book_what_needs_much(self, data: Any, kind: str, who: str, start: Any, patient: str, reason: str) -> None:
        room = data.draw(st.sampled_from(["", "", "room1", "room2", "laser-room"]))
        minutes = data.draw(st.sampled_from([None, None, 10, 60]))
        booking = Booking(patient, who, kind, start, minutes, room, anyway=True, overbook_reason=reason)

        def work(store: Store) -> None:
            check_bookable(store, book(store, booking))

        self.do(f.MANAGER, work)

    @rule(who=WHO, kind=KIND, start=TIMES)
    def keep_what_needs_much(self, who: str, kind: str, start: Any) -> None:
        self.do(f.DESK, lambda store: hold(store, who, start=start, minutes=30, type_id=kind))

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), who=st.none() | WHO, start=st.none() | TIMES, reason=REASON)
    def move_anywhere(self, data: Any, who: str | None, start: Any, reason: str) -> None:
        id_ = data.draw(st.sampled_from(self.ids))
        room = data.draw(st.sampled_from([None, None, "room1", "room2"]))
        minutes = data.draw(st.sampled_from([None, None, 5, 50]))
        change = Change(start, who, minutes, room, overbook_reason=reason)

        def work(store: Store) -> None:
            before, after = store.read("Appointment", id_), move(store, id_, change)
            if (before["start"], before["end"]) != (after["start"], after["end"]):
                check_bookable(store, after)

        self.do(f.MANAGER, work)

    @precondition(lambda self: len(self.ids) > 1)
    @rule(data=st.data())
    def two_visits_change_places(self, data: Any) -> None:
        """As the desk does it: one waits aside while the other takes its time, all in one transaction or nothing."""
        one, two = data.draw(st.sampled_from(self.ids)), data.draw(st.sampled_from(self.ids))
        aside = f.at("2027-03-11 16:00")

        def work(store: Store) -> None:
            first, second = (store.read("Appointment", id_) for id_ in (one, two))
            if not (first.get("start") and second.get("start")):
                return
            at = [(read_instant(each["start"]), provider_in(each)) for each in (first, second)]
            move(store, one, Change(aside, "finn", 5))
            move(store, two, Change(*at[0], minutes_of(second)))
            move(store, one, Change(*at[1], minutes_of(first)))

        self.do(f.MANAGER, work)

    @rule(data=st.data(), kind=KIND, start=TIMES)
    def a_family_comes(self, data: Any, kind: str, start: Any) -> None:
        members = data.draw(st.lists(PATIENT, min_size=2, max_size=3, unique=True))
        bookings = [
            Booking(patient, data.draw(WHO), kind, start + timedelta(minutes=20 * at), 20, anyway=True)
            for at, patient in enumerate(members)
        ]
        self.do(f.DESK, lambda store: book_family(store, bookings))

    @rule(kind=KIND, who=WHO, start=TIMES, patient=PATIENT, every=st.sampled_from([1, 7]), reason=REASON)
    def a_series_begins(self, kind: str, who: str, start: Any, patient: str, every: int, reason: str) -> None:
        booking = Booking(patient, who, kind, start, 20, anyway=True)
        planned = [dates.Planned(at, start + timedelta(days=every * at - every), who, reason) for at in (1, 2, 3)]
        pattern = Pattern("day" if every == 1 else "week", count=3)
        self.do(f.MANAGER, lambda store: dates.book_series(store, booking, pattern, planned))

    @rule(data=st.data(), step=st.sampled_from(["turn", "shift", "retype", "extend", "cancel", "undo"]))
    def a_series_changes(self, data: Any, step: str) -> None:
        row = self.draw_row(data, sa.select(appointment_series.c.id).order_by(appointment_series.c.id))
        if row is None:
            return
        shift, who = timedelta(minutes=5 * data.draw(st.integers(-12, 12))), data.draw(WHO)
        kind = data.draw(KIND) if step == "retype" else None

        def work(store: Store) -> Any:
            known = dates.visits_of(store, row.id)
            coming = dates.in_scope(known, 0, "all", store.now)
            if step == "cancel":
                gone = [(one["id"], version_of(one)) for one in coming]
                return dates.cancel_series(store, row.id, gone, reason="moved away")
            if step == "undo":
                stamp = max((stamp_of(one) for one in known), default="")
                return stamp and undo_many(store, dates.SERIES, row.id, read_instant(stamp))
            starts = [read_instant(one["start"]) for one in coming]
            if not starts:
                return None  # the last of them was taken back: nothing to go on from
            if step == "extend":
                number = 1 + max((dates.number_of(one) for one in known), default=0)
                return dates.extend_series(store, row.id, [dates.Planned(number, starts[-1] + timedelta(days=1), who)])
            if step == "turn":
                starts.reverse()
            plan = [
                dates.Moved(
                    one["id"], dates.Planned(dates.number_of(one), at + shift, provider_in(one)), version_of(one)
                )
                for one, at in zip(coming, starts, strict=True)
            ]
            return dates.change_series(store, row.id, plan, dates.Whole(visit_type=kind))

        self.do(f.MANAGER, work)

    @rule(kind=KIND, who=WHO, start=TIMES, seats=st.integers(2, 3))
    def a_group_opens(self, kind: str, who: str, start: Any, seats: int) -> None:
        booking = Booking("", who, kind, start, 30)
        made = self.do(f.DESK, lambda store: open_group(store, booking, title="Class", seats=seats))
        if made:
            for patient in PATIENTS[:2]:
                self.do(f.DESK, lambda store, patient=patient: join(store, made["id"], patient, anyway=True))

    @rule(data=st.data(), patient=PATIENT, seats=st.integers(2, 4), step=st.sampled_from(["join", "seat", "seats"]))
    def a_group_changes(self, data: Any, patient: str, seats: int, step: str) -> None:
        c = appointment_row.c
        seat = self.draw_row(
            data, sa.select(c.id, c.group_id).where(c.group_id != "").distinct().order_by(c.group_id, c.id)
        )
        if seat is not None:
            acts = {
                "join": lambda store: join(store, seat.group_id, patient),
                "seat": lambda store: give_seat(store, seat.id),
                "seats": lambda store: change_group(store, seat.group_id, title="Class", seats=seats),
            }
            self.do(f.DESK, acts[step])

    @rule(start=TIMES, who=st.lists(WHO, min_size=1, unique=True), minutes=st.sampled_from([15, 60, 240]))
    def somebody_is_away_or_all_is_closed(self, start: Any, who: list[str], minutes: int) -> None:
        span = Span(start, start + timedelta(minutes=minutes))
        self.do(f.MANAGER, lambda store: add_absence(store, who, span, reason="Meeting"))

    @rule(start=TIMES, room=st.sampled_from(["laser-room", "room1"]))
    def a_room_is_painted(self, start: Any, room: str) -> None:
        times = {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
        slot = {"resourceType": "Slot", "schedule": {"reference": f"Schedule/{room}"}, "status": "busy-unavailable"}
        self.do(f.MANAGER, lambda store: store.create(slot | times))

    @precondition(lambda self: self.away)
    @rule(data=st.data())
    def somebody_is_back(self, data: Any) -> None:
        row = self.draw_row(data, sa.select(absence_row.c.id).order_by(absence_row.c.id))
        if row is not None:
            self.do(f.MANAGER, lambda store: remove_absence(store, row.id))

    @rule(who=WHO, days=st.integers(1, 2))
    def a_provider_is_out(self, who: str, days: int) -> None:
        span = Span(self.now, f.at("2027-03-09 00:00") + timedelta(days=days))
        self.do(f.MANAGER, lambda store: plan_of_slot(store, plans.begin(store, who, span, reason="Ill")["id"]))
        self.the_worker_works()

    @precondition(lambda self: self.plans)
    @rule(
        data=st.data(),
        at=st.integers(0, 3),
        step=st.sampled_from(["agree", "agree", "ask", "choose", "leave", "call_off", "put_back", "all_back", "look"]),
    )
    def a_plan_is_decided(self, data: Any, at: int, step: str) -> None:
        c = replan_visit.c
        line = self.draw_row(data, sa.select(c.replan, c.appointment).order_by(c.replan, c.appointment))
        if line is None:
            return
        acts = {
            "agree": lambda store: plans.agree(store, *line, at),
            "ask": lambda store: plans.ask(store, *line),
            "choose": lambda store: plans.choose(store, *line, at),
            "leave": lambda store: plans.leave(store, *line),
            "call_off": lambda store: plans.call_off(store, *line),
            "put_back": lambda store: plans.put_back(store, *line),
            "all_back": lambda store: plans.take_back(store, line.replan),
            "look": lambda store: plans.look_again(store, line.replan),
        }
        self.do(f.MANAGER, acts[step])
        self.the_worker_works()

    @precondition(lambda self: self.ids)
    @rule(
        data=st.data(), start=TIMES, who=WHO, step=st.sampled_from(["ask", "ask", "yes", "other", "no", "again", "end"])
    )
    def somebody_asks_from_home(self, data: Any, start: Any, who: str, step: str) -> None:
        id_ = data.draw(st.sampled_from(self.ids))
        asked = self.draw_row(data, sa.select(online_request.c.id).order_by(online_request.c.id))
        if step != "ask" and asked is None:
            return
        acts = {
            "ask": lambda store: ask_from_home(store, id_, start, who),
            "yes": lambda store: requests.accept(store, asked.id),
            "other": lambda store: requests.propose(store, asked.id, provider_id=who, start=start),
            "no": lambda store: requests.refuse(store, asked.id, words="We are closed."),
            "again": lambda store: requests.reopen(store, asked.id),
            "end": lambda store: requests.withdraw(store, asked.id),
        }
        self.do(f.DESK, acts[step])

    @rule(patient=PATIENT, kind=KIND)
    def somebody_waits_for_much(self, patient: str, kind: str) -> None:
        self.somebody_waits_for(patient, Wants(), kind)
        self.take_stock()

    @rule(minutes=st.sampled_from([30, 120]))
    def hours_pass(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.the_worker_works()
        self.take_stock()

    @rule(one=PATIENT, two=PATIENT)
    def two_records_become_one(self, one: str, two: str) -> None:
        def work(store: Store) -> str:
            asked = hindrances_of(store, one, two)[1]
            order = MergeOrder(one, two, {}, {each.key: "survivor" for each in asked})
            return str(merge_patients(store, order)["id"])

        made = self.do(f.MANAGER, work)
        self.merges += [(made, two)] if made else []

    @precondition(lambda self: self.merges)
    @rule(side=st.sampled_from(["survivor", "other"]))
    def they_were_two_after_all(self, side: str) -> None:
        def work(store: Store) -> bool:
            seen = look_at_parting(store, self.merges[-1][0])
            order = PartingOrder(self.merges[-1][0], frozenset(), {each.key: side for each in seen.since.asked})
            unmerge_patients(store, order)
            return True

        if self.do(f.MANAGER, work):
            self.merges.pop()

    @invariant()
    def the_records_and_the_claims_are_one(self) -> None:
        if hasattr(self, "setting"):
            with self.database.read() as conn:
                store = Store(conn, self.setting, actor=f.DESK, now=self.now)
                check(store, RULES, by_program=self.by_program, gone={gone for _merge, gone in self.merges})
                assert list(faults_of_claims(store)) == []


NEW = bool(os.environ.get("CLINIC_EXPLORE"))
"""The same calendars at each run, so that a change is judged by itself; with CLINIC_EXPLORE set, others each time."""


class TestOnSqlite(Everything.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(max_examples=20, stateful_step_count=40, print_blob=True, derandomize=not NEW)


@pytest.mark.postgresql
def test_the_same_holds_on_postgresql(cluster: Any) -> None:
    class OnPostgresql(Everything):
        url = cluster.fresh_url()

    run_state_machine_as_test(
        OnPostgresql,
        settings=settings(max_examples=12, stateful_step_count=40, print_blob=True, derandomize=not NEW),
    )
