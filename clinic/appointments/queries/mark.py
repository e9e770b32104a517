"""What a drawn board stands for, without reading a patient: a screen that shows it needs no second copy."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.appointments.queries.board import HIDDEN, LONGEST
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import absence_row, appointment_hold, appointment_row, practice_setup
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store

_a, _b, _h, _s = appointment_row.c, absence_row.c, appointment_hold.c, practice_setup.c
_SHORT = 24


def board_mark(store: Store, span: Span, view: str) -> str:
    """The mark of what one view of this stretch shows to this person now; one statement.

    It changes with every version of its visits, with holds, absences and the practice's set-up.
    """
    times = {"begun": span.start - LONGEST, "start": span.start, "end": span.end, "now": store.now}
    whom = f"{store.actor.id} {sorted(store.actor.barred)}"
    found = hashlib.sha256(f"{whom} {span.start} {span.end} {view}".encode("utf-8", "replace"))
    found.update(repr(tuple(store.conn.execute(_drawn(), times).one())).encode("utf-8", "replace"))
    return found.hexdigest()[:_SHORT]


@cache
def _drawn() -> sa.Select[str, str, str, str]:
    """Four texts, put together by the database: a full day has hundreds of visits, and nobody reads them here."""
    begun, start, end, now = (sa.bindparam(name, type_=UtcDateTime) for name in ("begun", "start", "end", "now"))
    visits = sa.select(_line(_a.id, _a.version, _a.provider, _raw(_a.start), _raw(_a.end)))
    away = sa.select(_line(_b.id, _raw(_b.start), _raw(_b.end), _b.reason))
    held = sa.select(_line(_h.holder, _h.purpose, _raw(_h.start), _raw(_h.end)))
    kept = sa.type_coerce(_s.facts, sa.Text)
    practice = sa.select(_line(_s.type, _s.id, sa.case((_s.active, "+"), else_="-"), _s.name, kept))
    meets = (_a.start > begun, _a.start < end, _a.end > start, _a.status.not_in(HIDDEN))
    return sa.select(
        _joined(visits.where(*meets).order_by(_a.start, _a.id, _a.provider)),
        _joined(away.where(_b.end > start, _b.start < end).order_by(_b.id)),
        _joined(held.where(_h.end > start, _h.start < end, _h.expires > now).order_by(_h.holder)),
        _joined(practice.order_by(_s.type, _s.id)),
    )


def _line(*columns: sa.ColumnElement[Any]) -> sa.Label[str]:
    texts = [sa.cast(each, sa.Text) if isinstance(each.type, sa.Integer) else each for each in columns]
    whole = texts[0]
    for text in texts[1:]:
        whole = whole + " " + text
    return whole.label("line")


def _joined(lines: sa.Select[Any]) -> sa.ScalarSelect[str]:
    part = lines.subquery()
    return sa.select(sa.func.aggregate_strings(part.c.line, "\n")).scalar_subquery()


def _raw(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """An instant as the number that is kept."""
    return sa.type_coerce(column, sa.BigInteger)
