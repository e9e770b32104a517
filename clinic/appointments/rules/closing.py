"""Closed time: leave, holidays, closures and maintenance, of people, rooms, devices or whole sites.

A site that is closed closes its rooms and devices, and the people for as long as they would work there: somebody who
works at two sites stays bookable at the other one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from clinic.appointments.rules.hours import Absence, rules_on, worked_span
from clinic.appointments.rules.resources import Need
from clinic.appointments.rules.setup import Provider, Setup
from clinic.appointments.rules.spans import Span
from clinic.core.days import local, to_utc

KINDS: Final = ("leave", "illness", "holiday", "closure", "maintenance")
MOST_YEARS: Final = 10
LONGEST: Final = timedelta(days=400)
Away = Mapping[str, Sequence[Absence]]


class Closable(NamedTuple):
    """Somebody or something whose time can be closed; `kind` is provider, room, device or site."""

    kind: str
    key: str
    name: str
    site: str = ""

    @property
    def id(self) -> str:
        """The id in its key."""
        return self.key.partition("/")[2]


@dataclass(frozen=True)
class Closing:
    """What is closed, when, and why; `years` says for how many further years the same day is closed again."""

    who: tuple[str, ...]
    span: Span
    kind: str
    reason: str
    years: int = 0


def closables(setup: Setup) -> dict[str, Closable]:
    """Everybody and everything in use whose time can be closed, by key, sites first."""
    found = [Closable("site", f"Location/{one.id}", one.name) for one in setup.sites]
    people = (one for one in setup.providers if one.active)
    found += [Closable("provider", one.key, one.name, one.site) for one in people]
    found += [Closable("room", one.key, one.name, one.site) for one in setup.rooms]
    found += [Closable("device", one.key, one.name, one.site) for one in setup.devices]
    return {one.key: one for one in found}


def whole_practice(setup: Setup) -> tuple[str, ...]:
    """The keys that close all of the practice: its sites, and whoever belongs to none."""
    return tuple(one.key for one in closables(setup).values() if one.kind == "site" or not one.site)


def yearly(span: Span, years: int, zone: str) -> list[Span]:
    """The stretch and the same wall times in the years after; 29 February is the 28th where there is none."""
    return [Span(_in_year(span.start, more, zone), _in_year(span.end, more, zone)) for more in range(years + 1)]


def _in_year(moment: datetime, more: int, zone: str) -> datetime:
    wall = local(moment, zone).replace(tzinfo=None)
    try:
        later = wall.replace(year=wall.year + more)
    except ValueError:
        later = wall.replace(year=wall.year + more, day=28)
    return to_utc(later, zone)


def with_sites(setup: Setup, away: Mapping[str, list[Absence]], span: Span, zone: str) -> dict[str, list[Absence]]:
    """The absences with those of closed sites also at the people, rooms and devices that they concern."""
    found = dict(away)
    shut = {site.id: tuple(found[site.id]) for site in setup.sites if found.get(site.id)}
    if not shut:
        return found
    for thing in (*setup.rooms, *setup.devices):
        if thing.site in shut:
            found[thing.id] = _in_order(found.get(thing.id, ()), shut[thing.site])
    for person in setup.providers:
        own = _at_sites(setup, person, shut, span=span, zone=zone)
        if own:
            found[person.id] = _in_order(found.get(person.id, ()), own)
    return found


def _in_order(one: Iterable[Absence], two: Iterable[Absence]) -> list[Absence]:
    return sorted((*one, *two), key=lambda absence: absence.span)


def _at_sites(
    setup: Setup, person: Provider, shut: Mapping[str, tuple[Absence, ...]], *, span: Span, zone: str
) -> tuple[Absence, ...]:
    """How the closed time of sites concerns somebody: all of it, or the hours in which they would be there."""
    places = {rule.site or person.site for rule in person.hours}
    mine = {site: some for site, some in shut.items() if site in places}
    if len(places) == 1 or not mine:
        return tuple(absence for some in mine.values() for absence in some)
    key = ("sites", person.id, tuple(mine.items()), span, zone)
    return setup.remembered(key, lambda: tuple(_there(person, mine, span, zone)))


def _there(person: Provider, shut: Mapping[str, tuple[Absence, ...]], span: Span, zone: str) -> Iterator[Absence]:
    for site, absence in ((site, absence) for site, some in shut.items() for absence in some):
        for day in _days(max(absence.span.start, span.start), min(absence.span.end, span.end), zone):
            for rule in rules_on(person.hours, day):
                worked = worked_span(rule, day, zone)
                cut = Span(max(worked.start, absence.span.start), min(worked.end, absence.span.end))
                if (rule.site or person.site) == site and cut.start < cut.end:
                    yield Absence(cut, absence.reason)


def _days(start: datetime, end: datetime, zone: str) -> list[date]:
    first, last = local(start, zone).date(), local(end - timedelta(microseconds=1), zone).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def concerned(setup: Setup, key: str) -> frozenset[str]:
    """The providers who can see patients when somebody or something is free again: whom the waiting list is told of."""
    found = closables(setup).get(key)
    if found is None:
        return frozenset({key.partition("/")[2]}) if key.startswith("Practitioner/") else frozenset()
    if found.kind == "site":
        return frozenset(one.id for one in setup.columns() if found.id in _places(one))
    people = {one.id for one in setup.columns() if one.key == key or found.id in (one.room, *_rooms(one))}
    return frozenset(people | {one.id for kind in _types_with(setup, key) for one in setup.columns() if one.does(kind)})


def _places(person: Provider) -> set[str]:
    return {person.site, *(rule.site for rule in person.hours)} - {""}


def _rooms(person: Provider) -> set[str]:
    return {rule.room for rule in person.hours} - {""}


def _types_with(setup: Setup, key: str) -> list[str]:
    """The visit types that somebody or something is needed for."""
    return [kind.id for kind in setup.types if kind.active and any(_meets(setup, need, key) for need in kind.needs)]


def _meets(setup: Setup, need: Need, key: str) -> bool:
    keys = [one.key for one in setup.able(need)] + [one.key for one in setup.helpers(need)]
    return key in keys
