"""What became of booked visits, and how long ahead they were booked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from clinic.appointments.queries.policy import policies
from clinic.appointments.tables import appointment_row
from clinic.communication.tables import message_row
from clinic.db.times import MinuteText
from clinic.fhir.store import Store
from clinic.management.measures.queries.asked import DAY_MS, HOUR_MS, Asked, Bounds, Label, counted, raw_of, whole
from clinic.management.measures.rules.leads import LEADS
from clinic.management.measures.rules.spread import Spread

_a, _m = appointment_row.c, message_row.c
BY: Final = ("type", "lead", "stage", "weekday", "hour", "provider", "site")
USUAL_NOTICE: Final = 24
"""Hours within which a cancellation is late, for types whose rules do not say."""
CAME, NO_SHOW, LATE, CANCELLED, OPEN = "came", "noshow", "late", "cancelled", "open"
_KEPT: Final = ("pending", "booked", "arrived", "checked-in", "fulfilled", "noshow", "cancelled")
SENT: Final = ("handed", "sent", "delivered")


@dataclass
class Outcomes:
    """How many came, did not come, cancelled late or in time, and of how many nothing was noted."""

    came: int = 0
    noshow: int = 0
    late: int = 0
    cancelled: int = 0
    open: int = 0

    @property
    def visits(self) -> int:
        """Those whose time was kept for them."""
        return self.came + self.noshow + self.late

    def __add__(self, other: Outcomes) -> Outcomes:
        """Both together."""
        return Outcomes(
            self.came + other.came, self.noshow + other.noshow, self.late + other.late,
            self.cancelled + other.cancelled, self.open + other.open,
        )  # fmt: skip


def outcomes_by(store: Store, asked: Asked) -> dict[str, tuple[Outcomes, Outcomes]]:
    """What became of the visits by type, lead time, last reminder, weekday and so on; two statements."""
    bounds = Bounds.of(store, asked.period)
    labels = [key_of(asked.by, bounds).label("key"), _now(bounds).label("now"), outcome(store).label("outcome")]
    found: dict[str, tuple[Outcomes, Outcomes]] = {}
    until = min(bounds.end, store.now)
    for key, now, name, number in store.conn.execute(counted(labels, appointment_row, inside(asked, bounds, until))):
        pair = found.setdefault(str(key), (Outcomes(), Outcomes()))
        setattr(pair[1 - now], name, getattr(pair[1 - now], name) + number)
    return found


def leads_by(store: Store, asked: Asked) -> dict[str, tuple[Spread, Spread]]:
    """How many days ahead the visits were booked, those that were cancelled too; one statement."""
    bounds = Bounds.of(store, asked.period)
    labels = [key_of(asked.by, bounds).label("key"), _now(bounds).label("now"), lead_days().label("value")]
    found: dict[str, tuple[Spread, Spread]] = {}
    where = [*inside(asked, bounds, bounds.end), _a.booked.is_not(None)]
    for key, now, days, number in store.conn.execute(counted(labels, appointment_row, where)):
        found.setdefault(str(key), (Spread(), Spread()))[1 - now].add(int(days), number)
    return found


def inside(asked: Asked, bounds: Bounds, until: Any) -> list[sa.ColumnElement[bool]]:
    """The visits of patients in both periods, each once; a visit of two providers is the first one's."""
    other = appointment_row.alias("other").c
    twice = sa.exists().where(other.start == _a.start, other.id == _a.id, other.provider < _a.provider)
    chosen = ((_a.provider, asked.provider), (_a.type_id, asked.type_id), (_a.site, asked.site))
    return [
        _a.start >= bounds.before, _a.start < until, _a.patient_id != "", _a.status.in_(_KEPT),
        *([] if asked.provider or asked.by == "provider" else [~twice]),
        *(column == value for column, value in chosen if value),
    ]  # fmt: skip


def outcome(store: Store) -> Label:
    """What became of a visit, in one word."""
    notice = {kind: policy.notice or USUAL_NOTICE for kind, policy in policies(store).items()}
    usual = sa.literal(notice.pop("", USUAL_NOTICE) * HOUR_MS, sa.BigInteger)
    whens = [(_a.type_id == kind, sa.literal(hours * HOUR_MS, sa.BigInteger)) for kind, hours in notice.items()]
    margin = sa.case(*whens, else_=usual) if whens else usual
    return sa.case(
        (_a.status == "noshow", NO_SHOW),
        (sa.and_(_a.status == "cancelled", raw_of(_a.cancelled) > raw_of(_a.start) - margin), LATE),
        (_a.status == "cancelled", CANCELLED),
        (_a.status.in_(("arrived", "checked-in", "fulfilled")), CAME),
        else_=OPEN,
    )


def key_of(by: str, bounds: Bounds) -> Label:
    """What the lines are, of the time of the visit."""
    raw = raw_of(_a.start)
    made = {"hour": bounds.hour, "weekday": bounds.weekday}.get(by)
    if made is not None:
        return made(raw)
    if by == "lead":
        return _bucket()
    if by == "stage":
        return last_stage()
    return {"site": _a.site, "type": _a.type_id}.get(by, _a.provider)


def lead_days() -> Label:
    """Whole days of 24 hours between booking and visit; none for who was booked afterwards."""
    ahead = raw_of(_a.start) - raw_of(_a.booked)
    return sa.case((ahead < 0, sa.literal(0, sa.BigInteger)), else_=whole(ahead, DAY_MS))


def _bucket() -> Label:
    ahead = raw_of(_a.start) - raw_of(_a.booked)
    edges = list(enumerate(LEADS))[1:]
    known = [(ahead < days * DAY_MS, str(number - 1)) for number, days in edges]
    return sa.case((_a.booked.is_(None), ""), *known, else_=str(len(LEADS) - 1))


def last_stage() -> Label:
    """How many minutes before the visit the last reminder of this time was meant to go, as text; empty for none."""
    begins = sa.literal("reminder:") + _a.id + ":" + MinuteText(raw_of(_a.start)) + ":"
    newest = (
        sa.select(sa.func.substr(_m.key, sa.func.length(_a.id) + 25))
        .where(_m.appointment_id == _a.id, _m.purpose == "reminder", _m.state.in_(SENT))
        .where(sa.func.substr(_m.key, 1, sa.func.length(_a.id) + 24) == begins)
        .order_by(_m.at.desc(), _m.id.desc())
        .limit(1)
    )
    return sa.func.coalesce(newest.scalar_subquery(), "")


def _now(bounds: Bounds) -> Label:
    return sa.case((_a.start >= bounds.start, 1), else_=0)
