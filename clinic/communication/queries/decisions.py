"""What managers decided about stages and words, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from clinic.communication.tables import message_decision
from clinic.core.json import Json
from clinic.fhir.store import Store

_d = message_decision.c
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: what counted before it, and since."""

    number: int
    at: datetime
    by_name: str
    before: Json
    after: Json


_COLUMNS = [_d[name] for name in Decision.__dataclass_fields__]


def decisions_of(store: Store, subject: str, *, limit: int = SHOWN) -> list[Decision]:
    """The last decisions about one thing; one statement."""
    wanted = sa.select(*_COLUMNS).where(_d.subject == subject).order_by(_d.number.desc()).limit(limit)
    return [Decision(*row) for row in store.conn.execute(wanted)]


def newest_of(store: Store, subject: str) -> Decision | None:
    """The last of them; None before the first."""
    return next(iter(decisions_of(store, subject, limit=1)), None)


def number_of(store: Store, subject: str) -> int:
    """How many there were: the version that a form about it carries."""
    return int(store.conn.execute(sa.select(sa.func.max(_d.number)).where(_d.subject == subject)).scalar() or 0)
