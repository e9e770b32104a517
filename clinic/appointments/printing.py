"""What stands on the printed day schedule (`templates/pdf/day_schedule.html`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from clinic.appointments.queries.board import day_span
from clinic.appointments.queries.day import Asked, day_page, week_page
from clinic.appointments.rules.drawing import Column
from clinic.appointments.rules.spans import Span, subtract
from clinic.core.days import local
from clinic.fhir.store import Store
from clinic.registration.banner import facts_of

LineKind = Literal["visit", "free", "away", "break"]
_NOT_IN_FORCE = ("warn", "danger")
"""States of the banner's coverage that a desk should ask about."""
_LEAST_FREE = timedelta(minutes=5)


@dataclass(frozen=True)
class Line:
    """One line of a provider's day: a visit, free time, a break, or an absence with its reason.

    `coverage` is the payer in force on the day, empty when none is known; `due` is in cents, None where
    this person may not know it.
    """

    kind: LineKind
    start: datetime
    end: datetime
    patient: str = ""
    birth_date: str = ""
    what: str = ""
    room: str = ""
    note: str = ""
    status: str = ""
    over: bool = False
    patient_id: str = ""
    coverage: str = ""
    coverage_note: str = ""
    due: int | None = None

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.end - self.start).total_seconds()) // 60


@dataclass(frozen=True)
class ProviderDay:
    """One provider's part of the schedule."""

    name: str
    room: str
    lines: tuple[Line, ...]
    day: date | None = None

    @property
    def patients(self) -> int:
        """How many visits."""
        return sum(line.kind == "visit" for line in self.lines)

    @property
    def free_minutes(self) -> int:
        """Working time that nobody has taken."""
        return sum(line.minutes for line in self.lines if line.kind == "free")


@dataclass(frozen=True)
class DaySchedule:
    """The whole sheet; `at` is the moment it speaks of.

    `whose` is set for a week: then each part is a day of this one column instead of a provider of this one day.
    """

    day: date
    at: datetime
    site: str
    providers: tuple[ProviderDay, ...]
    whose: str = ""

    @property
    def patients(self) -> int:
        """How many visits of all providers."""
        return sum(provider.patients for provider in self.providers)

    @property
    def free_minutes(self) -> int:
        """Free working time of all providers."""
        return sum(provider.free_minutes for provider in self.providers)


def day_schedule(store: Store, day: date, site: str = "") -> DaySchedule:
    """The schedule of a day as it stands now; an audited print of everybody who is on it."""
    page = day_page(store, day, Asked(site=site, month=False))
    place = page.setup.site(site)
    store.did("print", f"day schedule of {day.isoformat()}")
    facts = _facts(store, day, page.columns) if page.columns else {}
    days = tuple(_provider_day(column, facts) for column in page.columns)
    return DaySchedule(day, store.now, place.name if place else "", days)


def week_schedule(store: Store, day: date, asked: Asked) -> DaySchedule:
    """The week of one provider, room, device or site, day by day; days without work or visits are left out."""
    page = week_page(store, day, asked)
    monday = page.columns[0].frame.day
    store.did("print", f"week schedule of {monday.isoformat()}")
    facts = _facts(store, monday, page.columns)
    kept = [column for column in page.columns if column.works or column.events]
    days = tuple(replace(_provider_day(column, facts), day=column.frame.day) for column in kept)
    return DaySchedule(monday, store.now, "", days, whose=page.owner.name if page.owner else "")


def _facts(store: Store, day: date, columns: Sequence[Column]) -> Mapping[str, Any]:
    patients = sorted({event.row.patient_id for column in columns for event in column.events} - {""})
    return facts_of(store if day == local(store.now, store.practice.zone).date() else _on(store, day), patients)


def _on(store: Store, day: date) -> Store:
    """The same store as of another day: a visit is covered by what is in force when it is."""
    return Store(store.conn, store.setting, actor=store.actor, now=day_span(store, day).start)


def _provider_day(column: Column, facts: Mapping[str, Any]) -> ProviderDay:
    visits = [
        Line(
            "visit",
            event.row.start,
            event.row.end,
            patient=event.row.patient_name,
            birth_date=event.row.birth_date,
            what=event.row.type_name,
            room=event.row.room_name,
            note=event.row.note,
            status=event.row.status,
            over=event.row.lane > 0,
            patient_id=event.row.patient_id,
            **_money(event.row.patient_id, facts),
        )
        for event in column.events
    ]
    lines = sorted([*visits, *_rest(column)], key=lambda line: (line.start, line.end))
    return ProviderDay(column.owner.name, column.owner.second, tuple(lines))


def _money(patient_id: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    cover = facts.get("coverage", {}).get(patient_id) or {}
    note = cover["word"] if cover.get("state") in _NOT_IN_FORCE else ""
    due = facts["amount_due"].get(patient_id, 0) if patient_id and "amount_due" in facts else None
    return {"coverage": cover.get("name", ""), "coverage_note": note, "due": due}


def _rest(column: Column) -> list[Line]:
    booked = [Span(event.row.start, event.row.end) for event in column.events]
    shut = [closed.shut for closed in column.closed if closed.shut.kind in ("absence", "break")]
    free = subtract(column.working if column.owner.by == "provider" else (), [*booked, *(item.span for item in shut)])
    lines = [Line("free", span.start, span.end) for span in free if span.length >= _LEAST_FREE]
    for item in shut:
        kind: LineKind = "away" if item.kind == "absence" else "break"
        lines.append(Line(kind, item.span.start, item.span.end, note=item.reason))
    return lines
