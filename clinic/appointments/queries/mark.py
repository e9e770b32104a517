"""What a drawn board stands for, without reading a patient: a screen that shows it needs no second copy."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from clinic.appointments.queries.board import HIDDEN, LONGEST
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import absence_row, appointment_hold, appointment_row, practice_setup
from clinic.fhir.store import Store

_a, _b, _h, _s = appointment_row.c, absence_row.c, appointment_hold.c, practice_setup.c
_SHORT = 24


def board_mark(store: Store, span: Span, view: str) -> str:
    """The mark of what one view of this stretch shows to this person now; one statement.

    It changes with every version of its visits, with holds, absences and the practice's set-up.
    """
    found = hashlib.sha256(f"{store.actor.id} {span.start} {span.end} {view}".encode("utf-8", "replace"))
    for row in store.conn.execute(_drawn(store, span)):
        found.update(repr(tuple(row)).encode("utf-8", "replace"))
    return found.hexdigest()[:_SHORT]


def _drawn(store: Store, span: Span) -> sa.CompoundSelect[tuple[object, ...]]:
    meets = (_a.start > span.start - LONGEST, _a.start < span.end, _a.end > span.start)
    visits = sa.select(sa.literal("visit").label("kind"), _a.id, _a.version, _a.start, _a.end, _a.provider.label("of"))
    away = sa.select(sa.literal("away"), _b.id, sa.literal(0), _b.start, _b.end, _b.reason)
    never = sa.null()
    facts = _s.type + sa.case((_s.active, " "), else_="-") + _s.name + sa.type_coerce(_s.facts, sa.Text)
    practice = sa.select(sa.literal("practice"), _s.id, sa.literal(0), never, never, facts)
    held = sa.select(sa.literal("held"), _h.holder, sa.literal(0), _h.start, _h.end, _h.purpose)
    return sa.union_all(
        visits.where(*meets, _a.status.not_in(HIDDEN)),
        away.where(_b.end > span.start, _b.start < span.end),
        held.where(_h.end > span.start, _h.start < span.end, _h.expires > store.now),
        practice,
    ).order_by("kind", "id", "of")
