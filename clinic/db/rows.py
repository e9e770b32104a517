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


def insert_all(conn: Connection, parts: Iterable[Part], *, change: tuple[sa.Table, Row, Row] | None = None) -> None:
    """Insert the rows of several tables; the rows of one table name the same columns.

    With them goes the `change` of one row: its table, its key and its new values.

    SQLite takes one statement a table; PostgreSQL takes all of them in one, since each statement there is a
    round trip during which locks are held. The text goes to the driver as it is: compiling and binding by the
    expression language costs more than the insert. Raises IntegrityError for a key that is there already.
    """
    texts: list[str] = []
    values: list[list[Any]] = []
    if change is not None:
        texts.append(_update(conn.dialect, change[0], (tuple(change[1]), tuple(change[2]))))
        values.append(_values(conn.dialect, change[0], [{**change[2], **change[1]}], usual=False))
    for table, rows in parts:
        if not rows:
            continue
        if len(rows) > _MOST_ROWS:
            conn.execute(sa.insert(table), [dict(row) for row in rows])
            continue
        texts.append(_text(conn.dialect, (table, tuple(rows[0]), len(rows), False)))
        values.append(_values(conn.dialect, table, rows))
    if not texts:
        return
    if conn.dialect.name == "sqlite":
        for text, given in zip(texts, values, strict=True):
            _send(conn, text, tuple(given))
    else:
        together = tuple(value for given in (*values[1:], values[0]) for value in given)
        _send(conn, _together(tuple(texts)), together)


def joined(parts: Iterable[Part]) -> list[Part]:
    """The same rows with one part for each table and its columns, in the order of the first."""
    found: dict[tuple[str, tuple[str, ...]], tuple[sa.Table, list[Row]]] = {}
    for table, rows in parts:
        if rows:
            found.setdefault((table.name, tuple(rows[0])), (table, []))[1].extend(rows)
    return list(found.values())


def insert_free(conn: Connection, table: sa.Table, rows: Sequence[Row]) -> int:
    """Insert the rows whose key is free, in one statement; gives how many went in.

    On PostgreSQL this waits for a competing transaction to end before it decides.
    """
    text = _text(conn.dialect, (table, tuple(rows[0]), len(rows), True))
    if conn.dialect.name != "sqlite":
        text = _together((text,))
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


def _values(dialect: Dialect, table: sa.Table, rows: Sequence[Row], *, usual: bool = True) -> list[Any]:
    names = tuple(rows[0])
    bound, rest = _binders(dialect, table, names), _usual(table, names) if usual else ()
    given: list[Any] = []
    for row in rows:
        given += [bind(row[name]) if bind else row[name] for name, bind in bound]
        given += rest
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


@lru_cache(maxsize=64)
def _update(dialect: Dialect, table: sa.Table, names: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    quote = dialect.identifier_preparer.quote
    key, changed = ([f"{quote(name)} = ?" for name in part] for part in names)
    return f"UPDATE {quote(table.name)} SET {', '.join(changed)} WHERE {' AND '.join(key)}"  # noqa: S608 names only


@lru_cache(maxsize=512)
def _together(texts: tuple[str, ...]) -> str:
    """One statement of all, with numbered marks.

    The first is the main one, which runs before the others: a used key is refused there.
    """
    named = ", ".join(f"part_{number} AS ({text})" for number, text in enumerate(texts[1:]))
    whole = f"WITH {named} {texts[0]}" if named else texts[0]
    number = itertools.count(1)
    return re.sub(r"\?", lambda _mark: f"${next(number)}", whole)
