"""Next free times: the claims of the days in question, read once, the rest in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.appointments.queries.practice import absences_between
from clinic.appointments.rules.free import Offer, Opening, PartOfDay, Wish, free_times, is_free
from clinic.appointments.rules.hours import Absence, open_spans
from clinic.appointments.rules.setup import Provider, Setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import appointment_hold
from clinic.core.days import cell_start, cells, day_bounds, local
from clinic.fhir.store import Store
from clinic.fhir.tables import slot_claim

HORIZON = 120
"""Days: how far ahead a free time is looked for."""
_STAGES = (2, 10, 40, HORIZON)
EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True)
class Search:
    """What is looked for: a length, from when, for whom, and which of the day's parts.

    `providers` in the order of preference. `except_for` is an appointment whose own time counts as free
    (it is the one that moves).
    """

    minutes: int
    earliest: datetime
    providers: tuple[str, ...]
    part: PartOfDay = "any"
    limit: int = 4
    spread: int = 1
    except_for: str = ""
    own: int = 0
    """How many of the offers should be the first provider's, who then come first."""
    busy: tuple[Span, ...] = ()
    """When the patient is elsewhere: such a time is not offered."""
    type_id: str = ""
    """The visit type: its hours, its buffers and all that it needs are looked for together."""
    known: bool | None = None
    """Whether the patient has been here before; with `minutes` 0 the type's own length is taken."""
    weekdays: frozenset[int] = EVERY_DAY
    latest: datetime | None = None
    """Offers begin before this."""
    site: str = ""
    """Only times at which the provider works at this site."""


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

    Looks up to 120 days ahead, a few days at a time, each stage one statement. Times held by somebody
    else while they type are not offered; one's own are.
    """
    zone = store.practice.zone
    people = [person for id_ in search.providers if (person := setup.provider(id_)) and person.active]
    wish = _wish(search, max(search.earliest, store.now), zone)
    first = local(wish.earliest, zone).date()
    whole = Span(day_bounds(first, zone)[0], day_bounds(first + timedelta(days=HORIZON), zone)[1])
    away = absences_between(store, setup, whole)
    offers: list[Offer] = []
    fits, done = False, 0
    for days in _STAGES:
        openings = list(_openings(people, away, first, range(done, days), (zone, search.site)))
        done = days
        if openings:
            taken = taken_spans(store, _resources(people), _around(openings), except_for=search.except_for)
            offers += free_times(wish, openings, taken, search.busy)
            fits = fits or _fits(search, openings[0], taken)
        if _enough(search, offers, first + timedelta(days=done), zone):
            break
    own = _own(search, offers)
    rest = [offer for offer in offers if offer not in own]
    return Times([*own, *rest][: search.limit], fits)


def _wish(search: Search, earliest: datetime, zone: str) -> Wish:
    """The search as the rules of free time read it."""
    days, latest = search.weekdays, search.latest
    return Wish(search.minutes, earliest, zone, part=search.part, weekdays=days, spread=search.spread, latest=latest)


def _enough(search: Search, offers: list[Offer], ahead: date, zone: str) -> bool:
    """Whether there is no need to look at the days from `ahead` on."""
    if search.latest is not None and day_bounds(ahead, zone)[0] >= search.latest:
        return True
    return len(offers) >= search.limit and len(_own(search, offers)) == search.own


def _own(search: Search, offers: list[Offer]) -> list[Offer]:
    return [offer for offer in offers if offer.provider in search.providers[:1]][: search.own]


def _fits(search: Search, opening: Opening, taken: dict[str, list[Span]]) -> bool:
    span = Span(search.earliest, search.earliest + timedelta(minutes=search.minutes))
    held = (*taken.get(opening.provider, ()), *taken.get(opening.room, ()))
    return opening.provider == search.providers[0] and is_free(span, opening.open, held)


def _openings(
    people: Sequence[Provider],
    away: dict[str, tuple[Absence, ...]],
    first: date,
    days: range,
    place: tuple[str, str],
) -> Iterator[Opening]:
    zone, site = place
    for offset in days:
        day = first + timedelta(days=offset)
        for rank, person in enumerate(people):
            hours = [rule for rule in person.hours if (rule.site or person.site) == site] if site else person.hours
            spans = open_spans(hours, away.get(person.id, ()), day, zone)
            if spans:
                yield Opening(person.id, day, spans, person.room, rank)


def _around(openings: Sequence[Opening]) -> Span:
    starts, ends = zip(*((item.open[0].start, item.open[-1].end) for item in openings), strict=True)
    return Span(min(starts), max(ends))


def _resources(people: Iterable[Provider]) -> list[str]:
    return [key for person in people for key in claim_keys(person.id, person.room)]


def claim_keys(provider: str, room: str = "") -> list[str]:
    """The claim actors of a provider and a room."""
    return [f"Practitioner/{provider}"] + ([f"Location/{room}"] if room else [])


def taken_spans(store: Store, actors: Sequence[str], span: Span, *, except_for: str = "") -> dict[str, list[Span]]:
    """The claimed time of providers and rooms, by their bare id; overbooked lanes count too. One statement.

    Holds that ran out, and one's own while typing or for undo, count as free.
    """
    wanted = cells(span.start, span.end)
    values = {"actors": list(actors), "first": wanted.start, "end": wanted.stop, "except_for": except_for}
    rows = store.conn.execute(_taken(), values | {"now": store.now, "viewer": store.actor.id}).all()
    bare = {actor: actor.split("/", 1)[1] for actor in actors}
    found: dict[str, list[Span]] = {}
    for actor, first, last in rows:
        found.setdefault(bare[actor], []).append(Span(cell_start(first), cell_start(last + 1)))
    return found


@cache
def _taken() -> sa.Select[Any]:
    c, h = slot_claim.c, appointment_hold.c
    mine_or_over = sa.or_(h.expires <= sa.bindparam("now"), h.owner == sa.bindparam("viewer"))
    return (
        sa.select(c.actor, sa.func.min(c.cell).label("first"), sa.func.max(c.cell).label("last"))
        .select_from(slot_claim.outerjoin(appointment_hold, h.holder == c.appointment))
        .where(c.actor.in_(sa.bindparam("actors", expanding=True)))
        .where(c.cell >= sa.bindparam("first"), c.cell < sa.bindparam("end"))
        .where(sa.or_(h.holder.is_(None), ~mine_or_over), c.appointment != sa.bindparam("except_for"))
        .group_by(c.actor, c.appointment)
    )


def taken_cells(store: Store, actors: Sequence[str], span: Span) -> bool:
    """Whether anybody at all, holds included, has some of this time in the ordinary lane."""
    c, wanted = slot_claim.c, cells(span.start, span.end)
    query = sa.select(c.cell).where(c.actor.in_(actors), c.cell >= wanted.start, c.cell < wanted.stop)
    return store.conn.execute(query.where(c.lane == 0).limit(1)).first() is not None


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
