"""Visits by video: who waits before the screen now, and one tomorrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from clinic.appointments.queries.free import Search, next_free
from clinic.appointments.queries.listing import busy_spans
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Booking
from clinic.appointments.rules.policy import VisitPolicy
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.booking import book
from clinic.appointments.service.missing import save_policy
from clinic.appointments.service.telehealth import say_here
from clinic.cli.demo.people import Person
from clinic.cli.demo.practice import Made
from clinic.fhir.store import Store
from clinic.management.mapping import VisitType, provider_of
from clinic.management.service import provider_records, save_provider, save_visit_type

_LENGTH = timedelta(minutes=20)
_ROOMS = "https://video.example/harbour-street-{room}"


@dataclass(frozen=True)
class Watched:
    """The visit type, and the appointment of somebody who waits by video now: "" when everybody is busy."""

    kind: str
    here: str = ""
    patient: str = ""


def make_video(store: Store, made: Made, people: Sequence[Person]) -> Watched:
    """A visit type by video with one provider; somebody who has pressed "I am here", and somebody tomorrow."""
    provider = made.providers[3]
    kind = save_visit_type(store, VisitType("Video visit", 20, "violet", "Somewhere quiet"))["id"]
    person, role = provider_records(store, provider)
    known = provider_of(person, role, [one.id for one in calendar_setup(store).rooms])
    save_provider(store, replace(known, types=(*known.types, kind)), provider)
    save_policy(store, VisitPolicy(kind, notice=4, follow_up=True, video=_ROOMS))
    soon = store.now.replace(second=0, microsecond=0) + timedelta(minutes=15 - store.now.minute % 5)
    free = [one for one in people if not _is_busy(store, one, soon)]
    if not free:
        return Watched(kind)
    booking = Booking(free[0].id, provider, kind, soon, overbook_reason="By video, between two visits", anyway=True)
    here = book(store, booking)["id"]
    say_here(store, here)
    search = Search(20, store.now + timedelta(days=1), (provider,), limit=1, type_id=kind)
    for one, offer in zip(free[1:2], next_free(store, calendar_setup(store), search), strict=False):
        book(store, Booking(one.id, offer.provider, kind, offer.start, anyway=True))
    return Watched(kind, here, free[0].id)


def _is_busy(store: Store, person: Person, start: datetime) -> bool:
    """Whether somebody has a visit within an hour of it."""
    near = Span(start - timedelta(hours=1), start + _LENGTH + timedelta(hours=1))
    return any(one.meets(near) for one in busy_spans(store, person.id, near.start))
