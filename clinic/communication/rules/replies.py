"""What somebody means who answers a text."""

from __future__ import annotations

import unicodedata
from typing import Final, Literal

Meaning = Literal["yes", "no", "stop", "start", "text"]

_YES: Final = frozenset({"1", "yes", "y", "ok", "okay", "si", "ja", "نعم", "confirm", "confirmed"})
_NO: Final = frozenset({"2"})
_STOP: Final = frozenset({"stop", "alto", "stopall", "stop all", "unsubscribe", "quit", "end", "optout", "opt out",
                          "baja",
                          "stoppen", "afmelden", "توقف", "ايقاف"})  # fmt: skip
_START: Final = frozenset({"start", "unstop"})
"""A word for cancelling is not among them: half of the world's gateways read CANCEL as STOP, so a person looks."""


def meaning(text: str) -> Meaning:
    """Figures in any script, with or without a full stop, in any case: `1`, `1.`, `١`, `Stop`, `OK!`."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    bare = "".join(str(unicodedata.digit(letter, letter)) for letter in bare)
    words = " ".join("".join(letter if letter.isalnum() else " " for letter in bare).split())
    if words in _STOP:
        return "stop"
    if words in _START:
        return "start"
    if words in _YES:
        return "yes"
    return "no" if words in _NO else "text"
