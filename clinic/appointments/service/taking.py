"""Taking the time of people, rooms and devices, each in a place of its own."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from clinic.appointments.errors import TAKEN
from clinic.appointments.rules.booking import Take
from clinic.appointments.rules.setup import Setup
from clinic.core.errors import Taken
from clinic.fhir.store import Store
from clinic.fhir.tables import slot_claim

_MOST_LANES = 100


def take_all(store: Store, setup: Setup, takes: Sequence[Take], holder: str, *, over: bool = False) -> dict[str, int]:
    """Claim the time of each for a holder; gives the places of those that have several. Raises Taken.

    Whoever sees one at a time keeps the lane that was asked for. With `over` everything that is no person may go
    beyond its capacity.
    """
    lanes: dict[str, int] = {}
    if len({take[1:] for take in takes}) == 1 and not any(_places(setup, take, over=over) for take in takes):
        first = takes[0]
        actors = [take.actor for take in takes]
        store.claim_cells(actors, first.start, first.end, appointment=holder, lane=first.lane)
        return lanes
    for take in sorted(takes):
        places = _places(setup, take, over=over)
        if places:
            lanes[take.actor] = _first_free(store, take, places, holder)
        else:
            store.claim_cells([take.actor], take.start, take.end, appointment=holder, lane=take.lane)
    return lanes


def _places(setup: Setup, take: Take, *, over: bool) -> range:
    """The places to try; none for who or what has one, which is then the lane that was asked for."""
    if take.actor.startswith(("Practitioner/", "List/")) and setup.capacity(take.actor) == 1:
        return range(0)
    capacity = _MOST_LANES if over else setup.capacity(take.actor)
    return range(capacity) if capacity > 1 or take.lane >= capacity else range(0)


def _first_free(store: Store, take: Take, places: range, holder: str) -> int:
    """The first place whose time could be taken: of many who try at once each gets another one."""
    refusal: Taken | None = None
    for lane in places:
        try:
            store.claim_cells([take.actor], take.start, take.end, appointment=holder, lane=lane)
        except Taken as taken:
            refusal = refusal or taken
            c = slot_claim.c
            part = sa.and_(c.appointment == holder, c.actor == take.actor, c.lane == lane)
            store.conn.execute(sa.delete(slot_claim).where(part))
        else:
            return lane
    raise refusal or Taken(TAKEN)
