"""What can be booked beside a provider: rooms and devices, and what a visit type needs of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal, NamedTuple

from clinic.appointments.rules.hours import Absence, Hours
from clinic.appointments.rules.spans import Span

What = Literal["person", "room", "device"]
WHATS: tuple[What, ...] = ("person", "room", "device")


@dataclass(frozen=True, slots=True)
class Resource:
    """A room or a device that visits use, with its own hours.

    No `hours` means that it can be used whenever somebody works. `capacity` visits can use it at once: each takes
    a lane of its own, 0 up to capacity - 1. It is kept free `before` and `after` minutes around every use. `kind`
    says what it is good for ("laser"), so that a visit type can ask for any of that kind.
    """

    id: str
    name: str
    site: str = ""
    kind: str = ""
    hours: tuple[Hours, ...] = ()
    absences: tuple[Absence, ...] = ()
    capacity: int = 1
    before: int = 0
    after: int = 0

    type: ClassVar[str] = "Location"

    @property
    def key(self) -> str:
        """What its time is claimed under."""
        return f"{self.type}/{self.id}"

    @property
    def bounded(self) -> bool:
        """Whether more than its claims says when it can be used."""
        return self.capacity > 1 or bool(self.hours or self.absences or self.before or self.after)


@dataclass(frozen=True, slots=True)
class Room(Resource):
    """A room that visits take place in."""


@dataclass(frozen=True, slots=True)
class Device(Resource):
    """Equipment that visits use."""

    type: ClassVar[str] = "Device"


@dataclass(frozen=True, slots=True)
class Need:
    """What a visit needs beside its provider, for the whole of it or a part.

    Either this very one (`id`) or any of a `kind`: a role of people ("assistant"), a kind of room or device.
    `offset` minutes after the visit's start and `minutes` long; 0 minutes means to the visit's end.
    """

    what: What
    id: str = ""
    kind: str = ""
    offset: int = 0
    minutes: int = 0

    @property
    def whole(self) -> bool:
        """Whether it is needed from the first to the last minute."""
        return not self.offset and not self.minutes

    def span(self, visit: Span) -> Span:
        """The stretch of a visit in which it is needed; never outside the visit."""
        return share_of(visit, self.offset, self.minutes)


class Part(NamedTuple):
    """The share that one person, room or device has in a visit, beside its provider and its room.

    It is kept relative to the visit's start, so that a visit that moves takes its parts along. `lane` is which of
    the places of a resource it has; `before` and `after` are the minutes kept free around it.
    """

    actor: str
    name: str = ""
    offset: int = 0
    minutes: int = 0
    before: int = 0
    after: int = 0
    lane: int = 0

    def span(self, visit: Span) -> Span:
        """When it takes part."""
        return share_of(visit, self.offset, self.minutes)

    def claimed(self, visit: Span) -> Span:
        """The time that it is kept for this visit."""
        return widened(self.span(visit), self.before, self.after)


@dataclass(frozen=True, slots=True)
class Length:
    """How long a visit type lasts with one provider, for new or for known patients; empty means any."""

    minutes: int
    provider: str = ""
    who: Literal["", "new", "known"] = ""

    def fits(self, provider: str, known: bool | None) -> bool:
        """Whether this length speaks about the provider and the patient."""
        right = self.who == "" or (known is not None and self.who == ("known" if known else "new"))
        return right and self.provider in ("", provider)


def share_of(visit: Span, offset: int, minutes: int) -> Span:
    """A part of a visit: so many minutes after its start, so many long, cut at its end."""
    start = min(visit.start + timedelta(minutes=offset), visit.end)
    end = min(start + timedelta(minutes=minutes), visit.end) if minutes else visit.end
    return Span(start, end)


def widened(span: Span, before: int, after: int) -> Span:
    """A stretch with the minutes that are kept free around it."""
    return Span(span.start - timedelta(minutes=before), span.end + timedelta(minutes=after))
