"""What the form offers while somebody types: what others on file said, and the codes of the country's lists."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from clinic.core.names import words
from clinic.fhir.store import Store
from clinic.registration.mapping.said import PLACE, compact
from clinic.registration.tables import patient_said

_LOOKED, _SHOWN = 400, 8
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Place:
    """A town as others on file write it."""

    city: str
    state: str
    country: str


def said_like(store: Store, kind: str, typed: str) -> list[str]:
    """Doctors, pharmacies or employers of which a word begins like the last word typed, the most named first."""
    said = words(typed)
    if not said:
        return []
    found = _values(store, kind, said[-1][:40], prefix=True)
    return [value for value in found if all(any(w.startswith(one) for w in words(value)) for one in said)][:_SHOWN]


def places_of(store: Store, postcode: str) -> list[Place]:
    """The towns of a postcode, the most frequent first; learnt from the addresses on file."""
    code = compact(postcode)
    found = _values(store, PLACE, code, prefix=False) if len(code) >= 4 else []
    return [Place(*value.split("|")) for value in found[:_SHOWN]]


def _values(store: Store, kind: str, key: str, *, prefix: bool) -> list[str]:
    c = patient_said.c
    right = sa.and_(c.key >= key, c.key < key + _LAST) if prefix else c.key == key
    some = sa.select(c.value).where(c.kind == kind, right).limit(_LOOKED).subquery()
    wanted = sa.select(some.c.value).group_by(some.c.value).order_by(sa.func.count().desc(), some.c.value).limit(40)
    return list(store.conn.execute(wanted).scalars())
