"""Some days of a search with the claims of these days: what is reckoned once for all of their openings."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from clinic.appointments.rules.free import Opening
from clinic.appointments.rules.hours import open_spans
from clinic.appointments.rules.looking import Looking
from clinic.appointments.rules.needs import NO_MARGINS, Around, Option, Pool, Taken
from clinic.appointments.rules.resources import Need, Resource
from clinic.appointments.rules.setup import Provider
from clinic.appointments.rules.spans import Span, left_of, meeting, merge, subtract
from clinic.core.days import local

T = TypeVar("T")
Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Stage:
    """The claims of one stage; `whole` is the stretch in which they lie."""

    looking: Looking
    lanes: Taken
    whole: Span
    _kept: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = make()
        found: T = self._kept[key]
        return found

    def held(self, opening: Opening) -> Spans:
        """When the provider and their room cannot begin or go on, the margins of the visit included: what meets the
        opening, sorted and merged.
        """
        return meeting(self._held_by(opening.provider, opening.room), frame_of(opening.open))

    def _held_by(self, provider: str, room: str) -> Spans:
        keys = [f"Practitioner/{provider}"] + ([f"Location/{room}"] if room else [])

        def make() -> Spans:
            around = self.looking.wish.around
            return merge(around.hole(span) for key in keys for _lane, span in self.lanes.get(key, ()))

        return self._once(("held", provider, room), make)

    def roomy(self, opening: Opening) -> bool:
        """Whether the provider alone has time for the visit somewhere in the opening."""
        held = meeting(self._held_by(opening.provider, ""), frame_of(opening.open))
        length = timedelta(minutes=opening.minutes or self.looking.wish.minutes)
        return any(gap.end - gap.start >= length for gap in left_of(opening.open, held))

    def needing(self, opening: Opening) -> Opening:
        """The opening with everything that could meet each need then."""
        special = self._special_room(opening.room)
        needs = self.looking.needs
        if not needs and special is None:
            return opening
        extra = [need for need in needs if not (need.what == "room" and need.whole)]
        pools = [self._pool(need, opening) for need in extra]
        wanted = next((need for need in needs if need.what == "room" and need.whole), None)
        if wanted is not None:
            pools.append(self._pool(wanted, opening))
        elif special is not None:
            pools.append(self._pool(Need("room", special.id), opening))
        roomed = wanted is not None or special is not None
        return replace(opening, pools=tuple(pools), roomed=roomed, room="" if roomed else opening.room)

    def _special_room(self, room_id: str) -> Resource | None:
        """The usual room when its claims alone do not say whether it is free."""
        room = self.looking.setup.room(room_id) if room_id else None
        if room is None:
            return None
        return room if room.bounded or self.looking.away.get(room.id) else None

    def _pool(self, need: Need, opening: Opening) -> Pool:
        """All that could meet a need on the day of an opening, the provider's usual room first."""
        setup = self.looking.setup
        if need.what == "person":
            people = [one for one in setup.helpers(need) if one.id != opening.provider]
            return Pool(need, tuple(self._person(one, opening.day) for one in people))
        found = sorted(setup.able(need), key=lambda one: one.id != opening.room)
        found = [one for one in found if not one.site or opening.site in ("", one.site)]
        margins = self.looking.wish.around if need.whole and need.what == "room" else NO_MARGINS
        return Pool(need, tuple(self._thing(one, opening.day, margins) for one in found))

    def _person(self, person: Provider, day: date) -> Option:
        def make() -> Option:
            opened = open_spans(person.hours, self.looking.away.get(person.id, ()), day, self.looking.wish.zone)
            return Option(person.key, person.name, self._free(person.key, opened, NO_MARGINS, capacity=1))

        return self._once((person.key, day), make)

    def _thing(self, thing: Resource, day: date, margins: Around) -> Option:
        around = Around(max(thing.before, margins.before), max(thing.after, margins.after))

        def make() -> Option:
            if thing.hours:
                opened = open_spans(thing.hours, self._away(thing), day, self.looking.wish.zone)
                free = self._free(thing.key, opened, around, capacity=thing.capacity)
            else:
                free = self._by_day(thing, around).get(day, ())
            return Option(thing.key, thing.name, free, around.before, around.after)

        return self._once((thing.key, day, around), make)

    def _away(self, thing: Resource) -> list[Any]:
        return list(self.looking.away.get(thing.id, ()))

    def _by_day(self, thing: Resource, around: Around) -> dict[date, Spans]:
        """When something without hours of its own is free, for each day that it touches."""

        def make() -> dict[date, Spans]:
            opened = subtract([self.whole], [absence.span for absence in self._away(thing)])
            found: dict[date, list[Span]] = {}
            for gap in self._free(thing.key, opened, around, capacity=thing.capacity):
                for day in days_of(gap, self.looking.wish.zone):
                    found.setdefault(day, []).append(gap)
            return {day: tuple(gaps) for day, gaps in found.items()}

        return self._once(("by-day", thing.key, around), make)

    def _free(self, key: str, opened: Iterable[Span], around: Around, *, capacity: int) -> Spans:
        """The stretches in which something can be used, for each of its places; those of two may overlap."""
        opened = merge(opened)
        if not self.lanes.get(key):
            return opened
        found: list[Span] = []
        for lane in range(capacity):
            found.extend(left_of(opened, self._cuts(key, around, lane, capacity)))
        return tuple(sorted(set(found)))

    def _cuts(self, key: str, around: Around, lane: int, capacity: int) -> Spans:
        def make() -> Spans:
            claimed = self.lanes.get(key, ())
            return merge(around.hole(span) for at, span in claimed if at == lane or (capacity == 1 and at > 0))

        return self._once(("cuts", key, around, lane), make)


def frame_of(spans: Sequence[Span]) -> Span:
    """From the first start to the last end of sorted spans."""
    return Span(spans[0].start, spans[-1].end)


def days_of(span: Span, zone: str) -> list[date]:
    """The local days that a stretch touches."""
    first, last = local(span.start, zone).date(), local(span.end, zone).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
