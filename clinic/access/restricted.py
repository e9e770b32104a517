"""Restricted records: for whom they are closed, who is named on them, and opening one with a reason.

A patient whose `meta.security` says R or V is closed to everybody but the people named on the record and those who
gave a reason within the hour. What is closed is read in the statement that reads the session, travels with the actor,
and is refused by the store: there is no second place that decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.access import tables as t
from clinic.core.errors import N_, Invalid, Missing
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.db.types import UtcDateTime

LABELS: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
RESTRICTED_LABELS: Final = ("R", "V")
SCOPE: Final = "security-label/R"
"""What a program needs besides its other scopes to see restricted records at all."""
OPEN_FOR: Final = timedelta(minutes=60)
LONGEST_REASON: Final = 400
PAGE: Final = 50

NEED_REASON: Final = N_("Say in a few words why you need this record now, for example “checking in for 10:40”.")
_SHORTEST: Final = 5
_r, _n, _o = t.restricted_record.c, t.record_reader.c, t.record_opening.c


def label_of(patient: Json) -> str:
    """The restricting label of a patient, R or V; empty for an ordinary one."""
    meta = patient.get("meta")
    given = meta.get("security") if isinstance(meta, dict) else None
    for coding in given if isinstance(given, list) else ():
        code = coding.get("code") if isinstance(coding, dict) and coding.get("system") == LABELS else ""
        if code in RESTRICTED_LABELS:
            return str(code)
    return ""


def with_label(patient: Json, label: str) -> Json:
    """The patient with this restricting label, or without one when it is empty."""
    meta = dict(patient.get("meta") or {})
    kept = [one for one in meta.get("security") or [] if one.get("system") != LABELS]
    meta["security"] = [*kept, {"system": LABELS, "code": label}] if label else kept
    return {**patient, "meta": {name: value for name, value in meta.items() if value}}


def project_restricted(patient: Json) -> list[Json]:
    """The row of a restricted patient; none for the others."""
    label = label_of(patient)
    return [{"id": patient["id"], "label": label}] if label else []


def barred_ids(user_id: sa.ColumnElement[Any], now: sa.ColumnElement[Any]) -> sa.ScalarSelect[str]:
    """The ids of the records closed to a user, as one text with blanks; for the statement that reads the session."""
    named = sa.exists().where(_n.patient_id == _r.id, _n.user_id == user_id).correlate_except(t.record_reader)
    opened = (
        sa.exists()
        .where(_o.patient_id == _r.id, _o.user_id == user_id, _o.ends > now)
        .correlate_except(t.record_opening)
    )
    closed = sa.select(sa.func.aggregate_strings(_r.id, " ")).where(~named, ~opened)
    return closed.correlate_except(t.restricted_record).scalar_subquery()


def all_restricted(conn: Connection) -> frozenset[str]:
    """Every restricted patient: what is closed to a program without the scope."""
    return frozenset(conn.execute(sa.select(_r.id)).scalars())


def barred_for(conn: Connection, user_id: str, now: datetime) -> frozenset[str]:
    """What is closed to a user; for work that goes on after the session."""
    wanted = sa.select(barred_ids(sa.literal(user_id), sa.literal(now, UtcDateTime)))
    return read_barred(conn.execute(wanted).scalar())


def read_barred(text: str | None) -> frozenset[str]:
    """The ids out of what `barred_ids` gave."""
    return frozenset((text or "").split())


def label_now(conn: Connection, patient_id: str) -> str:
    """The label under which a patient's record is kept now."""
    return conn.execute(sa.select(_r.label).where(_r.id == patient_id)).scalar() or ""


def readers_of(conn: Connection, patient_id: str) -> list[tuple[str, str]]:
    """Who is named on a record, as (id, name)."""
    wanted = sa.select(t.user.c.id, t.user.c.name).join(t.record_reader, _n.user_id == t.user.c.id)
    return [
        (row.id, row.name) for row in conn.execute(wanted.where(_n.patient_id == patient_id).order_by(t.user.c.name))
    ]


