"""Plans for visits of a provider who is out: the list of them, one with its visits, and who is hit by an absence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clinic.appointments.queries.groups import in_group
from clinic.appointments.replan_tables import replan, replan_visit
from clinic.appointments.rules.replanning import NORMAL, Affected, Reason
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import appointment_row
from clinic.core.days import instant_text, read_instant
from clinic.core.json import Json, loads
from clinic.fhir.store import Store
from clinic.fhir.tables import resource
from clinic.registration.tables import patient_row

PAGE = 30
PLANNING, OPEN, OVER = "planning", "open", "over"
WAITING = ("open", "asked")
"""States of a visit on which somebody has still to decide."""
_p, _v, _a, _r = replan.c, replan_visit.c, appointment_row.c, resource.c


@dataclass(frozen=True)
class Offered:
    """One time that a visit could move to, and why it suits."""

    start: datetime
    end: datetime
    provider: str
    provider_name: str
    room: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class ReplanVisit:
    """One visit of a plan: where it was, where it could go, and what was decided."""

    appointment: str
    patient_id: str
    patient_name: str
    birth_date: str
    type_name: str
    priority: int
    old: Span
    version: int
    state: str
    offers: tuple[Offered, ...]
    holds: tuple[str, ...]
    until: datetime | None
    note: str


@dataclass(frozen=True)
class Replan:
    """A plan: who is out, when and why, how far it is."""

    id: str
    provider: str
    provider_name: str
    span: Span
    reason: str
    state: str
    slot: str
    round: int
    done: int
    total: int
    proven: bool
    made: datetime
    by_name: str
    left: int = 0
    """Visits on which somebody has still to decide."""

    @property
    def busy(self) -> bool:
        """Whether the best times are being looked for."""
        return self.state == PLANNING


def replan_of(store: Store, id_: str, *, lock: bool = False) -> Replan | None:
    """One plan, locked when it is about to change."""
    wanted = sa.select(replan, _left()).where(_p.id == id_)
    row = store.conn.execute(wanted.with_for_update(of=replan) if lock else wanted).first()
    return _plan(row) if row else None


def plan_of_slot(store: Store, slot: str) -> str:
    """The plan of an absence; empty when there is none."""
    return str(store.conn.execute(sa.select(_p.id).where(_p.slot == slot)).scalar() or "")


def replans(store: Store, page: int = 1) -> tuple[list[Replan], int]:
    """Plans, the newest first, and how many there are; one statement."""
    count = sa.func.count().over().label("count")
    wanted = sa.select(replan, _left(), count).order_by(_p.made.desc(), _p.id)
    rows = store.conn.execute(wanted.limit(PAGE).offset((page - 1) * PAGE)).all()
    return [_plan(row) for row in rows], int(rows[0][-1]) if rows else 0


def _left() -> sa.Label[int]:
    open_ = sa.select(sa.func.count()).where(_v.replan == _p.id, _v.state.in_(WAITING))
    return open_.scalar_subquery().label("left")


def _plan(row: Any) -> Replan:
    return Replan(
        row.id, row.provider, row.provider_name, Span(row.start, row.end), row.reason, row.state, row.slot, row.round,
        row.done, row.total, row.proven, row.made, row.by_name, row.left,
    )  # fmt: skip


def visits_of(store: Store, id_: str, *, only: str = "") -> list[ReplanVisit]:
    """The visits of a plan by their old time; one statement. Of closed records only the name and the times."""
    wanted = sa.select(replan_visit).where(_v.replan == id_).order_by(_v.old_start, _v.appointment)
    rows = store.conn.execute(wanted.where(_v.appointment == only) if only else wanted)
    return [_visit(store, row) for row in rows]


def _visit(store: Store, row: Any) -> ReplanVisit:
    closed = store.is_closed(row.patient_id)
    return ReplanVisit(
        row.appointment, row.patient_id, row.patient_name, row.birth_date[:4] if closed else row.birth_date,
        "" if closed else row.type_name, row.priority, Span(row.old_start, row.old_end), row.version, row.state,
        tuple(_offered(one) for one in row.offers), tuple(row.holds), row.until, row.note,
    )  # fmt: skip


def _offered(value: Json) -> Offered:
    return Offered(
        read_instant(value["start"]), read_instant(value["end"]), value["provider"], value["name"], value["room"],
        tuple(Reason(kind, number) for kind, number in value["why"]),
    )  # fmt: skip


def offered_json(offer: Offered) -> Json:
    """How a time is kept with its visit."""
    return {
        "start": instant_text(offer.start), "end": instant_text(offer.end), "provider": offer.provider,
        "name": offer.provider_name, "room": offer.room, "why": [[one.kind, one.number] for one in offer.reasons],
    }  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """A visit that an absence meets, as the calendar has it, with what a plan must know of it."""

    affected: Affected
    type_id: str
    type_name: str
    patient_name: str
    birth_date: str
    room: str
    version: int


def hit_by(store: Store, provider: str, span: Span, *, most: int = 400) -> list[Hit]:
    """The booked visits of a provider that meet a stretch of time and are still to come, soonest first.

    One statement. A group is one visit, and its seats go with it. Their priority is Appointment.priority, as iCalendar
    counts it; the language is that of a patient who needs an interpreter.
    """
    wanted = (
        sa.select(appointment_row, patient_row.c.language, patient_row.c.interpreter, _r.json)
        .join(resource, sa.and_(_r.type == "Appointment", _r.id == _a.id))
        .outerjoin(patient_row, patient_row.c.id == _a.patient_id)
        .where(_a.provider == provider, _a.start < span.end, _a.end > span.start, _a.start >= store.now)
        .where(_a.status.in_(("booked", "pending")), sa.or_(_a.seats > 0, _a.group_id == ""))
        .order_by(_a.start, _a.id)
        .limit(most)
    )
    return [_hit(row) for row in store.conn.execute(wanted)]


def _hit(row: Any) -> Hit:
    priority = loads(row.json).get("priority")
    affected = Affected(
        row.id, row.patient_id, Span(row.start, row.end), row.provider, row.site,
        priority if isinstance(priority, int) and 1 <= priority <= NORMAL else NORMAL,
        row.language if row.interpreter and row.language else "",
    )  # fmt: skip
    return Hit(affected, row.type_id, row.type_name, row.patient_name, row.birth_date, row.room, row.version)


def seated_in(store: Store, group_id: str) -> list[tuple[str, str]]:
    """The seats of a group and whose they are."""
    wanted = sa.select(_a.id, _a.patient_id).where(in_group(group_id), _a.id != group_id).order_by(_a.id)
    return [(row.id, row.patient_id) for row in store.conn.execute(wanted) if row.patient_id]


def busy_of(store: Store, patient_ids: list[str], since: datetime) -> dict[str, list[tuple[str, Span]]]:
    """When these patients are at which of their visits; one statement."""
    wanted = sa.select(_a.id, _a.patient_id, _a.start, _a.end).where(
        _a.patient_id.in_(patient_ids), _a.end > since, _a.status.in_(("booked", "pending", "arrived"))
    )
    found: dict[str, list[tuple[str, Span]]] = {}
    for row in store.conn.execute(wanted):
        found.setdefault(row.patient_id, []).append((row.id, Span(row.start, row.end)))
    return found
