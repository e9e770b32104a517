"""Connections: what happens when the server went away while nobody asked it anything, and when one asks twice."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from clinic.db import engine as engine_module
from clinic.db.engine import Database
from tests.postgres import Cluster


@pytest.mark.postgresql
def test_a_connection_that_rested_is_asked_and_replaced_when_its_server_is_gone(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_REST", 0.0)
    database, other = Database(cluster.fresh_url()), Database(cluster.fresh_url())
    try:
        number = sa.text("SELECT pg_backend_pid()")
        with database.read() as conn:
            before = conn.execute(number).scalar_one()
        with other.write() as conn:
            conn.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": before})
        with database.read() as conn:
            assert conn.execute(number).scalar_one() != before
    finally:
        database.dispose()
        other.dispose()


def test_a_write_within_a_write_is_told_instead_of_waiting_for_itself_for_ever(any_database: Database) -> None:
    with any_database.write(), pytest.raises(RuntimeError, match="already"), any_database.write():
        pass
    with any_database.write() as conn:
        assert conn.execute(sa.text("SELECT 1")).scalar_one() == 1
