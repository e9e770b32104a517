"""The list of likely pairs: what comparing found, and what people said about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.core.errors import N_, Missing
from clinic.core.json import Json
from clinic.db.sql import upsert
from clinic.fhir.registry import Upkeep
from clinic.fhir.store import Store
from clinic.registration.mapping.faces import face_of_row
from clinic.registration.pair_tables import duplicate_pair
from clinic.registration.queries.duplicates import DIFFERENT, faces, matches
from clinic.registration.queries.scanning import Pair, pair_of
from clinic.registration.rules.blocking import KINDS
from clinic.registration.rules.faces import Face
from clinic.registration.rules.matching import compare
from clinic.registration.tables import patient_key, patient_row

OPEN = "open"
NO_PAIR = N_("These two records are not on the list of likely duplicates.")
_MOST_SAID = 20
_c = duplicate_pair.c


def forget(store: Store, patient_id: str) -> None:
    """Take the open pairs of a patient from the list; what people said stays."""
    store.conn.execute(sa.delete(duplicate_pair).where(_of(patient_id), _c.state == OPEN))


def keep_pairs(store: Store, pairs: Iterable[Pair]) -> None:
    """Write what comparing found; what people said about a pair stays."""
    rows = [
        {
            "one_id": pair.one_id, "other_id": pair.other_id, "score": pair.score, "checked": store.now,
            "reasons": [asdict(reason) for reason in pair.reasons],
        }
        for pair in pairs
    ]  # fmt: skip
    upsert(store.conn, duplicate_pair, rows, ["one_id", "other_id"])


def compare_anew(store: Store, patient_ids: Sequence[str]) -> int:
    """Compare these patients with everybody and bring their pairs up to date; gives how many pairs there are."""
    filed = _filed(store.conn, patient_ids)
    known, count = faces(store.conn, filed), 0
    for id_ in patient_ids:
        found = matches(store, known[id_], but=id_) if id_ in known else []
        pairs = [_in_order((id_, known[id_]), (row["id"], face_of_row(row))) for row, _ in found]
        keep_pairs(store, pairs)
        kept = [row["id"] for row, _ in found]
        gone = sa.or_(
            sa.and_(_c.one_id == id_, _c.other_id.not_in(kept)), sa.and_(_c.other_id == id_, _c.one_id.not_in(kept))
        )
        store.conn.execute(sa.delete(duplicate_pair).where(gone, _c.state == OPEN))
        count += len(pairs)
    return count


def _in_order(*two: tuple[str, Face]) -> Pair:
    """Compared with the record that was made first in front, as its reasons are read."""
    (one, face), (other, known) = sorted(two, key=lambda each: each[0])
    verdict = compare(face, known)
    return pair_of(one, other, verdict.score, verdict.reasons)


def say_different(store: Store, one: str, other: str) -> None:
    """Remember that these two are not the same person. Raises Missing for a patient that is not there."""
    pair = pair_of(one, other, 0, ())
    there = sa.select(sa.func.count()).select_from(patient_row).where(patient_row.c.id.in_([one, other]))
    if store.conn.execute(there).scalar_one() != 2:
        raise Missing(NO_PAIR)
    if not store.conn.execute(sa.select(_c.one_id).where(_is(pair))).first():
        keep_pairs(store, [pair])
    _say(store, pair, {"state": DIFFERENT, "by_id": store.actor.id, "by_name": store.actor.name[:200], "at": store.now})


def say_open_again(store: Store, one: str, other: str) -> None:
    """Take that back. Raises Missing when nobody had said it."""
    pair = pair_of(one, other, 0, ())
    if not store.conn.execute(sa.select(_c.one_id).where(_is(pair), _c.state == DIFFERENT)).first():
        raise Missing(NO_PAIR)
    _say(store, pair, {"state": OPEN, "by_id": "", "by_name": "", "at": None})
    compare_anew(store, [one])


def say_someone_else(store: Store, patient_id: str, others: Iterable[str]) -> None:
    """What the desk said of warnings while it registered: none of these is the new patient."""
    named = [id_ for id_ in dict.fromkeys(others) if id_ != patient_id][:_MOST_SAID]
    known = sa.select(patient_row.c.id).where(patient_row.c.id.in_(named))
    for other in store.conn.execute(known).scalars().all() if named else ():
        say_different(store, patient_id, other)


def _say(store: Store, pair: Pair, values: Json) -> None:
    store.require_open(pair.one_id)
    store.require_open(pair.other_id)
    store.conn.execute(sa.update(duplicate_pair).where(_is(pair)).values(**values))
    for patient_id in (pair.one_id, pair.other_id):
        store.did("duplicate-" + values["state"], "", patient_id)


def _is(pair: Pair) -> sa.ColumnElement[bool]:
    return sa.and_(_c.one_id == pair.one_id, _c.other_id == pair.other_id)


def _of(patient_id: str) -> sa.ColumnElement[bool]:
    return sa.or_(_c.one_id == patient_id, _c.other_id == patient_id)


def _filed(conn: Connection, ids: Sequence[str]) -> list[str]:
    """Those of these patients who are filed for comparing: replaced records are not."""
    k = patient_key.c
    return list(conn.execute(sa.select(k.id).where(k.id.in_(ids), k.kind.in_(KINDS)).distinct()).scalars())


def _loose(conn: Connection) -> list[tuple[str, str]]:
    there = [sa.exists(sa.select(patient_row.c.id).where(patient_row.c.id == one)) for one in (_c.one_id, _c.other_id)]
    wanted = sa.select(_c.one_id, _c.other_id).where(_c.state == OPEN, sa.not_(sa.and_(*there)))
    return [(row.one_id, row.other_id) for row in conn.execute(wanted)]


def _verify(store: Store) -> Iterable[str]:
    for one, other in _loose(store.conn):
        yield f"the likely pair of {one} and {other} names a patient who is gone"


def _rebuild(store: Store) -> None:
    for one, other in _loose(store.conn):
        store.conn.execute(sa.delete(duplicate_pair).where(_c.one_id == one, _c.other_id == other))


PAIRS = Upkeep("likely duplicates", _verify, _rebuild)
