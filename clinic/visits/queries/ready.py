"""What every coming visit still lacks, for all days ahead; four statements, however many visits there are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.appointments.mapping.appointment import span_of
from clinic.appointments.tables import appointment_row
from clinic.cash.queries import amounts_due
from clinic.communication.queries.calls import tried_select
from clinic.core.days import day_bounds, local
from clinic.core.json import Json
from clinic.core.names import fold
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store
from clinic.fhir.tables import resource
from clinic.insurance.queries import Policies, cover_on, policies_of
from clinic.registration.queries.consents import book_lines
from clinic.registration.rules.consents import Book, read_book
from clinic.visits.queries.facts import Beside, Coming, Facts, fact_lines, rules_of
from clinic.visits.queries.flow_board import BESIDE
from clinic.visits.rules.needs import CLOSED, Need, before_they_come, left_to_do, needs_of

AHEAD = 14
"""Days for which the list is made when nobody says otherwise, today included."""
_MOST_IDS = 5_000
_TRIED = timedelta(days=14)
_COMING = ("booked", "pending")
_WATCHED = (*BESIDE, "Appointment", "Communication", "CoverageEligibilityResponse", "Encounter", "ServiceRequest")
_a, _r = appointment_row.c, resource.c


@dataclass(frozen=True, slots=True)
class Tried:
    """The last time somebody tried to call, and what came of it."""

    outcome: str
    at: datetime


@dataclass(slots=True)
class Ready:
    """One coming visit and how it stands."""

    id: str
    start: datetime
    provider: str
    provider_name: str
    site: str
    patient_id: str
    patient_name: str
    birth_date: str
    type_id: str
    type_name: str
    needs: tuple[Need, ...] = ()
    tried: Tried | None = None
    local_day: date = date.min
    number: str = ""
    """Where to call."""
    closed: bool = False
    """A restricted patient whose record is closed to whoever looks."""

    @property
    def open(self) -> int:
        """How many things are open."""
        return left_to_do(self.needs)

    @property
    def to_mend(self) -> tuple[Need, ...]:
        """What can be mended before they come, the gates and the worst first."""
        return tuple(sorted(before_they_come(self.needs), key=lambda one: (not one.gate, one.state != "danger")))

    @property
    def reached(self) -> bool:
        """Whether there is a telephone or a mail to reach them by."""
        return all(one.name != "contact" or one.word != "none" for one in self.needs)

    @property
    def at_desk(self) -> tuple[Need, ...]:
        """What check-in will ask all the same."""
        return tuple(one for one in self.needs if one.open and one.at_desk)

    @property
    def told(self) -> tuple[Need, ...]:
        """What is only mentioned."""
        return tuple(one for one in self.needs if one.state == "told")


@dataclass(frozen=True)
class Wanted:
    """Which visits: those of some days from one on, of a provider, at a site, of a name, lacking one thing."""

    first: date
    days: int = AHEAD
    provider: str = ""
    site: str = ""
    text: str = ""
    need: str = ""
    whole: bool = False
    """With those that lack only what check-in asks at the desk."""

    def takes(self, row: Ready) -> bool:
        """Whether the list shows this visit."""
        lacks = row.to_mend + (row.at_desk if self.whole else ())
        if not lacks or (self.need and all(one.name != self.need for one in lacks)):
            return False
        return not self.text or all(word in fold(row.patient_name) for word in fold(self.text).split())


def coming_visits(store: Store, wanted: Wanted) -> list[Ready]:
    """Every visit of these days that is still to come, ready or not, by time; a group's seats each on their own."""
    values = _values(store, wanted)
    rows = {row[0]: row for row in reversed(store.conn.execute(_visits(), values).all())}
    if not rows:
        return []
    known = _known(store, values, sorted({row.patient_id for row in rows.values()}))
    return [_judged(store, row, known) for row in reversed(rows.values())]


def _values(store: Store, wanted: Wanted) -> dict[str, Any]:
    zone = store.practice.zone
    last = wanted.first + timedelta(days=wanted.days - 1)
    return {
        "start": day_bounds(wanted.first, zone)[0], "end": day_bounds(last, zone)[1],
        "provider": wanted.provider, "any_provider": not wanted.provider,
        "site": wanted.site, "any_site": not wanted.site, "since": store.now - _TRIED,
    }  # fmt: skip


def _those() -> tuple[sa.ColumnElement[bool], ...]:
    start, end = (sa.bindparam(name, type_=UtcDateTime) for name in ("start", "end"))
    return (
        _a.start >= start, _a.start < end, _a.status.in_(_COMING), _a.seats == 0, _a.patient_id != "",
        sa.or_(sa.bindparam("any_provider", type_=sa.Boolean), _a.provider == sa.bindparam("provider")),
        sa.or_(sa.bindparam("any_site", type_=sa.Boolean), _a.site == sa.bindparam("site")),
    )  # fmt: skip


