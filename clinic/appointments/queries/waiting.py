"""Who waits, what is offered to them, and the rules: what the making and answering of offers reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clinic.appointments.mapping.wish import wants_of
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.waitlist import OPEN_STATES, Entry, Rule
from clinic.appointments.tables import appointment_hold
from clinic.appointments.waitlist_tables import waitlist_offer, waitlist_rule, wish_row
from clinic.fhir.store import Store

_w, _o, _r, _h = wish_row.c, waitlist_offer.c, waitlist_rule.c, appointment_hold.c
ENTRY_COLUMNS = (
    _w.id, _w.status, _w.urgency, _w.created, _w.since, _w.until, _w.patient_id, _w.patient_name, _w.birth_date,
    _w.type_id, _w.type_name, _w.minutes, _w.note, _w.booked, _w.version, _w.wants,
)  # fmt: skip
_ANY_WAITS = sa.select(_w.id).where(_w.status == "waitlist").limit(1)
_MOST = 2000


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A time that is, or was, kept for somebody who waits."""

    id: str
    round: str
    wish: str
    state: str
    provider: str
    provider_name: str
    room: str
    start: datetime
    end: datetime
    hold: str
    made: datetime
    tell_at: datetime
    told: datetime | None
    expires: datetime
    answered: datetime | None
    answered_by: str

    @property
    def span(self) -> Span:
        """The time it is about."""
        return Span(self.start, self.end)

    @property
    def is_open(self) -> bool:
        """Whether its time is kept still."""
        return self.state in OPEN_STATES


OFFER_COLUMNS = tuple(waitlist_offer.c[name] for name in OfferRow.__dataclass_fields__)
_OFFERS = sa.select(*OFFER_COLUMNS)


def entry_of_row(row: Sequence[Any]) -> Entry:
    """The entry that a row of `ENTRY_COLUMNS` means."""
    *values, wants = row
    names = [column.name for column in ENTRY_COLUMNS[:-1]]
    return Entry(**dict(zip(names, values, strict=True)), wants=wants_of(wants))


def anybody_waits(store: Store) -> bool:
    """Whether there is a waiting list at all; a cheap look before anything else is done for it."""
    return store.conn.execute(_ANY_WAITS).first() is not None


def waiting(store: Store, span: Span) -> list[Entry]:
    """Everybody who waits for a time of a stretch and has no open offer; one statement."""
    offered = sa.select(_o.wish).where(_o.state.in_(OPEN_STATES))
    wanted = sa.select(*ENTRY_COLUMNS).where(
        _w.status == "waitlist", _w.since < span.end, _w.until > max(span.start, store.now), _w.id.not_in(offered)
    )
    ordered = wanted.order_by(_w.urgency, _w.created, _w.id).limit(_MOST)
    return [entry_of_row(row) for row in store.conn.execute(ordered)]


def entry(store: Store, wish_id: str) -> Entry | None:
    """One entry, waiting or not."""
    row = store.conn.execute(sa.select(*ENTRY_COLUMNS).where(_w.id == wish_id)).first()
    return entry_of_row(row) if row else None


def offered_before(store: Store, provider_id: str, span: Span) -> set[tuple[str, datetime]]:
    """Which of a provider's times of a stretch were offered to whom already, and not taken back."""
    query = sa.select(_o.wish, _o.start).where(
        _o.provider == provider_id, _o.start < span.end, _o.end > span.start, _o.state != "withdrawn"
    )
    return {(wish, start) for wish, start in store.conn.execute(query)}


def rules_of(store: Store) -> dict[str, Rule]:
    """The rules that were set, by visit type."""
    rows = store.conn.execute(sa.select(_r.type_id, _r.at_once, _r.notice_hours, _r.hold_minutes))
    return {row.type_id: Rule(*row) for row in rows}


def offer(store: Store, id_: str) -> OfferRow | None:
    """One offer."""
    row = store.conn.execute(_OFFERS.where(_o.id == id_)).first()
    return OfferRow(*row) if row else None


def offer_by_token(store: Store, hashed: str) -> OfferRow | None:
    """The offer whose link carries a token with this hash."""
    row = store.conn.execute(_OFFERS.where(_o.token == hashed)).first() if hashed else None
    return OfferRow(*row) if row else None


def offers_of_round(store: Store, round_id: str) -> list[OfferRow]:
    """The offers of the same time that were made together."""
    return [OfferRow(*row) for row in store.conn.execute(_OFFERS.where(_o.round == round_id).order_by(_o.id))]


def offers_of_wish(store: Store, wish_id: str) -> list[OfferRow]:
    """What was offered to one who waits, newest first."""
    return [OfferRow(*row) for row in store.conn.execute(_OFFERS.where(_o.wish == wish_id).order_by(_o.made.desc()))]


def unsent_offers(store: Store, provider_id: str, span: Span) -> list[OfferRow]:
    """Offers of a stretch that nobody was told of yet."""
    query = _OFFERS.where(_o.state == "ready", _o.provider == provider_id, _o.start < span.end, _o.end > span.start)
    return [OfferRow(*row) for row in store.conn.execute(query)]


def undo_holds(store: Store, provider_id: str, span: Span) -> dict[str, datetime]:
    """The times of a provider kept for undo in a stretch: holder and until when."""
    query = sa.select(_h.holder, _h.expires).where(
        _h.provider == provider_id, _h.purpose == "undo", _h.start < span.end, _h.end > span.start
    )
    rows = store.conn.execute(query.where(_h.expires > store.now))
    return {row.holder: row.expires for row in rows}
