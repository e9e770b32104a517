"""Series: booked, moved, cancelled and extended in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

import sqlalchemy as sa

from clinic.appointments.errors import (
    NO_SERIES,
    NOTHING_LEFT,
    DateTaken,
    OutsideHours,
    SamePatient,
    TimeTaken,
)
from clinic.appointments.mapping.appointment import place_of
from clinic.appointments.mapping.bonds import CHANGED, SERIES, changed_alone, number_of, tie_of
from clinic.appointments.mapping.extensions import with_extension
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Booking, Change, Tie
from clinic.appointments.rules.series import Pattern, Scope, read_rule, rule_text, shifted_pattern
from clinic.appointments.rules.status import MOVABLE
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import cancel, move
from clinic.appointments.service.claims import claim_of, settle
from clinic.appointments.tables import appointment_series
from clinic.core.days import local, read_instant
from clinic.core.errors import Conflict, Invalid, Missing
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.store import Store

_s = appointment_series.c
_MOST = 400


@dataclass(frozen=True)
class Planned:
    """One date as it was decided: its number, its time and with whom; a reason where it is overbooked."""

    number: int
    start: datetime
    provider: str
    overbook_reason: str = ""


@dataclass(frozen=True)
class Moved:
    """A date of a series that gets another time; `version` is the one that was looked at."""

    id: str
    plan: Planned
    version: int


@dataclass(frozen=True)
class Whole:
    """What changes on every date at once; None stays. `days` and `wall` say how the rule itself goes on."""

    minutes: int | None = None
    room_id: str | None = None
    visit_type: str | None = None
    days: int = 0
    wall: time | None = None


def book_series(store: Store, booking: Booking, pattern: Pattern, dates: Sequence[Planned]) -> list[Json]:
    """Book every date of a series for one patient, or none; gives the Appointments in order.

    Raises DateTaken for the first date that cannot be booked, with its number, and what `book` raises for all.
    """
    if not dates:
        raise Invalid(NOTHING_LEFT)
    first = local(dates[0].start, store.practice.zone)
    row = {
        "id": new_id(), "rule": rule_text(pattern, first.date())[:200], "first_day": first.date(),
        "wall_time": f"{first:%H:%M}", "zone": store.practice.zone, "carries_on": pattern.carries_on,
        "created": store.now, "author": store.actor.id[:80],
    }  # fmt: skip
    store.conn.execute(sa.insert(appointment_series).values(row))
    return _book_all(store, booking, str(row["id"]), dates)


def extend_series(store: Store, series_id: str, dates: Sequence[Planned]) -> list[Json]:
    """Book further dates of a series, like its last one. Raises DateTaken, Missing, Conflict without a last date."""
    store.conn.execute(sa.select(_s.id).where(_s.id == series_id).with_for_update())
    known = visits_of(store, series_id)
    if not known:
        raise Missing(NO_SERIES)
    last = place_of(known[-1])
    fresh = [plan for plan in dates if plan.number > number_of(known[-1])]
    if not fresh:
        raise Conflict(NOTHING_LEFT)
    length = int(last.span.length.total_seconds()) // 60
    booking = Booking(
        last.patient_id, last.provider_id, last.type_id, last.span.start, minutes=length, room_id=last.room_id,
        note=last.note,
    )  # fmt: skip
    return _book_all(store, booking, series_id, fresh)


def _book_all(store: Store, booking: Booking, series_id: str, dates: Sequence[Planned]) -> list[Json]:
    made = []
    for at, plan in enumerate(dates):
        same = plan.provider == booking.provider_id
        one = replace(
            booking, start=plan.start, provider_id=plan.provider, room_id=booking.room_id if same else "",
            overbook_reason=plan.overbook_reason, tie=Tie(SERIES, series_id, plan.number),
            hold=booking.hold if at == 0 else "",
        )  # fmt: skip
        try:
            made.append(book(store, one))
        except (TimeTaken, OutsideHours, SamePatient) as error:
            raise DateTaken(plan.number, error) from error
    return made


def change_series(store: Store, series_id: str, moves: Sequence[Moved], whole: Whole) -> list[Json]:
    """Give dates of a series another time, provider, room, length or visit type: all of these dates, or none.

    The time of all of them is given back before the first takes its new one, so that they may change places. Several
    at once change the rule with them; a single one is marked as changed by itself. Raises DateTaken, Stale, Conflict.
    """
    if not moves:
        raise Conflict(NOTHING_LEFT)
    for one in moves:
        store.free_cells(one.id)
    saved = [_move(store, one, whole, alone=len(moves) == 1) for one in moves]
    if len(moves) > 1:
        _turn_rule(store, series_id, whole)
    return saved


def _move(store: Store, one: Moved, whole: Whole, *, alone: bool) -> Json:
    before = store.read("Appointment", one.id)
    change = Change(
        start=one.plan.start, provider_id=one.plan.provider, minutes=whole.minutes, room_id=whole.room_id,
        visit_type=whole.visit_type or None, version=one.version, overbook_reason=one.plan.overbook_reason,
    )  # fmt: skip
    try:
        after = move(store, one.id, change)
    except (TimeTaken, OutsideHours, SamePatient) as error:
        raise DateTaken(one.plan.number, error) from error
    dressed = _claim_again(store, before, after)
    dressed = changed_alone(dressed) if alone and after["start"] != before["start"] else dressed
    if not alone:
        dressed = with_extension(dressed, CHANGED, "valueBoolean", None)
    if dressed == after:
        return after
    saved = store.update(dressed)
    store.fire("appointment_changed", saved)
    return saved


def _claim_again(store: Store, before: Json, after: Json) -> Json:
    """A date that stayed where it is still needs its time, which was given back with that of the others."""
    setup = calendar_setup(store)
    if claim_of(before, setup) == claim_of(after, setup):
        return settle(store, setup, None, after)
    return after


def _turn_rule(store: Store, series_id: str, whole: Whole) -> None:
    row = store.conn.execute(sa.select(_s.rule, _s.first_day, _s.wall_time).where(_s.id == series_id)).first()
    if row is None or (not whole.days and whole.wall is None):
        return
    pattern = shifted_pattern(read_rule(row.rule), whole.days)
    first = row.first_day + timedelta(days=whole.days)
    values = {
        "rule": rule_text(pattern, first)[:200], "first_day": first,
        "wall_time": f"{whole.wall:%H:%M}" if whole.wall else row.wall_time,
    }  # fmt: skip
    store.conn.execute(sa.update(appointment_series).where(_s.id == series_id).values(values))


def cancel_series(store: Store, series_id: str, dates: Sequence[tuple[str, int]], *, reason: str) -> list[Json]:
    """Cancel these dates of a series (id and version), all or none; one that carried on ends. Raises Stale."""
    if not dates:
        raise Conflict(NOTHING_LEFT)
    gone = [cancel(store, id_, reason=reason, version=version) for id_, version in dates]
    if len(dates) > 1:
        stop_series(store, series_id)
    return gone


def stop_series(store: Store, series_id: str) -> None:
    """Let a series without an end run out: nobody is asked to extend it any more."""
    store.conn.execute(sa.update(appointment_series).where(_s.id == series_id).values(carries_on=False))


def visits_of(store: Store, key: str, system: str = SERIES) -> list[Json]:
    """The Appointments of a series or a family booking, by number and time; one statement."""
    found = store.search("Appointment", [("identifier", f"{system}|{key}")], limit=_MOST)
    kept = [one for one in found if tie_of(one, system) == key and one.get("start")]
    return sorted(kept, key=lambda one: (number_of(one), read_instant(str(one["start"]))))


def in_scope(visits: Sequence[Json], number: int, scope: Scope, now: datetime) -> list[Json]:
    """Which dates of a series a change is about: those that are to come and have not begun."""
    coming = [one for one in visits if one.get("status") in MOVABLE and read_instant(str(one["start"])) > now]
    if scope == "one":
        return [one for one in coming if number_of(one) == number]
    return [one for one in coming if scope == "all" or number_of(one) >= number]
