"""The shipped code lists in a database, loaded once for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Connection

from clinic.codes import ensure_loaded
from clinic.codes.tables import code, code_release, code_word
from clinic.db.engine import Database
from clinic.db.meta import metadata


@pytest.fixture(scope="session")
def code_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A SQLite file with every shipped list."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('codes') / 'codes.db'}")
    metadata.create_all(database.engine, tables=[code, code_word, code_release])
    with database.write() as conn:
        ensure_loaded(conn)
    yield database
    database.dispose()


@pytest.fixture
def conn(code_database: Database) -> Iterator[Connection]:
    """A connection to the loaded lists."""
    with code_database.read() as connection:
        yield connection
