"""The board of today and what each visit needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.appointments.queries.arrivals import expected
from clinic.appointments.queries.board import BoardRow
from clinic.cash.queries import amounts_due
from clinic.core.days import day_bounds
from clinic.core.json import Json, loads
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store
from clinic.fhir.tables import resource
from clinic.insurance.queries import covers_on
from clinic.intake.queries import forms_select, in_hands_select
from clinic.regions import region_of
from clinic.registration.mapping.evidence import values_of
from clinic.registration.queries.consents import book_lines, book_of
from clinic.registration.queries.evidence import evidence_of_record, packed, unpacked
from clinic.registration.queries.flags import flags_select, shown, today_text
from clinic.registration.queries.photo_id import papers
from clinic.registration.rules.consents import State, read_book
from clinic.registration.rules.evidence import WAYS, Evidence
from clinic.registration.rules.flags import Shown
from clinic.visits.mapping import VIDEO
from clinic.visits.queries.facts import Beside, Coming, Facts, contact_of, ended_day, fact_lines, rules_of
from clinic.visits.queries.flow_board import BESIDE, Drawn, newest_beside
from clinic.visits.rules import ARRIVED, CHECK_IN, EXPECTED, LATE_AFTER, LEFT, WAITING, minutes_between
from clinic.visits.rules.needs import CLOSED, Need, in_columns, left_to_do, needs_of, worst
from clinic.visits.rules.stations import limits_of
from clinic.visits.tables import confirmation_row, visit_row

_v, _c, _r = visit_row.c, confirmation_row.c, resource.c


@dataclass(frozen=True, slots=True)
class VisitRow:
    """Where a visit stands."""

    id: str
    appointment_id: str
    patient_id: str
    station: str
    since: datetime
    arrived: datetime
    room_name: str
    way: str
    version: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the board."""

    appointment: BoardRow
    visit: VisitRow | None
    station: str
    minutes: int
    over_limit: bool
    needs: tuple[Need, ...]
    due_cents: int
    flags: tuple[Shown, ...] = ()
    closed: bool = False
    """A restricted patient whose record is closed to whoever looks."""

    @property
    def open(self) -> int:
        """How many things are still open."""
        return left_to_do(self.needs)

    @property
    def worst(self) -> Need | None:
        """The worst open thing."""
        return worst(self.needs)

    @property
    def columns(self) -> tuple[Need, ...]:
        """The needs as the board groups them."""
        return in_columns(self.needs)

    @property
    def unasked(self) -> bool:
        """Whether check-in is still to come."""
        return self.station in (EXPECTED, "late", ARRIVED, CHECK_IN)

    @property
    def here(self) -> bool:
        """Whether the patient is in the building."""
        return self.visit is not None and self.station != LEFT

    @property
    def waits_by_video(self) -> bool:
        """Whether the patient sits in front of a screen at home until somebody joins."""
        return self.visit is not None and self.visit.way == VIDEO and self.station in (ARRIVED, CHECK_IN, WAITING)

    @property
    def gone(self) -> bool:
        """Whether nothing more is to be done."""
        return self.station in (LEFT, "noshow")


@dataclass(frozen=True)
class Today:
    """The whole board."""

    day: date
    lines: tuple[Line, ...]
    drawn: Drawn = field(default_factory=Drawn)

    @property
    def here(self) -> list[Line]:
        """In the building."""
        return [line for line in self.lines if line.here]

    @property
    def to_come(self) -> list[Line]:
        """Still to come, the late ones first."""
        return [line for line in self.lines if not line.here and not line.gone]

    @property
    def gone(self) -> list[Line]:
        """Left, or did not come."""
        return [line for line in self.lines if line.gone]

    @property
    def not_ready(self) -> list[Line]:
        """Not gone, and something is still open."""
        return [line for line in self.lines if not line.gone and line.open]

    def at(self, station: str) -> list[Line]:
        """The visits at a station."""
        return [line for line in self.lines if line.station == station]


def todays_board(store: Store, day: date, *, provider: str = "") -> Today:
    """Every visit of a day with its station, its minutes and its needs; five statements, however many."""
    rows = expected(store, day, provider=provider)
    patients = sorted({row.patient_id for row in rows if row.patient_id})
    beside = _beside(store, day, patients)
    covers, book, due = covers_on(store, patients, day), book_of(store, patients), amounts_due(store, patients)
    today_start, limits = day_bounds(day, store.practice.zone)[0], limits_of(store.practice.stations)
    lines = []
    for row in rows:
        closed, who = store.is_closed(row.patient_id), row.patient_id
        owed, needs = 0, CLOSED
        flags: tuple[Shown, ...] = ()
        if not closed:
            owed = due.get(who, 0)
            visit = Coming(row.id, who, row.type_id, row.birth_date, day, here=row.id in beside.visits)
            known = beside.facts.known(store, visit, Beside(covers.get(who), book, owed))
            needs = needs_of(known, store.now, today_start, rules_of(store, row.type_id))
            flags = shown(store, "\n".join(beside.flags.get(who, ())))
        line = _line(row, beside.visits.get(row.id), needs, now=store.now, due=owed, limits=limits)
        lines.append(replace(line, flags=flags, closed=closed))
    booked = ((row.id, row.version) for row in rows)
    drawn = Drawn.of(((one.id, one.version) for one in beside.visits.values()), booked, beside.newest)
    return Today(day, tuple(lines), drawn)


