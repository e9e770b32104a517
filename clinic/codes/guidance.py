"""What is missing from a code that a claim cannot carry yet: a side, an ending, more detail."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from clinic.codes.notes import endings
from clinic.codes.search import children
from clinic.codes.systems import Code
from clinic.codes.text import words

_MOST = 30


@dataclass(frozen=True, slots=True)
class Guidance:
    """`missing` is "side", "ending" or "detail"; `choices` are complete codes to choose from."""

    missing: str
    choices: tuple[Code, ...]


def complete(conn: Connection, system: str, name: str) -> Guidance | None:
    """How to complete a heading; None when nothing is beneath it."""
    choices = tuple(children(conn, system, name, _MOST))
    if not choices:
        return None
    if endings(name) and all(len(each.code) == len(choices[0].code) == 8 for each in choices):
        return Guidance("ending", choices)
    sides = {side for each in choices for side in words(each.display) if side in ("left", "right")}
    return Guidance("side" if len(sides) == 2 else "detail", choices)
