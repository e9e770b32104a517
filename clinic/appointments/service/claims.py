"""Claims kept in step with appointments: the one place that takes and gives back an appointment's time."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.appointments.errors import TimeTaken
from clinic.appointments.mapping.appointment import (
    AFTER,
    BEFORE,
    OVERBOOK,
    lane_of,
    references,
    span_of,
    timed_end,
    visit_type_of,
)
from clinic.appointments.mapping.bonds import host_of
from clinic.appointments.mapping.extensions import dicts, extension_value
from clinic.appointments.mapping.parts import is_extra, key_of, margin_of, part_in, share_in, with_lanes
from clinic.appointments.queries.claimed import claim_keys
from clinic.appointments.queries.free import Search, nearest, preferred_first
from clinic.appointments.queries.listing import busy_spans
from clinic.appointments.rules.booking import Claim, Place, Take
from clinic.appointments.rules.listed import list_key
from clinic.appointments.rules.needs import Around
from clinic.appointments.rules.resources import widened
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.status import holds_time
from clinic.appointments.service.freed import tell_freed
from clinic.appointments.service.giving import give_way
from clinic.appointments.service.taking import take_all
from clinic.core.days import cells
from clinic.core.errors import Taken
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.tables import slot_claim


def claim_of(resource: Json | None, setup: Setup) -> Claim | None:
    """The time an appointment needs: of its people, rooms and devices, while its state holds it.

    A site is a place where many are seen at once, so it is not claimed; neither is a device that nobody books. A seat
    in a group needs no time of its own: the group has it. Neither does who would come in after the end of a visit
    that was made short. A visit without a time needs its place in the list alone.
    """
    if resource is None or not holds_time(str(resource.get("status"))) or host_of(resource):
        return None
    span = span_of(resource)
    if span is None:
        return None
    kind = setup.visit_type(visit_type_of(resource)[0])
    if kind is not None and kind.untimed:
        places = tuple(Take(list_key(one), *span) for one in references(resource, "Practitioner")[:1])
        return Claim(places) if places else None
    around, lane = Around(margin_of(resource, BEFORE), margin_of(resource, AFTER)), lane_of(resource)
    takes: dict[str, Take] = {}
    for part in dicts(resource.get("participant")):
        key = key_of(part)
        if not key.startswith("Practitioner/") and not setup.resource(key):
            continue
        if is_extra(part) and not part_in(part).span(span).length:
            continue
        take = _take(part, key, span, around=around, lane=lane)
        other = takes.get(key, take)
        takes[key] = take._replace(start=min(take.start, other.start), end=max(take.end, other.end))
    return Claim(tuple(sorted(takes.values()))) if takes else None


def _take(part: Json, key: str, span: Span, *, around: Around, lane: int) -> Take:
    share = share_in(part)
    if is_extra(part):
        return Take(key, *part_in(part).claimed(span), share.get("lane", lane))
    before, after = max(around.before, share.get("before", 0)), max(around.after, share.get("after", 0))
    kept = lane if key.startswith("Practitioner/") else share.get("lane", lane)
    return Take(key, *widened(span, before, after), kept)


def settle(
    store: Store, setup: Setup, before: Json | None, after: Json, *, trusted: bool = True, over: bool = False
) -> Json:
    """Make the claims of an appointment those of its new state; gives it with the places it got. Raises TimeTaken.

    Rooms and devices for several, and what is overbooked, get the first place that is free; everything else has
    one. With `over` more places are taken than there are; who is not `trusted` cannot. Time that has gone by is
    not claimed: nobody can book it any more, and an import of last year's visits may overlap as it likes. What is
    cancelled keeps the instant of it.
    """
    after = timed_end(after, store.now) if before is not None else after
    had, wants = claim_of(before, setup), claim_of(after, setup)
    if had == wants:
        return after
    if had is not None:
        store.free_cells(str(after["id"]))
        tell_freed(store, had.actors, had.span)
    if wants is None or wants.span.end <= store.now:
        return after
    give_way(store, wants.span)
    over = trusted and (over or lane_of(after) > 0 or bool(extension_value(after, OVERBOOK)))
    try:
        return with_lanes(after, take_all(store, setup, wants.takes, str(after["id"]), over=over))
    except Taken as taken:
        raise with_offers(store, setup, after, taken) from taken


def with_offers(store: Store, setup: Setup, resource: Json, taken: Taken) -> TimeTaken:
    """The refusal of a time with the nearest free ones for everything that the visit needs."""
    span, provider = span_of(resource), next(iter(references(resource, "Practitioner")), "")
    offers = []
    if span is not None and setup.provider(provider):
        minutes = int(span.length.total_seconds() // 60)
        patient = next(iter(references(resource, "Patient")), "")
        busy = busy_spans(store, patient, span.start, except_for=resource["id"])
        type_id = visit_type_of(resource)[0]
        search = Search(
            minutes, span.start, (provider,), limit=4, except_for=resource["id"], busy=busy, type_id=type_id
        )
        offers = nearest(store, setup, search, around=span.start)
    return TimeTaken(holder=taken.holder, details=taken.details, offers=tuple(offers), field="start")


def free_lane(store: Store, place: Place, *, except_for: str = "") -> int:
    """The lowest lane in which the provider and the room are free; 0 when nobody has the time."""
    c = slot_claim.c
    kept = widened(place.span, place.before, place.after)
    wanted = cells(kept.start, kept.end)
    query = (
        sa.select(c.lane)
        .where(c.actor.in_(claim_keys(place.provider_id, place.room_id)))
        .where(c.cell >= wanted.start, c.cell < wanted.stop, c.appointment != except_for)
        .distinct()
    )
    used = set(store.conn.execute(query).scalars())
    return next(lane for lane in range(len(used) + 1) if lane not in used)


def everybody(setup: Setup, place: Place) -> tuple[str, ...]:
    """Who could see this patient instead, the chosen provider first."""
    return preferred_first(setup, place.type_id, place.provider_id)
