"""Who on file may be the person at the desk: candidates from the finder's keys, weighed one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa

from clinic.core.keyed import keyed_hash
from clinic.core.names import words
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping.rows import BORN, MAIL, NUMBER, PHONE, SOUND, TWO_NAMES
from clinic.registration.queries.finder import visits_of
from clinic.registration.rules.details import PatientDetails
from clinic.registration.rules.matching import LIKELY, SHOWN, Face, Reason, compare
from clinic.registration.rules.sound import opening, sound
from clinic.registration.tables import patient_key, patient_row

_EACH = 60


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

    @property
    def probable(self) -> bool:
        """Whether it is more than a maybe."""
        return self.score >= LIKELY


def likely_duplicates(store: Store, details: PatientDetails, *, but: str = "", limit: int = 3) -> list[Candidate]:
    """Who on file may be this person, likeliest first; `but` leaves one patient out (the one being changed)."""
    keys = _blocks(store, details)
    if not keys:
        return []
    new = face_of(details)
    found = []
    for row in store.conn.execute(_rows(keys)).mappings():
        if row["id"] == but:
            continue
        verdict = compare(new, _known(row))
        if verdict.score >= SHOWN:
            found.append((verdict.score, row, verdict.reasons))
    found.sort(key=lambda one: (-one[0], one[1]["id"]))
    found = found[:limit]
    seen = visits_of(store.conn, [row["id"] for _, row, _ in found], store.now) if found else {}
    shown = [
        Candidate(
            row["id"], row["record_number"], row["display"], row["photo"], score, reasons,
            last_visit=seen.get(row["id"], (None, None))[0],
        )
        for score, row, reasons in found
    ]  # fmt: skip
    return [_open_or_masked(store, one) for one in shown]


def _open_or_masked(store: Store, one: Candidate) -> Candidate:
    """Of a restricted record, that it may be the same person, not what of it is the same."""
    return replace(one, photo="", reasons=(), last_visit=None) if store.is_closed(one.id) else one


def face_of(details: PatientDetails) -> Face:
    """What is compared of somebody being registered."""
    return Face(
        given=" ".join(filter(None, (details.given, details.middle))),
        family=details.family,
        other_names=tuple(filter(None, (details.preferred, details.maiden))),
        birth_date="" if details.birth_estimated else details.birth_date,
        sex=details.sex,
        phones=details.phones,
        email=details.email,
        street=details.address.line,
        postal_code=details.address.postal_code,
        numbers=tuple(keyed_hash(number.value) for number in details.numbers),
    )


def _blocks(store: Store, details: PatientDetails) -> set[tuple[str, str]]:
    keys: set[tuple[str, str]] = set()
    born = details.birth_date
    if len(born) == 10:
        keys |= {(BORN, born), (BORN, f"{born[:4]}-{born[8:]}-{born[5:7]}")}
    given, family = words(details.given), words(details.family)
    if given and family:
        for one in {family[0], family[-1], *words(details.maiden)[:1]}:
            keys |= {(TWO_NAMES, f"{opening(one)}|{opening(given[0])}"), (SOUND, f"{sound(one)}|{sound(given[0])}")}
            keys.add((TWO_NAMES, f"{opening(given[0])}|{opening(one)}"))
    keys |= {(PHONE, phone.lstrip("+")[::-1][:20]) for phone in details.phones}
    if details.email:
        keys.add((MAIL, keyed_hash(details.email.casefold())))
    region = region_of(store.practice.region)
    keys |= {(NUMBER, keyed_hash(number.value)) for number in details.numbers if region.kind(number.kind)}
    return keys


def _rows(keys: set[tuple[str, str]]) -> sa.Select[tuple[object, ...]]:
    c = patient_key.c
    blocks = [
        sa.select(sa.select(c.id).where(c.kind == kind, c.key == key).limit(_EACH).subquery())
        for kind, key in sorted(keys)
    ]
    ids = sa.union(*blocks).subquery()
    return sa.select(patient_row).join(ids, ids.c.id == patient_row.c.id)


def _known(row: sa.RowMapping) -> Face:
    return Face(
        given=row["given"],
        family=row["family"],
        other_names=tuple(filter(None, row["others"].split("|"))),
        birth_date="" if row["birth_estimated"] else row["birth_date"],
        sex=row["sex"],
        phones=tuple(row["phones"].split()),
        email=row["email"],
        street=row["street"],
        postal_code=row["postal_code"],
        numbers=tuple(row["numbers"].split()),
    )
