"""Times for several members of a family in one go: one after another, or at the same time with several providers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.appointments.rules.free import Offer


@dataclass(frozen=True, slots=True)
class FamilyTime:
    """A time at which all of them can be seen: when it begins, and who sees each of them in turn."""

    start: datetime
    providers: tuple[str, ...]


def in_turn(offers: Iterable[Offer], count: int) -> list[FamilyTime]:
    """Back to back with one provider: each offer is long enough for all of them."""
    return [FamilyTime(offer.start, (offer.provider,) * count) for offer in offers]


def at_once(offers: Iterable[Offer], count: int) -> list[FamilyTime]:
    """At the same time: the starts at which as many providers are free, each with a room of their own."""
    by_start: dict[datetime, list[Offer]] = {}
    for offer in sorted(offers):
        known = by_start.setdefault(offer.start, [])
        rooms = {one.room for one in known if one.room}
        if offer.room not in rooms and offer.provider not in {one.provider for one in known}:
            known.append(offer)
    fitting = ((start, found[:count]) for start, found in sorted(by_start.items()) if len(found) >= count)
    return [FamilyTime(start, tuple(one.provider for one in found)) for start, found in fitting]


def starts_of(time: FamilyTime, minutes: int, *, together: bool) -> list[datetime]:
    """When each of them begins."""
    step = timedelta(0) if together else timedelta(minutes=minutes)
    return [time.start + step * at for at in range(len(time.providers))]
