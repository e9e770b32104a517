"""Free and busy time, and the ids under which programs name what is computed and kept nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from clinic.appointments.rules.setup import Setup
from clinic.core.days import cell_of, cell_start

FREE, BUSY, UNAVAILABLE = "free", "busy", "busy-unavailable"
_MARK = 12
_SLOT = re.compile(r"(free|busy)\.([0-9a-f]{12})\.([0-9a-f]{12}|0)\.(\d{1,9})\.(\d{1,4})")
_HELD = re.compile(r"held\.([0-9a-f-]{36})\.([0-9a-f]{12})")
_LONGEST = 12 * 60


class Stretch(NamedTuple):
    """Time of one provider in one state; `type_id` is the visit type that it is offered for."""

    start: datetime
    end: datetime
    provider: str
    status: str
    type_id: str = ""

    @property
    def minutes(self) -> int:
        """Its length."""
        return int((self.end - self.start).total_seconds()) // 60


@lru_cache(maxsize=4096)
def mark(id_: str) -> str:
    """A short sign for a longer id, so that several fit into the 64 characters of a FHIR id."""
    return sha256(id_.encode()).hexdigest()[:_MARK]


def stretch_id(stretch: Stretch) -> str:
    """The id of a stretch: whose, for which visit type, when and how long. It means the same at any time."""
    kind = "free" if stretch.status == FREE else "busy"
    type_mark = mark(stretch.type_id) if stretch.type_id else "0"
    return f"{kind}.{mark(stretch.provider)}.{type_mark}.{cell_of(stretch.start)}.{stretch.minutes}"


def read_stretch(setup: Setup, id_: str) -> Stretch | None:
    """The stretch that an id names; None for any other id, and for people or visit types that are not here."""
    found = _SLOT.fullmatch(id_)
    if found is None or not 0 < int(found[5]) <= _LONGEST or int(found[5]) % 5:
        return None
    provider = _named(found[2], (one.id for one in setup.providers if one.active))
    type_id = _named(found[3], (one.id for one in setup.types if one.active)) if found[3] != "0" else ""
    if not provider or (found[3] != "0" and not type_id):
        return None
    try:
        start = cell_start(int(found[4]))
        end = start + timedelta(minutes=int(found[5]))
    except (OverflowError, ValueError, OSError):
        return None
    return Stretch(start, end, provider, FREE if found[1] == "free" else BUSY, type_id)


def held_id(holder: str, type_id: str) -> str:
    """The id of an appointment that is held for a program and not kept as a record yet."""
    return f"held.{holder.removeprefix('hold:')}.{mark(type_id)}"


def read_held(setup: Setup, id_: str) -> tuple[str, str] | None:
    """The holder and the visit type that such an id names."""
    found = _HELD.fullmatch(id_)
    type_id = _named(found[2], (one.id for one in setup.types)) if found else ""
    return (f"hold:{found[1]}", type_id) if found and type_id else None


def _named(wanted: str, ids: Iterable[str]) -> str:
    return next((id_ for id_ in ids if mark(id_) == wanted), "")
