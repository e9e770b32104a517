"""A laser with a room of its own, a visit that needs both and any assistant, a list of home visits, closed time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from clinic.appointments.queries.free import Search, next_free
from clinic.appointments.queries.listing import busy_spans
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.replanning import hit_by
from clinic.appointments.rules.booking import Booking
from clinic.appointments.rules.closing import Closing, whole_practice
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.absences import close_time
from clinic.appointments.service.booking import book
from clinic.appointments.service.replanning import begin
from clinic.cli.demo.people import Person
from clinic.cli.demo.practice import Made
from clinic.core.days import day_bounds, local, to_utc
from clinic.fhir.store import Store
from clinic.management.mapping import Device, Provider, Room, Use, VisitType, provider_of
from clinic.management.needs import read_lengths, read_needs
from clinic.management.rules import DAYS, Stretch, read_week
from clinic.management.service import (
    NewWeek,
    provider_records,
    save_device,
    save_provider,
    save_room,
    save_thing_week,
    save_visit_type,
    save_week,
)

_NEEDS = "person assistant 0-40\nroom laser 20-40\ndevice laser 20-40"
_LASER = 3
"""How many of the providers work with the laser."""
_LONG_DAY, _SHORT_DAY = ("8", "17"), ("9", "16")


@dataclass(frozen=True)
class Things:
    """The ids of what was made."""

    room: str
    device: str
    kind: str
    home: str


def make_things(store: Store, made: Made) -> Things:
    """The laser, its room, an assistant who only helps, and the visit that takes them for its middle 20 minutes."""
    site = made.sites[0]
    room = save_room(store, Room("Laser room", site, Use("laser", after=5)))["id"]
    device = save_device(store, Device("Laser 1", site, Use("laser", after=10)))["id"]
    save_thing_week(store, "Device", device, NewWeek(_week(_SHORT_DAY)))
    helper = Provider("Ines", "Duarte", site=site, roles="assistant", column=False, languages="en, es")
    save_week(store, save_provider(store, helper)["id"], _week(_LONG_DAY))
    lengths = read_lengths("75 new", {})
    kind = save_visit_type(
        store, VisitType("Laser treatment", 60, "rose", "Sunglasses on", 0, 5, read_needs(_NEEDS), lengths)
    )["id"]
    listed = VisitType("Home visit", 30, "green", "Ask how to get in", untimed=True, per_day=6)
    home = save_visit_type(store, listed)["id"]
    for number, id_ in enumerate(made.providers):
        person, role = provider_records(store, id_)
        known = provider_of(person, role, [one.id for one in calendar_setup(store).rooms])
        more = [kind] if number < _LASER else [home] if number == len(made.providers) - 1 else []
        if more:
            save_provider(store, replace(known, types=(*known.types, *more)), id_)
    return Things(room, device, kind, home)


def _week(hours: tuple[str, str]) -> tuple[Stretch, ...]:
    return read_week(
        {f"{day}_1_{part}": at for day in DAYS[:5] for part, at in zip(("from", "to"), hours, strict=True)}
    )


def make_closed(store: Store, made: Made, things: Things, people: list[Person]) -> None:
    """Two visits with the laser, a list of home visits, leave that hits visits, closures, a holiday of every year."""
    for person, provider in zip(people[8:10], made.providers, strict=False):
        offer = next(iter(next_free(store, calendar_setup(store), _search(store, things, provider, person))), None)
        if offer is not None:
            parts = tuple(part.actor for part in offer.parts)
            book(store, Booking(person.id, provider, things.kind, offer.start, room_id=offer.room, parts=parts))
    for person in people[10:14]:
        offer = next(iter(next_free(store, calendar_setup(store), _list_of(store, made, things))), None)
        if offer is not None:
            note = "Third floor, the bell is broken" if person is people[11] else ""
            book(store, Booking(person.id, offer.provider, things.home, offer.start, note=note, anyway=True))
    closings = (
        ((f"Practitioner/{made.providers[3]}",), 9, 5, "leave", "Summer leave", 0),
        ((f"Device/{things.device}",), 16, 1, "maintenance", "Yearly check of the laser", 0),
        ((f"Location/{made.sites[1]}",), 23, 2, "closure", "New floor at Northgate", 0),
        (whole_practice(calendar_setup(store)), 44, 1, "holiday", "Harbor Day", 3),
    )
    for who, ahead, days, kind, reason, years in closings:
        close_time(store, Closing(who, _days(store, ahead, days), kind, reason, years))


def _search(store: Store, things: Things, provider: str, person: Person) -> Search:
    since = store.now + timedelta(days=1)
    return Search(0, since, (provider,), limit=1, type_id=things.kind, busy=tuple(busy_spans(store, person.id, since)))


def make_out(store: Store, made: Made) -> None:
    """A provider is out on the first coming afternoon with visits; their new times are looked for once work runs."""
    provider = made.providers[4]
    for ahead in range(2, 9):
        day = local(store.now, store.practice.zone).date() + timedelta(days=ahead)
        noon, evening = (to_utc(datetime.combine(day, at), store.practice.zone) for at in (time(12), time(18)))
        if len(hit_by(store, provider, Span(noon, evening))) > 2:
            begin(store, provider, Span(noon, evening), reason="Called in ill")
            return


def _list_of(store: Store, made: Made, things: Things) -> Search:
    since = store.now + timedelta(days=1)
    return Search(0, since, (made.providers[-1],), limit=1, type_id=things.home)


def _days(store: Store, ahead: int, days: int) -> Span:
    """So many whole days, so many days from now."""
    first = local(store.now, store.practice.zone).date() + timedelta(days=ahead)
    last = first + timedelta(days=days - 1)
    return Span(day_bounds(first, store.practice.zone)[0], day_bounds(last, store.practice.zone)[1])
