"""Next free times: the claims of the days in question, read once, the rest in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain, groupby

from clinic.appointments.queries.claimed import claim_keys, taken_cells, taken_lanes, taken_spans
from clinic.appointments.queries.practice import absences_between
from clinic.appointments.rules.free import Offer, Opening, Wish, is_free, offers_in
from clinic.appointments.rules.hours import open_spans
from clinic.appointments.rules.listed import list_key, next_place, places_of
from clinic.appointments.rules.looking import EVERY_DAY, Looking, Search, openings_of, whole_of
from clinic.appointments.rules.needs import Around, assign
from clinic.appointments.rules.setup import STANDARD_MINUTES, Provider, Setup, VisitType
from clinic.appointments.rules.spans import Span, merge
from clinic.appointments.rules.stage import Stage
from clinic.core.days import day_bounds, local
from clinic.fhir.store import Store

__all__ = [
    "EVERY_DAY",
    "HORIZON",
    "Search",
    "Times",
    "claim_keys",
    "find_times",
    "nearest",
    "next_free",
    "preferred_first",
    "taken_cells",
    "taken_spans",
]

HORIZON = 120
"""Days: how far ahead a free time is looked for."""
_STAGES = (2, 10, 40, HORIZON)


@dataclass(frozen=True)
class Times:
    """Free times, and whether the start that was asked for is one with the first provider."""

    offers: list[Offer]
    fits: bool


def next_free(store: Store, setup: Setup, search: Search) -> list[Offer]:
    """The soonest free times, the preferred provider first at the same moment."""
    return find_times(store, setup, search).offers


def find_times(store: Store, setup: Setup, search: Search) -> Times:
    """The soonest free times, and whether `earliest` itself is one with the first of the providers.

    Looks up to 120 days ahead, a few days at a time, each stage one statement. With a `type_id` only times at which
    everything that the type needs is free are found, in the hours in which it is seen. Times held by somebody else
    while they type are not offered; one's own are.
    """
    listed = setup.visit_type(search.type_id) if search.type_id else None
    if listed is not None and listed.untimed:
        return listed_times(store, setup, search, listed)
    zone = store.practice.zone
    people = [person for id_ in search.providers if (person := setup.provider(id_)) and person.active]
    kind = setup.visit_type(search.type_id) if search.type_id else None
    wish = _wish(search, kind, max(search.earliest, store.now), zone)
    first = local(wish.earliest, zone).date()
    whole = Span(day_bounds(first, zone)[0], day_bounds(first + timedelta(days=HORIZON), zone)[1])
    looking = Looking(setup, search, kind, wish, absences_between(store, setup, whole))
    offers: list[Offer] = []
    fits, done = False, 0
    for days in _stages(search, wish, zone):
        openings, done = openings_of(looking, people, first, range(done, days)), days
        opening = next(openings, None)
        if opening is not None:
            stage = _stage(store, looking, people, Span(day_bounds(opening.day, zone)[0], _ends(first, days, zone)))
            fits = fits or _fits(looking, stage.needing(opening), stage)
            offers += _until_enough(stage, chain([opening], openings), offers)
        if _enough(search, offers):
            break
    own = _own(search, offers)
    rest = [offer for offer in offers if offer not in own]
    return Times([*own, *rest][: search.limit], fits)


def listed_times(store: Store, setup: Setup, search: Search, kind: VisitType) -> Times:
    """The soonest days whose list has a place left, each with the next place of it; one statement for the claims."""
    zone, earliest = store.practice.zone, max(search.earliest, store.now)
    people = [person for id_ in search.providers if (person := setup.provider(id_)) and person.active]
    first = local(earliest, zone).date()
    whole = Span(day_bounds(first, zone)[0], day_bounds(first + timedelta(days=HORIZON), zone)[1])
    away = absences_between(store, setup, whole)
    taken = taken_spans(store, [list_key(one.id) for one in people], whole, except_for=search.except_for)
    offers: list[Offer] = []
    for offset in range(HORIZON):
        day = first + timedelta(days=offset)
        if len(offers) >= search.limit or (search.latest and day_bounds(day, zone)[0] >= search.latest):
            break
        for rank, person in enumerate(people):
            opened = open_spans(person.hours, away.get(person.id, ()), day, zone, type_id=kind.id)
            places = places_of(opened, kind.minutes, kind.per_day)
            at = next_place(places, taken.get(person.id, ()), earliest, kind.per_day)
            if at is not None and day.weekday() in search.weekdays and search.site in ("", person.site):
                offers.append(Offer(places[at].start, rank, person.id, places[at].end))
    fits = any(one.rank == 0 and local(one.start, zone).date() == first for one in offers)
    return Times(sorted(offers)[: search.limit], fits)


def _stage(store: Store, looking: Looking, people: Sequence[Provider], span: Span) -> Stage:
    """The claims of some days, with the widest margins that there are."""
    whole = whole_of(span)
    lanes = taken_lanes(store, looking.actors(people), whole, except_for=looking.search.except_for)
    return Stage(looking, lanes, whole)


def _ends(first: date, days: int, zone: str) -> datetime:
    return day_bounds(first + timedelta(days=days - 1), zone)[1]


def _until_enough(stage: Stage, openings: Iterable[Opening], before: Sequence[Offer]) -> list[Offer]:
    """The offers of a stage, day by day, until there are enough with those before: what comes later is later."""
    search, wish, busy = stage.looking.search, stage.looking.wish, merge(stage.looking.search.busy)
    found: list[Offer] = []
    for _day, some in groupby(openings, key=lambda opening: opening.day):
        needing = [stage.needing(opening) for opening in some if not stage.looking.needs or stage.roomy(opening)]
        found += sorted(offer for each in needing for offer in offers_in(wish, each, stage.held(each), busy))
        if _enough(search, [*before, *found]):
            break
    return found


def _enough(search: Search, offers: Sequence[Offer]) -> bool:
    return len(offers) >= search.limit and len(_own(search, offers)) == search.own


def _wish(search: Search, kind: VisitType | None, earliest: datetime, zone: str) -> Wish:
    minutes = search.minutes or (kind.minutes_with(known=search.known) if kind else STANDARD_MINUTES)
    around = Around(kind.before, kind.after) if kind else Around()
    return Wish(
        minutes, earliest, zone, search.part, search.weekdays, search.spread, latest=search.latest, around=around
    )


def _stages(search: Search, wish: Wish, zone: str) -> Iterator[int]:
    """How many days are looked at, stage by stage; none after the latest."""
    if search.latest is None:
        yield from _STAGES
        return
    most = (local(search.latest, zone).date() - local(wish.earliest, zone).date()).days + 1
    for days in _STAGES:
        yield min(days, most)
        if days >= most:
            return


def _own(search: Search, offers: Sequence[Offer]) -> list[Offer]:
    return [offer for offer in offers if offer.provider in search.providers[:1]][: search.own]


def _fits(looking: Looking, opening: Opening, stage: Stage) -> bool:
    search = looking.search
    span = Span(search.earliest, search.earliest + timedelta(minutes=opening.minutes or looking.wish.minutes))
    if opening.provider != search.providers[0]:
        return False
    if not is_free(span, opening.open, stage.held(opening)):
        return False
    return assign(opening.pools, span, frozenset({f"Practitioner/{opening.provider}"})) is not None


def preferred_first(setup: Setup, type_id: str, provider: str = "") -> tuple[str, ...]:
    """Everybody who does a visit type, the named provider first."""
    able = [person.id for person in setup.columns() if person.does(type_id)]
    return tuple(sorted(able, key=lambda id_: id_ != provider))


def nearest(store: Store, setup: Setup, search: Search, *, around: datetime) -> list[Offer]:
    """Free times close to one that is gone: the same day first, before or after, then what follows."""
    day_start = day_bounds(local(around, store.practice.zone).date(), store.practice.zone)[0]
    wide = replace(search, earliest=max(day_start, store.now), spread=99, limit=60)
    offers = next_free(store, setup, wide)
    same_first = sorted(offers, key=lambda offer: (abs(offer.start - around), offer.rank))
    return sorted(same_first[: search.limit])
