"""What was merged into what, and where a record lives on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from clinic.core.errors import Missing, Moved
from clinic.core.json import Json
from clinic.fhir.referring import Key, naming, paths_to
from clinic.fhir.store import Store
from clinic.registration.mapping.names import display_name
from clinic.registration.mapping.patient import merged_into, record_number
from clinic.registration.queries.finder import people
from clinic.registration.rules.ranking import Person
from clinic.registration.tables import patient_merge, patient_merge_item

MOVING, DONE, PARTING, UNDONE = "moving", "done", "parting", "undone"
MOVED, SETTLED, SENT, BACK = "moved", "settled", "sent", "back"
_MOST_STEPS = 50
_AT_ONCE = 100
_m, _i = patient_merge.c, patient_merge_item.c


@dataclass(frozen=True)
class Merge:
    """One merge of two records; see `tables.patient_merge`."""

    id: str
    survivor_id: str
    other_id: str
    state: str
    at: datetime
    by_name: str
    survivor_before: int
    survivor_after: int
    other_before: int
    total: int
    moved: int
    undone: datetime | None
    undone_by: str

    @property
    def busy(self) -> bool:
        """Whether a job is still at work on it."""
        return self.state in (MOVING, PARTING)


@dataclass(frozen=True)
class Item:
    """One record of a merge."""

    type: str
    id: str
    before: int
    after: int
    way: str


def merge_by_id(store: Store, merge_id: str) -> Merge:
    """One merge. Raises Missing."""
    row = store.conn.execute(sa.select(patient_merge).where(_m.id == merge_id)).first()
    if row is None:
        raise Missing("There is no such merge.")
    return Merge(*row)


def merges_of(store: Store, patient_id: str) -> list[Merge]:
    """Every merge into this record, newest first, the undone ones too."""
    query = sa.select(patient_merge).where(_m.survivor_id == patient_id)
    return [Merge(*row) for row in store.conn.execute(query.order_by(_m.at.desc(), _m.id.desc()))]


@dataclass(frozen=True)
class Line:
    """A merge as the history of the survivor shows it."""

    merge: Merge
    number: str
    name: str


def merge_lines(store: Store, patient_id: str) -> list[Line]:
    """The merges into a record with the number and the name of the other one, newest first."""
    merges = merges_of(store, patient_id)
    found = store.read_many(f"Patient/{one.other_id}" for one in merges)
    others = [found.get(f"Patient/{one.other_id}", {}) for one in merges]
    return [Line(one, record_number(other), display_name(other)) for one, other in zip(merges, others, strict=True)]


def busy_merge(store: Store, patient_ids: Iterable[str]) -> Merge | None:
    """A merge or un-merge of one of these records that is still under way."""
    ids = list(patient_ids)
    its = sa.or_(_m.survivor_id.in_(ids), _m.other_id.in_(ids))
    row = store.conn.execute(sa.select(patient_merge).where(its, _m.state.in_((MOVING, PARTING)))).first()
    return Merge(*row) if row else None


def items_of(store: Store, merge_id: str, *ways: str, limit: int | None = None) -> list[Item]:
    """The records of a merge, of some ways or all, in the order of their ids."""
    query = sa.select(_i.type, _i.id, _i.before, _i.after, _i.way).where(_i.merge_id == merge_id)
    if ways:
        query = query.where(_i.way.in_(ways))
    return [Item(*row) for row in store.conn.execute(query.order_by(_i.id, _i.type).limit(limit))]


def survivor_of(store: Store, patient_id: str) -> str:
    """The record in which a person's record lives on, however many merges away; itself when it was not merged."""
    for _step in range(_MOST_STEPS):
        patient = store.find("Patient", patient_id)
        following = merged_into(patient) if patient else ""
        if not following or store.find("Patient", following) is None:
            break
        patient_id = following
    return patient_id


def require_in_use(store: Store, patient_id: str, patient: Json | None = None) -> Json:
    """The record of a patient about whom something new is to be kept. Raises Moved, Missing, Gone."""
    patient = patient or store.read("Patient", patient_id)
    if merged_into(patient):
        raise Moved(patient_id, survivor_of(store, patient_id))
    return patient


def person_in_use(store: Store, patient_id: str) -> Person | None:
    """The row of the patient whom an address names, if there is one. Raises Moved for a merged record."""
    person = people(store, [patient_id]).get(patient_id) if patient_id else None
    if person is not None and not person.active:
        require_in_use(store, patient_id)
    return person


def merged_away(store: Store, patient_ids: Iterable[str]) -> dict[str, str]:
    """Of these patients those that were merged here, with the record in which each lives on; one statement mostly."""
    query = sa.select(_m.other_id).where(_m.other_id.in_(sorted(set(patient_ids))), _m.state.in_((MOVING, DONE)))
    return {id_: survivor_of(store, id_) for id_ in store.conn.execute(query).scalars().all()}


def unmoved(store: Store, patient_id: str) -> dict[Key, Json]:
    """Every record that leads to a patient, by type and id: all but those that speak of one version of it."""
    keys = naming(store, patient_id)
    found: dict[Key, Json] = {}
    for start in range(0, len(keys), _AT_ONCE):
        read = store.read_many(f"{type_}/{id_}" for type_, id_ in keys[start : start + _AT_ONCE])
        for key in keys[start : start + _AT_ONCE]:
            record = read.get("/".join(key))
            if record is not None and next(paths_to(record, patient_id), None) is not None:
                found[key] = record
    return found
