"""Where a value comes from: who or what told it, and the paper or picture behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from clinic.core.actor import Actor

DESK: Final = "desk"
IN_PERSON: Final = "in-person"
PHONE: Final = "phone"
TABLET: Final = "tablet"
LINK: Final = "link"
CARD: Final = "card"
LICENCE: Final = "licence"
DOCUMENT: Final = "document"
FAMILY: Final = "family"
IMPORT: Final = "import"
INTERFACE: Final = "interface"
MERGE: Final = "merge"
UNMERGE: Final = "unmerge"
RESTORED: Final = "restored"
UNKNOWN: Final = "unknown"

KINDS: Final = (
    DESK, IN_PERSON, PHONE, TABLET, LINK, CARD, LICENCE, DOCUMENT, FAMILY, IMPORT, INTERFACE, MERGE, UNMERGE, RESTORED,
    UNKNOWN,
)  # fmt: skip
"""Typed at the desk (and told in person or by phone where that is known), given by the patient on the tablet or by
a link, read from an insurance card, a licence's barcode or another document, taken over from a family member,
imported, written by a program, brought by a merge or its undoing, restored from the history, and not known."""

_BY_ACTOR: Final = {"user": DESK, "device": TABLET, "patient": LINK, "client": INTERFACE, "system": IMPORT}


@dataclass(frozen=True)
class Source:
    """Where values come from. With `fields` it speaks of those alone, such as those that a barcode gave."""

    kind: str
    document: str = ""
    """A reference to what lies behind it: the card, the barcode's picture, the answers, the other record."""
    detail: str = ""
    """Which one in words: the import run, the program, the other record."""
    fields: frozenset[str] = frozenset()

    def tells(self, field: str) -> bool:
        """Whether it speaks of this field."""
        return not self.fields or field in self.fields


def usual_source(actor: Actor) -> Source:
    """Where values come from when nobody said else: by the kind of the one who writes."""
    return Source(_BY_ACTOR[actor.kind], detail=actor.name if actor.kind == "client" else "")
