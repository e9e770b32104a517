"""The statements that the databases spell differently."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
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
        each = sa.func.json_each(sa.literal(json.dumps(list(values)), sa.Text)).table_valued("value")
        return column.in_(sa.select(each.c.value))
    return column == sa.any_(sa.literal(list(values), postgresql.ARRAY(sa.Text)))


def one_of_bound(dialect: str, column: sa.ColumnElement[str], name: str) -> sa.ColumnElement[bool]:
    """The same for a statement that is kept: the texts are given by this name, as `listed` writes them.

    PostgreSQL reads them as rows: of an array it would estimate each value anew at each call, which for four hundred
    takes twice as long as to look them up. They travel as one text, which is written faster than an array.
    """
    many = sa.bindparam(name, type_=sa.Text)
    if dialect == "sqlite":
        each = sa.func.json_each(many).table_valued("value")
        return column.in_(sa.select(each.c.value))
    return column.in_(sa.select(sa.func.unnest(sa.func.string_to_array(many, "\n")).column_valued("each_value")))


def listed(conn: Connection, values: Sequence[str]) -> str:
    """Many texts, none with a line's end in it, as the one value of `one_of_bound`."""
    return json.dumps(list(values)) if conn.dialect.name == "sqlite" else "\n".join(values)


def for_update(statement: sa.Select[Any], conn: Connection) -> sa.Select[Any]:
    """Lock the selected rows until the end; SQLite's one writer holds the whole file already."""
    return statement if conn.dialect.name == "sqlite" else statement.with_for_update()


def capped_ids(conn: Connection, table: sa.Table, pairs: Sequence[tuple[str, str]], most: int) -> list[str]:
    """The ids of the first `most` rows of each (kind, key) of this table, each id once; one statement.

    PostgreSQL takes the pairs as two arrays: one text for any number of them, planned once. SQLite, which has no
    LATERAL and plans in no time, takes a union.
    """
    if not pairs:
        return []
    if conn.dialect.name == "sqlite":
        values = {f"{name}{at}": part for at, pair in enumerate(pairs) for name, part in zip("ks", pair, strict=True)}
        return list(conn.execute(_union_of_capped(table, len(pairs), most), values).scalars())
    kinds, keys = (list(part) for part in zip(*pairs, strict=True))
    return list(conn.execute(_lateral_capped(table, most), {"kinds": kinds, "keys": keys}).scalars())


@cache
def _union_of_capped(table: sa.Table, count: int, most: int) -> sa.CompoundSelect[Any]:
    c = table.c
    return sa.union(
        *(
            sa.select(
                sa.select(c.id)
                .where(c.kind == sa.bindparam(f"k{at}", type_=sa.String))
                .where(c.key == sa.bindparam(f"s{at}", type_=sa.String))
                .limit(most)
                .subquery()
            )
            for at in range(count)
        )
    )


@cache
def _lateral_capped(table: sa.Table, most: int) -> sa.Select[Any]:
    texts = postgresql.ARRAY(sa.String)
    pairs = sa.func.unnest(sa.bindparam("kinds", type_=texts), sa.bindparam("keys", type_=texts))
    columns = sa.column("kind", sa.String), sa.column("key", sa.String)
    wanted = pairs.table_valued(*columns, name="wanted").render_derived()
    c = table.c
    found = sa.select(c.id).where(c.kind == wanted.c.kind, c.key == wanted.c.key).limit(most).lateral("found")
    return sa.select(found.c.id).select_from(wanted.join(found, sa.true())).distinct()
