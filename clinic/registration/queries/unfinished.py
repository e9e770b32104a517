"""The list of records to complete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clinic.core.days import read_instant
from clinic.core.names import words
from clinic.fhir.store import Store
from clinic.registration.tables import patient_row, patient_word, unfinished_row

PAGE_SIZE = 25


@dataclass(frozen=True)
class Unfinished:
    """A record that waits for its name, and for how long."""

    id: str
    kind: str
    since: datetime | None
    display: str
    record_number: str
    birth_date: str
    birth_estimated: bool
    sex: str
    photo: str


def unfinished_list(store: Store, q: str = "", page: int = 1) -> tuple[list[Unfinished], int]:
    """One page of the records to complete, the longest waiting first, and how many there are; two statements."""
    u, r = unfinished_row.c, patient_row.c
    joined = sa.join(unfinished_row, patient_row, u.id == r.id)
    where: list[Any] = [r.active]
    typed = q.strip()
    if typed:
        found = [sa.func.lower(r.record_number).contains(typed.lower(), autoescape=True)]
        for word in words(typed)[:4]:
            w = patient_word.c
            found.append(u.id.in_(sa.select(w.id).where(w.word >= word, w.word < word + "\U0010ffff")))
        where.append(sa.or_(*found))
    total = store.conn.execute(sa.select(sa.func.count()).select_from(joined).where(*where)).scalar_one()
    columns = (u.id, u.kind, u.since, r.display, r.record_number, r.birth_date, r.birth_estimated, r.sex, r.photo)
    wanted = sa.select(*columns).select_from(joined).where(*where).order_by(u.since, u.id)
    rows = store.conn.execute(wanted.limit(PAGE_SIZE).offset(PAGE_SIZE * (page - 1))).mappings()
    return [Unfinished(**{**row, "since": _instant(row["since"])}) for row in rows], total


def unfinished_count(store: Store) -> int:
    """How many records wait."""
    return int(store.conn.execute(sa.select(sa.func.count()).select_from(unfinished_row)).scalar_one())


def _instant(value: str) -> datetime | None:
    try:
        return read_instant(value)
    except ValueError:
        return None
