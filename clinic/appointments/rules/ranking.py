"""Free times in the order in which one would name them on the telephone, each with its reasons.

A time that keeps to everything that was asked comes before one that does not; among equals the sooner one, and a
provider who knows the patient, or a day on which they come anyway, is worth some days of waiting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from clinic.appointments.rules.free import Offer, PartOfDay, in_part
from clinic.appointments.rules.setup import Setup
from clinic.core.days import local

SOONEST, SOONEST_WITH, WITH, PART, DAY, BEFORE, SPEAKS, USUAL, SAME_DAY, PLACE = (
    "soonest", "soonest with", "with", "part", "day", "before", "speaks", "usual", "same day", "place",
)  # fmt: skip
NOT_WITH, NOT_PART, NOT_DAY, NOT_BEFORE, NOT_SPEAKS = (
    "not with", "not part", "not day", "not before", "not speaks",
)  # fmt: skip
_FOR_USUAL, _FOR_TRIP = 2.0, 1.5
"""Days of waiting that the provider who knows the patient, and one trip instead of two, are worth."""
_WORST = 1000.0


@dataclass(frozen=True)
class Ask:
    """What is asked for, besides the visit type. Empty means that all will do."""

    providers: frozenset[str] = frozenset()
    site: str = ""
    part: PartOfDay = "any"
    weekdays: frozenset[int] = frozenset()
    before: datetime | None = None
    language: str = ""


@dataclass(frozen=True)
class Known:
    """What is known of the patient: who mostly sees them, and when they come anyway."""

    usual: str = ""
    trips: Mapping[date, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Reason:
    """Why a time stands where it stands: a code, and what its words need. `good` is False for what it misses."""

    code: str
    value: Any = None
    good: bool = True


@dataclass(frozen=True)
class Ranked:
    """A free time and its reasons, the weightiest first."""

    offer: Offer
    reasons: tuple[Reason, ...]

    @property
    def fits(self) -> bool:
        """Whether it keeps to everything that was asked."""
        return all(reason.good for reason in self.reasons)


@dataclass(frozen=True)
class Ground:
    """What the ranking stands on: the practice, the present and its zone."""

    setup: Setup
    now: datetime
    zone: str


def rank(offers: Iterable[Offer], ask: Ask, known: Known, ground: Ground) -> list[Ranked]:
    """Every offer once, best first, with its reasons."""
    found = sorted(dict.fromkeys(offers))
    missed = {offer: tuple(_misses(offer, ask, ground)) for offer in found}
    order = sorted(found, key=lambda offer: (_cost(offer, missed[offer], known, ground), offer))
    first = {offer.provider: offer for offer in reversed(found)}
    soonest = found[0].start if found else None
    return [
        Ranked(offer, (*_soon(offer, soonest, first), *_merits(offer, ask, known, ground), *missed[offer]))
        for offer in order
    ]


def _cost(offer: Offer, missed: tuple[Reason, ...], known: Known, ground: Ground) -> float:
    days = (offer.start - ground.now) / timedelta(days=1)
    if known.usual and offer.provider == known.usual:
        days -= _FOR_USUAL
    if local(offer.start, ground.zone).date() in known.trips:
        days -= _FOR_TRIP
    return days + _WORST * len(missed)


def _soon(offer: Offer, soonest: datetime | None, first: Mapping[str, Offer]) -> Iterable[Reason]:
    if offer.start == soonest:
        yield Reason(SOONEST)
    elif first[offer.provider] == offer:
        yield Reason(SOONEST_WITH, offer.provider)


def _merits(offer: Offer, ask: Ask, known: Known, ground: Ground) -> Iterable[Reason]:
    day = local(offer.start, ground.zone).date()
    person = ground.setup.provider(offer.provider)
    if known.usual and offer.provider == known.usual:
        yield Reason(USUAL)
    if day in known.trips:
        yield Reason(SAME_DAY, known.trips[day])
    if ask.part != "any" and in_part(offer.start, ask.part, ground.zone):
        yield Reason(PART, ask.part)
    if day.weekday() in ask.weekdays:
        yield Reason(DAY, day)
    if ask.before is not None and offer.start < ask.before:
        yield Reason(BEFORE, ask.before)
    if ask.language and person is not None and ask.language in person.languages:
        yield Reason(SPEAKS, ask.language)


def _misses(offer: Offer, ask: Ask, ground: Ground) -> Iterable[Reason]:
    person = ground.setup.provider(offer.provider)
    if ask.providers and offer.provider not in ask.providers:
        yield Reason(NOT_WITH, offer.provider, good=False)
    if ask.part != "any" and not in_part(offer.start, ask.part, ground.zone):
        yield Reason(NOT_PART, ask.part, good=False)
    if ask.weekdays and local(offer.start, ground.zone).weekday() not in ask.weekdays:
        yield Reason(NOT_DAY, None, good=False)
    if ask.before is not None and offer.start >= ask.before:
        yield Reason(NOT_BEFORE, ask.before, good=False)
    if ask.language and (person is None or ask.language not in person.languages):
        yield Reason(NOT_SPEAKS, ask.language, good=False)
