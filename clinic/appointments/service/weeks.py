"""New working hours: which booked visits would fall outside, and the list that is left of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from typing import Final

import sqlalchemy as sa

from clinic.appointments.errors import TWO_SITES, FallsOutside
from clinic.appointments.mapping.hours import hours_facts, hours_of_facts, with_hours
from clinic.appointments.queries.outside import Outside, coming_visits, starts_of, uses_to_come
from clinic.appointments.rules.hours import Hours
from clinic.appointments.rules.looking import is_open
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.weeks import PartWeek, elsewhere, with_new_part, with_new_week
from clinic.appointments.tables import visit_outside
from clinic.core.errors import Invalid
from clinic.core.json import Json
from clinic.db.sql import insert_ignore
from clinic.fhir.store import Store

ALWAYS: Final = (Hours(frozenset(range(7)), time(), time()),)
"""The week of a room or a device that can be used all day long, said where another week comes before or after it."""


def hours_in(role: Json) -> tuple[Hours, ...]:
    """The hours of a PractitionerRole, a room or a device, each week with the days between which it holds."""
    return hours_of_facts(hours_facts(role))


def fallen(store: Store, provider: str, before: Sequence[Hours], after: Sequence[Hours]) -> list[Outside]:
    """The booked visits that lie in the hours before and not in those after."""
    zone = store.practice.zone

    def lies(hours: Sequence[Hours], one: Outside) -> bool:
        return is_open(hours, (), _span(one), zone, type_id=one.type_id)

    return [one for one in coming_visits(store, provider) if lies(before, one) and not lies(after, one)]


def change_week(
    store: Store, role: Json, new: Sequence[Hours] | PartWeek, *, since: date | None, version: int | None, agreed: bool
) -> Json:
    """Give a provider another week from a day on, or only a part of it: at a site, for visit types; gives the role.

    Until somebody has `agreed`, booked visits that would fall outside refuse it: FallsOutside names them. Then they
    stay booked and stand in the list of visits outside hours. Raises Stale, Invalid for somebody who would be at two
    sites at once.
    """
    provider = str((role.get("practitioner") or {}).get("reference", "")).rpartition("/")[2]
    before = hours_in(role)
    after = _with_new(before, new, since)
    outside = fallen(store, provider, before, after)
    if outside and not agreed:
        raise FallsOutside(outside)
    saved = store.update(with_hours(role, after), version=version)
    _note(store, outside, cause=f"PractitionerRole/{role['id']}", actor=provider)
    return saved


def _with_new(before: Sequence[Hours], new: Sequence[Hours] | PartWeek, since: date | None) -> tuple[Hours, ...]:
    if not isinstance(new, PartWeek):
        return with_new_week(before, new, since)
    after = with_new_part(before, new.hours, since, new.part)
    if elsewhere(after, new.part):
        raise Invalid(TWO_SITES)
    return after


def change_hours(
    store: Store, resource: Json, new: Sequence[Hours], *, since: date | None, version: int | None, agreed: bool
) -> Json:
    """Give a room or a device another week from a day on; gives the record. Without hours it can always be used.

    Until somebody has `agreed`, booked visits that would fall outside refuse it: FallsOutside names them. Raises Stale.
    """
    key = f"{resource['resourceType']}/{resource['id']}"
    before = hours_in(resource)
    after = with_new_week(before, new, None) if since is None else with_new_week(before or ALWAYS, new or ALWAYS, since)
    zone = store.practice.zone

    def lies(hours: Sequence[Hours], one: Outside) -> bool:
        return not hours or is_open(hours, (), _span(one), zone)

    outside = [one for one in uses_to_come(store, key) if lies(before, one) and not lies(after, one)]
    if outside and not agreed:
        raise FallsOutside(outside)
    saved = store.update(with_hours(resource, after), version=version)
    starts = starts_of(store, [one.id for one in outside])
    listed = [replace(one, start=starts.get(one.id, one.start)) for one in outside]
    _note(store, listed, cause=key, actor=str(resource["id"]))
    return saved


def _note(store: Store, outside: Sequence[Outside], *, cause: str, actor: str) -> None:
    if not outside:
        return
    ids = [one.id for one in outside]
    store.conn.execute(sa.delete(visit_outside).where(visit_outside.c.appointment.in_(ids)))
    shared = {"actor": actor, "cause": cause, "reason": "", "at": store.now, "by": store.actor.name[:200]}
    insert_ignore(store.conn, visit_outside, [{"appointment": one.id, "start": one.start} | shared for one in outside])


def _span(one: Outside) -> Span:
    return Span(one.start, one.end)
