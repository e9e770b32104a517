"""Closed time: leave, illness, holidays, closures and maintenance, of people, rooms, devices and whole sites."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from clinic.appointments.mapping.absence import SHUT, absence_slot, batch_of
from clinic.appointments.mapping.appointment import span_of
from clinic.appointments.queries.closing import HitVisit, slots_of, visits_hit
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.closing import (
    KINDS,
    LONGEST,
    MOST_YEARS,
    Closable,
    Closing,
    closables,
    concerned,
    yearly,
)
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.booking import needs_reason
from clinic.appointments.service.freed import tell_freed
from clinic.appointments.tables import visit_outside
from clinic.core.errors import N_, Invalid, Missing
from clinic.core.ids import new_id
from clinic.core.json import Json, loads
from clinic.db.sql import insert_ignore
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id
from clinic.fhir.tables import resource

NOBODY = N_("Choose who or what is closed.")
BACKWARDS = N_("The end is before the start.")
OVER = N_("This time is over. Give a last day that is still to come.")
LONG = N_("Close at most 400 days at once.")
BAD_KIND = N_("Choose a kind.")
BAD_YEARS = N_("Repeat it for 0 to 10 years.")
MANY = N_("This is too much at once. Close whole sites, or fewer years.")
NOT_CLOSED = N_("This time is not closed any more.")
TOO_LATE = N_("The minute for taking this back is over.")
_MOST: Final = 600
_UNDO: Final = timedelta(seconds=75)
_r = resource.c


def close_time(store: Store, closing: Closing) -> Json:
    """Keep people, rooms, devices or sites unbookable for a stretch of time, in later years too when that is asked for.

    Gives the first of the Slots; all of one act carry the same identifier. Visits that are booked already stay, and
    stand in the list of visits outside hours. Raises Invalid.
    """
    setup, words = calendar_setup(store), needs_reason(closing.reason)
    owners = _require(setup, closing, store)
    family, made = new_id(), []
    schedules = {owner.key: _schedule_of(store, setup, owner) for owner in owners}
    for number, span in enumerate(yearly(closing.span, closing.years, store.practice.zone)):
        batch = f"{family}.{number}"
        for owner in owners:
            slot = absence_slot(schedules[owner.key], span, reason=words, kind=closing.kind, batch=batch)
            made.append(store.create(slot))
        list_visits(store, visits_hit(store, closing.who, [span]), f"Slot/{batch}", words)
    return made[0]


def _require(setup: Setup, closing: Closing, store: Store) -> list[Closable]:
    known = closables(setup)
    owners = [known[key] for key in dict.fromkeys(closing.who) if key in known]
    checks = (
        (bool(owners) and all(key in known for key in closing.who), NOBODY, "who"),
        (closing.span.end > closing.span.start, BACKWARDS, "last"),
        (closing.span.end > store.now, OVER, "last"),
        (closing.span.end - closing.span.start <= LONGEST, LONG, "last"),
        (closing.kind in KINDS, BAD_KIND, "kind"),
        (0 <= closing.years <= MOST_YEARS, BAD_YEARS, "years"),
        (len(owners) * (closing.years + 1) <= _MOST, MANY, "who"),
    )
    for fine, message, field in checks:
        if not fine:
            raise Invalid(message, field=field)
    return owners


def list_visits(store: Store, hits: Sequence[HitVisit], cause: str, reason: str) -> None:
    """Put the booked visits that are hit into the list of visits outside hours, to be moved one by one."""
    shared = {"cause": cause, "reason": reason, "at": store.now, "by": store.actor.name[:200]}
    rows = [{"appointment": one.id, "start": one.start, "actor": one.by.partition("/")[2]} | shared for one in hits]
    if rows:
        ids = [one.id for one in hits]
        store.conn.execute(sa.delete(visit_outside).where(visit_outside.c.appointment.in_(ids)))
        insert_ignore(store.conn, visit_outside, rows)


def take_back(store: Store, key: str, *, following: bool = False) -> int:
    """Make everything that one act closed bookable again, in the years after too when that is asked for.

    Who waits for such a time hears of it, and the visits leave the list of those outside hours. Gives how many Slots
    it were. Raises Missing.
    """
    slots = slots_of(store, key, following=following)
    if not slots:
        raise Missing(NOT_CLOSED)
    for id_ in slots:
        remove_absence(store, id_)
    family = key.rpartition(".")[0]
    causes = visit_outside.c.cause.like(f"Slot/{family}.%") if following and family else None
    gone = visit_outside.c.cause == f"Slot/{key}" if causes is None else causes
    store.conn.execute(sa.delete(visit_outside).where(gone))
    return len(slots)


def close_again(store: Store, key: str) -> int:
    """Close again what was taken back within the last minute, with the years after; gives how many Slots it were.

    Raises Missing when the minute is over.
    """
    family = key.rpartition(".")[0] or key
    gone = sa.select(_r.json).where(_r.type == "Slot", _r.deleted, _r.updated >= store.now - _UNDO)
    slots = [loads(text) for text in store.conn.execute(gone).scalars()]
    mine = [slot for slot in slots if _family(slot) == family and slot.get("status") == SHUT]
    if not mine:
        raise Missing(TOO_LATE)
    setup = calendar_setup(store)
    for slot in mine:
        store.update({name: value for name, value in slot.items() if name != "meta"})
        who, span = _actor(setup, slot), span_of(slot)
        if span is not None:
            cause = f"Slot/{batch_of(slot) or slot['id']}"
            list_visits(store, visits_hit(store, [who], [span]), cause, str(slot.get("comment", ""))[:200])
    return len(mine)


def _family(slot: Json) -> str:
    batch = batch_of(slot)
    return batch.rpartition(".")[0] or batch or str(slot["id"])


def add_absence(store: Store, provider_ids: Sequence[str], span: Span, *, reason: str) -> list[Json]:
    """Keep providers unbookable for a stretch of time; gives one Slot for each.

    Visits that are booked already stay; `visits_hit` lists them. Raises Invalid.
    """
    words = needs_reason(reason)
    if span.end <= span.start:
        raise Invalid(BACKWARDS, field="end")
    setup = calendar_setup(store)
    known = closables(setup)
    owners = [known.get(f"Practitioner/{id_}") for id_ in provider_ids]
    slots = []
    for owner in owners:
        if owner is None:
            raise Invalid("Choose a provider who sees patients.", field="provider")
        slots.append(store.create(absence_slot(_schedule_of(store, setup, owner), span, reason=words)))
    return slots


def remove_absence(store: Store, slot_id: str) -> None:
    """Make the time bookable again; who waits for such a time hears of it."""
    slot = store.find("Slot", slot_id) or {}
    store.delete("Slot", slot_id)
    span = span_of(slot)
    if span is not None:
        setup = calendar_setup(store)
        people = concerned(setup, _actor(setup, slot))
        tell_freed(store, [f"Practitioner/{one}" for one in people], span)


def _actor(setup: Setup, slot: Json) -> str:
    """The key of whoever or whatever a Slot keeps unbookable; a person, when nobody here has its schedule."""
    schedule = reference_id(slot.get("schedule"), "Schedule")
    owner = setup.schedules.get(schedule) or schedule
    return next((key for key, one in closables(setup).items() if one.id == owner), f"Practitioner/{owner}")


def _schedule_of(store: Store, setup: Setup, owner: Closable) -> str:
    """The id of the Schedule of somebody or something, made when there is none; it is named like its owner."""
    known = next((id_ for id_, whose in setup.schedules.items() if whose == owner.id), "")
    if known:
        return known
    actor = {"reference": owner.key, "display": owner.name}
    store.create({"resourceType": "Schedule", "active": True, "actor": [actor]}, id=owner.id)
    return owner.id
