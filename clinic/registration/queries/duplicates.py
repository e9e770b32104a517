"""Who on file may be the person at the desk: candidates that share a key, weighed one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.core.json import Json
from clinic.db.sql import capped_ids
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping import patient_with
from clinic.registration.mapping.faces import face_of_row
from clinic.registration.mapping.rows import project_row
from clinic.registration.pair_tables import duplicate_pair
from clinic.registration.queries.finder import visits_of
from clinic.registration.rules.blocking import wanted_blocks
from clinic.registration.rules.details import PatientDetails
from clinic.registration.rules.faces import Face
from clinic.registration.rules.matching import LIKELY, SHOWN, Reason, Verdict, compare
from clinic.registration.tables import patient_key, patient_row

DIFFERENT = "different"
FACE_COLUMNS = tuple(
    patient_row.c[name]
    for name in (
        "id", "given", "family", "others", "given_words", "family_words", "birth_date", "birth_estimated", "sex",
        "phones", "email", "street", "postal_code", "numbers",
    )
)  # fmt: skip
"""What of a row is compared."""
_SHOWN_COLUMNS = (*FACE_COLUMNS, *(patient_row.c[name] for name in ("record_number", "display", "photo")))
_EACH = 60
"""People taken from one key: a key that more share says little, and somebody of them shares another one too."""
_FEW = 5


@dataclass(frozen=True)
class Candidate:
    """Somebody on file who may be the same person: the score from 0 to 99 and the reasons in words."""

    id: str
    record_number: str
    display: str
    photo: str
    score: int
    reasons: tuple[Reason, ...]
    last_visit: object = None
    grade: str = ""

    @property
    def probable(self) -> bool:
        """Whether it is more than a maybe."""
        return self.score >= LIKELY


def likely_duplicates(store: Store, details: PatientDetails, *, but: str = "", limit: int = _FEW) -> list[Candidate]:
    """Who on file may be this person, likeliest first; `but` is the one being changed.

    Left out are the changed one itself and those of whom somebody said that they are not the same person.
    """
    found = matches(store, face_of(store, details), but=but)[:limit]
    seen = visits_of(store.conn, [row["id"] for row, _ in found], store.now) if found else {}
    shown = [
        Candidate(
            row["id"],
            row["record_number"],
            row["display"],
            row["photo"],
            verdict.score,
            verdict.reasons,
            seen.get(row["id"], (None, None))[0],
            verdict.grade,
        )
        for row, verdict in found
    ]
    return [_open_or_masked(store, one) for one in shown]


def _open_or_masked(store: Store, one: Candidate) -> Candidate:
    """Of a restricted record, that it may be the same person, not what of it is the same."""
    return replace(one, photo="", reasons=(), last_visit=None) if store.is_closed(one.id) else one


def matches(store: Store, face: Face, *, but: str = "") -> list[tuple[sa.RowMapping, Verdict]]:
    """The rows of everybody who may be this person, with the verdict, likeliest first."""
    found = []
    for row in sharing(store.conn, face):
        verdict = compare(face, face_of_row(row))
        if verdict.score >= SHOWN and row["id"] != but:
            found.append((row, verdict))
    if found and but:
        others = told_apart(store.conn, but)
        found = [one for one in found if one[0]["id"] not in others]
    return sorted(found, key=lambda one: (-one[1].score, one[0]["id"]))


def face_of(store: Store, details: PatientDetails) -> Face:
    """What is compared of somebody as the desk wrote them down."""
    return face_of_patient(patient_with(details, {}, region_of(store.practice.region)))


def face_of_patient(patient: Json) -> Face:
    """What is compared of somebody described by a Patient resource, which need not be on file."""
    return face_of_row(project_row({**patient, "id": "", "meta": {"versionId": "0"}})[0])


def sharing(conn: Connection, face: Face) -> Sequence[sa.RowMapping]:
    """The rows of everybody who shares a key with this person; two statements."""
    ids = capped_ids(conn, patient_key, sorted(wanted_blocks(face)), _EACH)
    return conn.execute(_shown(), {"ids": ids}).mappings().all() if ids else []


def told_apart(conn: Connection, patient_id: str) -> set[str]:
    """Of whom somebody said that they are not this patient, whichever of the two it was said about."""
    c = duplicate_pair.c
    mine = sa.or_(c.one_id == patient_id, c.other_id == patient_id)
    pairs = conn.execute(sa.select(c.one_id, c.other_id).where(mine, c.state == DIFFERENT))
    return {id_ for pair in pairs for id_ in pair} - {patient_id}


def faces(conn: Connection, ids: Iterable[str]) -> dict[str, Face]:
    """What is compared of these patients, by id; one statement."""
    rows = conn.execute(_faces(), {"ids": list(ids)}).mappings()
    return {row["id"]: face_of_row(row) for row in rows}


@cache
def _shown() -> sa.Select[Any]:
    return sa.select(*_SHOWN_COLUMNS).where(patient_row.c.id.in_(sa.bindparam("ids", expanding=True)))


@cache
def _faces() -> sa.Select[Any]:
    return sa.select(*FACE_COLUMNS).where(patient_row.c.id.in_(sa.bindparam("ids", expanding=True)))
