"""A gateway that sends nothing: it puts messages on a page, for development and the demo practice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from clinic.communication.gateways import Handed, Outgoing, Report
from clinic.communication.tables import page_message
from clinic.db.sql import insert_ignore
from clinic.fhir.store import Store

KEPT = timedelta(days=7)


@dataclass(frozen=True)
class PageGateway:
    """Writes to the page "Messages that were not sent"."""

    channel: str
    transact: Callable[[Callable[[Store], Any]], Any]

    def hand_over(self, message: Outgoing) -> Handed:
        """Put it on the page, once."""

        def put(store: Store) -> None:
            row = {
                "id": message.id, "at": store.now, "channel": self.channel, "address": message.to[:200],
                "subject": message.subject[:200], "text": message.text,
            }  # fmt: skip
            insert_ignore(store.conn, page_message, [row])

        self.transact(put)
        return Handed(f"page-{message.id}", "sent")

    def look_up(self, gateway_id: str) -> Report | None:
        """Nothing more becomes of it."""
        return None


def forget_page(store: Store) -> int:
    """Forget what stands on the page for a week; gives how many."""
    c = page_message.c
    return int(store.conn.execute(sa.delete(page_message).where(c.at < store.now - KEPT)).rowcount)
