"""The life of an appointment: which states there are and which steps lead from one to another.

Codes are those of FHIR R4 AppointmentStatus.
"""

from __future__ import annotations

STATUSES = (
    "proposed",
    "pending",
    "booked",
    "arrived",
    "checked-in",
    "fulfilled",
    "noshow",
    "cancelled",
    "waitlist",
    "entered-in-error",
)

HOLDING = frozenset({"pending", "booked", "arrived", "checked-in", "fulfilled"})
"""States that keep the time of everybody who takes part."""

MOVABLE = frozenset({"proposed", "pending", "booked", "waitlist"})
"""States in which the visit has not begun, so its time may still change."""

IN_THE_BUILDING = frozenset({"arrived", "checked-in"})

_STEPS: dict[str, frozenset[str]] = {
    "proposed": frozenset({"pending", "booked", "waitlist", "cancelled"}),
    "pending": frozenset({"proposed", "booked", "arrived", "waitlist", "cancelled", "noshow"}),
    "booked": frozenset({"pending", "arrived", "checked-in", "fulfilled", "noshow", "cancelled", "waitlist"}),
    "arrived": frozenset({"booked", "checked-in", "fulfilled", "noshow", "cancelled"}),
    "checked-in": frozenset({"booked", "arrived", "fulfilled", "cancelled"}),
    "fulfilled": frozenset({"arrived", "checked-in"}),
    "noshow": frozenset({"booked", "arrived", "checked-in", "cancelled"}),
    "cancelled": frozenset({"booked", "pending", "proposed", "waitlist"}),
    "waitlist": frozenset({"proposed", "pending", "booked", "cancelled"}),
    "entered-in-error": frozenset(),
}
"""Steps back (arrived to booked, cancelled to booked, fulfilled to checked-in) are what undo needs."""


def may_step(before: str, after: str) -> bool:
    """Whether a record in one state may be saved in the other; every record may be called an error."""
    if after in (before, "entered-in-error"):
        return True
    return after in _STEPS.get(before, frozenset())


def next_steps(status: str) -> frozenset[str]:
    """The states that may follow."""
    return _STEPS.get(status, frozenset())


def holds_time(status: str) -> bool:
    """Whether an appointment in this state keeps others out of its time."""
    return status in HOLDING
