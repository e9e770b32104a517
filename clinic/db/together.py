"""Several short lists in one statement, for a page that is made of many parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
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
        found[row[0]].append(tuple(row[places[row[0]]]))
    return found


@lru_cache(maxsize=64)
def _union(lists: tuple[Short, ...]) -> tuple[sa.CompoundSelect[Any], tuple[slice, ...]]:
    """Every list has columns of its own, empty in the rows of the others; made once for the same lists."""
    parts = [_numbered(each).subquery() for each in lists]
    owned = [(number, column) for number, part in enumerate(parts) for column in list(part.c)[:-1]]
    selects = [
        sa.select(
            sa.literal_column(str(number), sa.Integer).label("part"),
            part.c.place,
            *(
                (column if owner == number else sa.cast(sa.null(), column.type)).label(f"c{at}")
                for at, (owner, column) in enumerate(owned)
            ),
        )
        for number, part in enumerate(parts)
    ]
    begins = [2 + sum(owner < number for owner, _ in owned) for number in range(len(parts) + 1)]
    return sa.union_all(*selects), tuple(slice(*pair) for pair in pairwise(begins))


def _numbered(each: Short) -> sa.Select[Any]:
    place = sa.func.row_number().over(order_by=each.order).label("place")
    return each.select.add_columns(place).order_by(*each.order).limit(each.limit)
