"""A small practice behind a real server, for browsers: a few people, one busy day, and a clock that tests may move."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import waitress
from flask import Flask

from clinic import create_app
from clinic.cli.demo.calendar import make_visit, plan_day
from clinic.cli.demo.home import ask_from_home, open_to_home
from clinic.cli.demo.people import Person, make_person
from clinic.cli.demo.practice import Made, make_places, make_practice, make_users
from clinic.cli.state import transact
from clinic.codes.load import ensure_loaded
from clinic.core.days import local
from clinic.db.engine import Database
from clinic.fhir.store import Store
from clinic.intake.service.forms import install_library
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service.patients import register_patient
from clinic.tables import load_tables, metadata
from clinic.web.state import State, state_of
from config import Settings

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 14
MORNING = datetime(2027, 3, 9, 15, 24, tzinfo=UTC)
"""Tuesday, 10:24 in New York."""


@dataclass
class RunningClock:
    """A clock that was set once, runs on, and can be put ahead."""

    begun: datetime = MORNING
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """The instant since it was set, and what it was put ahead."""
        instant = self.begun + (datetime.now(UTC) - self.started) + self.ahead
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


@dataclass
class Practice:
    """What a test knows of the running clinic."""

    address: str
    app: Flask
    clock: RunningClock
    people: list[Person]
    made: Made

    @property
    def state(self) -> State:
        """The application's objects."""
        return state_of(self.app)

    def read(self, fn: Any) -> Any:
        """What `fn` finds with a store, as the system."""
        return transact(self.state, fn)

    def newcomer(self, given: str, family: str) -> str:
        """Register somebody without visits; gives the id."""
        details = PatientDetails(
            given=given, family=family, birth_date="1979-08-14", sex="female", mobile="+12125550166"
        )
        made = self.read(lambda store: register_patient(store, details))
        return str(made["id"])


@contextmanager
def running(url: str, folder: Path) -> Iterator[Practice]:
    """A practice in an empty database, served on a free loopback port until the block ends."""
    load_tables()
    database = Database(url)
    metadata.create_all(database.engine)
    clock = RunningClock()
    app = create_app(Settings(data_dir=folder, worker=False), clock=clock, database=database)
    people, made = _fill(state_of(app))
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=6, ident=None)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Practice(f"http://127.0.0.1:{server.effective_port}", app, clock, people, made)

    def close() -> None:
        for channel in list(server._map.values()):
            channel.close()

    server.trigger.pull_trigger(close)
    thread.join(timeout=10)
    server.task_dispatcher.shutdown()
    database.dispose()


def _fill(state: State) -> tuple[list[Person], Made]:
    random = Random(2027)
    state.setting.practice = transact(state, make_practice)
    made = transact(state, make_places)
    transact(state, make_users)
    transact(state, lambda store: ensure_loaded(store.conn))
    transact(state, install_library)
    people: list[Person] = []
    now = state.clock.now()

    def enter(store: Store) -> None:
        for number in range(PEOPLE):
            people.append(make_person(_at(store, now - timedelta(days=20 + number)), random, number, None))
        today = local(now, state.practice.zone).date()
        for one in plan_day(random, made, people, today, state.practice.zone):
            make_visit(lambda instant: _at(store, instant), random, made, one, now)

    transact(state, enter)
    transact(state, lambda store: open_to_home(store, made))
    transact(state, lambda store: ask_from_home(store, made))
    return people, made


def _at(store: Store, instant: datetime) -> Store:
    from clinic.core.actor import SYSTEM

    other = Store(store.conn, store.setting, actor=SYSTEM, now=instant.replace(microsecond=0))
    other.touched = store.touched
    return other
