"""Find a time: the patient, what is known of their visits, and the free times that suit, ranked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from clinic.appointments.mapping.appointment import place_of, span_of
from clinic.appointments.queries.free import EVERY_DAY, HORIZON, Search, find_times, preferred_first
from clinic.appointments.queries.listing import Visit, visits_from
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.free import Offer
from clinic.appointments.rules.ranking import Ask, Ground, Known, Ranked, rank
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span
from clinic.core.days import local
from clinic.fhir.store import Store
from clinic.registration.queries.merges import person_in_use
from clinic.registration.rules.ranking import Person

SHOWN = 5
_LOOKED_AT = 16
_LOOK_BACK = timedelta(days=730)
_USUAL_FROM = 2
"""How many visits with somebody make them the one who knows the patient."""


@dataclass(frozen=True)
class Question:
    """What is entered into the panel: for whom, what for, and what is asked of the time.

    `instead` is a booked visit that gets the time; `minutes` 0 is the usual length; nothing is looked for before
    `since`, the beginning of the days that were ordered.
    """

    patient: str = ""
    type_id: str = ""
    minutes: int = 0
    ask: Ask = field(default_factory=Ask)
    instead: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Found:
    """All that the panel shows."""

    setup: Setup
    question: Question
    minutes: int
    person: Person | None
    offers: tuple[Ranked, ...]
    horizon: int = HORIZON

    @property
    def suiting(self) -> bool:
        """Whether any of them keeps to everything that was asked."""
        return any(one.fits for one in self.offers)


def find(store: Store, question: Question, *, limit: int = SHOWN) -> Found:
    """The best free times for a question, each with its reasons.

    When too few suit, times that miss one thing that was asked follow, and say what they miss.
    """
    setup, question = calendar_setup(store), _of_visit(store, question)
    kind = setup.visit_type(question.type_id) or next((one for one in setup.types if one.active), None)
    question = replace(question, type_id=kind.id if kind else "")
    minutes = question.minutes or (kind.minutes if kind else 0)
    person = person_in_use(store, question.patient)
    if kind is None:
        return Found(setup, question, minutes, person, ())
    visits = visits_from(store, person.id, store.now - _LOOK_BACK) if person else []
    others = [visit for visit in visits if visit.id != question.instead]
    known = _known(store, others)
    offers = list(_offers(store, setup, replace(question, minutes=minutes), _busy(store, others)))
    ranked = rank(offers, question.ask, known, Ground(setup, store.now, store.practice.zone))
    return Found(setup, question, minutes, person, tuple(ranked[:limit]))


def _of_visit(store: Store, question: Question) -> Question:
    """The question for a visit that gets another time: its patient, its type and its length stay."""
    before = store.find("Appointment", question.instead) if question.instead else None
    if before is None or span_of(before) is None:
        return replace(question, instead="")
    place = place_of(before)
    minutes = place.span.length // timedelta(minutes=1)
    return replace(question, patient=place.patient_id, type_id=place.type_id, minutes=minutes)


def _busy(store: Store, visits: Sequence[Visit]) -> tuple[Span, ...]:
    return tuple(Span(visit.start, visit.end) for visit in visits if visit.end > store.now)


def _known(store: Store, visits: Sequence[Visit]) -> Known:
    """Who mostly saw the patient in the last two years, and the days on which they come anyway."""
    seen = Counter(visit.provider for visit in visits if visit.end <= store.now and visit.provider)
    usual, times = next(iter(seen.most_common(1)), ("", 0))
    coming = [visit for visit in visits if visit.start > store.now]
    trips = {local(visit.start, store.practice.zone).date(): visit.start for visit in reversed(coming)}
    return Known(usual if times >= _USUAL_FROM else "", trips)


def _offers(store: Store, setup: Setup, question: Question, busy: tuple[Span, ...]) -> list[Offer]:
    """What suits; and when that is too little, what suits but for one thing that was asked."""
    ask = question.ask
    found = _search(store, setup, replace(question, ask=ask), busy)
    if len(found) >= SHOWN or ask == Ask(site=ask.site):
        return found
    wider = replace(ask, part="any", weekdays=frozenset())
    if wider != ask:
        found = [*found, *_search(store, setup, replace(question, ask=wider), busy)]
    if len(found) < SHOWN:
        found = [*found, *_search(store, setup, replace(question, ask=Ask(site=ask.site)), busy)]
    return found


def _search(store: Store, setup: Setup, question: Question, busy: tuple[Span, ...]) -> list[Offer]:
    ask = question.ask
    people = [setup.provider(id_) for id_ in preferred_first(setup, question.type_id)]
    wanted = [person for person in people if person and (not ask.providers or person.id in ask.providers)]
    able = tuple(person.id for person in wanted if not ask.language or ask.language in person.languages)
    if not able:
        return []
    search = Search(
        question.minutes, max(question.since or store.now, store.now), able, part=ask.part, limit=_LOOKED_AT, busy=busy,
        type_id=question.type_id, weekdays=ask.weekdays or EVERY_DAY, latest=ask.before, site=ask.site,
        except_for=question.instead,
    )  # fmt: skip
    return find_times(store, setup, search).offers
