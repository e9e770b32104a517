"""Messages to and from patients: of one patient, of one visit, and the list of all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from clinic.communication.tables import message_row
from clinic.core.names import fold
from clinic.db.together import Short
from clinic.fhir.store import Store

_m = message_row.c
PAGE = 30


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message in a list."""

    id: str
    at: datetime
    patient_id: str
    patient_name: str
    appointment_id: str
    incoming: bool
    channel: str
    purpose: str
    key: str
    state: str
    why: str
    address: str
    text: str
    sent: datetime | None
    received: datetime | None
    gateway_id: str
    version: int


_COLUMNS = [message_row.c[name] for name in MessageRow.__dataclass_fields__]


@dataclass(frozen=True, slots=True)
class LastMessage:
    """A line of the tile on the patient page."""

    at: datetime
    id: str
    incoming: bool
    channel: str
    purpose: str
    state: str
    why: str
    text: str


LAST_MESSAGES = Short(
    sa.select(*(message_row.c[name] for name in LastMessage.__dataclass_fields__)).where(
        _m.patient_id == sa.bindparam("patient_id")
    ),
    (_m.at.desc(), _m.id.desc()),
    limit=4,
)
"""A patient's last messages, newest first; each row makes a LastMessage."""


@dataclass(frozen=True)
class Looked:
    """What the list is searched for; empty values match everything."""

    text: str = ""
    state: str = ""
    patient_id: str = ""
    page: int = 1


def messages_of(store: Store, patient_id: str, *, limit: int = PAGE) -> list[MessageRow]:
    """A patient's messages, newest first."""
    wanted = sa.select(*_COLUMNS).where(_m.patient_id == patient_id).order_by(_m.at.desc(), _m.id.desc()).limit(limit)
    return [shown(store, MessageRow(*row)) for row in store.conn.execute(wanted)]


def messages_with(store: Store, address: str, *, limit: int = PAGE) -> list[MessageRow]:
    """What was written to and from a number of nobody, newest first."""
    of_nobody = sa.and_(_m.address == address, _m.patient_id == "")
    wanted = sa.select(*_COLUMNS).where(of_nobody).order_by(_m.at.desc(), _m.id.desc()).limit(limit)
    return [MessageRow(*row) for row in store.conn.execute(wanted)]


def messages_about(store: Store, appointment_id: str, *, limit: int = PAGE) -> list[MessageRow]:
    """What was said about a visit, newest first."""
    wanted = sa.select(*_COLUMNS).where(_m.appointment_id == appointment_id).order_by(_m.at.desc()).limit(limit)
    return [shown(store, MessageRow(*row)) for row in store.conn.execute(wanted)]


def list_messages(store: Store, looked: Looked) -> tuple[list[MessageRow], int]:
    """One page of messages, newest first, and how many there are in all; one statement."""
    wanted = sa.select(*_COLUMNS, sa.func.count().over())
    for word in fold(looked.text).split():
        wanted = wanted.where(_m.folded.contains(word, autoescape=True))
    if looked.text and store.actor.barred:
        wanted = wanted.where(_m.patient_id.not_in(store.actor.barred))
    if looked.state:
        wanted = wanted.where(_m.state == looked.state)
    if looked.patient_id:
        wanted = wanted.where(_m.patient_id == looked.patient_id)
    page = wanted.order_by(_m.at.desc(), _m.id.desc()).limit(PAGE).offset((looked.page - 1) * PAGE)
    rows = store.conn.execute(page).all()
    return [shown(store, MessageRow(*row[:-1])) for row in rows], int(rows[0][-1]) if rows else 0


def shown(store: Store, row: MessageRow) -> MessageRow:
    """A message to a restricted patient: that there was one, not the number and what it says."""
    return replace(row, address="", text="") if store.is_closed(row.patient_id) else row


def by_gateway_id(store: Store, gateway_id: str) -> str:
    """The message that a gateway knows by this name; empty for none."""
    wanted = sa.select(_m.id).where(_m.gateway_id == gateway_id).limit(1)
    return str(store.conn.execute(wanted).scalar() or "")


def last_to(store: Store, address: str, since: datetime) -> list[MessageRow]:
    """What was sent to a number lately, newest first: what its owner may be answering."""
    wanted = (
        sa.select(*_COLUMNS)
        .where(_m.address == address, _m.at >= since, ~_m.incoming, _m.state.in_(("handed", "sent", "delivered")))
        .order_by(_m.at.desc(), _m.id.desc())
        .limit(20)
    )
    return [MessageRow(*row) for row in store.conn.execute(wanted)]


def tried(store: Store, *, limit: int = 3) -> list[MessageRow]:
    """The last messages that somebody sent to themselves to try the words."""
    wanted = sa.select(*_COLUMNS).where(_m.purpose == "test", _m.patient_id == "").order_by(_m.at.desc(), _m.id.desc())
    return [MessageRow(*row) for row in store.conn.execute(wanted.limit(limit))]
