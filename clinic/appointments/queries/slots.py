"""Free and busy time as programs ask for it: computed from hours and claims at the moment of asking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clinic.appointments.queries.free import Search, find_times, taken_spans
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.setup import STANDARD_MINUTES, Provider, Setup, VisitType
from clinic.appointments.rules.slots import BUSY, FREE, UNAVAILABLE, Stretch
from clinic.appointments.rules.spans import Span
from clinic.fhir.store import Store

_ALL = 1_000_000


@dataclass(frozen=True)
class Window:
    """For whom, when, for which visit type (None: the standard length), and which states."""

    providers: tuple[str, ...]
    span: Span
    kind: VisitType | None = None
    statuses: frozenset[str] = frozenset({FREE, BUSY, UNAVAILABLE})


def stretches(store: Store, setup: Setup, window: Window) -> list[Stretch]:
    """Every stretch of the window, by time and provider; a handful of statements however many there are."""
    found: set[Stretch] = set()
    people = [one for id_ in window.providers if (one := setup.provider(id_)) is not None and one.active]
    if window.kind is not None:
        people = [one for one in people if one.does(window.kind.id)]
    if FREE in window.statuses:
        found |= set(_free(store, setup, people, window))
    if BUSY in window.statuses and people:
        found |= set(_busy(store, people, window.span))
    if UNAVAILABLE in window.statuses:
        found |= {
            Stretch(absence.span.start, absence.span.end, one.id, UNAVAILABLE)
            for one in people for absence in one.absences if absence.span.meets(window.span)
        }  # fmt: skip
    return sorted(found)


def _free(store: Store, setup: Setup, people: Sequence[Provider], window: Window) -> Iterable[Stretch]:
    since, until = max(window.span.start, store.now), window.span.end
    if since >= until or not people:
        return ()
    type_id = window.kind.id if window.kind else ""
    minutes = window.kind.minutes if window.kind else STANDARD_MINUTES
    search = Search(
        minutes, since, tuple(one.id for one in people), limit=_ALL, spread=_ALL, latest=until, type_id=type_id
    )
    offers = find_times(store, setup, search).offers
    return [Stretch(one.start, one.end, one.provider, FREE, type_id) for one in offers if one.start < until]


def _busy(store: Store, people: Sequence[Provider], span: Span) -> Iterable[Stretch]:
    actors = [f"Practitioner/{one.id}" for one in people]
    for provider, taken in taken_spans(store, actors, span).items():
        for one in taken:
            yield Stretch(one.start, one.end, provider, BUSY)


def state_at(store: Store, stretch: Stretch) -> str:
    """What a stretch is now: free, busy (by a visit or a hold), or not worked at all."""
    setup = calendar_setup(store)
    kind = setup.visit_type(stretch.type_id) if stretch.type_id else None
    span = Span(stretch.start, stretch.end)
    around = stretches(store, setup, Window((stretch.provider,), span, statuses=frozenset({BUSY, UNAVAILABLE})))
    if any(one.status == BUSY for one in around):
        return BUSY
    if is_open(store, setup, stretch, kind):
        return FREE
    return UNAVAILABLE


def is_open(store: Store, setup: Setup, stretch: Stretch, kind: VisitType | None) -> bool:
    """Whether exactly this stretch can be booked now, by the desk's own search."""
    if stretch.start < store.now:
        return False
    minutes = stretch.minutes
    search = Search(
        minutes, stretch.start, (stretch.provider,), limit=1, spread=1, latest=stretch.end,
        type_id=kind.id if kind else "",
    )  # fmt: skip
    return any(one.start == stretch.start for one in find_times(store, setup, search).offers)
