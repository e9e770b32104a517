"""The same random calendar with people who wait: offers are made, told, answered, passed on and taken back too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from clinic.appointments.rules.waitlist import OPEN_STATES, Entry, Rule, Wants
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import cancel
from clinic.appointments.service.offer_work import WORKS
from clinic.appointments.service.offering import withdraw_round
from clinic.appointments.service.waitlist import add_wish, answer_offer, end_wish, set_rule
from clinic.appointments.tables import appointment_hold, appointment_row
from clinic.appointments.waitlist_tables import waitlist_offer, wish_row
from clinic.fhir.store import Store
from clinic.fhir.tables import outbox
from clinic.jobs.outbox import Job
from tests.appointments import factories as f
from tests.appointments.test_stateful import PEOPLE, Calendar

_o = waitlist_offer.c


class WaitingCalendar(Calendar):
    """One in-memory practice whose freed times are offered; two wait from the start, and one visit can go."""

    works = WORKS

    @initialize()
    def start(self) -> None:
        super().start()
        self.act(f.DESK, lambda store: set_rule(store, Rule("check", 1, 0, 5)))
        for patient in ("p2", "p3"):
            self.somebody_waits_for(patient, Wants())
        made = self.act(f.DESK, lambda store: book(store, f.a_booking("2027-03-09 11:00")))
        self.ids.append(made["id"])

    def somebody_waits_for(self, patient: str, wants: Wants, kind: str = "check") -> None:
        entry = Entry(patient, kind, self.now, self.now + timedelta(days=1), wants)
        self.act(f.DESK, lambda store: add_wish(store, entry))

    @rule(patient=st.sampled_from(["p1", "p2", "p3"]), who=PEOPLE | st.just(""), data=st.data())
    def somebody_waits(self, patient: str, who: str, data: Any) -> None:
        instead = data.draw(st.sampled_from(["", *self.ids]))
        wants = Wants(providers=(who,) if who else (), instead=instead)
        self.somebody_waits_for(patient, wants)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), seconds=st.sampled_from([0, 61]))
    def a_visit_goes_and_its_time_is_offered(self, data: Any, seconds: int) -> None:
        id_ = data.draw(st.sampled_from(self.ids))
        self.act(f.DESK, lambda store: cancel(store, id_, reason="cold"))
        self.now += timedelta(seconds=seconds)
        self.the_worker_works()

    @rule(at_once=st.integers(0, 3))
    def the_rule_changes(self, at_once: int) -> None:
        self.act(f.DESK, lambda store: set_rule(store, Rule("check", at_once, 0, 5)))

    @rule()
    def the_worker_works(self) -> None:
        for _turn in range(40):
            with self.database.read() as conn:
                due = sa.select(outbox).where(outbox.c.state == "waiting", outbox.c.not_before <= self.now)
                due = due.where(outbox.c.kind.in_(self.works))
                row = conn.execute(due.order_by(outbox.c.not_before, outbox.c.id).limit(1)).first()
            if row is None:
                return
            job = Job(row.id, row.kind, row.key, row.payload, 1, row.created)
            self.works[row.kind](job, lambda fn: self.act(f.MANAGER, fn))
            with self.database.write() as conn:
                conn.execute(sa.update(outbox).where(outbox.c.id == row.id).values(state="done"))

    def some(self, table: sa.Table, data: Any) -> str:
        with self.database.read() as conn:
            ids = sorted(conn.execute(sa.select(table.c.id)).scalars())
        return data.draw(st.sampled_from(ids)) if ids else ""

    @rule(data=st.data(), accept=st.booleans())
    def somebody_answers(self, data: Any, accept: bool) -> None:
        id_ = self.some(waitlist_offer, data)
        if id_:
            said = self.act(f.DESK, lambda store: answer_offer(store, id_, accept=accept))
            made = said.appointment if said else None
            self.ids += [made["id"]] if made and made["id"] not in self.ids else []

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), end=st.booleans())
    def the_desk_takes_back(self, data: Any, end: bool) -> None:
        id_ = self.some(wish_row if end else waitlist_offer, data)
        if id_ and end:
            self.act(f.DESK, lambda store: end_wish(store, id_, reason="moved away"))
        elif id_:
            self.act(f.DESK, lambda store: self.withdraw(store, id_))

    @staticmethod
    def withdraw(store: Store, id_: str) -> None:
        withdraw_round(store, store.conn.execute(sa.select(_o.round).where(_o.id == id_)).scalar_one())

    @invariant()
    def every_open_offer_has_its_time_and_every_round_one_taker(self) -> None:
        if not hasattr(self, "setting"):
            return
        with self.database.read() as conn:
            wanted = sa.select(_o.hold).where(_o.state.in_(OPEN_STATES), _o.expires > self.now)
            held = set(conn.execute(sa.select(appointment_hold.c.holder)).scalars())
            assert set(conn.execute(wanted).scalars()) <= held
            taken = conn.execute(sa.select(_o.round).where(_o.state == "accepted")).scalars().all()
            assert len(taken) == len(set(taken))
            booked = sa.select(wish_row.c.booked).where(wish_row.c.booked != "")
            known = set(conn.execute(sa.select(appointment_row.c.id)).scalars())
            assert set(conn.execute(booked).scalars()) <= known


TestWaitingCalendar = WaitingCalendar.TestCase
TestWaitingCalendar.settings = settings(max_examples=15, stateful_step_count=35, deadline=None)