def _line(
    row: BoardRow, visit: VisitRow | None, needs: tuple[Need, ...], *, now: datetime, due: int, limits: dict[str, int]
) -> Line:
    if visit is not None:
        station, minutes = visit.station, minutes_between(visit.since, now)
    elif row.status == "noshow":
        station, minutes = "noshow", 0
    elif now - row.start > LATE_AFTER:
        station, minutes = "late", minutes_between(row.start, now)
    else:
        station, minutes = EXPECTED, minutes_between(now, row.start)
    return Line(row, visit, station, minutes, minutes > limits.get(station, 24 * 60), needs, due)


@dataclass
class _Beside:
    """What the board shows beside the appointments of a day."""

    visits: dict[str, VisitRow] = field(default_factory=dict)
    """By appointment; all else is by patient."""
    flags: dict[str, list[str]] = field(default_factory=dict)
    newest: list[datetime | None] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)

    def add(self, row: Any) -> None:
        """Put one row of the statement in its place."""
        if row.tag == "visit":
            values = (row.id, row.appointment_id, row.patient_id, row.line, row.at, row.arrived)
            self.visits[row.appointment_id] = VisitRow(*values, row.room_name, row.way, row.version)
        elif row.tag == "flag":
            self.flags.setdefault(row.patient_id, []).append(row.line)
        elif row.tag == "newest":
            self.newest[row.version] = row.at
        else:
            self.facts.add(row)


def _beside(store: Store, day: date, patients: Sequence[str]) -> _Beside:
    """The day's visits, what is known of each patient, and flags; one statement."""
    start, end = day_bounds(day, store.practice.zone)
    values = {"patients": list(patients), "start": start, "end": end, "today": today_text(store)}
    values["eve"] = start - timedelta(days=1)
    found = _Beside(newest=[None] * len(BESIDE))
    for row in store.conn.execute(_beside_all(store.practice.region), values):
        found.add(row)
    return found


@cache
def _beside_all(region: str) -> sa.CompoundSelect[Any]:
    text, nothing = sa.literal, sa.cast(sa.null(), UtcDateTime)
    patients: sa.BindParameter[Any] = sa.bindparam("patients", expanding=True)
    visits = sa.select(
        text("visit").label("tag"), _v.patient_id, _v.station.label("line"), _v.since.label("at"), _v.id,
        _v.appointment_id, _v.arrived, _v.room_name, _v.way, _v.version,
    ).where(_v.arrived >= sa.bindparam("start"), _v.arrived < sa.bindparam("end"))  # fmt: skip
    rest = (text(""), nothing, text(""), text(""))
    f = flags_select(patients, sa.bindparam("today")).subquery().c
    flags = sa.select(text("flag"), f.patient_id, f.line, nothing, text(""), *rest, text(0))
    facts = (line.add_columns(*rest, text(0)) for line in fact_lines(region, patients))
    changed = (
        sa.select(text("newest"), text(""), text(""), one.at, text(""), *rest, text(place))
        for place, one in enumerate(part.subquery().c for part in newest_beside())
    )
    return visits.union_all(flags, *facts, *changed)


@dataclass(frozen=True)
class InHands:
    """Forms that the patient has now: on which tablet ("" for an own phone) and since when."""

    device: str
    created: datetime


@dataclass(frozen=True)
class AtCheckIn:
    """What check-in knows of one visit: where it stands, since when, what it needs, and what the patient fills in."""

    encounter_id: str
    station: str
    arrived: datetime | None
    needs: tuple[Need, ...]
    in_hands: InHands | None = None
    stale: tuple[tuple[Evidence, Any], ...] = ()
    """The contact values to ask for, each with what stands behind it."""
    missing: tuple[State, ...] = ()
    """The consents that this visit needs and that are not signed."""
    known: frozenset[str] = frozenset()
    """The fields of the record that have a value, those of the practice's own as `own:<key>`."""


