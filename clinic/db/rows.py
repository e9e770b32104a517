"""Writing new rows in few round trips: one statement a table, and on PostgreSQL one for all of them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import IntegrityError

Row = Mapping[str, Any]
Part = tuple[sa.Table, Sequence[Row]]
Shape = tuple[sa.Table, tuple[str, ...], int, bool]
Writer = Callable[[Any], Any]

_MOST_ROWS = 40
_DUPLICATE = "23505"


def insert_all(conn: Connection, parts: Iterable[Part]) -> None:
    """Insert the rows of several tables; the rows of one table name the same columns.

    SQLite takes one statement a table; PostgreSQL takes all of them in one, since each statement there is a
    round trip during which locks are held. The text goes to the driver as it is: compiling and binding by the
    expression language costs more than the insert. Raises IntegrityError for a key that is there already.
    """
    shapes: list[Shape] = []
    values: list[Any] = []
    for table, rows in parts:
        if not rows:
            continue
        if len(rows) > _MOST_ROWS:
            conn.execute(sa.insert(table), [dict(row) for row in rows])
            continue
        shapes.append((table, tuple(rows[0]), len(rows), False))
        values.append(_values(conn.dialect, table, rows))
    if not shapes:
        return
    if conn.dialect.name == "sqlite":
        for shape, given in zip(shapes, values, strict=True):
            _send(conn, _text(conn.dialect, shape), tuple(given))
    else:
        together = tuple(value for given in (*values[1:], values[0]) for value in given)
        _send(conn, _together(conn.dialect, tuple(shapes)), together)


def insert_free(conn: Connection, table: sa.Table, rows: Sequence[Row]) -> int:
    """Insert the rows whose key is free, in one statement; gives how many went in.

    On PostgreSQL this waits for a competing transaction to end before it decides.
    """
    text = _together(conn.dialect, ((table, tuple(rows[0]), len(rows), True),))
    return _send(conn, text, tuple(_values(conn.dialect, table, rows)))


def is_duplicate(error: IntegrityError, table: sa.Table) -> bool:
    """Whether the database refused a second row of this table with the same key."""
    cause = error.orig
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return state == _DUPLICATE and getattr(getattr(cause, "diag", None), "table_name", "") == table.name
    return str(cause).startswith(f"UNIQUE constraint failed: {table.name}.")


def _send(conn: Connection, text: str, given: tuple[Any, ...]) -> int:
    """Run a finished text; on PostgreSQL with numbered marks, which the driver need not look for each time."""
    raw: Any = conn.connection.driver_connection
    usual = getattr(raw, "cursor_factory", None)
    if usual is None:
        return conn.exec_driver_sql(text, given).rowcount
    raw.cursor_factory = _numbering_cursor()
    try:
        return conn.exec_driver_sql(text, given).rowcount
    finally:
        raw.cursor_factory = usual


@cache
def _numbering_cursor() -> Any:
    return import_module("psycopg").RawCursor


def _values(dialect: Dialect, table: sa.Table, rows: Sequence[Row]) -> list[Any]:
    names = tuple(rows[0])
    bound, usual = _binders(dialect, table, names), _usual(table, names)
    given: list[Any] = []
    for row in rows:
        given += [bind(row[name]) if bind else row[name] for name, bind in bound]
        given += usual
    return given


@lru_cache(maxsize=512)
def _binders(dialect: Dialect, table: sa.Table, names: tuple[str, ...]) -> tuple[tuple[str, Writer | None], ...]:
    return tuple((name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names)


@lru_cache(maxsize=512)
def _usual(table: sa.Table, names: tuple[str, ...]) -> tuple[Any, ...]:
    """The values of the columns that the rows leave to their default; the table's defaults are plain values."""
    defaults: list[Any] = [column.default for column in _left(table, names)]
    return tuple(default.arg for default in defaults)


def _left(table: sa.Table, names: tuple[str, ...]) -> list[sa.Column[Any]]:
    return [column for column in table.columns if column.default is not None and column.name not in names]


@lru_cache(maxsize=512)
def _text(dialect: Dialect, shape: Shape) -> str:
    table, names, count, ignoring = shape
    quote = dialect.identifier_preparer.quote
    names += tuple(column.name for column in _left(table, names))
    columns = ", ".join(map(quote, names))
    row = f"({', '.join('?' * len(names))})"
    end = " ON CONFLICT DO NOTHING" if ignoring else ""
    return f"INSERT INTO {quote(table.name)} ({columns}) VALUES {', '.join([row] * count)}{end}"  # noqa: S608 names


@lru_cache(maxsize=512)
def _together(dialect: Dialect, shapes: tuple[Shape, ...]) -> str:
    """The first table's insert is the main one, which runs before the others: a used key is refused there."""
    *rest, first = (_text(dialect, shape) for shape in (*shapes[1:], shapes[0]))
    named = ", ".join(f"part_{number} AS ({text})" for number, text in enumerate(rest))
    whole = f"WITH {named} {first}" if rest else first
    number = itertools.count(1)
    return whole if dialect.name == "sqlite" else re.sub(r"\?", lambda _mark: f"${next(number)}", whole)
