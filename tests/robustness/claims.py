"""Whether the claims of time are exactly those that the appointments and holds need."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.appointments.queries.free import claim_keys
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.service.claims import claim_of
from clinic.appointments.tables import appointment_hold
from clinic.core.actor import SYSTEM
from clinic.core.days import cells
from clinic.core.json import loads
from clinic.fhir.store import Setting, Store
from clinic.fhir.tables import resource, slot_claim
from tests.conftest import NOW

Cell = tuple[str, int, int, str]


def faults_of_claims(conn: Connection, setting: Setting) -> list[str]:
    """One line for each cell that nobody needs, and for each that is needed and not held."""
    c = slot_claim.c
    held = {tuple(row) for row in conn.execute(sa.select(c.actor, c.cell, c.lane, c.appointment))}
    wanted = _of_appointments(conn, setting) | _of_holds(conn)
    return [f"an orphan: {cell}" for cell in sorted(held - wanted)] + [
        f"not held: {cell}" for cell in sorted(wanted - held)
    ]


def _of_appointments(conn: Connection, setting: Setting) -> set[Cell]:
    setup = calendar_setup(Store(conn, setting, actor=SYSTEM, now=NOW))
    wanted: set[Cell] = set()
    rows = conn.execute(sa.select(resource.c.json).where(resource.c.type == "Appointment", ~resource.c.deleted))
    for text in rows.scalars():
        appointment: Any = loads(text)
        claim = claim_of(appointment, setup)
        if claim is not None and claim.span.end > NOW:
            times = cells(claim.span.start, claim.span.end)
            wanted |= {(actor, cell, claim.lane, appointment["id"]) for actor in claim.actors for cell in times}
    return wanted


def _of_holds(conn: Connection) -> set[Cell]:
    return {
        (actor, cell, 0, row.holder)
        for row in conn.execute(sa.select(appointment_hold))
        for actor in claim_keys(row.provider, row.room)
        for cell in cells(row.start, row.end)
    }
