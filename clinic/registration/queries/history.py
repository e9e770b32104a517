"""In which fields two descriptions of a person differ."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from clinic.registration.rules.details import Number, PatientDetails
from clinic.registration.rules.own import OwnValue, grouped


@dataclass(frozen=True)
class Change:
    """One field that a version changed; values are as kept, numbers as (kind, value) pairs."""

    field: str
    old: Any
    new: Any


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
        elif entry.name == "own":
            found += _own(before, after)
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


def _own(before: tuple[OwnValue, ...], after: tuple[OwnValue, ...]) -> list[Change]:
    old, new = grouped(before), grouped(after)
    keys = dict.fromkeys([*old, *new])
    return [Change(f"own:{key}", old.get(key, ()), new.get(key, ())) for key in keys if old.get(key) != new.get(key)]
