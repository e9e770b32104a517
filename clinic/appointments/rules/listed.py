"""Visits without a clock time: an ordered list for each provider and day, such as home visits or urgent care.

Every place of the list has a stretch of the working day behind it, one after the other, so that all lists by time
show the visits in their order and what is claimed for a place keeps both the order and the number for a day. The time
is no promise: the order is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from clinic.appointments.rules.spans import Span

PER_DAY: Final = 12
"""How many a day has when the visit type does not say."""
MOST_PER_DAY: Final = 60
_LIST: Final = "List/"


def list_key(provider: str) -> str:
    """What the places of a provider's list are claimed under."""
    return f"{_LIST}{provider}"


def is_list(actor: str) -> bool:
    """Whether a claim is that of a place in a list."""
    return actor.startswith(_LIST)


def places_of(open_: Iterable[Span], minutes: int, most: int) -> tuple[Span, ...]:
    """The places of a day's list in order: as many as are allowed and fit into the working time."""
    length = timedelta(minutes=minutes)
    found: list[Span] = []
    for span in sorted(open_):
        at = span.start
        while at + length <= span.end and len(found) < most:
            found.append(Span(at, at + length))
            at += length
    return tuple(found)


def next_place(places: Sequence[Span], taken: Sequence[Span], now: datetime, most: int) -> int | None:
    """Which place the next visit gets: after the last one, or one that was given back; None when the list is full."""
    day = [span for span in taken if places and span.start < places[-1].end and span.end > places[0].start]
    if len(day) >= most:
        return None
    free = [n for n, place in enumerate(places) if place.end > now and not any(place.meets(span) for span in day)]
    last = max((n for n, place in enumerate(places) if any(place.meets(span) for span in day)), default=-1)
    return next((n for n in free if n > last), free[0] if free else None)
