"""Claims kept in step with appointments: the one place that takes and gives back an appointment's time."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.appointments.errors import TimeTaken
from clinic.appointments.mapping.appointment import lane_of, references, span_of
from clinic.appointments.mapping.bonds import host_of
from clinic.appointments.queries.free import Search, claim_keys, nearest, preferred_first
from clinic.appointments.queries.listing import busy_spans
from clinic.appointments.rules.booking import Claim, Place
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.status import holds_time
from clinic.appointments.service.freed import tell_freed
from clinic.appointments.service.holds import give_way
from clinic.core.days import cells
from clinic.core.errors import Taken
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.tables import slot_claim


def claim_of(resource: Json | None, setup: Setup) -> Claim | None:
    """The time an appointment needs: of its providers and rooms, while its state holds it.

    A site is a place where many are seen at once, so it is not claimed. A seat in a group needs no time of its own:
    the group has it.
    """
    if resource is None or not holds_time(str(resource.get("status"))) or host_of(resource):
        return None
    span = span_of(resource)
    people = {f"Practitioner/{id_}" for id_ in references(resource, "Practitioner")}
    rooms = {f"Location/{id_}" for id_ in references(resource, "Location") if setup.room(id_)}
    if span is None or not people | rooms:
        return None
    return Claim(frozenset(people | rooms), span, lane_of(resource))


def settle(store: Store, setup: Setup, before: Json | None, after: Json) -> None:
    """Make the claims of an appointment those of its new state. Raises TimeTaken.

    Time that has gone by is not claimed: nobody can book it any more, and an import of last year's
    visits may overlap as it likes.
    """
    had, wants = claim_of(before, setup), claim_of(after, setup)
    if had == wants:
        return
    if had is not None:
        store.free_cells(str(after["id"]))
        tell_freed(store, had.actors, had.span)
    if wants is None or wants.span.end <= store.now:
        return
    give_way(store, wants.span)
    try:
        store.claim_cells(
            sorted(wants.actors), wants.span.start, wants.span.end, appointment=after["id"], lane=wants.lane
        )
    except Taken as taken:
        raise _with_offers(store, setup, after, taken) from taken


def _with_offers(store: Store, setup: Setup, resource: Json, taken: Taken) -> TimeTaken:
    span, provider = span_of(resource), next(iter(references(resource, "Practitioner")), "")
    offers = []
    if span is not None and setup.provider(provider):
        minutes = int(span.length.total_seconds() // 60)
        patient = next(iter(references(resource, "Patient")), "")
        busy = busy_spans(store, patient, span.start, except_for=resource["id"])
        search = Search(minutes, span.start, (provider,), limit=4, except_for=resource["id"], busy=busy)
        offers = nearest(store, setup, search, around=span.start)
    return TimeTaken(holder=taken.holder, details=taken.details, offers=tuple(offers), field="start")


def free_lane(store: Store, place: Place, *, except_for: str = "") -> int:
    """The lowest lane in which everybody's time is free; 0 when nobody has it."""
    c = slot_claim.c
    wanted = cells(place.span.start, place.span.end)
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
