"""What is asked for when a time is booked, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from clinic.appointments.rules.grid import snap, snap_minutes
from clinic.appointments.rules.resources import Part
from clinic.appointments.rules.spans import Span
from clinic.core.days import cells

Cell = tuple[str, int, int]
"""Who, which five minutes since the epoch, which lane."""

UNDO_FOR = timedelta(seconds=60)
"""How long a change can be taken back, and how long the time it left is kept free for that."""
TYPING_FOR = timedelta(minutes=5)
"""How long a time is held while somebody enters a booking."""
PAST_BY = timedelta(minutes=5)
"""A time counts as past when it began longer ago than this."""


@dataclass(frozen=True)
class Tie:
    """What ties several appointments together: `system` says whether a series or a family, `number` which it is."""

    system: str
    key: str
    number: int = 0


@dataclass(frozen=True)
class Group:
    """A visit of several patients: what it is called, and how many seats it has."""

    title: str
    seats: int


@dataclass(frozen=True)
class Booking:
    """What the desk asks for.

    `minutes` None means the usual length of the visit type. `hold` is the hold under which the time was kept
    while typing. `anyway` says that somebody has seen that the patient has another visit at this time.
    """

    patient_id: str
    provider_id: str
    visit_type: str
    start: datetime
    minutes: int | None = None
    room_id: str = ""
    note: str = ""
    hold: str = ""
    anyway: bool = False
    overbook_reason: str = ""
    parts: tuple[str, ...] = ()
    """The people, rooms and devices of the offer, as `Device/x`; where they are free they are taken."""
    tie: Tie | None = None
    group: Group | None = None
    """For a group the patient is left empty; each who takes part has a seat of their own."""
    orders: tuple[str, ...] | None = None
    """The orders and recalls that the visit carries out; None for the recalls of its type, whatever they are."""


@dataclass(frozen=True)
class Change:
    """A new time for an appointment; what is None stays as it is."""

    start: datetime | None = None
    provider_id: str | None = None
    minutes: int | None = None
    room_id: str | None = None
    version: int | None = None
    visit_type: str | None = None
    overbook_reason: str = ""
    anyway: bool = True
    """Whether it is moved even into another visit of the same patient."""


@dataclass(frozen=True)
class Place:
    """An appointment as its time, people and room, with the names that are shown."""

    span: Span
    status: str
    patient_id: str
    patient_name: str
    provider_id: str
    provider_name: str
    type_id: str
    type_name: str
    birth_date: str = ""
    room_id: str = ""
    room_name: str = ""
    site_id: str = ""
    site_name: str = ""
    lane: int = 0
    overbook_reason: str = ""
    note: str = ""
    walk_in: bool = False
    before: int = 0
    after: int = 0
    """Minutes kept free around the visit, for the provider and the room."""
    room_before: int = 0
    room_after: int = 0
    room_lane: int | None = None
    """Which of the places of a room for several; None is the visit's own lane."""
    parts: tuple[Part, ...] = ()
    listed: int = 0
    """Its place in the list of the day, when its visit type has an order instead of a time."""

    def at(self, span: Span) -> Place:
        """The same at another time."""
        return replace(self, span=span)


class Take(NamedTuple):
    """The time of one person, room or device, and which of its places."""

    actor: str
    start: datetime
    end: datetime
    lane: int = 0

    @property
    def cells(self) -> set[Cell]:
        """What is claimed for it, five minutes by five minutes."""
        return {(self.actor, cell, self.lane) for cell in cells(self.start, self.end)}


@dataclass(frozen=True)
class Claim:
    """The time of everybody and everything that an appointment needs, margins included."""

    takes: tuple[Take, ...]

    @property
    def span(self) -> Span:
        """From the first to the last moment that anything is kept."""
        return Span(min(take.start for take in self.takes), max(take.end for take in self.takes))

    @property
    def actors(self) -> frozenset[str]:
        """Everybody and everything."""
        return frozenset(take.actor for take in self.takes)

    @property
    def cells(self) -> set[Cell]:
        """All that is claimed."""
        return {cell for take in self.takes for cell in take.cells}


def asked_span(start: datetime, minutes: int) -> Span:
    """The stretch of whole five-minute steps that a start and a length mean."""
    begins = snap(start)
    return Span(begins, begins + timedelta(minutes=snap_minutes(minutes)))


def is_past(start: datetime, now: datetime) -> bool:
    """Whether a time can no longer be booked."""
    return start < now - PAST_BY
