"""The store of one transaction: who is asking, what time it is, and every record.

Services take a `Store` as their first argument and never commit. Writing a resource validates it,
keeps its history, fills its search index and read models, and notes it for the audit trail: all in
the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from clinic.core.actor import BREAK_GLASS, Actor
from clinic.core.days import instant_text
from clinic.core.errors import N_, Conflict, Gone, Invalid, Missing, Restricted, Stale
from clinic.core.hooks import Hooks
from clinic.core.ids import new_id
from clinic.core.json import Json, dumps, loads
from clinic.core.practice import Practice
from clinic.core.source import Source, usual_source
from clinic.db.rows import Part, insert_all, is_duplicate, joined
from clinic.db.sql import insert_ignore
from clinic.fhir import claims, projection
from clinic.fhir.registry import Registry
from clinic.fhir.search import SearchQuery, find_texts
from clinic.fhir.subject import patient_of, patients_of
from clinic.fhir.tables import outbox, resource_version
from clinic.fhir.tables import resource as resource_table
from clinic.fhir.validate import require_valid
from clinic.fhir.versions import Touch, Version, bare

__all__ = ["STALE", "Setting", "Store", "Touch", "Version"]

T = TypeVar("T")
STALE = N_("This record was changed by somebody else since you opened it.")
_r = resource_table.c
_v = resource_version.c
_CURRENT = sa.select(_r.version, _r.deleted, _r.json).where(
    _r.type == sa.bindparam("of_type"), _r.id == sa.bindparam("of_id")
)
_LOCKED = _CURRENT.with_for_update()
"""SQLite's form of this has no lock: its one writer holds the whole file already."""


@dataclass
class Setting:
    """What a store needs besides its connection: the same for every transaction of the application."""

    registry: Registry
    hooks: Hooks
    practice: Practice


