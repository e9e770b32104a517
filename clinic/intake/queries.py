"""Lists of intake: forms in patients' hands, answers to go through, and what is open for a visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clinic.core.names import fold
from clinic.db.together import Short
from clinic.fhir.store import Store
from clinic.intake import tables as t

PAGE = 25
_r = t.response_row.c
_p = t.packet.c


@dataclass(frozen=True)
class ResponseRow:
    """One form that somebody answered."""

    id: str
    title: str
    patient_id: str
    patient_name: str
    status: str
    review: str
    authored: datetime | None
    answered: int


@dataclass(frozen=True)
class PacketRow:
    """Forms in somebody's hands now."""

    id: str
    patient_id: str
    patient_name: str
    device: str
    state: str
    forms: int
    done: int
    created: datetime
    expires: datetime
    help_asked: datetime | None


def responses(
    store: Store, *, review: str = "", text: str = "", patient_id: str = "", page: int = 1
) -> tuple[list[ResponseRow], int]:
    """One page of answered forms, newest first, and how many there are. `review` is open, done or none."""
    conditions: list[sa.ColumnElement[bool]] = []
    if review:
        conditions.append(_r.review == review)
    if patient_id:
        conditions.append(_r.patient_id == patient_id)
    conditions += [_r.search.contains(word, autoescape=True) for word in fold(text).split()[:6]]
    columns = [_r[name] for name in ResponseRow.__dataclass_fields__]
    count = sa.select(sa.func.count()).select_from(t.response_row).where(*conditions).scalar_subquery()
    wanted = sa.select(*columns, count.label("total")).where(*conditions)
    wanted = wanted.order_by(_r.authored.desc(), _r.id).limit(PAGE).offset((max(page, 1) - 1) * PAGE)
    rows = store.conn.execute(wanted).all()
    found = [ResponseRow(*row[:-1]) for row in rows]
    return found, int(rows[0].total) if rows else 0


LATELY = Short(
    sa.select(*(_r[name] for name in ResponseRow.__dataclass_fields__)).where(
        _r.patient_id == sa.bindparam("patient_id")
    ),
    (_r.authored.desc(), _r.id),
    limit=5,
)


def lately(_store: Store, patient_id: str, rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """The last forms of a patient, for the tile on the patient's page."""
    return {"rows": [ResponseRow(*row) for row in rows], "patient_id": patient_id}


def out_now(store: Store) -> list[PacketRow]:
    """What is in patients' hands, who asked for help first."""
    wanted = (
        sa.select(t.packet, t.device.c.name.label("device_name"))
        .select_from(t.packet.outerjoin(t.device, t.device.c.id == _p.device_id))
        .where(_p.state.in_(("waiting", "open")), _p.expires > store.now)
        .order_by(_p.help_asked.is_(None), _p.help_asked, _p.created)
    )
    return [_packet_row(row) for row in store.conn.execute(wanted)]


def in_hands_select(patient_id: Any, now: Any) -> sa.Select[tuple[str, datetime]]:
    """On which device a patient has forms now ("" for a phone) and since when, to be read together with other facts."""
    return (
        sa.select(sa.func.coalesce(t.device.c.name, ""), _p.created)
        .select_from(t.packet.outerjoin(t.device, t.device.c.id == _p.device_id))
        .where(_p.patient_id == patient_id, _p.state.in_(("waiting", "open")), _p.expires > now)
    )


def _packet_row(row: Any) -> PacketRow:
    return PacketRow(
        id=row.id,
        patient_id=row.patient_id,
        patient_name=row.patient_name,
        device=row.device_name or "",
        state=row.state,
        forms=len(row.forms),
        done=sum(bool(form["done"]) for form in row.forms),
        created=row.created,
        expires=row.expires,
        help_asked=row.help_asked,
    )


def waiting_for_desk(store: Store) -> int:
    """How many answered forms nobody has gone through, and how many people ask for help."""
    to_review = sa.select(sa.func.count()).select_from(t.response_row).where(_r.review == "open")
    help_asked = sa.select(sa.func.count()).select_from(t.packet)
    help_asked = help_asked.where(_p.help_asked.is_not(None), _p.state.in_(("waiting", "open")), _p.expires > store.now)
    both = sa.select(to_review.scalar_subquery() + help_asked.scalar_subquery())
    return int(store.conn.execute(both).scalar_one())


def open_forms(store: Store, appointment_ids: Sequence[str]) -> dict[str, int]:
    """How many forms of each appointment were handed out and are not finished; one statement."""
    if not appointment_ids:
        return {}
    wanted = sa.select(_p.appointment_id, _p.state, _p.forms).where(_p.appointment_id.in_(list(appointment_ids)))
    found: dict[str, int] = {}
    for row in store.conn.execute(wanted.order_by(_p.created)):
        found[row.appointment_id] = sum(not form["done"] for form in row.forms)
    return found


def forms_select(patient_ids: Any) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """What these patients were handed for a visit, and when each last finished a form, to be read with other facts.

    The first gives patient_id, appointment_id, forms (JSON) and created; the second patient_id and at.
    """
    handed = sa.select(_p.patient_id, _p.appointment_id, sa.type_coerce(_p.forms, sa.Text).label("forms"), _p.created)
    handed = handed.where(_p.patient_id.in_(patient_ids), _p.appointment_id != "")
    done = sa.select(_r.patient_id, sa.func.max(_r.authored).label("at"))
    done = done.where(_r.patient_id.in_(patient_ids), _r.review != "none").group_by(_r.patient_id)
    return handed, done


def signed_kinds(store: Store, patient_id: str) -> frozenset[str]:
    """The kinds of consent that a patient has signed and that are in force."""
    c = t.consent_row.c
    wanted = sa.select(c.kind).where(c.patient_id == patient_id, c.status == "active")
    return frozenset(store.conn.execute(wanted).scalars())


def has_answered(store: Store, patient_id: str) -> bool:
    """Whether the patient ever completed a form here."""
    wanted = sa.select(_r.id).where(_r.patient_id == patient_id, _r.review != "none").limit(1)
    return store.conn.execute(wanted).first() is not None
