"""Finding a code while typing: by the beginning of the code, or by words in any order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from typing import Any

import sqlalchemy as sa
from rapidfuzz import fuzz, process
from sqlalchemy.engine import Connection

from clinic.codes import postings
from clinic.codes.load import SHORT_BEGINNING
from clinic.codes.systems import Code, key_of
from clinic.codes.tables import code, code_release, code_word
from clinic.codes.text import in_official_words, in_unfinished_lay_terms, query_words

_LAST = "z" * 12
_LAST_KEY = "Z" * 8
_SIMILAR = 72.0
COLUMNS = (
    code.c.system,
    code.c.code,
    code.c.display,
    code.c.billable,
    code.c.offered,
    code.c.valid_from,
    code.c.valid_to,
)


def search(conn: Connection, system: str, text: str, on_date: date, limit: int = 20) -> list[Code]:
    """The codes of a system that what was typed may mean, the likeliest first.

    Only codes that a claim for a service of `on_date` may carry are given. Something that looks like a
    code ("e11.6", "E116") is read as the beginning of one, everything else as words in any order, each
    possibly unfinished ("kne pain lef"). Everyday words find the official ones, and only when nothing was
    found the nearest spelling is tried. A code without a text is given when typed in full.
    """
    typed = query_words(text)
    if not typed:
        return []
    if _like_a_code(text) and (found := beginning_with(conn, system, text, on_date, limit)):
        return found
    return _by_words(conn, system, typed, on_date, limit)


def find(conn: Connection, system: str, name: str) -> Code | None:
    """One code by its exact name, with or without the dot; None when the list does not have it."""
    return find_many(conn, [(system, name)]).get((system, key_of(name)))


def find_many(conn: Connection, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Code]:
    """Several codes in one statement, keyed by system and by the code in capitals without its dot."""
    found = (Code(*row) for row in conn.execute(sa.select(*COLUMNS).where(among(wanted))))
    return {(each.system, key_of(each.code)): each for each in found}


def among(wanted: Iterable[tuple[str, str]]) -> sa.ColumnElement[bool]:
    """The condition that a row of the code table is one of these (system, code)."""
    by_system: dict[str, set[str]] = {}
    for system, name in wanted:
        by_system.setdefault(system, set()).add(key_of(name))
    if not by_system:
        return sa.false()
    return sa.or_(
        *(sa.and_(code.c.system == system, code.c.code_key.in_(sorted(keys))) for system, keys in by_system.items())
    )


def children(conn: Connection, system: str, name: str, limit: int = 40) -> list[Code]:
    """The billable codes beneath a heading, in the order of the book; of a billable code itself none."""
    key = key_of(name)
    if not key:
        return []
    query = _beginning(system, key).where(code.c.billable, code.c.code_key != key)
    return [Code(*row) for row in conn.execute(query.order_by(code.c.code).limit(limit))]


def _like_a_code(text: str) -> bool:
    key = key_of(text)
    return len(key) <= 8 and any(sign.isdigit() for sign in key) and len(text.split()) == 1


def _beginning(system: str, key: str) -> sa.Select[Any]:
    return sa.select(*COLUMNS).where(
        code.c.system == system, code.c.code_key >= key, code.c.code_key <= key + _LAST_KEY
    )


def beginning_with(conn: Connection, system: str, text: str, on: date, limit: int) -> list[Code]:
    """The codes that begin so and that a claim for a service of the day may carry, in the order of the book."""
    key = key_of(text)
    if not key:
        return []
    query = _beginning(system, key).where(
        code.c.billable,
        sa.or_(code.c.offered, code.c.code_key == key),
        sa.or_(code.c.valid_from.is_(None), code.c.valid_from <= on),
        sa.or_(code.c.valid_to.is_(None), code.c.valid_to >= on),
    )
    return [Code(*row) for row in conn.execute(query.order_by(code.c.code_key).limit(limit))]


def _by_words(conn: Connection, system: str, typed: list[str], on: date, limit: int) -> list[Code]:
    official = in_official_words(typed)
    tries = [official, typed] if official else [typed]
    index = _Words(conn, system)
    sets = index.of(*tries)
    if not any(sets):
        sets = index.of(*in_unfinished_lay_terms(typed))
    if not any(sets):
        nearest = index.nearest(typed)
        sets = index.of(nearest) if nearest else []
    found: list[Code] = []
    taken = 0
    for ranks in sets:
        found += _rows(conn, system, ranks & ~taken, on, limit - len(found))
        taken |= ranks
    return found


def _rows(conn: Connection, system: str, bits: int, on: date, limit: int) -> list[Code]:
    """The first codes of a set that are in force on the day; codes that ended are passed over."""
    ranks = postings.in_order(bits)
    found: list[Code] = []
    while len(found) < limit and (some := list(islice(ranks, limit + 10))):
        query = sa.select(*COLUMNS).where(code.c.system == system, code.c.rank.in_(some))
        rows = (Code(*row) for row in conn.execute(query.order_by(code.c.rank)))
        found += [each for each in rows if each.in_force(on)]
    return found[:limit]


class _Words:
    """The word index of one system, for one search."""

    def __init__(self, conn: Connection, system: str) -> None:
        self._conn = conn
        self._system = system

    def of(self, *queries: Sequence[str]) -> list[int]:
        """For each query the set of codes that have all of its words; one statement for all of them."""
        beginnings = sorted({word for query in queries for word in query})
        if not beginnings:
            return []
        sets = self._sets(beginnings)
        answers = []
        for query in queries:
            ranks = -1
            for word in query:
                ranks &= sets[word]
            answers.append(max(ranks, 0))
        return answers

    def nearest(self, typed: Sequence[str]) -> list[str] | None:
        """The query with each unknown word put right, or None when nothing is near."""
        sets = self._sets(typed)
        better = []
        for word in typed:
            nearest = word if sets[word] else self._spelled_like(word)
            if nearest is None:
                return None
            better.append(nearest)
        return better if better != list(typed) else None

    def _sets(self, beginnings: Sequence[str]) -> dict[str, int]:
        rows = self._conn.execute(
            sa.select(code_word.c.word, code_word.c.whole, code_word.c.ranks, code_release.c.size)
            .join(code_release, code_release.c.system == code_word.c.system)
            .where(code_word.c.system == self._system, sa.or_(*map(_begins, beginnings)))
        ).all()
        size = rows[0].size if rows else 0
        return {
            start: postings.union(
                (
                    row.ranks
                    for row in rows
                    if (row.word == start and not row.whole)
                    or (row.whole and len(start) > SHORT_BEGINNING and row.word.startswith(start))
                ),
                size,
            )
            for start in beginnings
        }

    def _spelled_like(self, word: str) -> str | None:
        if not word.isalpha() or len(word) <= SHORT_BEGINNING:
            return None
        query = sa.select(code_word.c.word).where(
            code_word.c.system == self._system,
            code_word.c.whole,
            sa.func.length(code_word.c.word).between(len(word) - 2, len(word) + 3),
        )
        best = process.extractOne(
            word, self._conn.execute(query).scalars().all(), scorer=fuzz.ratio, score_cutoff=_SIMILAR
        )
        return None if best is None else str(best[0])


def _begins(start: str) -> sa.ColumnElement[bool]:
    if len(start) <= SHORT_BEGINNING:
        return sa.and_(code_word.c.word == start, sa.not_(code_word.c.whole))
    return sa.and_(code_word.c.word >= start, code_word.c.word <= start + _LAST, code_word.c.whole)