def name_readers(conn: Connection, patient_id: str, user_ids: Iterable[str]) -> None:
    """Name the people who open this record without a reason; those who were named before no longer are."""
    conn.execute(sa.delete(t.record_reader).where(_n.patient_id == patient_id))
    known = conn.execute(sa.select(t.user.c.id).where(t.user.c.id.in_(list(user_ids)))).scalars()
    rows = [{"patient_id": patient_id, "user_id": user_id} for user_id in known]
    if rows:
        conn.execute(sa.insert(t.record_reader), rows)


def read_reason(text: str) -> str:
    """A reason as it is kept. Raises Invalid for one that says nothing."""
    reason = " ".join(text.split())
    if len(reason) < _SHORTEST or not any(sign.isalpha() for sign in reason):
        raise Invalid(NEED_REASON, field="reason")
    return reason[:LONGEST_REASON]


def open_with_reason(conn: Connection, patient_id: str, *, by: tuple[str, str], reason: str, now: datetime) -> None:
    """Open a record to a user (id, name) for an hour, where the manager sees it."""
    row = {
        "id": new_id(), "patient_id": patient_id, "user_id": by[0], "user_name": by[1][:120], "reason": reason,
        "opened": now, "ends": now + OPEN_FOR, "reviewed": None, "reviewed_by": "",
    }  # fmt: skip
    conn.execute(sa.insert(t.record_opening), [row])


def close_now(conn: Connection, patient_id: str, user_id: str, now: datetime) -> None:
    """End what a user opened, before its hour is over."""
    still = sa.and_(_o.patient_id == patient_id, _o.user_id == user_id, _o.ends > now)
    conn.execute(sa.update(t.record_opening).where(still).values(ends=now))


@dataclass(frozen=True)
class Opened:
    """One record opened with a reason."""

    id: str
    patient_id: str
    user_id: str
    user_name: str
    reason: str
    opened: datetime
    ends: datetime
    reviewed: datetime | None
    reviewed_by: str


def openings(conn: Connection, *, only_new: bool, page: int = 1, text: str = "") -> tuple[list[Opened], int]:
    """One page of what was opened with a reason, newest first, and how many there are."""
    where: list[sa.ColumnElement[bool]] = [_o.reviewed.is_(None)] if only_new else []
    where += [
        sa.or_(_o.reason.icontains(word, autoescape=True), _o.user_name.icontains(word, autoescape=True))
        for word in text.split()[:5]
    ]
    columns = [_o[name] for name in Opened.__dataclass_fields__]
    many = sa.select(sa.func.count()).select_from(t.record_opening).where(*where).scalar_subquery()
    wanted = sa.select(*columns, many.label("total")).where(*where).order_by(_o.opened.desc(), _o.id)
    rows = conn.execute(wanted.limit(PAGE).offset((page - 1) * PAGE)).all()
    return [Opened(*row[:-1]) for row in rows], int(rows[0].total) if rows else 0


def new_openings() -> sa.ScalarSelect[int]:
    """How many nobody has looked at, to be read with other figures."""
    return sa.select(sa.func.count()).select_from(t.record_opening).where(_o.reviewed.is_(None)).scalar_subquery()


def review(conn: Connection, ids: Sequence[str], *, by: str, now: datetime | None) -> int:
    """Note that a manager looked at these openings (`now=None` takes it back); gives how many. Raises Missing."""
    values = {"reviewed": now, "reviewed_by": by[:120] if now else ""}
    state = _o.reviewed.is_(None) if now else _o.reviewed.is_not(None)
    many = conn.execute(sa.update(t.record_opening).where(_o.id.in_(list(ids)), state).values(values)).rowcount
    if not many:
        raise Missing("A colleague has already looked at this.")
    return int(many)


def moment(name: str) -> sa.BindParameter[datetime]:
    """An instant that is bound when the statement runs."""
    return sa.bindparam(name, type_=UtcDateTime)
