"""What people at home see, and what came in from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.appointments.online_tables import online_request, online_type
from clinic.appointments.queries.board import HIDDEN
from clinic.appointments.queries.free import Search, find_times, preferred_first
from clinic.appointments.rules.free import Offer
from clinic.appointments.rules.online import OnlineRule
from clinic.appointments.rules.setup import Setup, VisitType
from clinic.appointments.tables import appointment_row
from clinic.core.days import CELL
from clinic.core.errors import N_, Missing
from clinic.core.names import fold
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store

PAGE = 25
NO_REQUEST = N_("There is no such request.")
_SHOWN = 90
_t, _q = online_type.c, online_request.c


def online_rules(store: Store) -> dict[str, OnlineRule]:
    """What the manager opened, by visit type; one statement."""
    rows = store.conn.execute(sa.select(online_type)).mappings()
    return {row["type_id"]: OnlineRule(**{**row, "questions": tuple(row["questions"] or ())}) for row in rows}


def rule_of(store: Store, type_id: str) -> OnlineRule:
    """How one visit type stands open; closed with the usual limits when nobody said anything."""
    row = store.conn.execute(sa.select(online_type).where(_t.type_id == type_id)).mappings().first()
    if row is None:
        return OnlineRule(type_id)
    return OnlineRule(**{**row, "questions": tuple(row["questions"] or ())})


@dataclass(frozen=True)
class Shown:
    """A visit type that people at home see, with its rule."""

    kind: VisitType
    rule: OnlineRule


def shown_types(store: Store, setup: Setup) -> list[Shown]:
    """The visit types that are open to people at home, in the desk's order."""
    rules = online_rules(store)
    found = [Shown(kind, rules[kind.id]) for kind in setup.types if kind.active and kind.id in rules]
    return [one for one in found if one.rule.shown and preferred_first(setup, one.kind.id)]


@dataclass(frozen=True)
class Looked:
    """What somebody at home looks for: with one provider or anybody, from a moment on, for a visit that moves."""

    kind: VisitType
    rule: OnlineRule
    provider: str = ""
    since: datetime | None = None
    except_for: str = ""


def online_times(store: Store, setup: Setup, looked: Looked) -> list[Offer]:
    """Free times between notice and horizon, soonest first: the desk's own search, one offer for each moment."""
    rule, kind = looked.rule, looked.kind
    everybody = preferred_first(setup, kind.id)
    providers = (looked.provider,) if looked.provider in everybody else everybody
    first = rule.earliest(store.now)
    earliest = max(looked.since, first) if looked.since else first
    search = Search(
        kind.minutes, earliest, providers, limit=_SHOWN, spread=24, except_for=looked.except_for, type_id=kind.id,
        latest=rule.latest(store.now) + CELL,
    )  # fmt: skip
    found: dict[datetime, Offer] = {}
    for offer in find_times(store, setup, search).offers:
        if rule.offers(offer.start, store.now):
            found.setdefault(offer.start, offer)
    return [found[start] for start in sorted(found)]


@dataclass(frozen=True)
class Request:
    """What came in from home."""

    id: str
    state: str
    kind: str
    type_id: str
    type_name: str
    provider: str
    provider_name: str
    start: datetime
    minutes: int
    holder: str
    patient_id: str
    given: str
    family: str
    birth_date: str
    sex: str
    phone: str
    email: str
    language: str
    note: str
    answers: Sequence[Sequence[str]]
    appointment_id: str
    words: str
    created: datetime
    decided: datetime | None
    decided_by: str

    @property
    def name(self) -> str:
        """The name as it was given."""
        return f"{self.given} {self.family}".strip()

    @property
    def open(self) -> bool:
        """Whether the desk still has to answer."""
        return self.state == "open"


_COLUMNS = tuple(_q[name] for name in Request.__dataclass_fields__)


def request_of(store: Store, request_id: str) -> Request:
    """One request. Raises Missing."""
    row = store.conn.execute(sa.select(*_COLUMNS).where(_q.id == request_id)).first()
    if row is None:
        raise Missing(NO_REQUEST)
    return Request(*row)


@dataclass(frozen=True)
class Asked:
    """Which requests are listed."""

    state: str = "open"
    words: str = ""
    page: int = 1


def requests(store: Store, asked: Asked) -> tuple[list[Request], int]:
    """One page of what came in, the soonest wanted time first, and how many there are; two statements."""
    where: list[sa.ColumnElement[bool]] = [_q.state == asked.state] if asked.state else []
    for word in fold(asked.words).split()[:4]:
        name = sa.func.lower(_q.given + " " + _q.family + " " + _q.phone + " " + _q.type_name)
        where.append(name.contains(word, autoescape=True))
    total = store.conn.execute(sa.select(sa.func.count()).select_from(online_request).where(*where)).scalar_one()
    order = (_q.start, _q.id) if asked.state in ("open", "proposed") else (_q.created.desc(), _q.id)
    wanted = sa.select(*_COLUMNS).where(*where).order_by(*order)
    rows = store.conn.execute(wanted.limit(PAGE).offset(PAGE * (asked.page - 1)))
    return [Request(*row) for row in rows], int(total)


def open_requests(store: Store) -> int:
    """How many requests wait for the desk."""
    counting = sa.select(sa.func.count()).select_from(online_request).where(_q.state == "open")
    return int(store.conn.execute(counting).scalar_one())


def coming_from_home(store: Store, patient_id: str) -> int:
    """How many coming visits and open wishes a patient has from home."""
    return int(store.conn.execute(_coming(), {"patient": patient_id, "now": store.now}).scalar_one())


@cache
def _coming() -> sa.Select[Any]:
    a = appointment_row.c
    still = sa.exists().where(a.id == _q.appointment_id, a.status.not_in((*HIDDEN, "noshow")))
    return (
        sa.select(sa.func.count())
        .select_from(online_request)
        .where(_q.patient_id == sa.bindparam("patient"), _q.start > sa.bindparam("now", type_=UtcDateTime))
        .where(sa.or_(_q.state.in_(("open", "proposed")), sa.and_(_q.state.in_(("booked", "accepted")), still)))
    )


def open_of(store: Store, *, network: str = "") -> int:
    """How many wishes are open: of one network, or of all."""
    wanted = sa.select(sa.func.count()).select_from(online_request).where(_q.state.in_(("open", "proposed")))
    if network:
        wanted = wanted.where(_q.network == network)
    return int(store.conn.execute(wanted).scalar_one())
