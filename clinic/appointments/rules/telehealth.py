"""What a patient can do about a visit by video, by its state and the time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.status import IN_THE_BUILDING

Stage = Literal["early", "door", "inside", "over"]

EARLY, DOOR, INSIDE, OVER = "early", "door", "inside", "over"
DOOR_OPENS: Final = timedelta(minutes=30)
"""So long before its start somebody may say to be here."""


def stage_of(status: str, span: Span, now: datetime) -> Stage:
    """Too early (camera and microphone can be tried), at the door (to say "I am here"), inside (the room), or over.

    A visit that is not certain yet has no door; who is inside stays there until the practice ends the visit.
    """
    if status in IN_THE_BUILDING:
        return "inside"
    if status not in ("booked", "pending") or now >= span.end:
        return "over"
    return "door" if status == "booked" and now >= span.start - DOOR_OPENS else "early"
