"""Looking at a database: what is committed is seen at once, and nothing is written."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from clinic.db.engine import Database
from clinic.fhir.tables import number_series

ROW = {"series": "looked", "last": 1}


def test_a_look_sees_what_another_committed_in_between_where_nothing_keeps_a_snapshot(any_database: Database) -> None:
    count = sa.select(sa.func.count()).select_from(number_series).where(number_series.c.series == "looked")
    with any_database.look() as conn:
        assert conn.execute(count).scalar_one() == 0
    with any_database.write() as conn:
        conn.execute(sa.insert(number_series), [ROW])
    with any_database.look() as conn:
        assert conn.execute(count).scalar_one() == 1


@pytest.mark.parametrize(
    "statement",
    [
        sa.insert(number_series).values(**ROW),
        sa.update(number_series).values(last=5),
        sa.delete(number_series),
        sa.text("WITH gone AS (DELETE FROM number_series RETURNING last) SELECT count(*) FROM gone"),
    ],
    ids=["insert", "update", "delete", "delete within"],
)
def test_what_is_written_on_a_look_is_refused_or_forgotten(any_database: Database, statement: sa.Executable) -> None:
    with any_database.write() as conn:
        conn.execute(sa.insert(number_series), [{"series": "kept", "last": 3}])
    before = _rows(any_database)
    if any_database.is_sqlite and str(statement).startswith("WITH"):
        with any_database.look() as conn, pytest.raises(sa.exc.OperationalError, match="syntax"):
            conn.execute(statement)  # its grammar knows no deletion within a question
    elif any_database.is_sqlite:
        with any_database.look() as conn:
            conn.execute(statement)
    else:
        with any_database.look() as conn, pytest.raises(RuntimeError):
            conn.execute(statement)
    assert _rows(any_database) == before


def test_a_connection_that_looked_writes_in_a_transaction_again(any_database: Database) -> None:
    with any_database.look() as conn:
        conn.execute(sa.select(number_series))

    def fails() -> None:
        with any_database.write() as conn:
            conn.execute(sa.insert(number_series), [ROW])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert ("looked", 1) not in _rows(any_database)


def _rows(database: Database) -> list[tuple[str, int]]:
    with database.read() as conn:
        return [(row.series, row.last) for row in conn.execute(sa.select(number_series).order_by("series"))]
