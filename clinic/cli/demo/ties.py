"""A series, a group with seats and a family booked in one go."""

from __future__ import annotations

from datetime import timedelta

from clinic.appointments.queries.free import Search, next_free
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.series import Asked, Frame, look_ahead
from clinic.appointments.rules.booking import Booking
from clinic.appointments.rules.free import Offer
from clinic.appointments.rules.series import Pattern, occurrences
from clinic.appointments.service.family import book_family
from clinic.appointments.service.groups import join, open_group
from clinic.appointments.service.series import Planned, book_series
from clinic.cli.demo.people import Person
from clinic.cli.demo.practice import Made
from clinic.core.days import local
from clinic.fhir.store import Store

_CLASS = 60
_MINUTES = 20
_DATES = 6


def make_ties(store: Store, made: Made, people: list[Person]) -> None:
    """Book them in free time of the coming days; nothing where there is none."""
    if len(people) < 8:
        return
    _series(store, made, people[3])
    _group(store, made, people[4:8])
    _family(store, made, people[:2])


def _free(store: Store, provider: str, minutes: int, days: int) -> Offer | None:
    search = Search(minutes, store.now + timedelta(days=days), (provider,), limit=1)
    return next(iter(next_free(store, calendar_setup(store), search)), None)


def _series(store: Store, made: Made, patient: Person) -> None:
    provider, kind, zone = made.providers[1], made.types["Follow-up"], store.practice.zone
    first = _free(store, provider, _MINUTES, 2)
    if first is None:
        return
    wall, pattern = local(first.start, zone), Pattern(interval=2, count=_DATES)
    dates = occurrences(pattern, wall.date(), wall.time(), zone)
    asked = [Asked(one.number, one.start, provider) for one in dates]
    found = look_ahead(store, calendar_setup(store), asked, Frame(_MINUTES, kind, patient.id))
    plans = [Planned(one.asked.number, one.asked.start, provider) for one in found if one.state == "free"]
    if plans:
        book_series(store, Booking(patient.id, provider, kind, first.start, minutes=_MINUTES), pattern, plans)


def _group(store: Store, made: Made, people: list[Person]) -> None:
    provider, kind = made.providers[2], made.types["Follow-up"]
    free = _free(store, provider, _CLASS, 3)
    if free is None:
        return
    booking = Booking("", provider, kind, free.start, minutes=_CLASS)
    group = open_group(store, booking, title="Breathing class", seats=6)
    for one in people:
        join(store, group["id"], one.id, anyway=True)


def _family(store: Store, made: Made, people: list[Person]) -> None:
    provider, kind = made.providers[0], made.types["Vaccination"]
    free = _free(store, provider, 2 * _MINUTES, 4)
    if free is None:
        return
    book_family(
        store,
        [
            Booking(
                one.id, provider, kind, free.start + timedelta(minutes=_MINUTES * at), minutes=_MINUTES, anyway=True
            )
            for at, one in enumerate(people)
        ],
    )
