"""Kinds of documents and what is said of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from clinic.core.errors import N_, Detail, Invalid

LOINC = "http://loinc.org"
OWN = "urn:clinic:document-type"
LONGEST_TITLE = 120
LONGEST_REASON = 200

State = Literal["current", "superseded", "retired"]


@dataclass(frozen=True)
class Kind:
    """A kind of document: its word, its code in LOINC where there is one, and whether it runs out."""

    code: str
    word: str
    loinc: str = ""
    ends: bool = False
    icon: str = "form"


KINDS = (
    Kind("identity", N_("Identity card"), ends=True, icon="idcard"),
    Kind("insurance", N_("Insurance card"), "64290-0", ends=True, icon="card"),
    Kind("referral", N_("Referral"), "57133-1", icon="send"),
    Kind("letter", N_("Letter"), "51852-2", icon="mail"),
    Kind("result", N_("Result"), "11502-2", icon="chart"),
    Kind("consent", N_("Consent"), "59284-0", icon="sign"),
    Kind("form", N_("Form")),
    Kind("other", N_("Other")),
)
BY_CODE = {kind.code: kind for kind in KINDS}
BY_LOINC = {kind.loinc: kind for kind in KINDS if kind.loinc}


@dataclass(frozen=True)
class Described:
    """What is said of a document. Dates are ISO or empty: its own date, and the last day it holds."""

    kind: str
    title: str = ""
    dated: str = ""
    ends: str = ""


def described(kind: str, title: str, dated: date | None, ends: date | None) -> Described:
    """The description from what was chosen and read. Raises Invalid with each fault beside its field."""
    faults = []
    if kind not in BY_CODE:
        faults.append(Detail("kind", "Choose one from the list"))
    plain = " ".join(title.split())
    if len(plain) > LONGEST_TITLE:
        faults.append(Detail("title", "This is too long."))
    if dated and ends and ends < dated:
        faults.append(Detail("ends", "The last day is before the date of the document"))
    if faults:
        raise Invalid("Some entries need a second look", details=tuple(faults))
    return Described(kind, plain, dated.isoformat() if dated else "", ends.isoformat() if ends else "")


def moved(count: int, number: int, act: str) -> list[tuple[int, int]]:
    """The order of pages after one act on page `number` (from 1): up, down, left, right or remove."""
    order = [(place, 0) for place in range(count)]
    at = number - 1
    if not 0 <= at < count:
        raise Invalid("There is no such page.")
    if act == "remove":
        del order[at]
    elif act in ("left", "right"):
        order[at] = (at, 90 if act == "right" else 270)
    elif act in ("up", "down"):
        other = at + (1 if act == "down" else -1)
        if 0 <= other < count:
            order[at], order[other] = order[other], order[at]
    else:
        raise Invalid("There is no such act.")
    return order
