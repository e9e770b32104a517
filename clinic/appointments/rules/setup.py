"""What the practice consists of, as the calendar needs it: providers, rooms, sites and visit types."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from clinic.appointments.rules.hours import Absence, Hours, working_spans
from clinic.appointments.rules.spans import Span

STANDARD_MINUTES = 20
"""The length of a visit whose type names none."""
_KEPT_DAYS = 20_000


@dataclass(frozen=True, slots=True)
class Site:
    """A place where the practice works."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Room:
    """A room that one visit at a time can use."""

    id: str
    name: str
    site: str = ""


@dataclass(frozen=True, slots=True)
class VisitType:
    """A kind of visit with its usual length in minutes and the name of its colour."""

    id: str
    name: str
    minutes: int = STANDARD_MINUTES
    colour: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Provider:
    """A person with a column of their own in the calendar.

    `room` and `site` are Location ids; `types` holds the visit types they do, none meaning all.
    """

    id: str
    name: str
    hours: tuple[Hours, ...] = ()
    absences: tuple[Absence, ...] = ()
    room: str = ""
    site: str = ""
    types: frozenset[str] = frozenset()
    active: bool = True

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
    """Schedule id to the provider it belongs to."""
    _worked: dict[tuple[str, date, str], tuple[Span, ...]] = field(default_factory=dict, compare=False, repr=False)
    """Working hours that were reckoned already: one set-up is asked for the same days again and again."""

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

    def visit_type(self, id_: str) -> VisitType | None:
        """The visit type with this HealthcareService id."""
        return next((item for item in self.types if item.id == id_), None)

    def columns(self, site: str = "") -> tuple[Provider, ...]:
        """The providers with a column: those at work here, of one site when it is named."""
        return tuple(item for item in self.providers if item.active and site in ("", item.site))
