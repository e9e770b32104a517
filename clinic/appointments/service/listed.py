"""The list of a provider's day: the next place in it, and its order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from clinic.appointments.errors import LIST_CHANGED, LIST_FULL, OutsideHours, TimeTaken
from clinic.appointments.mapping.appointment import place_of, placed
from clinic.appointments.queries.claimed import taken_spans
from clinic.appointments.queries.free import Search, next_free
from clinic.appointments.queries.listed import listed_of
from clinic.appointments.queries.practice import absences_between, calendar_setup
from clinic.appointments.rules.booking import Place
from clinic.appointments.rules.free import Offer
from clinic.appointments.rules.hours import open_spans
from clinic.appointments.rules.listed import list_key, next_place, places_of
from clinic.appointments.rules.setup import Setup, VisitType
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.claims import settle
from clinic.core.days import day_bounds, local
from clinic.core.errors import Conflict
from clinic.core.json import Json
from clinic.fhir.store import Store


def in_list(store: Store, setup: Setup, place: Place, kind: VisitType, *, except_for: str = "") -> Place:
    """The place at the end of its provider's list of that day; it needs no room and nobody else.

    Raises OutsideHours for a day on which the provider does not work, TimeTaken with other days when the list is full.
    """
    zone = store.practice.zone
    day = local(place.span.start, zone).date()
    whole = Span(*day_bounds(day, zone))
    provider = setup.provider(place.provider_id)
    away = absences_between(store, setup, whole).get(place.provider_id, ())
    opened = open_spans(provider.hours, away, day, zone, type_id=kind.id) if provider else ()
    places = places_of(opened, kind.minutes, kind.per_day)
    if not places:
        raise OutsideHours(offers=tuple(_other_days(store, setup, place)), provider=place.provider_name)
    key = list_key(place.provider_id)
    taken = taken_spans(store, [key], whole, except_for=except_for).get(place.provider_id, [])
    at = next_place(places, taken, store.now, kind.per_day)
    if at is None:
        raise TimeTaken(LIST_FULL, offers=tuple(_other_days(store, setup, place)), field="start")
    bare = replace(place, room_id="", room_name="", room_before=0, room_after=0, room_lane=None)
    return replace(bare, span=places[at], before=0, after=0, parts=(), listed=at + 1, lane=0)


def _other_days(store: Store, setup: Setup, place: Place) -> list[Offer]:
    search = Search(0, place.span.start, (place.provider_id,), limit=4, type_id=place.type_id)
    return next_free(store, setup, search)


def reorder(store: Store, provider: str, day: date, ids: Sequence[str]) -> list[Json]:
    """Give the visits of a list another order; gives those that changed their place.

    `ids` names all that still can move, each once; who has arrived keeps the place. Raises Conflict when the list is
    another one by now.
    """
    setup = calendar_setup(store)
    present = [one for one in listed_of(store, setup, day, provider=provider) if one.movable]
    if sorted(one.id for one in present) != sorted(ids):
        raise Conflict(LIST_CHANGED)
    for id_ in sorted(ids):
        store.lock("Appointment", id_)
    records = store.read_many([f"Appointment/{id_}" for id_ in ids])
    places = [place_of(records[f"Appointment/{one.id}"]) for one in present]
    moved = []
    for id_, at in zip(ids, places, strict=True):
        before = records[f"Appointment/{id_}"]
        if place_of(before).span != at.span:
            moved.append((before, placed(before, replace(place_of(before), span=at.span, listed=at.listed))))
    for before, _after in moved:
        store.free_cells(str(before["id"]))
    saved = []
    for before, after in moved:
        saved.append(store.update(settle(store, setup, before, after), reason="reordered"))
        store.fire("appointment_changed", saved[-1])
    return saved
