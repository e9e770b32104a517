"""Rooms and devices taken out of use and put back: what is booked with them is seen first, and its claims follow."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from clinic.appointments.errors import StillUsed
from clinic.appointments.queries.closing import HitVisit, visits_hit
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.absences import list_visits
from clinic.appointments.service.upkeep import claim_again
from clinic.appointments.tables import visit_outside
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.tables import slot_claim

_AHEAD: Final = timedelta(days=3660)


def retire_thing(store: Store, resource: Json, *, agreed: bool) -> Json:
    """Take a room or a device out of use; gives the record.

    Until somebody has `agreed`, booked visits that use it refuse it: StillUsed names them. Then they stay booked
    without it and stand in the list of visits outside hours.
    """
    key = f"{resource['resourceType']}/{resource['id']}"
    used = _coming(store, key)
    if used and not agreed:
        raise StillUsed(used)
    saved = store.update({**resource, "status": "inactive"})
    store.conn.execute(sa.delete(slot_claim).where(slot_claim.c.actor == key))
    list_visits(store, used, key, "")
    return saved


def restore_thing(store: Store, resource: Json) -> Json:
    """Put a room or a device back into use; the visits that were booked with it have it again where nobody else has."""
    key = f"{resource['resourceType']}/{resource['id']}"
    saved = store.update({**resource, "status": "active"})
    claim_again(store, [one.id for one in _coming(store, key)])
    store.conn.execute(sa.delete(visit_outside).where(visit_outside.c.cause == key))
    return saved


def _coming(store: Store, key: str) -> list[HitVisit]:
    return visits_hit(store, [key], [Span(store.now, store.now + _AHEAD)])
