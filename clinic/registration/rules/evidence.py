"""How sure a value is: from the acts on it to where it came from, who confirmed it, and whether to ask again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from clinic.core.source import IMPORT, MERGE, UNKNOWN

SET, VERIFY = "set", "verify"

AGES: Mapping[str, int] = {
    "mobile": 180, "home_phone": 365, "work_phone": 365, "email": 365, "address": 180, "mailing": 365,
    "contact_by": 730, "emergency": 365, "emergency2": 365, "emergency3": 365, "coverage": 365, "language": 0,
    "marital": 0, "general_practitioner": 730, "pharmacy": 730, "employer": 730, "family": 0, "birth_date": 0,
}  # fmt: skip
"""Days until a value wants to be confirmed, 0 for never; the practice may change each. What is not here never does."""

CONTACT = (
    "mobile", "home_phone", "work_phone", "email", "address", "mailing", "contact_by", "emergency", "emergency2",
    "emergency3",
)  # fmt: skip
"""How a person is reached: what check-in asks under “Contact”."""

LONGEST = 3650
"""The longest term that a practice may set, in days."""

WAYS = ("mobile", "home_phone", "work_phone", "email")
"""What a person can be reached by at once."""

UNSURE = frozenset({IMPORT, UNKNOWN, MERGE})
"""Sources in which nobody said that the value is right now: to be asked once, whatever its date."""


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


@dataclass(frozen=True)
class Standing:
    """How a record stands: the values that want to be confirmed, and those that do not."""

    stale: tuple[Evidence, ...]
    fresh: tuple[Evidence, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields to ask about."""
        return tuple(one.field for one in self.stale)

    @property
    def latest(self) -> datetime | None:
        """When any of them was last told or confirmed."""
        return max((one.shown_at for one in (*self.stale, *self.fresh)), default=None)


def standing(found: Mapping[str, Evidence], ages: Mapping[str, int], now: datetime) -> Standing:
    """What wants to be confirmed, in the order of the ages, and what does not."""
    stale = [found[name] for name, days in ages.items() if name in found and found[name].stale(days, now)]
    return Standing(tuple(stale), tuple(one for one in found.values() if one not in stale))


def whole(found: Mapping[str, Evidence], values: Iterable[str], on_file: Told) -> dict[str, Evidence]:
    """The evidence of every value that is there; one without any is on file, and nobody knows from where."""
    return {name: found.get(name) or Evidence(name, on_file) for name in values}


def ages_of(own: Mapping[str, int]) -> dict[str, int]:
    """The terms of a practice: its own over the usual ones."""
    return {name: own.get(name, days) for name, days in AGES.items()}
