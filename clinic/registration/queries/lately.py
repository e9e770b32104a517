"""Whom one opened today, read from the trail that every opened record leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from clinic.audit.tables import audit_event
from clinic.core.days import day_bounds
from clinic.fhir.store import Store
from clinic.registration.queries.finder import today_of
from clinic.registration.tables import patient_row

SHOWN = 4
PAGE = "patient page"
"""What the trail calls an opened record."""


@dataclass(frozen=True)
class Lately:
    """A patient whose record this person opened or changed today."""

    id: str
    display: str
    photo: str
    at: datetime


def opened_lately(store: Store) -> list[Lately]:
    """The last four patients this person had open today, the latest first; one statement."""
    c, start = audit_event.c, day_bounds(today_of(store), store.practice.zone)[0]
    opened = sa.or_(c.verb.in_(("create", "update")), c.json.contains(f'"{PAGE}"'))
    latest = (
        sa.select(c.patient_id, sa.func.max(c.at).label("at"))
        .where(c.actor_id == store.actor.id, c.at >= start, c.patient_id != "", opened)
        .group_by(c.patient_id)
        .order_by(sa.desc("at"))
        .limit(SHOWN)
        .subquery()
    )
    wanted = (
        sa.select(patient_row.c.id, patient_row.c.display, patient_row.c.photo, latest.c.at)
        .join(latest, latest.c.patient_id == patient_row.c.id)
        .order_by(latest.c.at.desc())
    )
    found = [Lately(**row) for row in store.conn.execute(wanted).mappings()]
    return [replace(one, photo="") if store.is_closed(one.id) else one for one in found]
