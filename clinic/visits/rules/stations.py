"""How long is too long at a station, in words and colours, and which way a visit moves."""

from __future__ import annotations

from collections.abc import Mapping

from clinic.visits.rules import LIMITS, STATIONS

LONGEST_LIMIT = 480
NEAR = 0.75
"""The share of a limit from which a station says that it comes near."""


def limits_of(own: Mapping[str, int]) -> dict[str, int]:
    """The minutes of each station: the manager's, else the usual ones."""
    return {station: own.get(station, usual) for station, usual in LIMITS.items()}


def pace(station: str, minutes: int, limits: Mapping[str, int]) -> str:
    """`fine`, `near` the limit, `over` it or `far` over it (twice as long); stations without a limit are fine."""
    limit = limits.get(station, 0)
    if not limit or minutes < limit * NEAR:
        return "fine"
    if minutes <= limit:
        return "near"
    return "far" if minutes >= 2 * limit else "over"


def station_before(station: str) -> str:
    """The station that usually comes before; the first one stays."""
    return STATIONS[max(0, STATIONS.index(station) - 1)]
