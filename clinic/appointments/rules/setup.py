"""What the practice consists of, as the calendar needs it: providers, rooms, sites and visit types."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from clinic.appointments.rules.hours import Absence, Hours, working_spans
from clinic.appointments.rules.listed import PER_DAY
from clinic.appointments.rules.resources import Device, Length, Need, Resource, Room
from clinic.appointments.rules.spans import Span

__all__ = [
    "STANDARD_MINUTES",
    "Absence",
    "Device",
    "Hours",
    "Length",
    "Need",
    "Provider",
    "Room",
    "Setup",
    "Site",
    "VisitType",
]

T = TypeVar("T")
STANDARD_MINUTES = 20
"""The length of a visit whose type names none."""
_KEPT_DAYS = 20_000


@dataclass(frozen=True, slots=True)
class Site:
    """A place where the practice works."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class VisitType:
    """A kind of visit with its usual length in minutes and the name of its colour.

    `lengths` are other lengths for some providers or patients. The provider and the room are kept free `before`
    and `after` minutes around the visit. `needs` are the people, rooms and devices it uses beside its provider.
    """

    id: str
    name: str
    minutes: int = STANDARD_MINUTES
    colour: str = ""
    active: bool = True
    before: int = 0
    after: int = 0
    lengths: tuple[Length, ...] = ()
    needs: tuple[Need, ...] = ()
    untimed: bool = False
    """Whether its visits have an order in the day instead of a time: home visits."""
    per_day: int = PER_DAY
    """How many of them a provider's list of one day takes."""

    def minutes_with(self, provider: str = "", *, known: bool | None = None) -> int:
        """How long it lasts with a provider, for a patient who is known, new or (None) anybody.

        The length that says most wins: provider and patient, then the provider, then the patient.
        """
        fitting = [one for one in self.lengths if one.fits(provider, known)]
        best = max(fitting, key=lambda one: (bool(one.provider), bool(one.who)), default=None)
        return best.minutes if best else self.minutes

    @property
    def asks_who(self) -> bool:
        """Whether the length depends on the patient's having been here before."""
        return any(one.who for one in self.lengths)


@dataclass(frozen=True, slots=True)
class Provider:
    """A person with a column of their own in the calendar.

    `room` and `site` are Location ids; `types` holds the visit types they do, none meaning all. `roles` are what
    else they can be asked for ("assistant"), folded to lower case; who has `column` False only helps and is not
    drawn or offered.
    """

    id: str
    name: str
    hours: tuple[Hours, ...] = ()
    absences: tuple[Absence, ...] = ()
    room: str = ""
    site: str = ""
    types: frozenset[str] = frozenset()
    active: bool = True
    roles: frozenset[str] = frozenset()
    column: bool = True
    languages: frozenset[str] = frozenset()
    """Languages in which they can see a patient, by their short code; none when nobody said."""

    @property
    def key(self) -> str:
        """What their time is claimed under."""
        return f"Practitioner/{self.id}"

    def does(self, type_id: str) -> bool:
        """Whether this person sees patients for the visit type."""
        return not self.types or type_id in self.types


@dataclass(frozen=True)
class Setup:
    """All of it, in the order in which it is shown."""

    providers: tuple[Provider, ...] = ()
    rooms: tuple[Room, ...] = ()
    sites: tuple[Site, ...] = ()
    types: tuple[VisitType, ...] = ()
    schedules: dict[str, str] = field(default_factory=dict)
    """Schedule id to the provider, room or device it belongs to."""
    devices: tuple[Device, ...] = ()
    mark: str = field(default="", compare=False)
    """Another one whenever anything of it is another."""
    _worked: dict[tuple[str, date, str], tuple[Span, ...]] = field(default_factory=dict, compare=False, repr=False)
    """Working hours that were reckoned already: one set-up is asked for the same days again and again."""
    _kept: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def scheduled(self) -> frozenset[str]:
        """The ids of those who have a schedule of their own, so that time off can be theirs."""
        return frozenset(self.schedules.values())

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is reckoned from this set-up alone, kept for the next who asks."""
        if key not in self._kept:
            if len(self._kept) > _KEPT_DAYS:
                self._kept.clear()
            self._kept[key] = make()
        found: T = self._kept[key]
        return found

    def working(self, person: Provider, day: date, zone: str) -> tuple[Span, ...]:
        """When one of these providers works on a day, before absences are taken out."""
        key = (person.id, day, zone)
        found = self._worked.get(key)
        if found is None:
            if len(self._worked) > _KEPT_DAYS:
                self._worked.clear()
            found = self._worked[key] = working_spans(person.hours, day, zone)
        return found

    def provider(self, id_: str) -> Provider | None:
        """The provider with this Practitioner id."""
        return next((item for item in self.providers if item.id == id_), None)

    def room(self, id_: str) -> Room | None:
        """The room with this Location id."""
        return next((item for item in self.rooms if item.id == id_), None)

    def site(self, id_: str) -> Site | None:
        """The site with this Location id."""
        return next((item for item in self.sites if item.id == id_), None)

    def device(self, id_: str) -> Device | None:
        """The device with this id."""
        return next((item for item in self.devices if item.id == id_), None)

    def resource(self, key: str) -> Resource | None:
        """The room or device that is claimed under this key, `Location/x` or `Device/x`."""
        type_, _, id_ = key.partition("/")
        return self.room(id_) if type_ == "Location" else self.device(id_) if type_ == "Device" else None

    def capacity(self, key: str) -> int:
        """How many visits can use somebody or something at once; people see one at a time."""
        found = self.resource(key)
        return found.capacity if found else 1

    def helpers(self, need: Need) -> tuple[Provider, ...]:
        """The people who can meet a need, in the order in which they are shown."""
        if need.what != "person":
            return ()
        able = (one for one in self.providers if one.active)
        return tuple(one for one in able if one.id == need.id or (not need.id and need.kind in one.roles))

    def able(self, need: Need) -> tuple[Resource, ...]:
        """The rooms or devices that can meet a need."""
        pool: tuple[Resource, ...] = self.rooms if need.what == "room" else self.devices
        if need.what == "person":
            return ()
        return tuple(one for one in pool if one.id == need.id or (not need.id and need.kind == one.kind))

    def visit_type(self, id_: str) -> VisitType | None:
        """The visit type with this HealthcareService id."""
        return next((item for item in self.types if item.id == id_), None)

    def columns(self, site: str = "") -> tuple[Provider, ...]:
        """The providers with a column: those at work here, of one site when it is named."""
        return tuple(item for item in self.providers if item.active and item.column and site in ("", item.site))