class Store:
    """Every record of the practice, as seen and changed by one actor in one transaction."""

    def __init__(self, conn: Connection, setting: Setting, *, actor: Actor, now: datetime) -> None:
        self.conn = conn
        self.setting = setting
        self.actor = actor
        self.now = now
        self.touched: list[Touch] = []
        self.gate: Callable[[Json], None] = require_valid
        self.sources: tuple[Source, ...] = ()
        self._read_once: dict[object, Any] = {}

    @property
    def practice(self) -> Practice:
        """The practice's own settings."""
        return self.setting.practice

    @property
    def registry(self) -> Registry:
        """What the slices declared about their types."""
        return self.setting.registry

    # -- who may see it

    def require_open(self, patient_id: str) -> None:
        """Refuse what belongs to a restricted patient whose record is closed to this actor. Raises Restricted.

        Every way of reading, writing or noting a record in this store comes through here, so that no screen,
        print, picture or file has to think of it.
        """
        if patient_id in self.actor.barred:
            raise Restricted(patient_id)

    def is_closed(self, patient_id: str) -> bool:
        """Whether a list has to hide all but the name and the record number of this patient."""
        return patient_id in self.actor.barred

    @contextmanager
    def on_behalf_of_all(self) -> Iterator[None]:
        """Let a change of the practice itself (a provider's new name) reach the records that are closed, unseen."""
        actor, self.actor = self.actor, replace(self.actor, barred=frozenset())
        try:
            yield
        finally:
            self.actor = actor

    def _opened(self, resource: Json) -> Json:
        if self.actor.barred:
            for patient_id in patients_of(resource) & self.actor.barred:
                raise Restricted(patient_id)
        return resource

    def _is_open(self, resource: Json) -> bool:
        return not self.actor.barred or not patients_of(resource) & self.actor.barred

    @contextmanager
    def told_by(self, *sources: Source) -> Iterator[None]:
        """Say where the values written within come from; what no source speaks of has the usual one."""
        before, self.sources = self.sources, sources
        try:
            yield
        finally:
            self.sources = before

    def source_of(self, field: str) -> Source:
        """Where a value that is written now comes from."""
        return next((source for source in self.sources if source.tells(field)), None) or usual_source(self.actor)

    # -- reading

    def read_once(self, key: object, read: Callable[[], T]) -> T:
        """Share what several parts of one page ask for; for reading pages, never where something is written."""
        if key not in self._read_once:
            self._read_once[key] = read()
        found: T = self._read_once[key]
        return found

    def find(self, type_: str, id_: str) -> Json | None:
        """The current record, or None when it was never there or is deleted. Raises Restricted."""
        row = self._row(type_, id_)
        return None if row is None or row.deleted else self._opened(loads(row.json))

    def read(self, type_: str, id_: str) -> Json:
        """The current record. Raises Missing, or Gone when it was deleted; Restricted."""
        row = self._row(type_, id_)
        if row is None:
            raise Missing("There is no %(type)s with this number.", type=type_)
        if row.deleted:
            raise Gone("This %(type)s was deleted.", type=type_)
        return self._opened(loads(row.json))

    def lock(self, type_: str, id_: str) -> None:
        """Keep other writers from this record until the transaction ends, so that what was checked stays true."""
        self._row(type_, id_, lock=True)

    def read_many(self, references: Iterable[str]) -> dict[str, Json]:
        """The current records of relative references, by reference; one statement, missing and closed ones left out."""
        wanted = {ref for ref in references if ref.count("/") == 1}
        by_type: dict[str, list[str]] = {}
        for ref in sorted(wanted):
            by_type.setdefault(ref.split("/")[0], []).append(ref.split("/")[1])
        if not by_type:
            return {}
        either = sa.or_(*(sa.and_(_r.type == type_, _r.id.in_(ids)) for type_, ids in by_type.items()))
        rows = self.conn.execute(sa.select(_r.type, _r.id, _r.json).where(either, ~_r.deleted))
        found = {f"{row.type}/{row.id}": loads(row.json) for row in rows}
        return {reference: one for reference, one in found.items() if self._is_open(one)}

    def search(
        self, type_: str, query: Sequence[tuple[str, str]] = (), *, limit: int = 100, offset: int = 0
    ) -> list[Json]:
        """The current records that match FHIR search parameters, newest last unless `_sort` says else.

        Those of restricted patients that are closed to this actor are left out.
        """
        wanted = SearchQuery(type_, tuple(query), limit=limit, offset=offset, zone=self.practice.zone)
        found = [loads(text) for text in find_texts(self.conn, self.registry, wanted)]
        return [one for one in found if self._is_open(one)]

    def vread(self, type_: str, id_: str, version: int) -> Version:
        """One version, deleted ones included. Raises Missing."""
        found = self.history(type_, id_, version=version)
        if not found:
            raise Missing("There is no version %(version)s of this %(type)s.", version=version, type=type_)
        return found[0]

    def history(self, type_: str, id_: str, *, version: int | None = None) -> list[Version]:
        """Every version, newest first."""
        wanted = sa.select(resource_version).where(_v.type == type_, _v.id == id_)
        if version is not None:
            wanted = wanted.where(_v.version == version)
        rows = self.conn.execute(wanted.order_by(_v.version.desc()))
        found = [Version(row.version, row.at, row.author, row.reason, row.deleted, row.json) for row in rows]
        if self.actor.barred:
            for one in found:
                self._opened(one.json)
        return found

    # -- writing

    def create(self, resource: Json, *, id: str | None = None, reason: str = "") -> Json:
        """Keep a new record; gives it back with its id and version. Raises Invalid, or Conflict for a used id."""
        fresh = self._opened(self._stamped(resource, id or new_id(), 1))
        self.gate(fresh)
        parts = [*self._new_parts(fresh, reason), *self._beside(None, fresh)]
        try:
            insert_all(self.conn, joined(parts))
        except IntegrityError as error:
            if is_duplicate(error, resource_table):
                raise Conflict("There is already a %(type)s with this id.", type=fresh["resourceType"]) from error
            raise
        self._touch("C", fresh, 1)
        return fresh

    def update(self, resource: Json, *, version: int | None = None, reason: str = "") -> Json:
        """Keep a changed record as a new version.

        The same content makes no new version. Raises Stale when `version` is given and no longer the
        current one, Missing when there is nothing to change, Invalid. A deleted record comes back.
        """
        type_, id_ = str(resource.get("resourceType", "")), str(resource.get("id", ""))
        row = self._row(type_, id_, lock=True)
        if row is None:
            raise Missing("There is no %(type)s with this number.", type=type_)
        if version is not None and version != row.version:
            raise Stale(STALE, current=self._opened(loads(row.json)))
        present = self._opened(loads(row.json))
        if not row.deleted and dumps(bare(present)) == dumps(bare(resource)):
            return present
        number = row.version + 1
        fresh = self._opened(self._stamped(resource, id_, number))
        self.gate(fresh)
        text = dumps(fresh)
        self._replace_row(type_, id_, number, text=text, deleted=False)
        projection.drop(self.conn, self.registry, type_, id_)
        kept = (resource_version, [self._version_row(fresh, number, text, reason=reason)])
        parts = [kept, *projection.parts_of(self.registry, fresh), *self._beside(present, fresh)]
        insert_all(self.conn, joined(parts))
        self._touch("U", fresh, number)
        return fresh

    def delete(self, type_: str, id_: str, *, version: int | None = None, reason: str = "") -> None:
        """Take a record out of use; its history stays. Deleting twice is once. Raises Missing, Stale."""
        row = self._row(type_, id_, lock=True)
        if row is None:
            raise Missing("There is no %(type)s with this number.", type=type_)
        if row.deleted:
            return
        last = self._opened(loads(row.json))
        if version is not None and version != row.version:
            raise Stale(STALE, current=last)
        number = row.version + 1
        self._replace_row(type_, id_, number, text=row.json, deleted=True)
        kept = self._version_row(last, number, row.json, reason=reason, deleted=True)
        insert_all(self.conn, [(resource_version, [kept])])
        projection.drop(self.conn, self.registry, type_, id_)
        self._touch("D", last, number)

    # -- claims, numbers, work for later, news

    def claim(self, kind: str, key: str, holder: str) -> None:
        """Take a key that only one record may have. Raises Taken."""
        claims.claim(self.conn, kind, key, holder)

    def release(self, kind: str, key: str, holder: str) -> None:
        """Give a key back."""
        claims.release(self.conn, kind, key, holder)

    def release_all(self, holder: str) -> None:
        """Give back every key of a holder."""
        claims.release_all(self.conn, holder)

    def holder(self, kind: str, key: str) -> str | None:
        """Who has a key."""
        return claims.holder_of(self.conn, kind, key)

    def claim_cells(
        self, actors: Sequence[str], start: datetime, end: datetime, *, appointment: str, lane: int = 0
    ) -> None:
        """Take the time of every actor an appointment needs. Raises Taken."""
        claims.claim_cells(self.conn, actors, (start, end), appointment, lane)

    def free_cells(self, appointment: str) -> None:
        """Give back the time of an appointment."""
        claims.free_cells(self.conn, appointment)

    def next_number(self, series: str) -> int:
        """The next number of a gap-free series."""
        return claims.next_number(self.conn, series)

    def enqueue(self, kind: str, payload: Json, key: str, *, not_before: datetime | None = None) -> None:
        """Leave work for after the commit; the same key is done once."""
        row = {
            "id": new_id(), "kind": kind, "key": key, "payload": payload, "state": "waiting", "attempts": 0,
            "not_before": not_before or self.now, "lease_until": None, "error": "", "created": self.now,
        }  # fmt: skip
        insert_ignore(self.conn, outbox, [row])

    def fire(self, news: str, resource: Json) -> None:
        """Tell the slices above; they act in this transaction."""
        self.setting.hooks.tell(news, self, resource)

    def saw(self, patient_id: str, what: str) -> None:
        """Note for the audit trail that a patient's record was shown. Raises Restricted."""
        self.require_open(patient_id)
        self.saw_in_list(patient_id, what)

    def saw_in_list(self, patient_id: str, what: str) -> None:
        """Note that a patient stood in a list, of a closed record with the name alone."""
        touch = Touch("R", "Patient", patient_id, 0, patient_id, what)
        if patient_id and touch not in self.touched:
            self.touched.append(touch)

    def did(self, action: str, what: str, patient_id: str = "") -> None:
        """Note an act for the audit trail that is no reading or writing of a record: a print, an export."""
        self.require_open(patient_id)
        self.touched.append(Touch(action, "Patient" if patient_id else "", patient_id, 0, patient_id, what))

    def broke_glass(self, patient_id: str, reason: str) -> None:
        """Note that a restricted record was opened with a reason: the one act on a closed record."""
        self.touched.append(Touch(BREAK_GLASS, "Patient", patient_id, 0, patient_id, reason))

    # -- within

    def _new_parts(self, fresh: Json, reason: str) -> list[Part]:
        text = dumps(fresh)
        row = {
            "type": fresh["resourceType"], "id": fresh["id"], "version": 1, "updated": self.now, "deleted": False,
            "json": text,
        }  # fmt: skip
        kept = (resource_version, [self._version_row(fresh, 1, text, reason=reason)])
        return [(resource_table, [row]), kept, *projection.parts_of(self.registry, fresh)]

    def _beside(self, before: Json | None, fresh: Json) -> list[Part]:
        """What is kept with this version; it is part of the same act and leaves no mark of its own in the trail."""
        witness = self.registry.witnesses.get(fresh["resourceType"])
        parts: list[Part] = []
        for made in witness(self, before, fresh) if witness else ():
            stamped = self._stamped(made, new_id(), 1)
            self.gate(stamped)
            parts += self._new_parts(stamped, "")
        return parts

    def _row(self, type_: str, id_: str, *, lock: bool = False) -> Any:
        wanted: sa.Select[Any] = _LOCKED if lock else _CURRENT
        return self.conn.execute(wanted, {"of_type": type_, "of_id": id_}).first()

    def _stamped(self, resource: Json, id_: str, version: int) -> Json:
        if not isinstance(resource.get("resourceType"), str):
            raise Invalid("A record needs its resourceType.", field="resourceType")
        given = resource.get("meta")
        meta = dict(given) if isinstance(given, dict) else {}
        meta = {"versionId": str(version), "lastUpdated": instant_text(self.now)} | {
            key: value for key, value in meta.items() if key not in ("versionId", "lastUpdated")
        }
        rest = {k: v for k, v in resource.items() if k not in ("resourceType", "id", "meta")}
        return {"resourceType": resource["resourceType"], "id": id_, "meta": meta, **rest}

    def _replace_row(self, type_: str, id_: str, version: int, *, text: str, deleted: bool) -> None:
        change = sa.update(resource_table).where(_r.type == type_, _r.id == id_, _r.version == version - 1)
        values = {"version": version, "updated": self.now, "deleted": deleted, "json": text}
        if self.conn.execute(change.values(values)).rowcount != 1:
            raise Stale(STALE, current=self.find(type_, id_) or {})

    def _version_row(self, resource: Json, version: int, text: str, *, reason: str, deleted: bool = False) -> Json:
        return {
            "type": resource["resourceType"], "id": resource["id"], "version": version, "json": text,
            "deleted": deleted, "author": self.actor.id, "at": self.now, "reason": reason[:200],
        }  # fmt: skip

    def _touch(self, action: str, resource: Json, version: int) -> None:
        patient = patient_of(resource)
        self.touched.append(Touch(action, resource["resourceType"], resource["id"], version, patient))
