"""Where a visit stands, and how long: pure decisions."""

from __future__ import annotations

from datetime import datetime, timedelta

EXPECTED = "expected"
ARRIVED = "arrived"
CHECK_IN = "check-in"
WAITING = "waiting"
ROOM = "room"
PROVIDER = "provider"
CHECK_OUT = "check-out"
LEFT = "left"

STATIONS = (ARRIVED, CHECK_IN, WAITING, ROOM, PROVIDER, CHECK_OUT, LEFT)
"""In the order in which a visit passes them."""

ENCOUNTER_STATUS = {
    ARRIVED: "arrived",
    CHECK_IN: "arrived",
    WAITING: "triaged",
    ROOM: "in-progress",
    PROVIDER: "in-progress",
    CHECK_OUT: "in-progress",
    LEFT: "finished",
}
"""FHIR's status of each station (R4 EncounterStatus)."""

APPOINTMENT_STATUS = {ARRIVED: "arrived", CHECK_IN: "arrived", LEFT: "fulfilled"}
"""FHIR's appointment status; every other station is `checked-in`."""

LIMITS = {ARRIVED: 5, CHECK_IN: 10, WAITING: 20, ROOM: 15, PROVIDER: 45, CHECK_OUT: 10}
"""Minutes after which a station shows that somebody waits too long there."""

UNDO_FOR = timedelta(seconds=75)
LATE_AFTER = timedelta(minutes=5)


def next_station(station: str) -> str:
    """The station that usually follows; the last one stays."""
    place = STATIONS.index(station)
    return STATIONS[min(place + 1, len(STATIONS) - 1)]


def minutes_between(start: datetime, now: datetime) -> int:
    """Whole minutes, never below zero."""
    return max(0, int((now - start) / timedelta(minutes=1)))
