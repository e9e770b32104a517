"""Random registering, booking, paying, covering, answering, calling, changing, merging and un-merging.

The model knows of each thing whose it is. After every un-merge both records are equal in value to what they were, each
thing is where it belongs, every number is held by whoever shows it, and `clinic verify` finds nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from clinic import make_state
from clinic.appointments.rules.booking import Booking, Change
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import cancel, move
from clinic.cash.service import open_till, take_payment, void_payment
from clinic.communication.rules import Call
from clinic.communication.service import log_call
from clinic.core.actor import Actor
from clinic.core.errors import ClinicError, Conflict
from clinic.core.json import Json
from clinic.db.engine import Database
from clinic.fhir.referring import paths_to
from clinic.fhir.store import Store
from clinic.fhir.upkeep import verify, verify_parts
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage
from clinic.registration.queries.merges import unmoved
from clinic.registration.rules.details import Address, Number, Relative
from clinic.registration.service import change_patient, load_details, register_patient
from clinic.registration.service.merging import MergeOrder, choices_of, hindrances_of, merge_patients
from clinic.registration.service.numbers import CLAIM, keys_of
from clinic.registration.service.parting import PartingOrder, look_at_parting, unmerge_patients
from clinic.tables import load_tables, metadata
from clinic.visits.service import arrive, move_to
from config import Settings
from tests.appointments import factories as f
from tests.conftest import NOW
from tests.factories import PRACTICE
from tests.registration.factories import someone
from tests.registration.merging import bare

Key = tuple[str, str]
DESK = Actor("noor", "Noor Aziz", role="receptionist")
WHO = st.integers(0, 3)
PEOPLE = (
    someone("Ana", "Suarez", mobile="+12025550101", numbers=(Number("itin", "912903456"),)),
    someone("Anne", "Suarez Vidal", "1980-02-20", preferred="Annie", email="anne@example.org", language="es"),
    someone("Bo", "Li", "1971-01-01", sex="male", address=Address("8 Mill Lane", "", "Albany", "NY", "12207", "US")),
    someone("Bó", "Li", "1971-01-11", sex="male", marital="M", guarantor=Relative("Rosa", "Li", "MTH", "+12025550107")),
)
OTHERS: tuple[Json, ...] = (
    {"resourceType": "QuestionnaireResponse", "status": "completed", "subject": {}, "source": {}},
    {"resourceType": "Observation", "status": "final", "code": {"text": "Weight"}, "subject": {}},
    {"resourceType": "Flag", "status": "active", "code": {"text": "Careful"}, "subject": {}},
    {"resourceType": "Binary", "contentType": "text/plain", "data": "aGk=", "securityContext": {}},
    {"resourceType": "List", "status": "current", "mode": "working", "subject": {}, "note": [
        {"text": "x", "authorReference": {}}]},
)  # fmt: skip


@dataclass
class Frame:
    """A merge that stands: who, what both said before, and whose each thing was."""

    id: str
    survivor: str
    other: str
    before: dict[str, Json]
    theirs: dict[Key, Json]
    mine: frozenset[Key]
    at: Any
    changed: bool = False


class Records(RuleBasedStateMachine):
    """One practice; every rule is one transaction of its own, a second after the one before."""

    url = "sqlite:///file:merges?mode=memory&cache=shared&uri=true"

    def __init__(self) -> None:
        super().__init__()
        load_tables()
        self.database = Database(self.url)
        self.folder = tempfile.TemporaryDirectory()
        self.now = NOW
        self.people: list[str] = []
        self.owner: dict[Key, str] = {}
        self.parent: dict[Key, Key] = {}
        self.frames: list[Frame] = []
        self.slot = 0
        self.touched: dict[Key, Any] = {}
        """Things that somebody changed, and when."""

    @initialize()
    def start(self) -> None:
        metadata.drop_all(self.database.engine)
        metadata.create_all(self.database.engine)
        self.setting = make_state(
            Settings(data_dir=Path(self.folder.name), worker=False), database=self.database
        ).setting
        self.setting.practice = PRACTICE

        def fill(store: Store) -> None:
            f.a_practice(store)
            open_till(store, 0)
            for one in PEOPLE:
                self.people.append(register_patient(store, one)["id"])
            for key in self.beside(store, self.people[3]):
                self.owner[key] = self.people[3]

        self.act(fill)

    def teardown(self) -> None:
        try:
            if self.people:
                self.check_all()
        finally:
            self.database.dispose()
            self.folder.cleanup()

    def act(self, work: Callable[[Store], Any]) -> Any:
        """One transaction; a refusal leaves nothing behind and is given back."""
        self.now += timedelta(seconds=1)
        try:
            with self.database.write() as conn:
                return work(Store(conn, self.setting, actor=DESK, now=self.now))
        except ClinicError as error:
            return error

    def beside(self, store: Store, patient: str) -> list[Key]:
        """What names a patient and is nobody's model yet: the guarantor and the account."""
        return [key for key in unmoved(store, patient) if key not in self.owner]

    def root(self, who: int) -> str:
        """The record in which somebody's record lives on."""
        patient = self.people[who]
        for frame in self.frames:
            if frame.other == patient:
                patient = frame.survivor
        return patient

    def keep(self, made: Any, patient: str) -> Any:
        if isinstance(made, dict):
            self.owner[made["resourceType"], made["id"]] = patient
        return made

    def when(self) -> Any:
        """A time that nobody has: one after another, on working days."""
        self.slot += 1
        day, step = divmod(self.slot, 12)
        start = f.at("2027-03-10 09:00") + timedelta(days=7 * (day // 3) + day % 3)
        return start + timedelta(minutes=15 * step)

    def book(self, who: int, *, adams: bool) -> None:
        patient, provider = self.root(who), "adams" if adams else "baker"
        self.keep(self.act(lambda store: book(store, Booking(patient, provider, "chat", self.when()))), patient)

    def come_and_go(self, who: int) -> None:
        patient, seen = self.root(who), set(self.parent.values())
        mine = sorted(key for key, owner in self.owner.items() if key[0] == "Appointment" and owner == patient)
        waiting = [key for key in mine if key not in seen]
        if waiting:
            made = self.act(lambda store: move_to(store, arrive(store, waiting[0][1])["id"], "left"))
            if isinstance(self.keep(made, patient), dict):
                self.parent["Encounter", made["id"]] = waiting[0]
                self.touched[waiting[0]] = self.now

    def move_or_cancel(self, who: int, *, cancels: bool) -> None:
        patient = self.root(who)
        mine = sorted(key for key, owner in self.owner.items() if key[0] == "Appointment" and owner == patient)
        if mine:
            self.touched[mine[-1]] = self.now + timedelta(seconds=1)
        if mine and cancels:
            self.act(lambda store: cancel(store, mine[-1][1], reason="ill"))
        elif mine:
            self.act(lambda store: move(store, mine[-1][1], Change(start=self.when())))

    def pay(self, who: int, *, back: bool) -> None:
        patient = self.root(who)
        paid = self.keep(self.act(lambda store: take_payment(store, patient, cents=500, tender="cash")), patient)
        if back and isinstance(paid, dict):
            void = self.keep(self.act(lambda store: void_payment(store, paid["id"], "typo")), patient)
            self.parent["PaymentNotice", void["id"]] = ("PaymentNotice", paid["id"])

    def cover(self, who: int, rank: int) -> None:
        patient = self.root(who)
        self.keep(
            self.act(lambda store: add_coverage(store, patient, Policy("Aetna", member_id="A1", rank=rank))), patient
        )

    def call(self, who: int) -> None:
        patient = self.root(who)
        self.keep(self.act(lambda store: log_call(store, Call(patient, reason="other", outcome="done"))), patient)

    def write(self, who: int, kind: Json) -> None:
        patient = self.root(who)
        filled = _naming(kind, {"reference": f"Patient/{patient}"})
        self.keep(self.act(lambda store: store.create(filled)), patient)

    @rule(
        step=st.sampled_from(["add", "add", "change", "merge", "unmerge", "unmerge"]),
        who=WHO,
        draw=st.randoms(use_true_random=False),
    )
    def go_on(self, step: str, who: int, draw: Any) -> None:
        """One rule, so that no run is without merges or without things to move."""
        if step == "add":
            self.add(who, draw.randint(1, 4), draw)
        elif step == "change":
            self.change(who, draw.choice(["", "a@example.org", "b@example.org"]), draw.randint(10, 14))
        elif step == "merge":
            self.merge(who, draw.choice([one for one in range(4) if one != who]), draw)
        elif self.frames:
            self.unmerge(draw.choice(self.frames), draw, drops=draw.random() < 0.5)

    def add(self, who: int, times: int, draw: Any) -> None:
        """Some things of one person, one after another."""
        for _time in range(times):
            draw.choice((
                lambda: self.book(who, adams=draw.random() < 0.5),
                lambda: self.come_and_go(who),
                lambda: self.move_or_cancel(who, cancels=draw.random() < 0.5),
                lambda: self.pay(who, back=draw.random() < 0.3),
                lambda: self.cover(who, draw.choice((1, 2))),
                lambda: self.call(who),
                lambda: self.write(who, draw.choice(OTHERS)),
            ))()  # fmt: skip

    def change(self, who: int, email: str, end: int) -> None:
        patient = self.root(who)

        def save(store: Store) -> None:
            details = load_details(store, patient)
            change_patient(store, patient, replace(details, email=email, work_phone=f"+120255501{end}"))

        self.act(save)
        self.mark_changed(patient)

    def mark_changed(self, patient: str) -> None:
        """The newest merge into a record is the one whose undoing sees a change of it."""
        for frame in reversed(self.frames):
            if frame.survivor == patient:
                frame.changed = True
                break

    def merge(self, one: int, two: int, draw: Any) -> None:
        survivor, other = self.root(one), self.root(two)

        def work(store: Store) -> Frame:
            before = {id_: bare(store.read("Patient", id_)) for id_ in (survivor, other)}
            theirs = {key: bare(store.read(*key)) for key, owner in self.owner.items() if owner == other}
            mine = frozenset(key for key, owner in self.owner.items() if owner == survivor)
            offered = choices_of(store, *(store.read("Patient", id_) for id_ in (survivor, other)))
            chosen = {one.key: draw.choice(["survivor", "other", *(["both"] if one.both else [])]) for one in offered}
            asked = hindrances_of(store, survivor, other)[1]
            answers = {one.key: draw.choice(["survivor", "other"]) for one in asked}
            made = merge_patients(store, MergeOrder(survivor, other, chosen, answers))
            return Frame(made["id"], survivor, other, before, theirs, mine, self.now)

        frame = self.act(work)
        assert isinstance(frame, Frame) == (survivor != other), frame
        if isinstance(frame, Frame):
            self.owner |= dict.fromkeys(frame.theirs, survivor)
            self.frames.append(frame)
            event("merged")
            self.check_owners()

    def unmerge(self, frame: Frame, draw: Any, *, drops: bool) -> None:
        later = self.frames[self.frames.index(frame) + 1 :]
        blocked = any(frame.survivor in (one.survivor, one.other) for one in later)

        def work(store: Store) -> Any:
            seen = look_at_parting(store, frame.id)
            sides = {one.key: draw.choice(["survivor", "other"]) for one in seen.since.asked}
            dropped = frozenset(one.key for one in seen.changes) if drops else frozenset()
            unmerge_patients(store, PartingOrder(frame.id, dropped, sides))
            return {key: side for one in seen.since.asked for key in one.members for side in [sides[one.key]]}

        done = self.act(work)
        if blocked:
            assert isinstance(done, Conflict)
            event("refused: a later merge stands on it")
            return
        if isinstance(done, Conflict):
            assert "already has this place" in str(done) or "same time" in str(done), done
            event("refused: they cannot stand together")
            return
        assert isinstance(done, dict), done
        self.frames.remove(frame)
        event(f"un-merged, {'nothing' if not done else 'something'} asked")
        if frame.changed and not drops:
            self.mark_changed(frame.survivor)
        self.sort_out(frame, done)
        self.check_owners()
        self.check_records(frame, drops=drops)

    def sort_out(self, frame: Frame, sides: dict[Key, str]) -> None:
        """Whose everything is now, by the model's own rules."""
        for key, owner in list(self.owner.items()):
            if owner != frame.survivor:
                continue
            lead = key
            while lead in self.parent and lead not in frame.theirs and lead not in frame.mine:
                lead = self.parent[lead]
            goes = lead in frame.theirs or (lead not in frame.mine and sides.get(lead) == "other")
            self.owner[key] = frame.other if goes else frame.survivor

    def check_owners(self) -> None:
        """Every thing names whom it belongs to, and nobody else of these."""

        def look(store: Store) -> None:
            for key, owner in self.owner.items():
                record = store.read(*key)
                named = {one for one in self.people if next(paths_to(record, one), None) is not None}
                assert named == {owner}, (key, named, owner)

        self.act(look)

    def check_records(self, frame: Frame, *, drops: bool) -> None:
        """Both as they were; of the survivor, what was changed since and not dropped is kept."""

        def look(store: Store) -> None:
            assert bare(store.read("Patient", frame.other)) == frame.before[frame.other]
            for key, record in frame.theirs.items():
                if self.touched.get(key, frame.at) <= frame.at:
                    assert bare(store.read(*key)) == record
            survivor = bare(store.read("Patient", frame.survivor))
            if drops or not frame.changed:
                assert survivor == frame.before[frame.survivor]
            for patient in (frame.survivor, frame.other):
                for key in keys_of(store, store.read("Patient", patient)):
                    assert store.holder(CLAIM, key) == f"Patient/{patient}"

        found = self.act(look)
        assert found is None, found
        self.check_all()

    def check_all(self) -> None:
        with self.database.write() as conn:
            store = Store(conn, self.setting, actor=DESK, now=self.now)
            faults = [*verify(conn, store.registry, lambda _done, _all: None), *verify_parts(store)]
        assert faults == []


def _naming(value: Any, patient: Json) -> Any:
    """The record with the patient wherever a reference stands empty."""
    if isinstance(value, dict):
        return {key: _naming(inner, patient) for key, inner in value.items()} if value else patient
    return [_naming(one, patient) for one in value] if isinstance(value, list) else value


class TestOnSqlite(Records.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(max_examples=12, stateful_step_count=30)


@pytest.mark.postgresql
def test_the_same_holds_on_postgresql(cluster: Any) -> None:
    class OnPostgresql(Records):
        url = cluster.fresh_url()

    run_state_machine_as_test(OnPostgresql, settings=settings(max_examples=4, stateful_step_count=15))
