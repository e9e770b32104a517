"""Orders and recalls as the desk and other slices read them: the call list, a patient's own, the attempts, the rules.

Others ask `open_for` (what a patient still has to be booked for) and `fitting` (what a visit type would carry out).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.appointments.recall_tables import recall_attempt, recall_policy, recall_row, recall_rule
from clinic.appointments.rules.recalls import ACTIVE, LETTER, PRIORITIES, Policy, Recall, Rule, Tally
from clinic.core.days import local
from clinic.db.together import Short
from clinic.fhir.store import Store

PAGE = 50
VIEWS = ("due", "overdue", "ahead", "letter", "done", "closed")
"""What the call list shows: all that is to be called for now, what is late, what comes later, letters to write, what
was booked, what was given up."""
_r, _a = recall_row.c, recall_attempt.c
_OWN = (
    "patient_id", "due", "kind", "type_id", "what", "days", "provider_id", "provider_name", "requester_id",
    "requester_name", "note", "rule", "follows", "patient_name", "birth_date", "id", "status", "booked", "closed",
    "asked", "version",
)  # fmt: skip
_TALLY = tuple(Tally.__dataclass_fields__)
RECALL_COLUMNS = (*(_r[name] for name in _OWN), *(_r[name] for name in _TALLY), _r.rank)
"""What makes a Recall, by `recall_of_row`."""


@dataclass(frozen=True)
class Sought:
    """What the call list is searched for; empty values match everything. `view` is one of VIEWS."""

    view: str = "due"
    words: str = ""
    kind: str = ""
    provider: str = ""
    type_id: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at reaching the patient, by `phone`, by `message`, or as another program `said`."""

    id: str
    recall: str
    at: datetime
    outcome: str
    way: str
    again: date | None
    note: str
    by_name: str


def recall_of_row(row: Sequence[Any]) -> Recall:
    """The order or recall in a row of RECALL_COLUMNS."""
    width = len(_OWN)
    values = dict(zip(_OWN, row[:width], strict=True))
    tally = Tally(**dict(zip(_TALLY, row[width : width + len(_TALLY)], strict=True)))
    return Recall(**values, tally=tally, priority=PRIORITIES[min(row[width + len(_TALLY)], len(PRIORITIES) - 1)])


def today_of(store: Store) -> date:
    """The day at the practice."""
    return local(store.now, store.practice.zone).date()


@cache
def _open_for() -> sa.Select[Any]:
    wanted = sa.select(*RECALL_COLUMNS).where(_r.patient_id == sa.bindparam("patient"), _r.status == ACTIVE)
    return wanted.order_by(_r.due, _r.rank, _r.id).limit(50)


OPEN = Short(
    sa.select(*RECALL_COLUMNS).where(_r.patient_id == sa.bindparam("patient_id"), _r.status == ACTIVE),
    (_r.due, _r.rank, _r.id),
    limit=6,
)
"""The same beside other facts of the patient; each row makes a Recall by `recall_of_row`."""


def open_for(store: Store, patient_id: str) -> list[Recall]:
    """What a patient still has to be booked for, the first to be due in front; one statement."""
    return [recall_of_row(row) for row in store.conn.execute(_open_for(), {"patient": patient_id})]


def fitting(store: Store, patient_id: str, type_id: str) -> list[Recall]:
    """The open orders and recalls of a patient that a visit of this type would carry out; one statement."""
    return [one for one in open_for(store, patient_id) if one.fits(type_id)] if patient_id and type_id else []


def recall(store: Store, recall_id: str) -> Recall | None:
    """One order or recall, whatever became of it."""
    row = store.conn.execute(sa.select(*RECALL_COLUMNS).where(_r.id == recall_id)).first()
    return recall_of_row(row) if row else None


def attempts_of(store: Store, recall_id: str) -> list[Attempt]:
    """How the patient was tried, the latest in front."""
    wanted = sa.select(*(_a[name] for name in Attempt.__dataclass_fields__)).where(_a.recall == recall_id)
    return [Attempt(*row) for row in store.conn.execute(wanted.order_by(_a.at.desc(), _a.id.desc()).limit(100))]


def list_recalls(store: Store, sought: Sought) -> tuple[list[Recall], int]:
    """One page of the call list in the order in which it is worked off, and how many there are; one statement."""
    wanted = sa.select(*RECALL_COLUMNS, sa.func.count().over()).where(*_where(store, sought))
    late_first = (_r.due.desc(), _r.id) if sought.view in ("done", "closed") else (_r.due, _r.rank, _r.id)
    rows = store.conn.execute(wanted.order_by(*late_first).limit(PAGE).offset((sought.page - 1) * PAGE)).all()
    return [_shown(store, recall_of_row(row[:-1])) for row in rows], int(rows[0][-1]) if rows else 0


def _where(store: Store, sought: Sought) -> list[sa.ColumnElement[bool]]:
    where = [_seen(sought.view, today_of(store))]
    for column, value in ((_r.kind, sought.kind), (_r.type_id, sought.type_id)):
        if value:
            where.append(column == value)
    if sought.provider:
        where.append(sa.or_(_r.provider_id == sought.provider, _r.requester_id == sought.provider))
    for word in sought.words.split()[:5]:
        either = (_r.patient_name, _r.what)
        where.append(sa.or_(*(column.icontains(word, autoescape=True) for column in either)))
    return where


def _seen(view: str, today: date) -> sa.ColumnElement[bool]:
    waits = _r.status == ACTIVE
    back = sa.or_(_r.again.is_(None), _r.again <= today)
    day = sa.bindparam("today", today, type_=sa.Date)
    views = {
        "overdue": sa.and_(waits, _r.last < day),
        "ahead": sa.and_(waits, ~back),
        "letter": sa.and_(waits, _r.handed == LETTER),
        "done": _r.status == "completed",
        "closed": _r.status.in_(("revoked", "on-hold")),
    }
    return views.get(view, sa.and_(waits, back))


def _shown(store: Store, one: Recall) -> Recall:
    """Of a restricted patient that they are to be called, not what for."""
    if not store.is_closed(one.patient_id):
        return one
    return replace(one, birth_date=one.birth_date[:4], note="", what="", type_id="", closed="")


def rules(store: Store) -> list[Rule]:
    """Every rule that makes recalls, those out of use too."""
    columns = [recall_rule.c[name] for name in Rule.__dataclass_fields__]
    query = sa.select(*columns).order_by(recall_rule.c.type_id, recall_rule.c.months, recall_rule.c.id)
    return [Rule(*row) for row in store.conn.execute(query)]


def policy(store: Store) -> Policy:
    """What follows too many attempts in vain."""
    columns = [recall_policy.c[name] for name in Policy.__dataclass_fields__]
    row = store.conn.execute(sa.select(*columns).where(recall_policy.c.id == 1)).first()
    return Policy(*row) if row else Policy()
