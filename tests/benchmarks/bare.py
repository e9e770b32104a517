"""What the bare driver needs for the claims of bookings: the floor under "bookings a second"."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from clinic.appointments.rules.booking import Booking
from clinic.core.days import cell_of
from clinic.core.ids import new_id
from clinic.db.engine import Database

CLIENTS = 50
_CELLS = 3
_LATER = timedelta(days=3650)


def rate(work: Callable[[Any], None], items: Sequence[Any]) -> float:
    """How many a second fifty threads get done."""
    begin = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(work, items))
    return len(items) / (time.perf_counter() - begin)


def bare_claims(database: Database, bookings: Sequence[Booking]) -> float:
    """Claims of these bookings a second, by the driver alone: one INSERT and one commit for each."""
    held = [database.engine.raw_connection() for _ in range(CLIENTS)]
    free: list[Any] = [one.driver_connection for one in held]
    mine, turn = threading.local(), threading.Lock()
    mark = "?" if database.is_sqlite else "%s"
    row = f"({', '.join([mark] * 4)})"
    rows = ", ".join([row] * _CELLS)
    insert = f"INSERT INTO slot_claim (actor, cell, lane, appointment) VALUES {rows} ON CONFLICT DO NOTHING"
    again = itertools.count()

    def claim(booking: Booking) -> None:
        if not hasattr(mine, "conn"):
            mine.conn = free.pop()
        first, actor = cell_of(booking.start + next(again) // len(bookings) * _LATER + _LATER), booking.provider_id
        appointment = new_id()
        values = [item for at in range(_CELLS) for item in (f"Practitioner/{actor}", first + at, 0, appointment)]
        if not database.is_sqlite:
            mine.conn.execute(insert, values)
            mine.conn.commit()
            return
        with turn:
            mine.conn.execute("BEGIN IMMEDIATE")
            mine.conn.execute(insert, values)
            mine.conn.execute("COMMIT")

    try:
        everything: list[Booking] = [*bookings] * 3
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(claim, bookings))
            begin = time.perf_counter()
            list(pool.map(claim, everything))
            return len(everything) / (time.perf_counter() - begin)
    finally:
        for one in held:
            one.close()