@cache
def _visits() -> sa.Select[Any]:
    columns = (
        _a.id, _a.start, _a.provider, _a.provider_name, _a.site, _a.patient_id, _a.patient_name, _a.birth_date,
        _a.type_id, _a.type_name,
    )  # fmt: skip
    return sa.select(*columns).where(*_those()).order_by(_a.start, _a.id, _a.provider)


@dataclass
class _Known:
    facts: Facts = field(default_factory=Facts)
    book: Book = field(default_factory=Book)
    policies: dict[str, list[Policies]] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    tried: dict[str, Tried] = field(default_factory=dict)


def _known(store: Store, values: dict[str, Any], patients: Sequence[str]) -> _Known:
    found, signed = _Known(), []
    for row in store.conn.execute(_facts(store.practice.region), values).all():
        if row[0].startswith("consent"):
            signed.append((row[0], row[2], row[3], row[1]))
        elif row[0] == "tried":
            last = found.tried.get(row[1])
            if last is None or last.at < row[3]:
                found.tried[row[1]] = Tried(row[2], row[3])
        else:
            found.facts.add(row)
    found.book = read_book(signed)
    for ids in _parts(patients):
        found.policies |= policies_of(store, ids)
        found.due |= amounts_due(store, ids)
    return found


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many ids as a statement can bind; one part for all but the very largest practices."""
    return (ids[place : place + _MOST_IDS] for place in range(0, len(ids), _MOST_IDS))


@cache
def _facts(region: str) -> sa.CompoundSelect[Any]:
    patients = sa.select(_a.patient_id).where(*_those())
    consents, *kinds = book_lines(patients)
    signed = consents.union_all(*kinds).subquery().c
    tried = tried_select(patients, sa.bindparam("since", type_=UtcDateTime)).subquery().c
    first, *rest = fact_lines(region, patients)
    return first.union_all(
        *rest,
        sa.select(signed.tag, signed.patient_id, signed.line, signed.at, sa.literal("")),
        sa.select(sa.literal("tried"), tried.patient_id, tried.outcome, tried.at, sa.literal("")),
    )


def _judged(store: Store, row: Any, known: _Known) -> Ready:
    """The visit with its needs as they will be on its day; of a closed record the name alone."""
    who, zone, start = row.patient_id, store.practice.zone, row.start
    if store.is_closed(who):
        shut: list[Any] = [*row[:7], row.birth_date[:4], *row[8:], CLOSED, None, local(start, zone).date(), "", True]
        return Ready(*shut)
    day = local(start, zone).date()
    policies = known.policies.get(who)
    beside = Beside(cover_on(policies, day) if policies else None, known.book, known.due.get(who, 0))
    facts = known.facts.known(store, Coming(row.id, who, row.type_id, row.birth_date, day), beside)
    today_start = store.read_once(("day", day), lambda: day_bounds(day, zone)[0])
    needs = needs_of(facts, max(start, store.now), today_start, rules_of(store, row.type_id))
    values: list[Any] = [*row, needs, known.tried.get(who), day, known.facts.number(who)]
    return Ready(*values)


def counts_of(rows: Iterable[Ready], *, whole: bool = False) -> dict[str, int]:
    """How many of these visits lack each thing."""
    found: dict[str, int] = {}
    for row in rows:
        for need in row.to_mend + (row.at_desk if whole else ()):
            found[need.name] = found.get(need.name, 0) + 1
    return found


def ready_mark(store: Store, view: str) -> str:
    """What the list stands for now: another one whenever something it is made of was changed; one small statement."""
    eve = store.now - timedelta(days=1)
    newest = tuple(store.conn.execute(_newest(), {"eve": eve}).one())
    practice = store.practice
    settings = (practice.ready, practice.ready_days, practice.ages)
    hour = int(store.now.timestamp()) // 600
    whole = (store.actor.id, sorted(store.actor.barred), view, hour, settings, newest)
    return hashlib.sha256(repr(whole).encode("utf-8", "replace")).hexdigest()[:24]


@cache
def _newest() -> sa.Select[Any]:
    eve = sa.bindparam("eve", type_=UtcDateTime)
    ats = (sa.select(sa.func.max(_r.updated)).where(_r.type == one, _r.updated >= eve) for one in _WATCHED)
    return sa.select(*(at.scalar_subquery() for at in ats))


def to_fix_today(store: Store) -> int:
    """How many visits of today that are still to come lack something that can be mended before."""
    today = local(store.now, store.practice.zone).date()
    return sum(bool(row.to_mend) for row in coming_visits(store, Wanted(today, 1)))


def is_of_today(store: Store, appointment: Json) -> bool:
    """Whether an appointment is on the practice's day."""
    span, zone = span_of(appointment), store.practice.zone
    return span is not None and local(span.start, zone).date() == local(store.now, zone).date()
