"""What the desk should know while it books: other visits of the patient, and the next free times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.appointments.queries.free import Search, find_times, preferred_first
from clinic.appointments.queries.listing import Visit, visits_from
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.free import Offer, PartOfDay
from clinic.appointments.rules.setup import STANDARD_MINUTES, Setup
from clinic.appointments.rules.spans import Span
from clinic.core.days import local
from clinic.fhir.store import Store
from clinic.registration.queries.consents import book_of
from clinic.registration.queries.merges import person_in_use
from clinic.registration.rules.consents import State
from clinic.registration.rules.ranking import Person


@dataclass(frozen=True)
class Wanted:
    """What has been entered so far. Without `start`, as soon as possible after `earliest`; `minutes` 0 is the usual."""

    minutes: int
    type_id: str = ""
    provider: str = ""
    patient: str = ""
    start: datetime | None = None
    earliest: datetime | None = None
    part: PartOfDay = "any"
    only: bool = False
    """Whether only this provider is wanted."""


@dataclass(frozen=True)
class Advice:
    """The patient, their visits that day, whether one is at the same time, and free times."""

    patient: Person | None
    near: tuple[Visit, ...]
    clash: bool
    offers: tuple[Offer, ...]
    setup: Setup
    fits: bool = True
    """Whether the time that was asked for is free."""
    minutes: int = 0
    unsigned: tuple[State, ...] = ()
    """The consents that this visit needs and that the patient has not signed."""


def advice(store: Store, wanted: Wanted, *, limit: int = 4, setup: Setup | None = None) -> Advice:
    """Everything the booking form says about what was entered; six statements when times are near."""
    setup = setup or calendar_setup(store)
    minutes = _minutes(setup, wanted)
    person = person_in_use(store, wanted.patient)
    earliest = wanted.start or wanted.earliest or store.now
    own_visits = visits_from(store, wanted.patient, earliest) if person else []
    near = _same_day(store, wanted, own_visits)
    end = wanted.start + timedelta(minutes=minutes) if wanted.start else None
    overlapping = [visit for visit in near if wanted.start and end and visit.start < end and visit.end > wanted.start]
    near = (*overlapping, *(visit for visit in near if visit not in overlapping))
    only = (wanted.provider,) if wanted.only and wanted.provider else ()
    providers = only or preferred_first(setup, wanted.type_id, wanted.provider)
    own = limit - 1 if wanted.provider else 0
    busy = tuple(Span(visit.start, visit.end) for visit in own_visits)
    search = Search(
        minutes, max(earliest, store.now), providers, part=wanted.part, limit=limit, own=own, busy=busy,
        type_id=wanted.type_id,
    )  # fmt: skip
    times = find_times(store, setup, search)
    fits = times.fits or wanted.start is None
    unsigned = _unsigned(store, person, wanted) if person else ()
    return Advice(person, near, bool(overlapping), tuple(times.offers), setup, fits, minutes, unsigned)


def _unsigned(store: Store, person: Person, wanted: Wanted) -> tuple[State, ...]:
    if person.closed:
        return ()
    day = local(wanted.start or store.now, store.practice.zone).date()
    return tuple(book_of(store, [person.id]).missing(person.id, wanted.type_id, person.birth_date, day))


def _minutes(setup: Setup, wanted: Wanted) -> int:
    kind = setup.visit_type(wanted.type_id)
    return wanted.minutes or (kind.minutes if kind else STANDARD_MINUTES)


def _same_day(store: Store, wanted: Wanted, visits: Sequence[Visit]) -> tuple[Visit, ...]:
    if wanted.start is None:
        return ()
    zone = store.practice.zone
    day = local(wanted.start, zone).date()
    return tuple(visit for visit in visits if local(visit.start, zone).date() == day)
