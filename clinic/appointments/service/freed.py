"""News that time became free, for the waiting list: left as work for after the commit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from clinic.appointments.queries.waiting import anybody_waits
from clinic.appointments.rules.spans import Span
from clinic.core.days import instant_text
from clinic.core.ids import new_id
from clinic.fhir.store import Store

FREED = "waitlist-freed"
_PERSON = "Practitioner/"


def tell_freed(store: Store, actors: Iterable[str], span: Span, *, at: datetime | None = None) -> None:
    """Let the waiting list know that these people have time, now or from a moment on; nothing when nobody waits.

    `actors` are the ones of a claim (`Practitioner/...`, `Location/...`); rooms alone offer nothing.
    """
    people = [actor.removeprefix(_PERSON) for actor in actors if actor.startswith(_PERSON)]
    if span.end <= store.now or not people or not anybody_waits(store):
        return
    for id_ in sorted(people):
        payload = {"provider": id_, "start": instant_text(span.start), "end": instant_text(span.end)}
        store.enqueue(FREED, payload, f"{FREED}:{new_id()}", not_before=at)
