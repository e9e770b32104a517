"""What messages and missed visits leave for a person to do, and what the page gateway did not send."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from clinic.communication.tables import desk_task, page_message
from clinic.fhir.store import Store

PAGE = 30
OPEN = ("requested", "in-progress", "accepted")
"""States of a Task that waits."""
_t, _p = desk_task.c, page_message.c


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One thing to do; `focus` is what it is about, such as Communication/1."""

    id: str
    at: datetime
    kind: str
    open: bool
    urgent: bool
    patient_id: str
    patient_name: str
    focus: str
    words: str
    owner_name: str
    version: int

    @property
    def amount(self) -> str:
        """What a fee comes to, as its words begin: "25.00"; empty for other tasks."""
        return self.words.partition(" ")[0] if self.kind == "fee" else ""


_COLUMNS = [_t[name] for name in TaskRow.__dataclass_fields__]


def list_tasks(store: Store, *, text: str = "", page: int = 1) -> tuple[list[TaskRow], int]:
    """One page of what waits, the urgent first and then the oldest, and how many there are; one statement."""
    wanted = sa.select(*_COLUMNS, sa.func.count().over()).where(_t.open)
    for word in text.split()[:5]:
        wanted = wanted.where(_t.patient_name.icontains(word, autoescape=True))
    wanted = wanted.order_by(_t.urgent.desc(), _t.at, _t.id).limit(PAGE).offset((page - 1) * PAGE)
    rows = store.conn.execute(wanted).all()
    found = [TaskRow(*row[:-1]) for row in rows]
    return [replace(one, words="") if store.is_closed(one.patient_id) else one for one in found], (
        int(rows[0][-1]) if rows else 0
    )


def count_tasks(store: Store) -> int:
    """How much waits."""
    return int(store.conn.execute(sa.select(sa.func.count()).select_from(desk_task).where(_t.open)).scalar_one())


@dataclass(frozen=True, slots=True)
class NotSent:
    """A message that the page gateway kept instead of sending it."""

    at: datetime
    channel: str
    address: str
    subject: str
    text: str


def not_sent(store: Store, *, page: int = 1) -> tuple[list[NotSent], int]:
    """One page of them, newest first, and how many there are; one statement."""
    columns = [_p[name] for name in NotSent.__dataclass_fields__]
    wanted = sa.select(*columns, sa.func.count().over()).order_by(_p.at.desc(), _p.id)
    rows = store.conn.execute(wanted.limit(PAGE).offset((page - 1) * PAGE)).all()
    return [NotSent(*row[:-1]) for row in rows], int(rows[0][-1]) if rows else 0
