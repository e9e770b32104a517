"""What check-out knows of somebody who is about to go: all of it in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from clinic.appointments.queries.listing import AHEAD, Visit
from clinic.appointments.queries.recalls import OPEN, recall_of_row
from clinic.appointments.rules.recalls import ORDER, RECALL, Recall
from clinic.billing.queries import CHARGED
from clinic.cash.queries import PAID, Paid
from clinic.core.days import local
from clinic.core.json import Json
from clinic.db.together import Short, read_together
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.intake.queries import in_hands_select
from clinic.registration.queries.consents import TILE
from clinic.registration.queries.documents import Document, document_from, filed_since
from clinic.registration.queries.speaking import SPEAKING
from clinic.registration.rules.consents import State, read_book
from clinic.visits import mapping
from clinic.visits.queries import InHands
from clinic.visits.rules.leaving import Leaving

_TO_HAND_OVER = ("letter", "referral", "result", "form", "other")
"""Kinds of documents that somebody may take home; cards and consents are the practice's."""
_hands = in_hands_select(sa.bindparam("patient_id"), sa.bindparam("now", type_=UtcDateTime)).subquery().c
_HANDS = Short(sa.select(*_hands), (sa.desc(list(_hands)[1]),), limit=1)
_LISTS = (AHEAD, CHARGED, PAID, TILE, _HANDS, filed_since(_TO_HAND_OVER), SPEAKING, OPEN)


@dataclass(frozen=True)
class AtCheckOut:
    """All that the desk sees to, as it stands: visits ahead, charges, payments of the visit, forms, papers."""

    coming: tuple[Visit, ...]
    lines: int
    total_cents: int
    paid: tuple[Paid, ...]
    unsigned: tuple[State, ...]
    in_hands: InHands | None
    papers: tuple[Document, ...]
    language: str
    open: tuple[Recall, ...] = ()
    """The orders and recalls of the patient that are not booked yet, the first to be due in front."""

    @property
    def orders(self) -> tuple[Recall, ...]:
        """What was ordered and is to be booked now."""
        return tuple(one for one in self.open if one.kind == ORDER)

    @property
    def recalls(self) -> tuple[Recall, ...]:
        """Who is called when their day comes."""
        return tuple(one for one in self.open if one.kind == RECALL)

    def leaving(self, due_cents: int) -> Leaving:
        """The facts that the things at check-out are judged by."""
        return Leaving(
            coming=bool(self.coming or self.recalls),
            ordered=bool(self.orders),
            charged=bool(self.lines),
            due_cents=due_cents,
            unsigned=len(self.unsigned),
            in_hands=self.in_hands is not None,
            papers=len(self.papers),
        )

    @property
    def paid_cents(self) -> int:
        """What was paid since the patient came, less what was paid back."""
        return sum(one.cents for one in self.paid)


def at_check_out(store: Store, encounter: Json) -> AtCheckOut:
    """Everything about one visit and its patient; one statement."""
    patient_id, since = patient_of(encounter), arrived_at(encounter, store.now)
    values = {"patient_id": patient_id, "visit": encounter["id"], "since": since, "now": store.now}
    coming, charged, paid, lines, hands, papers, speaking, waiting = read_together(store.conn, _LISTS, values)
    born, language = speaking[0] if speaking else ("", "")
    count, total = charged[0][:2] if charged else (0, 0)
    return AtCheckOut(
        tuple(Visit(*row) for row in coming),
        count,
        total,
        tuple(Paid(*row) for row in paid),
        _unsigned(store, encounter, lines, born),
        InHands(*hands[0]) if hands else None,
        tuple(document_from(row) for row in papers),
        language,
        tuple(recall_of_row(row) for row in waiting),
    )


def arrived_at(encounter: Json, now: datetime) -> datetime:
    """When the patient came."""
    log = mapping.log_of(encounter)
    return log[0][1] if log else now


def _unsigned(store: Store, encounter: Json, rows: Sequence[tuple[object, ...]], born: str) -> tuple[State, ...]:
    book = read_book(rows)
    day = local(store.now, store.practice.zone).date()
    return tuple(book.missing(patient_of(encounter), mapping.type_of(encounter)[0], born, day))
