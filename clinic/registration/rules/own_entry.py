"""The practice's own fields as they come from a form, `own_<key>` each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from clinic.core.errors import Detail, Invalid
from clinic.registration.rules.own import NEEDED, REGISTER, OwnField, OwnValue, Reader, grouped, read_value

PREFIX = "own_"


class Asking(Protocol):
    """Where and when the entry is made, and what is asked."""

    @property
    def today(self) -> date:
        """The local day."""

    @property
    def date_order(self) -> str:
        """The practice's date order."""

    @property
    def own(self) -> tuple[OwnField, ...]:
        """The fields that are asked."""

    @property
    def registering(self) -> bool:
        """Whether what is needed at registration is needed now."""


def read_own(entry: Mapping[str, str], desk: Asking, faults: list[Detail]) -> tuple[OwnValue, ...]:
    """The values that an entry holds; what is wrong is added to the faults, beside its field."""
    found: list[OwnValue] = []
    for one in desk.own:
        name = PREFIX + one.key
        try:
            values = read_value(one, str(entry.get(name) or ""), Reader(desk.today, desk.date_order))
        except Invalid as fault:
            faults.append(Detail.of(name, fault))
            continue
        if not values and one.need == REGISTER and desk.registering:
            faults.append(Detail.of(name, Invalid(NEEDED, label=one.label("en"))))
        found += values
    return tuple(found)


def kept_own(read: tuple[OwnValue, ...], known: tuple[OwnValue, ...], same: set[str]) -> tuple[OwnValue, ...]:
    """Values after a change: those of fields that the form did not ask, or that were not touched, stay as they are."""
    now = grouped(read)
    before = grouped(known)
    keys = dict.fromkeys([*before, *now])
    kept = (before.get(key, ()) if PREFIX + key in same else now.get(key, ()) for key in keys)
    return tuple(one for some in kept for one in some)
