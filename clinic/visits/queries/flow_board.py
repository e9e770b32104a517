"""The flow board: every visit of a day at its station, in one statement, and what a drawn board stands for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.appointments.tables import appointment_row
from clinic.core.days import day_bounds
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store
from clinic.fhir.tables import resource
from clinic.visits.queries.waits import Told
from clinic.visits.rules import EXPECTED, LATE_AFTER, LEFT, STATIONS, minutes_between
from clinic.visits.rules.stations import limits_of, pace
from clinic.visits.tables import visit_row, wait_told

_NOT_EXPECTED = ("cancelled", "entered-in-error", "proposed", "waitlist")
BESIDE = (
    "Claim", "Consent", "Coverage", "DocumentReference", "Flag", "Patient", "PaymentNotice", "PaymentReconciliation",
    "Provenance", "QuestionnaireResponse",
)  # fmt: skip
"""What Today shows beside the visits, by record type."""
_a, _v, _w, _r = appointment_row.c, visit_row.c, wait_told.c, resource.c


@dataclass(frozen=True, slots=True)
class Card:
    """One visit on the flow board. `visit_id` is empty until the patient is here."""

    appointment_id: str
    start: datetime
    status: str
    provider: str
    provider_name: str
    patient_id: str
    patient_name: str
    type_name: str
    planned_room: str
    visit_id: str
    station: str
    since: datetime | None
    arrived: datetime | None
    room_name: str
    version: int
    ticket: int
    way: str
    called: datetime | None
    told: Told | None
    minutes: int = 0
    pace: str = "fine"
    closed: bool = False

    @property
    def late(self) -> bool:
        """Expected, and some minutes past the time."""
        return self.station == EXPECTED and self.pace == "over"


def flow_cards(store: Store, day: date, *, provider: str = "") -> list[Card]:
    """The visits of a day by time, each once; who did not come is left out. One statement."""
    start, end = day_bounds(day, store.practice.zone)
    limits = limits_of(store.practice.stations)
    found: dict[str, Card] = {}
    for row in store.conn.execute(_cards(), {"start": start, "end": end, "provider": provider, "any": not provider}):
        if row[0] not in found:
            values = [*row[:9], row[9] or "", row[10] or EXPECTED, *row[11:13], row[13] or "", row[14] or 0]
            values += [row[15] or 0, row[16] or "", row[17], Told(*row[18:22]) if row[20] is not None else None]
            found[row[0]] = _now(store, Card(*values), limits)
    return list(found.values())


def _now(store: Store, card: Card, limits: dict[str, int]) -> Card:
    """The card with its minutes and what they mean; of a closed record the name alone."""
    if store.is_closed(card.patient_id):
        card = replace(card, type_name="", closed=True)
    if card.since is None:
        late = store.now - card.start > LATE_AFTER
        gone = minutes_between(card.start, store.now) if late else minutes_between(store.now, card.start)
        return replace(card, minutes=gone, pace="over" if late else "fine")
    minutes = minutes_between(card.since, store.now)
    return replace(card, minutes=minutes, pace=pace(card.station, minutes, limits))


@cache
def _cards() -> sa.Select[Any]:
    start, end = (sa.bindparam(name, type_=UtcDateTime) for name in ("start", "end"))
    return (
        sa.select(
            _a.id, _a.start, _a.status, _a.provider, _a.provider_name, _a.patient_id, _a.patient_name, _a.type_name,
            _a.room_name, _v.id, _v.station, _v.since, _v.arrived, _v.room_name, _v.version, _v.ticket, _v.way,
            _v.called, _w.least, _w.most, _w.at, _w.seen,
        )
        .select_from(
            appointment_row.outerjoin(visit_row, _v.appointment_id == _a.id).outerjoin(wait_told, _w.id == _v.id)
        )
        .where(_a.start >= start, _a.start < end, _a.status.not_in((*_NOT_EXPECTED, "noshow")), _a.patient_id != "")
        .where(sa.or_(sa.bindparam("any", type_=sa.Boolean), _a.provider == sa.bindparam("provider")))
        .order_by(_a.start, _a.id, _a.provider)
    )  # fmt: skip


def columns_of(cards: list[Card]) -> dict[str, list[Card]]:
    """The cards of each station: the expected by time, the others by how long they are there, the gone newest first."""
    columns: dict[str, list[Card]] = {station: [] for station in (EXPECTED, *STATIONS)}
    for card in cards:
        columns[card.station].append(card)
    for station in STATIONS:
        columns[station].sort(key=lambda card: card.since or card.start, reverse=station == LEFT)
    return columns


@dataclass(frozen=True)
class Drawn:
    """What a drawn board was made of: its visits and appointments, each with its version, and what stands beside."""

    visits: str = ""
    booked: str = ""
    newest: tuple[datetime | None, ...] = ()

    @classmethod
    def of(
        cls,
        visits: Iterable[tuple[str, int]],
        booked: Iterable[tuple[str, int]],
        newest: Iterable[datetime | None] = (),
    ) -> Drawn:
        """The same as the database says it (`_drawn`), from rows that were read anyway."""
        texts = ["\n".join(f"{id_} {version}" for id_, version in sorted(some)) for some in (visits, booked)]
        return cls(texts[0], texts[1], tuple(newest))

    def mark(self, store: Store, day: date, view: str) -> str:
        """A short mark of it for this person and minute, under the limits of the practice."""
        settings, minute = sorted(store.practice.stations.items()), int(store.now.timestamp()) // 60
        whole = (store.actor.id, sorted(store.actor.barred), view, day, minute, settings, self)
        return hashlib.sha256(repr(whole).encode("utf-8", "replace")).hexdigest()[:24]


def flow_mark(store: Store, day: date, view: str, *, provider: str = "", beside: bool = False) -> str:
    """What a board of this day stands for, for this person and minute; one statement that reads no patient.

    `beside` counts what Today shows beside the visits too: coverage, consents, flags, what was confirmed and paid.
    """
    start, end = day_bounds(day, store.practice.zone)
    given = {"start": start, "end": end, "eve": start - timedelta(days=1), "provider": provider, "any": not provider}
    visits, booked, *newest = store.conn.execute(_drawn(beside), given).one()
    return Drawn(visits or "", booked or "", tuple(newest)).mark(store, day, view)


def newest_beside() -> list[sa.Select[Any]]:
    """When something of each type that Today shows beside the visits was last changed, since the instant `eve`."""
    eve = sa.bindparam("eve", type_=UtcDateTime)
    return [sa.select(sa.func.max(_r.updated).label("at")).where(_r.type == one, _r.updated >= eve) for one in BESIDE]


@cache
def _drawn(beside: bool) -> sa.Select[Any]:
    start, end = (sa.bindparam(name, type_=UtcDateTime) for name in ("start", "end"))
    visits = sa.select((_v.id + " " + sa.cast(_v.version, sa.Text)).label("line"))
    here = visits.where(_v.arrived >= start, _v.arrived < end).order_by(_v.id).subquery()
    whose = sa.or_(sa.bindparam("any", type_=sa.Boolean), _a.provider == sa.bindparam("provider"))
    once = (
        sa.select(_a.id, _a.version)
        .distinct()
        .where(_a.start >= start, _a.start < end, _a.status.not_in(_NOT_EXPECTED), whose)
        .subquery()
    )
    line = (once.c.id + " " + sa.cast(once.c.version, sa.Text)).label("line")
    coming = sa.select(line).order_by(once.c.id).subquery()
    texts = [sa.select(sa.func.aggregate_strings(part.c.line, "\n")).scalar_subquery() for part in (here, coming)]
    return sa.select(*texts, *(one.scalar_subquery() for one in newest_beside() if beside))
