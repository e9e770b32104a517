"""Whose columns a calendar shows: people, rooms, devices or sites, and which of them one person wants to see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from clinic.appointments.rules.hours import Absence, working_spans
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span, merge
from clinic.core.days import day_bounds

By = Literal["provider", "room", "device", "site"]
WAYS: tuple[By, ...] = ("provider", "room", "device", "site")
MOST_COLUMNS = 60
"""Nobody reads more columns than this; who has more people chooses among them."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a column belongs to. `second` is the line below the name: the room of a provider, whose room it is.

    `provider` and `room` are what a booking in this column begins with.
    """

    by: By
    id: str
    name: str
    second: str = ""
    provider: str = ""
    room: str = ""
    site: str = ""


def owners(setup: Setup, by: By, site: str = "") -> tuple[Owner, ...]:
    """Everybody or everything that can have a column, in the order shown; of one site when it is named."""
    found = _MAKERS[by](setup)
    return tuple(one for one in found if site in ("", one.site))


def _providers(setup: Setup) -> Iterable[Owner]:
    for person in setup.columns():
        room = setup.room(person.room)
        yield Owner("provider", person.id, person.name, room.name if room else "", provider=person.id, site=person.site)


def _rooms(setup: Setup) -> Iterable[Owner]:
    for room in setup.rooms:
        mine = next((person for person in setup.columns() if person.room == room.id), None)
        whose, named = (mine.id, mine.name) if mine else ("", "")
        yield Owner("room", room.id, room.name, named, provider=whose, room=room.id, site=room.site)


def _sites(setup: Setup) -> Iterable[Owner]:
    return (Owner("site", site.id, site.name, site=site.id) for site in setup.sites)


def _devices(setup: Setup) -> Iterable[Owner]:
    return (Owner("device", device.id, device.name, device.kind, site=device.site) for device in setup.devices)


_MAKERS = {"provider": _providers, "room": _rooms, "device": _devices, "site": _sites}


def ways(setup: Setup) -> tuple[By, ...]:
    """By what a calendar of this practice can be drawn; people always."""
    return tuple(by for by in WAYS if by == "provider" or owners(setup, by))


def chosen_of(everybody: Sequence[Owner], ids: Iterable[str]) -> tuple[Owner, ...]:
    """Those that somebody wants to see, in the order shown; everybody when nobody is named or all are gone."""
    wanted = set(ids)
    return tuple(one for one in everybody if one.id in wanted) or tuple(everybody)


def working_of(setup: Setup, owner: Owner, day: date, zone: str) -> tuple[Span, ...]:
    """When a column is open: a person's hours; a site's, those of whoever works there; a room's or device's own.

    Without hours of its own a room can be used all day.
    """
    if owner.by == "provider":
        person = setup.provider(owner.id)
        return setup.working(person, day, zone) if person else ()
    if owner.by == "site":
        people = setup.columns(owner.id)
        return merge(span for person in people for span in setup.working(person, day, zone))
    thing = setup.resource(f"{'Device' if owner.by == 'device' else 'Location'}/{owner.id}")
    if thing is not None and thing.hours:
        return working_spans(thing.hours, day, zone)
    return (Span(*day_bounds(day, zone)),)


def absences_of(owner: Owner, away: dict[str, tuple[Absence, ...]]) -> tuple[Absence, ...]:
    """When the owner of a column is away or closed."""
    return away.get(owner.id, ())
