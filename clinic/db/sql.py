"""The statements that the databases spell differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

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
    names = tuple(rows[0])
    statement = _ignoring(conn.dialect.name, table, names, len(rows))
    values = {f"{name}_{at}": row[name] for at, row in enumerate(rows) for name in names}
    return conn.execute(statement, values, execution_options={"preserve_rowcount": True}).rowcount


@lru_cache(maxsize=512)
def _ignoring(dialect: str, table: sa.Table, names: tuple[str, ...], count: int) -> Any:
    """The statement for so many rows; made once, since building it costs more than running it."""
    made = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    rows = [{name: sa.bindparam(f"{name}_{at}", type_=table.c[name].type) for name in names} for at in range(count)]
    return made.values(rows if count > 1 else rows[0]).on_conflict_do_nothing()


def for_update(statement: sa.Select[Any], conn: Connection) -> sa.Select[Any]:
    """Lock the selected rows until the end; SQLite's one writer holds the whole file already."""
    return statement if conn.dialect.name == "sqlite" else statement.with_for_update()
