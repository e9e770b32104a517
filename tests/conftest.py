"""What every test may ask for: a clock, a store on each database, an app, and the fixed cast."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from clinic import create_app, make_state
from clinic.core.actor import SYSTEM, Actor
from clinic.core.clock import FixedClock
from clinic.db.engine import Database
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.tables import load_tables, metadata
from clinic.web.state import State
from config import Settings
from tests import factories
from tests.postgres import Cluster

# A loaded machine is no fault of the code under test: speed is measured in benchmarks only.
hypothesis_settings.register_profile("clinic", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("clinic")

SHARED = Path(__file__).resolve().parents[2] / "shared"
NOW = datetime(2027, 3, 9, 15, 24, tzinfo=UTC)
"""Tuesday, 10:24 in New York."""

_cluster: list[Cluster] = []


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference data beside the checkout; says so when it is not there."""
    if not SHARED.is_dir():
        pytest.skip(f"the reference data folder {SHARED} is absent, so this test has nothing to run against")
    return SHARED


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """This run's PostgreSQL server."""
    made = Cluster()
    yield made
    made.stop()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at Tuesday 9 March 2027, 10:24 in New York."""
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def _template_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with every table, to copy from."""
    load_tables()
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    database = Database(f"sqlite:///{path}")
    metadata.create_all(database.engine)
    database.dispose()
    return path


@pytest.fixture
def sqlite_database(_template_file: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database."""
    path = tmp_path / "clinic.sqlite3"
    path.write_bytes(_template_file.read_bytes())
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def _postgres(cluster: Cluster) -> Iterator[Database]:
    load_tables()
    database = Database(cluster.fresh_url())
    metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def postgres_database(_postgres: Database) -> Iterator[Database]:
    """An empty PostgreSQL database; what the test wrote is taken away after it."""
    yield _postgres
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    with _postgres.engine.begin() as conn:
        conn.exec_driver_sql(f"TRUNCATE {names} CASCADE")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_database(request: pytest.FixtureRequest) -> Database:
    """The test runs twice: on SQLite and on PostgreSQL."""
    name = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    database: Database = request.getfixturevalue(name)
    return database


def _state(database: Database, clock: FixedClock, folder: Path) -> State:
    state = make_state(Settings(data_dir=folder, worker=False), clock=clock, database=database)
    state.setting.practice = factories.PRACTICE
    with database.write() as conn:
        save_practice(conn, factories.PRACTICE)
    return state


@pytest.fixture
def state(sqlite_database: Database, clock: FixedClock, tmp_path: Path) -> State:
    """The application's objects on SQLite, without the web."""
    return _state(sqlite_database, clock, tmp_path / "data")


@pytest.fixture
def any_state(any_database: Database, clock: FixedClock, tmp_path: Path) -> State:
    """The application's objects, on both databases in turn."""
    return _state(any_database, clock, tmp_path / "data")


@pytest.fixture
def store(state: State) -> Iterator[Store]:
    """A store in one open transaction on SQLite, as the system."""
    yield from _open(state)


@pytest.fixture
def any_store(any_state: State) -> Iterator[Store]:
    """A store in one open transaction, on both databases in turn."""
    yield from _open(any_state)


def _open(state: State, actor: Actor = SYSTEM) -> Iterator[Store]:
    with state.database.write() as conn:
        yield Store(conn, state.setting, actor=actor, now=state.clock.now())


@pytest.fixture
def app(sqlite_database: Database, clock: FixedClock, tmp_path: Path) -> Flask:
    """The web application on an empty SQLite database with a practice set up."""
    return make_test_app(sqlite_database, clock, tmp_path / "data")


@pytest.fixture
def any_app(any_database: Database, clock: FixedClock, tmp_path: Path) -> Flask:
    """The web application, on both databases in turn."""
    return make_test_app(any_database, clock, tmp_path / "data")


def make_test_app(database: Database, clock: FixedClock, folder: Path) -> Flask:
    """An application for tests, with the practice of the factories."""
    with database.write() as conn:
        save_practice(conn, factories.PRACTICE)
    made = create_app(Settings(data_dir=folder, worker=False), clock=clock, database=database)
    made.testing = True
    return made


@pytest.fixture
def client_of(app: Flask) -> Callable[[str], FlaskClient]:
    """A browser signed in as a member of the cast: receptionist, billing, manager, administrator; stranger."""
    count = itertools.count()

    def make(role: str) -> FlaskClient:
        client = app.test_client()
        if role != "stranger":
            factories.sign_in(app, client, role, name=f"{role}{next(count)}")
        return client

    return make
