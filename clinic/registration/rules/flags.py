"""Flags the desk must see: which kinds there are, what each looks like, and which a role may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from clinic.core.errors import N_, Detail, Invalid

LONGEST = 60
OWN = "other"
SHAPES = ("flag", "warn", "stop", "info", "star", "globe", "phone", "money", "person", "heart", "lock", "clock")
COLOURS = ("warn", "danger", "info", "mute", "acc")
CLINICAL = "clinical.read"
"""Who may see flags that say something about a person's health."""

NO_KIND = N_("Choose what kind of flag it is.")
NO_WORDS = N_("Write what the desk must know, in a few words.")
TOO_LONG = N_("Use at most %(most)s letters: it has to be read at a glance.")
BACKWARDS = N_("The end must not be before the start.")
OVER = N_("This day has passed: the flag would never be seen.")


@dataclass(frozen=True)
class Kind:
    """A kind of flag. `label` is a msgid for the kinds of the product, the practice's own words for its own."""

    code: str
    label: str
    shape: str
    colour: str
    clinical: bool = False
    active: bool = True
    own: bool = False
    version: int = 0


KINDS = (
    Kind("safety", N_("Safety"), "stop", "danger"),
    Kind("allergy", N_("Allergy"), "warn", "danger", clinical=True),
    Kind("interpreter", N_("Interpreter"), "globe", "warn"),
    Kind("help", N_("Needs help"), "person", "warn"),
    Kind("payment", N_("Payment arrangement"), "money", "info"),
    Kind("vip", N_("VIP"), "star", "acc"),
    Kind("no-texts", N_("Call, no texts"), "phone", "mute"),
    Kind(OWN, N_("Own words"), "flag", "warn"),
)
"""The kinds of the product, the weightiest first: the order in which they are shown."""
_RANK = {kind.code: number for number, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class Flag:
    """One flag of one patient."""

    kind: str
    text: str = ""
    starts: str = ""
    ends: str = ""
    """The last day on which it is shown; empty for no end."""


@dataclass(frozen=True)
class Shown:
    """A flag as lists and banners draw it; `label` is the kind's msgid where nobody wrote more."""

    kind: str
    label: str
    shape: str
    colour: str
    clinical: bool = False
    ends: str = ""


def kinds_of(own: Iterable[Kind]) -> tuple[Kind, ...]:
    """Every kind: those of the product as the practice changed them, then its own."""
    changed = {kind.code: kind for kind in own}
    usual = [
        replace(kind, active=changed[kind.code].active, version=changed[kind.code].version)
        if kind.code in changed
        else kind
        for kind in KINDS
    ]
    more = sorted((kind for code, kind in changed.items() if code not in _RANK), key=lambda kind: kind.label.casefold())
    return (*usual, *more)


def check(flag: Flag, kinds: Mapping[str, Kind], today: date) -> Flag:
    """The flag as it is kept. Raises Invalid with each fault beside its field."""
    faults = []
    kind = kinds.get(flag.kind)
    text = " ".join(flag.text.split())
    if kind is None or not kind.active:
        faults.append(Detail("kind", NO_KIND))
    if flag.kind == OWN and not text:
        faults.append(Detail("text", NO_WORDS))
    if len(text) > LONGEST:
        faults.append(Detail("text", TOO_LONG % {"most": LONGEST}, TOO_LONG, {"most": LONGEST}))
    if flag.ends and flag.starts and flag.ends < flag.starts:
        faults.append(Detail("ends", BACKWARDS))
    elif flag.ends and flag.ends < today.isoformat():
        faults.append(Detail("ends", OVER))
    if faults:
        raise Invalid("Please correct the marked fields.", details=tuple(faults))
    return replace(flag, text=text, starts=flag.starts or today.isoformat())


def check_kind(kind: Kind) -> Kind:
    """An own kind as it is kept. Raises Invalid."""
    label = " ".join(kind.label.split())
    faults = []
    if not label:
        faults.append(Detail("label", NO_WORDS))
    if len(label) > 30:
        faults.append(Detail("label", TOO_LONG % {"most": 30}, TOO_LONG, {"most": 30}))
    if kind.shape not in SHAPES or kind.colour not in COLOURS:
        faults.append(Detail("shape", "Choose a shape and a colour."))
    if faults:
        raise Invalid("Please correct the marked fields.", details=tuple(faults))
    return replace(kind, label=label)


def read_shown(text: str | None, *, clinical: bool) -> tuple[Shown, ...]:
    """The flags in what `flags_column` gave, the weightiest first; clinical ones only for who may see them."""
    found = []
    for line in (text or "").split("\n"):
        parts = line.split("\t")
        if len(parts) == 6 and (clinical or parts[3] != "1"):
            kind, shape, colour, health, ends, label = parts
            found.append(Shown(kind, label, shape, colour, health == "1", ends))
    return tuple(sorted(found, key=lambda one: (_RANK.get(one.kind, len(_RANK)), one.label)))
