"""Who and what a visit gets beside its provider: chosen from what is free, in the transaction that claims it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from clinic.appointments.errors import NO_ROOM, NothingFree, TimeTaken
from clinic.appointments.queries.claimed import taken_lanes
from clinic.appointments.queries.free import Search, nearest
from clinic.appointments.queries.listing import busy_spans
from clinic.appointments.queries.practice import absences_between
from clinic.appointments.rules.booking import Place
from clinic.appointments.rules.free import Opening, Wish
from clinic.appointments.rules.hours import rule_at
from clinic.appointments.rules.looking import Looking, where, whole_of
from clinic.appointments.rules.needs import Around, Option, Pool, assign
from clinic.appointments.rules.resources import Part, Room
from clinic.appointments.rules.setup import Provider, Setup
from clinic.appointments.rules.stage import Stage
from clinic.appointments.service.claims import settle
from clinic.appointments.service.listed import in_list
from clinic.core.days import local
from clinic.core.errors import Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store

_TRIES = 4
"""How often another free helper, room or device is tried when somebody else was faster."""


def with_room(setup: Setup, place: Place, room_id: str, site_id: str = "") -> Place:
    """The place with a room and the site that the room (or the provider) belongs to. Raises Invalid."""
    room = setup.room(room_id) if room_id else None
    if room_id and room is None:
        raise Invalid(NO_ROOM, field="room")
    provider = setup.provider(place.provider_id)
    site = setup.site(room.site if room and room.site else site_id or (provider.site if provider else ""))
    return replace(
        place,
        room_id=room.id if room else "",
        room_name=room.name if room else "",
        site_id=site.id if site else "",
        site_name=site.name if site else "",
        room_before=room.before if room else 0,
        room_after=room.after if room else 0,
        room_lane=None,
    )


def in_usual_room(store: Store, setup: Setup, place: Place, room_id: str = "") -> Place:
    """The place in the named room, or where its provider sits at that time. Raises Invalid."""
    provider = setup.provider(place.provider_id)
    if provider is None:
        return with_room(setup, place, room_id)
    rule = rule_at(provider.hours, place.span.start, store.practice.zone)
    usual, site = where(setup, provider, rule)
    return with_room(setup, place, room_id or usual, site)


def seated(
    store: Store, setup: Setup, place: Place, *, wanted: Sequence[str] = (), except_for: str = "", over: bool = False
) -> Place:
    """The place with everything that its visit type needs, the wanted ones where they are free.

    With `over` something that is not free is taken all the same. Raises NothingFree with the nearest times at
    which all of it is.
    """
    kind = setup.visit_type(place.type_id)
    if kind is not None and kind.untimed:
        return in_list(store, setup, place, kind, except_for=except_for)
    place = replace(place, before=kind.before if kind else 0, after=kind.after if kind else 0)
    if place.room_id:
        place = with_room(setup, place, place.room_id)
    opening = _opening(store, setup, place, except_for=except_for)
    if not opening.pools:
        return replace(place, parts=())
    pools = [_wanted_first(pool, wanted) for pool in opening.pools]
    used = frozenset({f"Practitioner/{place.provider_id}"})
    parts = assign(pools, place.span, used)
    if parts is None and over:
        parts = assign([_all_free(pool, place) for pool in pools], place.span, used)
    if parts is None:
        raise _nothing(store, setup, place, pools, except_for=except_for)
    if not opening.roomed:
        return replace(place, parts=parts)
    return replace(with_room(setup, place, parts[-1].actor.split("/", 1)[1]), parts=parts[:-1])


def _opening(store: Store, setup: Setup, place: Place, *, except_for: str) -> Opening:
    kind, zone = setup.visit_type(place.type_id), store.practice.zone
    provider = setup.provider(place.provider_id)
    opening = Opening(
        place.provider_id, local(place.span.start, zone).date(), (place.span,), place.room_id, site=place.site_id
    )
    room = setup.room(place.room_id) if place.room_id else None
    if provider is None or not ((room and _may_be_shut(setup, provider, room, place, zone)) or (kind and kind.needs)):
        return opening
    minutes = int(place.span.length.total_seconds()) // 60
    search = Search(minutes, place.span.start, (place.provider_id,), type_id=place.type_id, except_for=except_for)
    around = Around(place.before, place.after)
    whole = whole_of(place.span)
    away = absences_between(store, setup, whole)
    wish = Wish(minutes, place.span.start, zone, around=around)
    looking = Looking(setup, search, kind, wish, away)
    keys = [*looking.actors([provider]), *([room.key] if room else [])]
    return Stage(looking, taken_lanes(store, keys, whole, except_for=except_for), whole).needing(opening)


def _may_be_shut(setup: Setup, provider: Provider, room: Room, place: Place, zone: str) -> bool:
    """Whether more than the room's claims says if it can be used: its own hours and absences, or another site's."""
    if room.bounded or room.id in setup.scheduled:
        return True
    if room.site not in setup.scheduled:
        return False
    return where(setup, provider, rule_at(provider.hours, place.span.start, zone))[1] != room.site


def _wanted_first(pool: Pool, wanted: Sequence[str]) -> Pool:
    return Pool(pool.need, tuple(sorted(pool.options, key=lambda option: option.actor not in wanted)))


def _all_free(pool: Pool, place: Place) -> Pool:
    """The pool as if nobody and nothing were taken; what is free in truth still comes first."""
    span = pool.need.span(place.span)
    first = sorted(pool.options, key=lambda option: not any(gap.holds(span) for gap in option.free))
    return Pool(pool.need, tuple(Option(one.actor, one.name, (place.span,), *one[3:]) for one in first))


def _nothing(store: Store, setup: Setup, place: Place, pools: Sequence[Pool], *, except_for: str) -> NothingFree:
    lacking = next((pool for pool in pools if assign([pool], place.span) is None), pools[0])
    need = lacking.need
    names = [option.name for option in lacking.options]
    what = need.kind or ", ".join(names) or need.id
    minutes = int(place.span.length.total_seconds()) // 60
    busy = busy_spans(store, place.patient_id, place.span.start, except_for=except_for)
    search = Search(
        minutes, place.span.start, (place.provider_id,), limit=4, busy=busy, type_id=place.type_id,
        except_for=except_for,
    )  # fmt: skip
    return NothingFree(what=what, offers=tuple(nearest(store, setup, search, around=place.span.start)), field="start")


def settle_seats(
    store: Store, setup: Setup, before: Json | None, place: Place, make: Callable[[Place], Json], *, over: bool = False
) -> Json:
    """Claim a place with its seats; another free one is tried when somebody took a seat meanwhile. Raises TimeTaken.

    `make` gives the appointment of a place. The appointment comes back with its places, not yet written.
    """
    for left in reversed(range(_TRIES)):
        resource = make(place)
        try:
            return settle(store, setup, before, resource, over=over)
        except TimeTaken:
            if not left or not _chooses(setup, place):
                raise
            store.free_cells(str(resource["id"]))
            again = seated(store, setup, place, except_for=str(resource["id"]), over=over)
            if seats_of(again) == seats_of(place):
                raise
            place = again
    raise AssertionError


def _chooses(setup: Setup, place: Place) -> bool:
    kind = setup.visit_type(place.type_id)
    return bool(kind and (kind.needs or kind.untimed))


def seats_of(place: Place) -> tuple[str, tuple[Part, ...], int]:
    """What a place has beside its provider, and which place of a list it is."""
    return place.room_id, place.parts, place.listed
