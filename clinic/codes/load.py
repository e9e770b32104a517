"""Filling the tables: once per release, about a second for ICD-10-CM."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.codes import postings, sources
from clinic.codes.systems import Code, key_of
from clinic.codes.tables import code, code_release, code_word
from clinic.codes.text import words

SHORT_BEGINNING = 3
_BATCH = 5_000


def ensure_loaded(conn: Connection) -> list[str]:
    """Load each shipped list whose release is not in the database; gives the systems that were loaded."""
    rows = conn.execute(sa.select(code_release.c.system, code_release.c.version))
    there = {row.system: row.version for row in rows}
    loaded = []
    for system, (version, read) in sources.SHIPPED.items():
        if there.get(system) != version:
            load(conn, system, version, read())
            loaded.append(system)
    return loaded


def load(conn: Connection, system: str, version: str, codes: Sequence[Code]) -> None:
    """Put this release in the place of whatever the system had; codes come in their order of likelihood."""
    for table in (code, code_word, code_release):
        conn.execute(table.delete().where(table.c.system == system))
    for some in _in_batches(_code_rows(system, codes)):
        conn.execute(code.insert(), some)
    for some in _in_batches(_word_rows(system, codes)):
        conn.execute(code_word.insert(), some)
    conn.execute(code_release.insert(), {"system": system, "version": version, "size": len(codes)})


def _in_batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := [row for _, row in zip(range(_BATCH), rows, strict=False)]:
        yield batch


def _code_rows(system: str, codes: Sequence[Code]) -> Iterator[dict[str, Any]]:
    for rank, each in enumerate(codes):
        yield {
            "system": system,
            "rank": rank,
            "code": each.code,
            "code_key": key_of(each.code),
            "display": each.display,
            "billable": each.billable,
            "offered": each.offered,
            "valid_from": each.valid_from,
            "valid_to": each.valid_to,
        }


def _word_rows(system: str, codes: Sequence[Code]) -> Iterator[dict[str, Any]]:
    whole: dict[str, array[int]] = {}
    for rank, each in enumerate(codes):
        if each.billable and each.offered:
            for word in set(words(each.display)):
                whole.setdefault(word[:40], array("I")).append(rank)
    begun: dict[str, set[int]] = {}
    for word, ranks in whole.items():
        for cut in range(1, min(len(word), SHORT_BEGINNING) + 1):
            begun.setdefault(word[:cut], set()).update(ranks)
    yield from _packed(system, True, whole, len(codes))
    yield from _packed(system, False, begun, len(codes))


def _packed(system: str, whole: bool, index: Mapping[str, Iterable[int]], size: int) -> Iterator[dict[str, Any]]:
    for word, ranks in index.items():
        yield {"system": system, "word": word, "whole": whole, "ranks": postings.pack(ranks, size)}
