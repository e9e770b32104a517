"""Several short lists in one statement, for a page that is made of many parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection


@dataclass(frozen=True, eq=False)
class Short:
    """The first `limit` rows of a selection, by `order`. Its values are bound when it is read, by their names."""

    select: sa.Select[Any]
    order: tuple[sa.ColumnElement[Any], ...]
    limit: int


def read_together(conn: Connection, lists: Sequence[Short], values: Mapping[str, Any]) -> list[list[tuple[Any, ...]]]:
    """The rows of each list, each in its own order; one statement for all of them."""
    found: list[list[tuple[Any, ...]]] = [[] for _ in lists]
    if not lists:
        return found
    statement, places = _union(tuple(lists))
    for row in sorted(conn.execute(statement, dict(values)), key=lambda row: (row[0], row[1])):
        found[row[0]].append(tuple(row[at] for at in places[row[0]]))
    return found


@lru_cache(maxsize=64)
def _union(lists: tuple[Short, ...]) -> tuple[sa.CompoundSelect[Any], tuple[tuple[int, ...], ...]]:
    """The rows of all lists in shared columns, and where each list's own stand; made once for the same lists.

    A column is shared by what is of one type, so that the statement stays short: a database plans it again and
    again, and one with a column for every column of every list cost PostgreSQL 5 ms.
    """
    parts = [_numbered(each).subquery() for each in lists]
    slots, places = _slots(parts)
    selects = []
    for number, (part, own) in enumerate(zip(parts, places, strict=True)):
        held = dict(zip(own, list(part.c)[:-1], strict=True))
        cells = (held.get(at, sa.cast(sa.null(), type_)).label(f"c{at}") for at, type_ in enumerate(slots, start=2))
        selects.append(sa.select(sa.literal_column(str(number), sa.Integer).label("part"), part.c.place, *cells))
    return sa.union_all(*selects), places


def _slots(parts: Sequence[sa.Subquery]) -> tuple[list[Any], tuple[tuple[int, ...], ...]]:
    """The types of the shared columns, and for each list the places of its own in a row, two numbers before them."""
    slots: list[Any] = []
    places = []
    for part in parts:
        free = list(range(len(slots)))
        own = []
        for column in list(part.c)[:-1]:
            at = next((one for one in free if _alike(slots[one], column.type)), None)
            if at is None:
                at = len(slots)
                slots.append(column.type)
            else:
                free.remove(at)
            own.append(at + 2)
        places.append(tuple(own))
    return slots, tuple(places)


def _alike(one: Any, other: Any) -> bool:
    """Whether values of both types are read in the same way; the length of a text plays no part in it."""
    if isinstance(one, sa.String) and isinstance(other, sa.String):
        return type(one) is type(other) or {type(one), type(other)} <= {sa.String, sa.Text}
    return type(one) is type(other) and repr(one) == repr(other)


def _numbered(each: Short) -> sa.Select[Any]:
    place = sa.func.row_number().over(order_by=each.order).label("place")
    return each.select.add_columns(place).order_by(*each.order).limit(each.limit)
