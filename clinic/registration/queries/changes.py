"""The history of a record: every change with old, new, who, when and from where, and every confirmation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from clinic.access.tables import client, user
from clinic.fhir.store import Store, Version
from clinic.regions import Region, region_of
from clinic.registration.mapping import details_of
from clinic.registration.mapping.evidence import changes
from clinic.registration.queries.evidence import acts_on
from clinic.registration.queries.history import Change, changes_between
from clinic.registration.rules.details import DETAIL_FIELDS, PatientDetails
from clinic.registration.rules.evidence import SET, VERIFY, Told
from clinic.registration.rules.own import grouped

MADE, CHANGED, OTHER, GONE, CONFIRMED = "made", "changed", "other", "gone", "confirmed"
_NOT_ALONE = frozenset({"guarantor", "absent", "numbers", "own", "past_addresses", "known_of"})
"""What is kept elsewhere, is no value of its own, or follows from another."""
_NOBODY = PatientDetails("", "", "", "")


@dataclass(frozen=True)
class Line:
    """One line of the history; `field` as evidence names it, `change` part by part where it is made of several."""

    kind: str
    version: int
    at: datetime
    author: str
    field: str = ""
    change: Change | None = None
    told: Told | None = None
    reason: str = ""
    undoable: bool = False
    """Whether the value before this change may be restored: it is not what stands there now."""
    names: tuple[str, ...] = ()
    """What was confirmed."""


@dataclass(frozen=True)
class Past:
    """The whole history of a record, newest first, and the version it has now."""

    version: int
    lines: tuple[Line, ...]
    fields: tuple[str, ...]
    """Every field that it speaks of, for the filter."""


def past_of(store: Store, patient_id: str, field: str = "") -> Past:
    """The history of a patient's record, of one field when it is named; three statements."""
    versions = store.history("Patient", patient_id)
    acts = acts_on(store, [patient_id])
    reader = _Reader(region_of(store.practice.region), acts, _names(store, {one.author for one in versions}))
    lines = [*reader.lines(versions, field), *reader.confirmations(field)]
    lines.sort(key=lambda line: (line.at, line.version, line.kind == CONFIRMED), reverse=True)
    number = versions[0].version if versions else 0
    return Past(number, tuple(lines), tuple(reader.met))


@dataclass
class _Reader:
    region: Region
    acts: Sequence[Told]
    names: dict[str, str]

    def __post_init__(self) -> None:
        self.met: dict[str, None] = {}

    def lines(self, versions: Sequence[Version], field: str) -> Iterator[Line]:
        """The lines of every version; of one field also how it began."""
        now = details_of(versions[0].json, self.region) if versions else _NOBODY
        gone = bool(versions) and versions[0].deleted
        for place, version in enumerate(versions):
            before = versions[place + 1] if place + 1 < len(versions) else None
            found = list(self._changes(before, version))
            self.met.update((name, None) for name, _change in found)
            base = Line(OTHER, version.version, version.at, self.names.get(version.author, version.author))
            if before is None and not field:
                yield replace(base, kind=MADE, reason=version.reason, told=self._told(version.version, ""))
                continue
            for name, change in found:
                if field in ("", name):
                    free = (
                        before is not None
                        and not gone
                        and may_restore(name)
                        and _differs(before, now, name, self.region)
                    )
                    told = self._told(version.version, name)
                    author = told.by_name if told and told.by_name else base.author
                    yield replace(
                        base, kind=CHANGED, author=author, field=name, change=change, told=told, undoable=free
                    )
            if not found and not field:
                kind = GONE if version.deleted else OTHER
                yield replace(base, kind=kind, reason=version.reason, told=self._told(version.version, ""))

    def confirmations(self, field: str) -> Iterator[Line]:
        """A line for each time that values were confirmed."""
        for told in self.acts:
            names = tuple(name for name in told.fields.split() if name in self.met)
            if told.act == VERIFY and names and (not field or field in names):
                yield Line(CONFIRMED, told.version, told.at, told.by_name, told=told, names=names)

    def _changes(self, before: Version | None, version: Version) -> Iterator[tuple[str, Change]]:
        if version.deleted:
            return
        old = details_of(before.json, self.region) if before else _NOBODY
        new = details_of(version.json, self.region)
        for name in DETAIL_FIELDS:
            value = getattr(new, name)
            if getattr(old, name) != value:
                for change in changes_between(old, replace(old, **{name: value})):
                    yield _field_of(name, change.field), change
        named, emptied = changes(before.json if before else None, version.json, self.region)
        if "photo" in (*named, *emptied):
            yield "photo", Change("photo", "", "")

    def _told(self, version: int, name: str) -> Told | None:
        mine = [told for told in self.acts if told.version == version and told.act == SET]
        exact = (told for told in mine if name in told.fields.split() or name in told.emptied.split())
        return next(exact, None) or next(iter(mine), None)


def may_restore(field: str) -> bool:
    """Whether a value of this field can be put back by itself."""
    return field.startswith(("number_", "own:")) or (field in DETAIL_FIELDS and field not in _NOT_ALONE)


def value_in(details: PatientDetails, field: str) -> object:
    """The value of a field as evidence names it."""
    if field.startswith("own:"):
        return grouped(details.own).get(field.removeprefix("own:"), ())
    return details.number(field.removeprefix("number_")) if field.startswith("number_") else getattr(details, field)


def _differs(before: Version | None, now: PatientDetails, field: str, region: Region) -> bool:
    return before is not None and value_in(details_of(before.json, region), field) != value_in(now, field)


def _field_of(name: str, part: str) -> str:
    return part if name in ("numbers", "own") else part.removeprefix("absent_") if name == "absent" else name


def _names(store: Store, ids: Iterable[str]) -> dict[str, str]:
    wanted = sorted(ids)
    people = sa.select(user.c.id, user.c.name).where(user.c.id.in_(wanted))
    programs = sa.select(client.c.id, client.c.name).where(client.c.id.in_(wanted))
    found = {str(row[0]): str(row[1]) for row in store.conn.execute(people.union_all(programs))}
    return {"system": "Clinic", **found}
