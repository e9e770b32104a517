"""What a calendar feed shows: the times of one provider, when they are away, and nothing of any patient."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from clinic.appointments.queries.board import HIDDEN, LONGEST
from clinic.appointments.queries.practice import absences_between, calendar_setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import appointment_row
from clinic.core.days import day_bounds, local
from clinic.fhir.store import Store

BACK, AHEAD = 14, 180
"""Days that a feed shows."""
_a = appointment_row.c


@dataclass(frozen=True, slots=True)
class Entry:
    """One time of the feed; `kind` is visit or away. A visit's `what` is its type, never whom it is with."""

    uid: str
    kind: str
    span: Span
    version: int
    open: bool
    what: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A feed as it stands: its mark is another whenever anything in it is."""

    name: str
    entries: tuple[Entry, ...]
    mark: str


def feed_page(store: Store, provider: str, *, detail: str) -> FeedPage | None:
    """The next months of one provider; None when there is no such person any more. Three statements."""
    setup = calendar_setup(store)
    person = setup.provider(provider)
    if person is None or not person.active:
        return None
    span = feed_span(local(store.now, store.practice.zone).date(), store.practice.zone)
    visits = store.conn.execute(
        sa.select(_a.id, _a.version, _a.start, _a.end, _a.status, _a.type_name, _a.room_name)
        .where(_a.provider == provider, _a.start > span.start - LONGEST, _a.start < span.end, _a.end > span.start)
        .where(_a.status.not_in((*HIDDEN, "noshow")))
        .order_by(_a.start, _a.id)
    ).all()
    tells = detail == "types"
    entries = [
        Entry(
            uid=row.id,
            kind="visit",
            span=Span(row.start, row.end),
            version=row.version,
            open=row.status == "pending",
            what=row.type_name if tells else "",
            room=row.room_name if tells else "",
        )
        for row in visits
    ]
    away = absences_between(store, setup, span).get(provider, ())
    entries += [Entry(_away_uid(provider, one.span), "away", one.span, 1, open=False) for one in away]
    text = f"{person.name} {detail} {entries}"
    return FeedPage(person.name, tuple(entries), hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24])


def feed_span(day: date, zone: str) -> Span:
    """The stretch that a feed shows on a day."""
    first, last = day - timedelta(days=BACK), day + timedelta(days=AHEAD)
    return Span(day_bounds(first, zone)[0], day_bounds(last, zone)[1])


def _away_uid(provider: str, span: Span) -> str:
    start: datetime = span.start
    return hashlib.sha256(f"{provider} {start} {span.end}".encode()).hexdigest()[:32]
