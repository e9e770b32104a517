"""What the desk sees to before somebody goes home: pure decisions.

Five things in the order in which one asks: the next visit, the charges, the money, what is to sign, what is to hand
over. Each is done by what happened elsewhere, or answered at the desk, or left open with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.core.errors import N_, Invalid

NEXT, CHARGES, MONEY, FORMS, PAPERS = "next", "charges", "money", "forms", "papers"
ITEMS = (NEXT, CHARGES, MONEY, FORMS, PAPERS)
LEFT_OPEN, NOT_WANTED, GIVEN, TOLD = "left", "not-wanted", "given", "told"
ANSWERS = {NEXT: (NOT_WANTED, LEFT_OPEN), CHARGES: (NOT_WANTED,), MONEY: (LEFT_OPEN,), FORMS: (LEFT_OPEN,)}
ANSWERS |= {PAPERS: (GIVEN, LEFT_OPEN)}
"""What can be said of each: no further visit is wanted, nothing is charged, it was handed over, it is left."""
LONGEST_REASON = 200

NO_ITEM = N_("There is no such thing at check-out.")
SAY_WHY = N_("Say why it is left.")
TOO_LONG = N_("This is too long.")


@dataclass(frozen=True)
class Said:
    """What was said of one thing at the desk: how, why, when; `task` is what waits for somebody because of it."""

    item: str
    how: str
    at: datetime
    reason: str = ""
    task: str = ""


@dataclass(frozen=True)
class Leaving:
    """What is known of somebody who is about to go."""

    coming: bool = False
    """Whether a visit is booked, or a recall waits until its day."""
    ordered: bool = False
    """Whether somebody ordered a visit that is not booked yet; another one that is booked does not help."""
    charged: bool = False
    due_cents: int = 0
    unsigned: int = 0
    in_hands: bool = False
    """Whether forms are with the patient now."""
    papers: int = 0
    """Letters and other documents that were filed for the patient during the visit."""


@dataclass(frozen=True)
class Item:
    """One thing at check-out. `state` is `done`, `open`, `left`, `said`, or `told`: somebody else sees to it."""

    name: str
    state: str
    said: Said | None = None

    @property
    def open(self) -> bool:
        """Whether the desk still has to do something about it."""
        return self.state == "open"


def items_of(known: Leaving, said: Mapping[str, Said]) -> tuple[Item, ...]:
    """The five things with their states. What happened goes before what was said of it."""
    done = {
        NEXT: known.coming and not known.ordered,
        CHARGES: known.charged,
        MONEY: known.due_cents <= 0,
        FORMS: not known.unsigned and not known.in_hands,
        PAPERS: not known.papers,
    }
    return tuple(_item(name, done[name], said.get(name)) for name in ITEMS)


def _item(name: str, done: bool, said: Said | None) -> Item:
    if done:
        return Item(name, "done", said)
    if said is not None:
        return Item(name, {LEFT_OPEN: "left", TOLD: "told"}.get(said.how, "said"), said)
    return Item(name, "told" if name == CHARGES else "open")


def open_items(items: Sequence[Item]) -> tuple[str, ...]:
    """The names of what is still open, in the desk's order."""
    return tuple(item.name for item in items if item.open)


def check_said(item: str, how: str, reason: str) -> str:
    """The reason as it is kept. Raises Invalid beside the field: leaving something and charging nothing need one."""
    if how not in ANSWERS.get(item, ()):
        raise Invalid(NO_ITEM)
    tidy = " ".join(reason.split())
    if len(tidy) > LONGEST_REASON:
        raise Invalid(TOO_LONG, field="reason")
    if not tidy and (how == LEFT_OPEN or item == CHARGES):
        raise Invalid(SAY_WHY, field="reason")
    return tidy


def seconds_of(log: Sequence[tuple[str, datetime]], station: str) -> int | None:
    """How long the last stay at a station lasted; None when there was none or it goes on."""
    for (name, start), (_, end) in zip(reversed(log[:-1]), reversed(log[1:]), strict=True):
        if name == station:
            return int((end - start).total_seconds())
    return None


@dataclass(frozen=True)
class Window:
    """The days on which the next visit should be: from the first to the last, both included."""

    first: date
    last: date


def window_around(due: date, today: date) -> Window:
    """The days around one that was said: the further away it is, the more days earlier or later will do."""
    ahead = (due - today).days
    slack = next((days for most, days in _SLACK if ahead <= most), _MOST_SLACK)
    return Window(max(due - timedelta(days=slack), today), max(due + timedelta(days=slack), today))


_SLACK = ((6, 1), (20, 3), (100, 7))
_MOST_SLACK = 14
