"""How sure a value is: from the acts on it to where it came from, who confirmed it, and whether to ask again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from clinic.core.source import IMPORT, MERGE, UNKNOWN

SET, VERIFY = "set", "verify"

AGES: Mapping[str, int] = {
    "mobile": 180, "home_phone": 365, "work_phone": 365, "email": 365, "address": 180, "contact_by": 730,
    "emergency": 365, "guarantor": 365, "general_practitioner": 730, "coverage": 365,
}  # fmt: skip
"""Days until a value wants to be confirmed; a field that is not named here never does."""

CONTACT = ("mobile", "home_phone", "work_phone", "email", "address", "emergency", "contact_by")
"""How a person is reached: what check-in asks under “Contact”."""

UNSURE = frozenset({IMPORT, UNKNOWN, MERGE})
"""Sources in which nobody said that the value is right now: to be asked once, whatever its date."""

LONGEST = 3650


@dataclass(frozen=True, slots=True)
class Told:
    """One act as it is read: some fields were set, emptied, or verified."""

    patient_id: str
    version: int
    at: datetime
    act: str
    source: str
    fields: str
    emptied: str
    by_name: str
    document: str
    detail: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind the present value of one field."""

    field: str
    told: Told
    """How the value came."""
    verified: Told | None = None
    """The last time somebody said that it is right."""

    @property
    def since(self) -> datetime | None:
        """Since when it counts as known to be right; None when nobody ever said so."""
        if self.verified is not None:
            return self.verified.at
        return None if self.told.source in UNSURE else self.told.at

    @property
    def shown_at(self) -> datetime:
        """The date to show with it."""
        return self.verified.at if self.verified is not None else self.told.at

    def stale(self, days: int, now: datetime) -> bool:
        """Whether it wants to be confirmed; never for a field without a term."""
        return days > 0 and (self.since is None or now - self.since > timedelta(days=days))


def weigh(acts: Iterable[Told]) -> dict[str, Evidence]:
    """The evidence of each field that has a value, from all acts on one record."""
    found: dict[str, Evidence] = {}
    for told in sorted(acts, key=lambda one: (one.at, one.version, one.act != SET, one.id)):
        if told.act == SET:
            found.update((name, Evidence(name, told)) for name in told.fields.split())
            for name in told.emptied.split():
                found.pop(name, None)
            continue
        for name in told.fields.split():
            known = found.get(name)
            if known is not None:
                found[name] = replace(known, verified=told)
    return found


def stale_of(found: Mapping[str, Evidence], ages: Mapping[str, int], now: datetime) -> list[Evidence]:
    """What wants to be confirmed, in the order of the ages."""
    return [found[name] for name, days in ages.items() if name in found and found[name].stale(days, now)]
