"""The steps of the flow board: to the next station or any other, into a room, and calling a ticket."""

from __future__ import annotations

from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.visits import mapping
from clinic.visits.errors import FINISHED, NotNow
from clinic.visits.rules import LEFT, ROOM
from clinic.visits.service import move_to, save_visit, to_room


def step(store: Store, encounter_id: str, station: str, *, room: str = "", version: int | None = None) -> Json:
    """Move a visit to a station; a room that nobody named is the one that was booked.

    Raises Stale, NotNow when the visit has ended, Missing for a room that is not there, Invalid.
    """
    if station == ROOM:
        room = room or mapping.planned_room(store.read("Encounter", encounter_id))[0]
        if room and store.find("Location", room) is not None:
            return to_room(store, encounter_id, room, version=version)
    return move_to(store, encounter_id, station, version=version)


def call(store: Store, encounter_id: str, *, to: str = "", version: int | None = None) -> Json:
    """Call the ticket of a visit on the screens of the waiting room, to a place or to the desk.

    Raises NotNow when the visit has ended, Stale.
    """
    encounter = store.read("Encounter", encounter_id)
    if mapping.station_of(encounter) == LEFT:
        raise NotNow(FINISHED)
    return save_visit(store, mapping.with_call(encounter, store.now, to[:60]), version=version)
