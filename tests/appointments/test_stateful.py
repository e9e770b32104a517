"""Random booking, moving, cancelling, holding and undoing: claims and appointments never part."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Change
from clinic.appointments.service.api import create_appointment, update_appointment
from clinic.appointments.service.booking import book, book_walk_in
from clinic.appointments.service.changes import cancel, move, no_show, set_status, undo
from clinic.appointments.service.claims import claim_of
from clinic.appointments.service.holds import drop_expired, hold
from clinic.appointments.tables import appointment_hold
from clinic.core.errors import ClinicError
from clinic.db.engine import Database
from clinic.fhir.store import Store
from clinic.fhir.tables import slot_claim
from clinic.tables import load_tables, metadata
from tests.appointments import factories as f
from tests.appointments.conftest import NOW, fill, make_setting

STARTS = st.integers(0, 60).map(lambda step: f.at("2027-03-09 09:00") + timedelta(minutes=5 * step))
PEOPLE = st.sampled_from(["adams", "baker"])
ROOMS = st.sampled_from(["", "room1", "room2"])
ACTORS = st.sampled_from([f.DESK, f.OTHER_DESK, f.MANAGER])
STATUS = st.sampled_from(["pending", "booked", "arrived", "checked-in", "fulfilled", "noshow", "waitlist"])


class Calendar(RuleBasedStateMachine):
    """One in-memory practice; every rule is one transaction of its own."""

    url = "sqlite:///file:calendar?mode=memory&cache=shared&uri=true"

    def __init__(self) -> None:
        super().__init__()
        load_tables()
        self.database = Database(self.url)
        self.now = NOW
        self.ids: list[str] = []
        self.by_program: set[str] = set()

    @initialize()
    def start(self) -> None:
        metadata.drop_all(self.database.engine)
        metadata.create_all(self.database.engine)
        self.setting = make_setting()
        fill(self.database, self.setting)

    def teardown(self) -> None:
        self.database.dispose()

    def act(self, actor: Any, work: Any) -> Any:
        """Run one transaction; a refusal leaves nothing behind."""
        try:
            with self.database.write() as conn:
                return work(Store(conn, self.setting, actor=actor, now=self.now))
        except ClinicError:
            return None

    @rule(
        actor=ACTORS,
        start=STARTS,
        who=PEOPLE,
        room=ROOMS,
        patient=st.sampled_from(["p1", "p2", "p3"]),
        over=st.booleans(),
    )
    def book(self, actor: Any, start: Any, who: str, room: str, patient: str, over: bool) -> None:
        booking = f.a_booking(
            start=start,
            provider_id=who,
            room_id=room,
            patient_id=patient,
            overbook_reason="acute" if over else "",
        )
        made = self.act(actor, lambda store: book(store, booking))
        self.ids += [made["id"]] if made else []

    @rule(who=PEOPLE)
    def walk_in(self, who: str) -> None:
        made = self.act(f.DESK, lambda store: book_walk_in(store, "p1", provider_id=who, visit_type="chat"))
        self.ids += [made["id"]] if made else []

    @rule(actor=ACTORS, start=STARTS, who=PEOPLE)
    def hold(self, actor: Any, start: Any, who: str) -> None:
        self.act(actor, lambda store: hold(store, who, start=start, minutes=20))

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), actor=ACTORS, start=STARTS, who=PEOPLE, minutes=st.integers(1, 90))
    def move(self, data: Any, actor: Any, start: Any, who: str, minutes: int) -> None:
        id_ = data.draw(st.sampled_from(self.ids))
        self.act(actor, lambda store: move(store, id_, Change(start=start, provider_id=who, minutes=minutes)))

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), actor=ACTORS, status=st.sampled_from(["cancel", "missed"]) | STATUS)
    def change_status(self, data: Any, actor: Any, status: str) -> None:
        id_ = data.draw(st.sampled_from(self.ids))
        acts = {
            "cancel": lambda store: cancel(store, id_, reason="cold"),
            "missed": lambda store: no_show(store, id_),
        }
        self.act(actor, acts.get(status, lambda store: set_status(store, id_, status)))

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), actor=ACTORS)
    def undo(self, data: Any, actor: Any) -> None:
        id_ = data.draw(st.sampled_from(self.ids))
        self.act(
            actor,
            lambda store: undo(store, id_, version=int(store.read("Appointment", id_)["meta"]["versionId"])),
        )

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), start=STARTS, status=STATUS, lane=st.integers(0, 2))
    def program_writes(self, data: Any, start: Any, status: str, lane: int) -> None:
        id_ = data.draw(st.sampled_from(self.ids))

        def copy(store: Store) -> Any:
            resource = store.read("Appointment", id_)
            end = (start + timedelta(minutes=25)).isoformat()
            changed = resource | {"start": start.isoformat(), "end": end, "status": status}
            if lane:
                changed["extension"] = [{"url": "urn:clinic:lane", "valueInteger": lane}]
            if lane == 2:
                return create_appointment(
                    store, {key: value for key, value in changed.items() if key not in ("id", "meta")}
                )
            return update_appointment(store, changed, None)

        made = self.act(f.MANAGER, copy)
        self.by_program |= {made["id"]} if made else set()
        self.ids += [made["id"]] if made and made["id"] not in self.ids else []

    @rule(seconds=st.sampled_from([5, 61, 301]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def sweep(self) -> None:
        self.act(f.DESK, drop_expired)

    @invariant()
    def claims_are_those_of_the_appointments_and_holds(self) -> None:
        if not hasattr(self, "setting"):
            return
        with self.database.read() as conn:
            store = Store(conn, self.setting, actor=f.DESK, now=self.now)
            setup = calendar_setup(store)
            held: dict[str, set[tuple[str, int, int]]] = {}
            for row in conn.execute(sa.select(slot_claim)):
                held.setdefault(row.appointment, set()).add((row.actor, row.cell, row.lane))
            for id_ in self.ids:
                claim = claim_of(store.read("Appointment", id_), setup)
                wanted = claim.cells if claim else set()
                present = held.pop(id_, set())
                assert present == wanted or (not present and claim and claim.span.end <= self.now), id_
            holders = set(conn.execute(sa.select(appointment_hold.c.holder)).scalars())
            assert set(held) == holders


TestCalendar = Calendar.TestCase
TestCalendar.settings = settings(max_examples=12, stateful_step_count=30, deadline=None)
