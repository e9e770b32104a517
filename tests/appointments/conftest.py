"""The calendar's store: the small practice of the factories, on both databases in turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from clinic.appointments import slice_ as appointments
from clinic.core.actor import Actor
from clinic.core.hooks import Hooks
from clinic.db.engine import Database
from clinic.fhir.registry import registry_of
from clinic.fhir.store import Setting, Store
from clinic.registration import slice_ as registration
from tests.appointments import factories as f
from tests.factories import PRACTICE

NOW = datetime(2027, 3, 9, 15, 24, tzinfo=UTC)


@pytest.fixture
def setting() -> Setting:
    """What a store needs: the declarations of registration and of this slice, nothing of the slices above."""
    return make_setting()


def make_setting() -> Setting:
    """The same for tests that make their own database."""
    hooks = Hooks()
    for part in (registration, appointments):
        for news, listener in part.listeners.items():
            hooks.listen(news, listener)
    models = (*registration.read_models, *appointments.read_models)
    return Setting(registry_of((), models, appointments.writers), hooks, PRACTICE)


@pytest.fixture
def practice_database(any_database: Database, setting: Setting) -> Database:
    """A database that holds the small practice and patients p1 to p3."""
    return fill(any_database, setting)


def fill(database: Database, setting: Setting) -> Database:
    """Write the small practice."""
    with database.write() as conn:
        store = Store(conn, setting, actor=f.DESK, now=NOW)
        f.a_practice(store)
        for number in (1, 2, 3):
            f.a_patient(store, f"p{number}", given=("Ada", "Bea", "Cleo")[number - 1])
    return database


@pytest.fixture
def desk(practice_database: Database, setting: Setting) -> Iterator[Store]:
    """A store of the front desk in one open transaction, on both databases in turn."""
    yield from _open(practice_database, setting, f.DESK)


@pytest.fixture
def lite(sqlite_database: Database, setting: Setting) -> Iterator[Store]:
    """The same on SQLite only, for rules that do not depend on the database."""
    yield from _open(fill(sqlite_database, setting), setting, f.DESK)


def _open(database: Database, setting: Setting, actor: Actor) -> Iterator[Store]:
    with database.write() as conn:
        yield Store(conn, setting, actor=actor, now=NOW)
