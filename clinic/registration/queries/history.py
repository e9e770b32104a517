"""What changed in a record, when and by whom, field by field."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clinic.access.tables import user
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping import details_of
from clinic.registration.rules.details import Number, PatientDetails


@dataclass(frozen=True)
class Change:
    """One field that a version changed; values are as kept, numbers as (kind, value) pairs."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Step:
    """One version of a record: who made it, when, why, and what it changed."""

    version: int
    at: datetime
    author: str
    reason: str
    deleted: bool
    changes: tuple[Change, ...]


def history_of(store: Store, patient_id: str) -> list[Step]:
    """Every version of a patient's record, newest first; two statements."""
    versions = store.history("Patient", patient_id)
    region = region_of(store.practice.region)
    people = _names(store, {version.author for version in versions})
    steps = []
    for place, version in enumerate(versions):
        now = details_of(version.json, region)
        before = details_of(versions[place + 1].json, region) if place + 1 < len(versions) else None
        author = people.get(version.author, version.author)
        changes = tuple(changes_between(before, now)) if before else ()
        steps.append(Step(version.version, version.at, author, version.reason, version.deleted, changes))
    return steps


def changes_between(old: PatientDetails, new: PatientDetails) -> list[Change]:
    """The fields in which two descriptions differ; an address or a relative part by part."""
    found: list[Change] = []
    for entry in fields(PatientDetails):
        before, after = getattr(old, entry.name), getattr(new, entry.name)
        if before == after:
            continue
        if entry.name == "numbers":
            found += _by_kind("number", _kinds(before), _kinds(after))
        elif entry.name == "absent":
            found += _by_kind("absent", {one.field: one.reason for one in before}, {o.field: o.reason for o in after})
        elif is_dataclass(after) and is_dataclass(before):
            found += _parts(entry.name, before, after)
        else:
            found.append(Change(entry.name, before, after))
    return found


def _parts(name: str, before: Any, after: Any) -> list[Change]:
    prefix = "" if name == "address" else f"{name}_"
    return [
        Change(prefix + part.name, getattr(before, part.name), getattr(after, part.name))
        for part in fields(after)
        if getattr(before, part.name) != getattr(after, part.name)
    ]


def _kinds(numbers: tuple[Number, ...]) -> dict[str, str]:
    return {number.kind: number.value for number in numbers}


def _by_kind(prefix: str, old: dict[str, str], new: dict[str, str]) -> list[Change]:
    return [
        Change(f"{prefix}_{kind}", old.get(kind, ""), new.get(kind, ""))
        for kind in sorted({*old, *new})
        if old.get(kind) != new.get(kind)
    ]


def _names(store: Store, ids: set[str]) -> dict[str, str]:
    rows = store.conn.execute(sa.select(user.c.id, user.c.name).where(user.c.id.in_(sorted(ids))))
    return {row.id: row.name for row in rows}
