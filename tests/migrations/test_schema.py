"""The schema that migrations make is the one that the code describes, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from clinic.cli.schema import downgrade, upgrade
from clinic.db.engine import Database
from clinic.tables import load_tables, metadata
from tests.postgres import Cluster


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'bare.sqlite3'}")
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        database = Database(cluster.fresh_url())
    yield database
    database.dispose()


def test_migrations_make_what_the_models_say(bare: Database) -> None:
    load_tables()
    upgrade(bare)
    with bare.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "compare_server_default": True})
        differences: list[Any] = compare_metadata(context, metadata)
    assert differences == []


def test_migrations_run_twice_change_nothing_and_can_be_undone(bare: Database) -> None:
    upgrade(bare)
    tables = set(sa.inspect(bare.engine).get_table_names())
    upgrade(bare)
    assert set(sa.inspect(bare.engine).get_table_names()) == tables
    downgrade(bare, "base")
    assert set(sa.inspect(bare.engine).get_table_names()) == {"alembic_version"}


@pytest.mark.postgresql
def test_a_practice_can_have_a_schema_of_its_own(cluster: Cluster) -> None:
    url = cluster.fresh_url()
    for schema in ("practice_a", "practice_b"):
        database = Database(url, schema=schema)
        upgrade(database)
        with database.read() as conn:
            assert conn.exec_driver_sql("SELECT current_schema()").scalar() == schema
            assert conn.exec_driver_sql("SELECT count(*) FROM resource").scalar() == 0
        database.dispose()