def at_check_in(store: Store, patient_id: str, appointment_id: str, day: date, *, visit_type: str = "") -> AtCheckIn:
    """The visit, the record, what was told, signed and handed over in one statement; the cover and the money beside.

    The type of the visit says which consents are needed, and how hard each thing is asked.
    """
    values = {"patients": [patient_id], "patient_id": patient_id, "appointment_id": appointment_id, "now": store.now}
    rows = store.conn.execute(_at_check_in(), values).all()
    evidence, values = _told(store, patient_id, rows)
    covers = store.read_once(("covers", patient_id, day), lambda: covers_on(store, [patient_id], day))
    due = store.read_once(("due", patient_id), lambda: amounts_due(store, [patient_id]))
    record, facts = _record(rows), Facts()
    for row in rows:
        facts.add((row.tag, patient_id, row.word, row.at, row.id))
    book, born = read_book(rows), str(record.get("birthDate", ""))
    visit = Coming(appointment_id, patient_id, visit_type, born, day, here=True)
    known = replace(
        facts.known(store, visit, Beside(covers.get(patient_id), book, due.get(patient_id, 0))),
        **contact_of(store, evidence),
        id_ended=ended_day(store, record, facts.papers.get(patient_id)),
        has_contact=any(isinstance(values.get(name), str) for name in WAYS),
    )
    needs = needs_of(known, store.now, day_bounds(day, store.practice.zone)[0], rules_of(store, visit_type))
    here = next((row for row in rows if row.tag == "visit"), None)
    return AtCheckIn(
        here.id if here else "",
        here.word if here else "",
        here.at if here else None,
        needs,
        _in_hands(rows),
        tuple((evidence[name], values[name]) for name in known.stale or ()),
        tuple(book.missing(patient_id, visit_type, born, day)),
        frozenset(values),
    )


def _in_hands(rows: Sequence[Any]) -> InHands | None:
    handed = (InHands(row.word, row.at) for row in rows if row.tag == "hands")
    return max(handed, key=lambda one: one.created, default=None)


@cache
def _at_check_in() -> sa.CompoundSelect[Any]:
    text, nothing = sa.literal, sa.literal("")
    one: sa.BindParameter[str] = sa.bindparam("patient_id")
    several: sa.BindParameter[Any] = sa.bindparam("patients", expanding=True)
    acts, paper = packed(several).c, papers(several).subquery().c
    visit = sa.select(text("visit").label("tag"), _v.station.label("word"), _v.arrived.label("at"), _v.id)
    confirmed = sa.select(text("confirmed"), _c.kind, sa.func.max(_c.at), nothing).where(_c.patient_id == one)
    lines = [line.subquery() for line in book_lines(one)]
    handed = in_hands_select(one, sa.bindparam("now")).add_columns(nothing).subquery()
    forms, answered = [part.subquery().c for part in forms_select(several)]
    return visit.where(_v.appointment_id == sa.bindparam("appointment_id")).union_all(
        confirmed.group_by(_c.kind),
        sa.select(text("hands"), *handed.c),
        sa.select(text("told"), acts.packed, acts.at, acts.id),
        sa.select(text("record"), _r.json, _r.updated, _r.id).where(_r.type == "Patient", _r.id == one),
        sa.select(text("paper"), paper.paper, sa.cast(sa.null(), UtcDateTime), nothing),
        sa.select(text("forms"), forms.forms, forms.created, forms.appointment_id),
        sa.select(text("answered"), nothing, answered.at, nothing),
        *(sa.select(*line.c) for line in lines),
    )


def _told(store: Store, patient_id: str, rows: Sequence[Any]) -> tuple[dict[str, Evidence], dict[str, Any]]:
    """The evidence of each value of the record, and the values themselves."""
    acts = [unpacked(patient_id, row.word, row.at, row.id) for row in rows if row.tag == "told"]
    record = _record(rows)
    if not record:
        return {}, {}
    region = region_of(store.practice.region)
    values = values_of(record, region)
    return evidence_of_record(record, acts, region, values), values


def _record(rows: Sequence[Any]) -> Json:
    found: Json = next((loads(row.word) for row in rows if row.tag == "record"), {})
    return found


def open_visits(store: Store, patient_ids: Sequence[str]) -> list[sa.Row[tuple[str, str, str]]]:
    """The visits of these patients that have not ended, on whatever day: id, the patient's name and the station."""
    wanted = sa.select(_v.id, _v.patient_name, _v.station).where(_v.patient_id.in_(patient_ids), _v.station != LEFT)
    return list(store.conn.execute(wanted.order_by(_v.arrived)))


def recent_visits(store: Store, patient_id: str, limit: int = 6) -> list[VisitRow]:
    """A patient's last visits, newest first."""
    columns = [visit_row.c[name] for name in VisitRow.__dataclass_fields__]
    wanted = sa.select(*columns).where(_v.patient_id == patient_id).order_by(_v.arrived.desc()).limit(limit)
    return [VisitRow(*row) for row in store.conn.execute(wanted)]
