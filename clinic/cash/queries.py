"""What patients owe, and what happened at a till."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.billing.queries import charges
from clinic.cash.rules import Charge, Copay, amount_due
from clinic.cash.tables import cash_copay, cash_payment, cash_till_session
from clinic.core.days import local
from clinic.db.together import Short
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store

_p, _k, _t = cash_payment.c, cash_copay.c, cash_till_session.c


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment or reversal; `reversed_by` names the reversal of a payment."""

    id: str
    patient_id: str
    patient_name: str
    receipt: str
    tender: str
    cents: int
    at: datetime
    reverses: str
    reason: str
    reversed_by: str | None


@dataclass(frozen=True, slots=True)
class Till:
    """One person's drawer."""

    id: str
    user_id: str
    user_name: str
    state: str
    version: int
    opened: datetime
    float_cents: int
    counts: int
    sealed: datetime | None
    pieces: dict[str, int] | None
    counted_cents: int | None
    expected_cents: int | None
    reason: str
    closed: datetime | None

    @property
    def difference(self) -> int:
        """Counted less expected; below 0 is short."""
        return (self.counted_cents or 0) - (self.expected_cents or 0)


def amounts_due(store: Store, patient_ids: Sequence[str]) -> dict[str, int]:
    """What each patient owes in cents, credits below 0; one statement for all of them."""
    ids = sorted(set(patient_ids))
    if not ids:
        return {}
    rows = store.conn.execute(_accounts(), {"ids": ids}).all()
    found: dict[str, tuple[list[Charge], list[Copay], list[int]]] = {each: ([], [], []) for each in ids}
    for row in rows:
        visits, copays, paid = found[row.patient_id]
        if row.kind == "visit":
            visits.append(Charge(local(row.at, store.practice.zone).date(), row.cents, bool(row.flag)))
        elif row.kind == "copay":
            copays.append(Copay(row.cents, row.many, *row.id.split("|")))
        else:
            paid.append(int(row.cents))
    return {each: amount_due(visits, copays, sum(paid)) for each, (visits, copays, paid) in found.items()}


@cache
def _accounts() -> sa.CompoundSelect[tuple[object, ...]]:
    ids: sa.BindParameter[str] = sa.bindparam("ids", expanding=True)
    no_time = sa.cast(sa.null(), UtcDateTime)
    copays = sa.select(
        sa.literal("copay").label("kind"),
        _k.patient_id,
        (_k.starts + "|" + _k.ends).label("id"),
        no_time.label("at"),
        _k.cents,
        sa.literal(0).label("flag"),
        _k.rank.label("many"),
    ).where(_k.patient_id.in_(ids))
    paid = (
        sa.select(
            sa.literal("paid").label("kind"),
            _p.patient_id,
            sa.literal("").label("id"),
            no_time.label("at"),
            sa.cast(sa.func.sum(_p.cents), sa.BigInteger).label("cents"),
            sa.literal(0).label("flag"),
            sa.literal(0).label("many"),
        )
        .where(_p.patient_id.in_(ids))
        .group_by(_p.patient_id)
    )
    return sa.union_all(charges(ids), copays, paid)


PAID = Short(
    sa.select(_p.id, _p.receipt, _p.cents, _p.tender, _p.at, _p.reverses).where(
        _p.patient_id == sa.bindparam("patient_id"), _p.at >= sa.bindparam("since", type_=UtcDateTime)
    ),
    (_p.at, _p.id),
    limit=20,
)
"""What a patient paid, and what was paid back, from a moment on; each row makes a Paid."""


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment or reversal in a short list."""

    id: str
    receipt: str
    cents: int
    tender: str
    at: datetime
    reverses: str


def open_till(conn: Connection, user_id: str) -> Till | None:
    """The drawer that this person has not closed yet."""
    query = sa.select(cash_till_session).where(_t.user_id == user_id, _t.state != "closed")
    row = conn.execute(query.order_by(_t.opened.desc()).limit(1)).first()
    return None if row is None else Till(*row)


def till_by_id(conn: Connection, till_id: str) -> Till | None:
    """A drawer, open or closed."""
    row = conn.execute(sa.select(cash_till_session).where(_t.id == till_id)).first()
    return None if row is None else Till(*row)


def payments_of(conn: Connection, till_id: str) -> list[PaymentRow]:
    """What was paid and reversed at a till, the newest first."""
    return _payments(conn, _p.session_id == till_id)


def payment_by_id(conn: Connection, payment_id: str) -> PaymentRow | None:
    """One payment."""
    return next(iter(_payments(conn, _p.id == payment_id)), None)


def session_of(conn: Connection, payment_id: str) -> str:
    """The till that a payment was taken at; empty when there is none."""
    return str(conn.execute(sa.select(_p.session_id).where(_p.id == payment_id)).scalar() or "")


def _payments(conn: Connection, which: sa.ColumnElement[bool]) -> list[PaymentRow]:
    reversal = cash_payment.alias("reversal")
    query = (
        sa.select(
            _p.id, _p.patient_id, _p.patient_name, _p.receipt, _p.tender, _p.cents, _p.at, _p.reverses, _p.reason,
            reversal.c.id,
        )
        .select_from(cash_payment.outerjoin(reversal, reversal.c.reverses == _p.id))
        .where(which)
        .order_by(_p.at.desc(), _p.id.desc())
    )  # fmt: skip
    return [PaymentRow(*tuple(row)) for row in conn.execute(query)]
