"""Self check-in: who may arrive with the own telephone, and what they have to know."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from clinic.core.names import words

ARRIVING = {"phone": 1, "before": 60, "after": 30, "present": 0}
"""Whether people may check in with the own telephone, how many minutes before and after the appointed time, and
whether the code of the waiting-room screen has to be given. The manager may choose other values."""
LONGEST = 240
CODE_LIVES = 120
"""Seconds that one code stands on the screen; the one before it is taken too."""


@dataclass(frozen=True, slots=True)
class Coming:
    """One visit of today that somebody could have come for."""

    appointment_id: str
    patient_id: str
    start: datetime
    local: time
    birth_date: str
    name: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the person at the telephone said: the birth date, and either initials or the time of the visit."""

    birth_date: str
    initials: str = ""
    at: time | None = None


def arriving_of(own: Mapping[str, int]) -> dict[str, int]:
    """The practice's rules of self check-in."""
    return {name: own.get(name, usual) for name, usual in ARRIVING.items()}


def whose_visit(said: Said, coming: Sequence[Coming], now: datetime, *, rules: Mapping[str, int]) -> str:
    """The one appointment that all of it fits, else "": nothing says which part was wrong, or that there are two.

    Of several visits of one person the first counts that is still in its window.
    """
    early, late = timedelta(minutes=rules["before"]), timedelta(minutes=rules["after"])
    fits = [
        one
        for one in coming
        if one.birth_date == said.birth_date and one.start - early <= now <= one.start + late and _knows(said, one)
    ]
    if len({one.patient_id for one in fits}) != 1:
        return ""
    return min(fits, key=lambda one: one.start).appointment_id


def _knows(said: Said, one: Coming) -> bool:
    if said.at is not None:
        return said.at == one.local.replace(second=0, microsecond=0)
    given = "".join(words(said.initials.replace(".", " ").replace(" ", "")))
    return len(given) > 1 and given in _initials(one.name)


def _initials(name: str) -> Iterable[str]:
    """First and last initial in both orders, and all of them."""
    letters = [word[0] for word in words(name)]
    if len(letters) < 2:
        return {"".join(letters)}
    return {letters[0] + letters[-1], letters[-1] + letters[0], "".join(letters), letters[0] + letters[1]}


def presence_code(secret: bytes, now: datetime, *, back: int = 0) -> str:
    """The four digits that stand on the screen now (or `back` turns ago): who knows them is in the room."""
    turn = int(now.timestamp()) // CODE_LIVES - back
    made = hmac.new(secret, f"waiting room {turn}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(made[:4], 'big') % 10_000:04d}"


def is_present(secret: bytes, now: datetime, code: str) -> bool:
    """Whether this is a code of now, or the one that just went."""
    given = code.strip().encode("utf-8", "replace")
    return any(hmac.compare_digest(presence_code(secret, now, back=back).encode(), given) for back in (0, 1))
