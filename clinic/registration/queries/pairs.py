"""The list of likely pairs as the desk works through it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clinic.core.errors import Missing
from clinic.core.names import words
from clinic.fhir.store import Store
from clinic.registration.pair_tables import duplicate_pair
from clinic.registration.queries.duplicates import DIFFERENT
from clinic.registration.queries.finder import visits_of
from clinic.registration.rules.matching import LIKELY, Reason
from clinic.registration.service.duplicates import NO_PAIR, OPEN
from clinic.registration.tables import patient_row

SIZE = 20
STATES = (OPEN, DIFFERENT)
_COLUMNS = ("id", "record_number", "display", "legal", "others", "birth_date", "birth_estimated", "sex", "phones",
            "email", "street", "postal_code", "photo", "active", "deceased")  # fmt: skip
_c = duplicate_pair.c
_one, _other = patient_row.alias("one"), patient_row.alias("other")


@dataclass(frozen=True)
class Side:
    """One person of a pair."""

    id: str
    record_number: str
    display: str
    legal: str
    others: str
    birth_date: str
    birth_estimated: bool
    sex: str
    phones: str
    email: str
    street: str
    postal_code: str
    photo: str
    active: bool
    deceased: bool
    last_visit: datetime | None = None


@dataclass(frozen=True)
class Likely:
    """Two people who may be one, the record that was made first in front."""

    one: Side
    other: Side
    score: int
    reasons: tuple[Reason, ...]
    state: str
    by_name: str
    at: datetime | None

    @property
    def probable(self) -> bool:
        """Whether it is more than a maybe."""
        return self.score >= LIKELY


@dataclass(frozen=True)
class Wanted:
    """Which part of the list is looked at."""

    text: str = ""
    state: str = OPEN
    page: int = 1


def likely_pairs(store: Store, wanted: Wanted) -> tuple[list[Likely], int]:
    """One page of the list, the likeliest first, and how many pairs there are; two statements.

    Pairs with a record that is closed to whoever looks are left out.
    """
    matching = _joined().where(_c.state == wanted.state, *_searched(wanted.text), *_open(store))
    total = store.conn.execute(sa.select(sa.func.count()).select_from(matching.subquery())).scalar_one()
    page = matching.order_by(_c.score.desc(), _c.one_id, _c.other_id).limit(SIZE).offset((wanted.page - 1) * SIZE)
    return [_likely(row) for row in store.conn.execute(page).mappings()], int(total)


def likely_pair(store: Store, one: str, other: str) -> Likely:
    """One pair with the last visits of both. Raises Missing when it is not on the list."""
    ids = sorted((one, other))
    for id_ in ids:
        store.require_open(id_)
    row = store.conn.execute(_joined().where(_c.one_id == ids[0], _c.other_id == ids[1])).mappings().first()
    if row is None:
        raise Missing(NO_PAIR)
    seen = visits_of(store.conn, ids, store.now)
    return _likely(row, {id_: last for id_, (last, _) in seen.items()})


def said_different(store: Store, one: str, other: str) -> tuple[str, datetime | None] | None:
    """Who said that these two are not the same person, and when; None when nobody did."""
    first, second = sorted((one, other))
    wanted = sa.select(_c.by_name, _c.at).where(_c.one_id == first, _c.other_id == second, _c.state != OPEN)
    row = store.conn.execute(wanted).first()
    return (row.by_name, row.at) if row else None


def open_pairs(store: Store) -> int:
    """How many likely pairs nobody has looked at yet."""
    return int(store.conn.execute(sa.select(sa.func.count()).where(_c.state == OPEN)).scalar_one())


def _joined() -> sa.Select[Any]:
    sides = [table.c[name].label(f"{table.name}_{name}") for table in (_one, _other) for name in _COLUMNS]
    return (
        sa.select(_c.score, _c.reasons, _c.state, _c.by_name, _c.at, *sides)
        .join(_one, _one.c.id == _c.one_id)
        .join(_other, _other.c.id == _c.other_id)
    )


def _searched(text: str) -> list[sa.ColumnElement[bool]]:
    """Every word begins a word of a name of either, or is a record number."""
    return [
        sa.or_(
            *(
                found
                for table in (_one, _other)
                for found in (
                    *(
                        (sa.literal(" ") + table.c[name]).contains(f" {word}", autoescape=True)
                        for name in ("family_words", "given_words", "other_words")
                    ),
                    sa.func.lower(table.c.record_number).contains(word, autoescape=True),
                )
            )
        )
        for word in words(text)[:6]
    ]


def _open(store: Store) -> list[sa.ColumnElement[bool]]:
    barred = sorted(store.actor.barred)
    return [_c.one_id.not_in(barred), _c.other_id.not_in(barred)] if barred else []


def _likely(row: sa.RowMapping, seen: dict[str, datetime | None] | None = None) -> Likely:
    one, other = (
        Side(
            **{column: row[f"{name}_{column}"] for column in _COLUMNS},
            last_visit=(seen or {}).get(row[f"{name}_id"]),
        )
        for name in ("one", "other")
    )
    reasons = tuple(Reason(**reason) for reason in row["reasons"])
    return Likely(one, other, row["score"], reasons, row["state"], row["by_name"], row["at"])
