"""The schema that migrations make is the one that the code describes, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from clinic.cli.schema import downgrade, upgrade
from clinic.core.json import dumps
from clinic.db.engine import Database
from clinic.fhir.tables import resource, resource_version
from clinic.registration.tables import field_past
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


def test_a_database_from_before_says_since_when_its_values_are_on_file(bare: Database) -> None:
    upgrade(bare, "20261123_1600")
    at = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    name = [{"use": "official", "family": "García", "given": ["Mafe"]}]
    meta = {"versionId": "1", "lastUpdated": "2026-03-01T09:00:00Z"}
    text = dumps({"resourceType": "Patient", "id": "mafe", "meta": meta, "name": name, "birthDate": "1979-08-14"})
    both = {"type": "Patient", "id": "mafe", "version": 1, "deleted": False, "json": text}
    with bare.write() as conn:
        conn.execute(sa.insert(resource), [{**both, "updated": at}])
        conn.execute(sa.insert(resource_version), [{**both, "author": "noor", "at": at, "reason": "registered"}])
    upgrade(bare)
    with bare.read() as conn:
        (row,) = conn.execute(sa.select(field_past)).all()
    assert (row.patient_id, row.version, row.at, row.source) == ("mafe", 1, at, "desk")
    assert set(row.fields.split()) >= {"given", "family", "birth_date"}
