"""Time off and closures."""

from __future__ import annotations

from collections.abc import Sequence

from clinic.appointments.mapping.appointment import span_of
from clinic.appointments.queries.board import board
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.board import BoardRow
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.booking import needs_reason
from clinic.appointments.service.freed import tell_freed
from clinic.core.days import instant_text
from clinic.core.errors import Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id


def add_absence(store: Store, provider_ids: Sequence[str], span: Span, *, reason: str) -> list[Json]:
    """Keep providers unbookable for a stretch of time; gives one Slot for each.

    Visits that are booked already stay; `visits_hit` lists them. Raises Invalid.
    """
    words = needs_reason(reason)
    if span.end <= span.start:
        raise Invalid("The end is before the start.", field="end")
    setup = calendar_setup(store)
    slots = []
    for provider_id in provider_ids:
        schedule = schedule_of(store, provider_id)
        slot = {
            "resourceType": "Slot",
            "schedule": {"reference": f"Schedule/{schedule}"},
            "status": "busy-unavailable",
            "start": instant_text(span.start),
            "end": instant_text(span.end),
            "comment": words,
        }
        if setup.provider(provider_id) is None:
            raise Invalid("Choose a provider who sees patients.", field="provider")
        slots.append(store.create(slot))
    return slots


def remove_absence(store: Store, slot_id: str) -> None:
    """Make the time bookable again; who waits for such a time hears of it."""
    slot = store.find("Slot", slot_id) or {}
    store.delete("Slot", slot_id)
    span, schedule = span_of(slot), reference_id(slot.get("schedule"), "Schedule")
    if span is not None:
        provider = calendar_setup(store).schedules.get(schedule, schedule)
        tell_freed(store, [f"Practitioner/{provider}"], span)


def visits_hit(store: Store, provider_ids: Sequence[str], span: Span) -> list[BoardRow]:
    """The booked visits that an absence would meet."""
    rows = board(store, calendar_setup(store), span).rows
    return [row for row in rows if row.provider in provider_ids and row.status in ("booked", "pending")]


def schedule_of(store: Store, provider_id: str) -> str:
    """The id of a provider's Schedule, made when there is none; it is named like its owner."""
    setup = calendar_setup(store)
    known = next((id_ for id_, owner in setup.schedules.items() if owner == provider_id), "")
    if known:
        return known
    provider = setup.provider(provider_id)
    actor = {"reference": f"Practitioner/{provider_id}", "display": provider.name if provider else ""}
    if not actor["display"]:
        raise Invalid("Choose a provider who sees patients.", field="provider")
    store.create({"resourceType": "Schedule", "active": True, "actor": [actor]}, id=provider_id)
    return provider_id
