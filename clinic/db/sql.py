"""The statements that the databases spell differently."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from clinic.db.rows import insert_free

Row = Mapping[str, Any]


def _insert(conn: Connection, table: sa.Table) -> Any:
    return sqlite.insert(table) if conn.dialect.name == "sqlite" else postgresql.insert(table)


def upsert(conn: Connection, table: sa.Table, rows: Sequence[Row], keys: Sequence[str]) -> None:
    """Insert rows; where the key is there already, its other columns take the new values."""
    if not rows:
        return
    statement = _insert(conn, table)
    rest = [name for name in rows[0] if name not in keys]
    if rest:
        statement = statement.on_conflict_do_update(
            index_elements=list(keys), set_={name: statement.excluded[name] for name in rest}
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=list(keys))
    conn.execute(statement, [dict(row) for row in rows])


def insert_ignore(conn: Connection, table: sa.Table, rows: Sequence[Row]) -> int:
    """Insert the rows whose key is free, in one statement; gives how many went in.

    On PostgreSQL this waits for a competing transaction to end before it decides.
    """
    if not rows:
        return 0
    return insert_free(conn, table, rows)


def one_of(conn: Connection, column: sa.ColumnElement[str], values: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether a column is among many texts, sent as one value: four hundred parameters take longer to write than to
    look up.
    """
    if conn.dialect.name == "sqlite":
        listed = sa.func.json_each(sa.literal(json.dumps(list(values)), sa.Text)).table_valued("value")
        return column.in_(sa.select(listed.c.value))
    return column == sa.any_(sa.literal(list(values), postgresql.ARRAY(sa.Text)))


def for_update(statement: sa.Select[Any], conn: Connection) -> sa.Select[Any]:
    """Lock the selected rows until the end; SQLite's one writer holds the whole file already."""
    return statement if conn.dialect.name == "sqlite" else statement.with_for_update()
