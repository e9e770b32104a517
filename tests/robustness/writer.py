"""A front desk that writes without pause until it is killed, and says what it was told is kept.

Run as `python -m tests.robustness.writer URL FOLDER`. It imports everything and sets up a practice once, prints
`set-up`, and forks a writer for every seed it reads on standard input. The fork keeps the start-up out of two
hundred kills. What is printed, each line at once:

    child PID       a writer was forked
    ready           it is connected and begins
    kept TYPE ID VERSION    this version was committed (after the commit, never before)
    noted MARK      an audit event with this mark was committed
    ended STATUS    it is gone, by this wait status
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from clinic import make_state
from clinic.appointments.rules.booking import Booking, Change
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import cancel, move
from clinic.appointments.service.holds import hold
from clinic.cash import service as cash
from clinic.cli.demo.practice import Made, make_places, make_practice
from clinic.core.actor import Actor
from clinic.core.clock import FixedClock
from clinic.core.days import to_utc
from clinic.core.errors import Conflict
from clinic.core.json import Json
from clinic.db.engine import Database
from clinic.fhir.store import Store
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service.patients import change_patient, load_details, register_patient
from clinic.visits.service import begin_check_in, move_to
from clinic.web.state import State
from clinic.web.transaction import run
from config import Settings
from tests.conftest import NOW

STATIONS = ("check-in", "waiting", "room", "provider", "check-out")
FIRST_DAY = date(2027, 3, 10)
OUT = 1


def say(*words: object) -> None:
    """One short line in one write, which a kill cannot cut."""
    os.write(OUT, (" ".join(map(str, words)) + "\n").encode())


def open_state(url: str, folder: Path) -> State:
    """The application's objects over its own connections."""
    return make_state(
        Settings(data_dir=folder, worker=False), clock=FixedClock(NOW), database=Database(url, pool_size=2)
    )


@dataclass
class Desk:
    """One writer and what it has made."""

    state: State
    made: Made
    seed: int
    random: Random
    patients: list[str] = field(default_factory=list)
    booked: list[str] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        rights = frozenset({"appointments.write", "appointments.overbook", "cash.write"})
        self.actor = Actor(f"desk-{self.seed}", "Noor Aziz", kind="user", role="manager", permissions=rights)

    def commit(self, fn: Callable[[Store], Any]) -> Any:
        """One transaction as this desk, as the web does it; then say which versions are kept."""
        written: list[tuple[str, str, int]] = []

        def work(store: Store) -> Any:
            result = fn(store)
            written[:] = [(t.type, t.id, t.version) for t in store.touched if t.action in "CUD" and t.version]
            return result

        result = run(self.state, work, actor_store=self.open)
        for one in written:
            say("kept", *one)
        return result

    def open(self, conn: Any, state: State) -> Store:
        return Store(conn, state.setting, actor=self.actor, now=state.clock.now())

    def one_step(self) -> None:
        """Whatever comes next at the desk; a time that was taken or a step that is not allowed is no fault."""
        self.count += 1
        steps = [self.register, self.book, self.book, self.move_visit, self.pay, self.note, self.change]
        step = self.register if self.count < 3 else self.random.choice(steps)
        try:
            step()
        except Conflict:
            return

    def register(self) -> None:
        number = f"{self.seed}x{self.count}"
        details = PatientDetails(f"Given{number}", f"Family{number}", "1979-08-14", "female", mobile="+12125550142")

        def both(store: Store) -> Json:
            patient = register_patient(store, details)
            add_coverage(store, patient["id"], Policy("Meridian PPO", member_id=f"M{number}", starts=date(2026, 1, 1)))
            return patient

        self.patients.append(self.commit(both)["id"])

    def book(self) -> None:
        booking = Booking(
            self.random.choice(self.patients),
            self.random.choice(self.made.providers),
            self.random.choice(list(self.made.types.values())),
            self.some_time(),
        )
        self.booked.append(self.commit(lambda store: book(store, booking))["id"])

    def some_time(self) -> Any:
        day = FIRST_DAY + timedelta(days=self.random.randrange(60))
        wall = time(self.random.randrange(8, 17), self.random.choice((0, 15, 30, 45)))
        return to_utc(self.as_wall(day, wall), "America/New_York")

    @staticmethod
    def as_wall(day: date, wall: time) -> Any:
        from datetime import datetime

        return datetime.combine(day, wall)

    def change(self) -> None:
        """Move or cancel a booking, hold a time, or correct a name."""
        kind = self.random.randrange(4)
        if kind == 0:
            one, start = self.random.choice(self.patients), self.random.randrange(1000)
            self.commit(lambda store: self.rename(store, one, start))
        elif kind == 1:
            start, provider = self.some_time(), self.random.choice(self.made.providers)
            self.commit(lambda store: hold(store, provider, start=start, minutes=20))
        elif self.booked:
            one, start = self.random.choice(self.booked), self.some_time()
            if kind == 2:
                self.commit(lambda store: move(store, one, Change(start=start)))
            else:
                self.commit(lambda store: cancel(store, one, reason="Rang to cancel"))

    @staticmethod
    def rename(store: Store, patient_id: str, number: int) -> Json:
        from dataclasses import replace

        return change_patient(store, patient_id, replace(load_details(store, patient_id), given=f"Other{number}"))

    def move_visit(self) -> None:
        if self.visits and self.random.random() < 0.7:
            one, station = self.random.choice(self.visits), self.random.choice(STATIONS)
            self.commit(lambda store: move_to(store, one, station))
        elif self.booked:
            one = self.random.choice(self.booked)
            self.visits.append(self.commit(lambda store: begin_check_in(store, one))["id"])

    def pay(self) -> None:
        patient, cents = self.random.choice(self.patients), self.random.randrange(100, 9000)
        if not self.state.extra.get("till"):
            self.commit(lambda store: cash.open_till(store, 20000))
            self.state.extra["till"] = True
        self.commit(lambda store: cash.take_payment(store, patient, cents=cents, tender="cash"))

    def note(self) -> None:
        mark, patient = f"mark-{self.seed}-{self.count}", self.random.choice(self.patients)

        def printed(store: Store) -> None:
            store.did("print", mark, patient)
            store.saw(patient, "patient page")

        self.commit(printed)
        say("noted", mark)


def write_for_ever(url: str, folder: Path, made: Made, practice: Any, seed: int) -> None:
    """The life of one writer; only a kill ends it."""
    state = open_state(url, folder)
    state.setting.practice = practice
    desk = Desk(state, made, seed, Random(seed))
    with state.database.read() as conn:
        conn.exec_driver_sql("SELECT 1")
    say("ready")
    while True:
        desk.one_step()


def main() -> None:
    """Set up, then one writer for each seed on standard input."""
    url, folder = sys.argv[1], Path(sys.argv[2])
    state = open_state(url, folder)
    desk = Desk(state, Made((), (), {}), 0, Random(0))
    state.setting.practice = practice = desk.commit(make_practice)
    made = desk.commit(make_places)
    desk.made = made
    for _ in range(12):  # the models and expressions of every kind of record are loaded once, here
        desk.count += 1
        desk.one_step()
    state.database.dispose()
    say("set-up")
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                write_for_ever(url, folder, made, practice, int(line))
            finally:
                os._exit(3)
        say("child", pid)
        _, status = os.waitpid(pid, 0)
        say("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
