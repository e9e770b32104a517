"""Slowing down whoever guesses: a growing delay per account and per network, in a table all workers share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.access import tables as t
from clinic.core.names import fold
from clinic.db.sql import for_update, upsert

FORGET_AFTER: Final = timedelta(hours=1)
LONGEST_DELAY: Final = timedelta(minutes=15)


@dataclass(frozen=True)
class Key:
    """What is counted, and how many failures pass before the delay starts."""

    name: str
    free: int


def account(username: str) -> Key:
    """Failures for one account name, whether it exists or not; the name itself is not kept."""
    return Key("account:" + sha256(fold(username.strip()).encode()).hexdigest(), 4)


def network(address: str) -> Key:
    """Failures from one address: a whole practice may sit behind it, so more pass."""
    return Key("network:" + (address or "none")[:64], 30)


def pin(user_id: str) -> Key:
    """Failures of a PIN: few, since it is short."""
    return Key("pin:" + user_id, 3)


def delay(failures: int, free: int) -> timedelta:
    """How long to wait after so many failures: nothing, then 2, 4, 8 ... seconds, at most 15 minutes."""
    beyond = failures - free
    return timedelta(0) if beyond <= 0 else min(timedelta(seconds=2 ** min(beyond, 20)), LONGEST_DELAY)


def attempt(conn: Connection, keys: tuple[Key, ...], now: datetime) -> timedelta:
    """Count one attempt before it is checked; gives how long to wait, zero when it may go on.

    Counting first means that a hundred guesses sent at once are a hundred attempts. A success takes the count
    back through `clear`.
    """
    names = sorted(key.name for key in keys)
    query = sa.select(t.throttle).where(t.throttle.c.key.in_(names)).order_by(t.throttle.c.key)
    rows = {row.key: row for row in conn.execute(for_update(query, conn))}
    wait = max((row.blocked_until - now for row in rows.values()), default=timedelta(0))
    if wait > timedelta(0):
        return wait
    counted = []
    for key in sorted(keys, key=lambda key: key.name):
        row = rows.get(key.name)
        failures = 1 if row is None or row.last < now - FORGET_AFTER else row.failures + 1
        until = now + delay(failures, key.free)
        counted.append({"key": key.name, "failures": failures, "last": now, "blocked_until": until})
    upsert(conn, t.throttle, counted, ["key"])
    return timedelta(0)


def failures(conn: Connection, key: Key) -> int:
    """How many attempts are counted now."""
    found = conn.execute(sa.select(t.throttle.c.failures).where(t.throttle.c.key == key.name))
    return int(found.scalar_one_or_none() or 0)


def clear(conn: Connection, *keys: Key) -> None:
    """Forget the failures: the right password was given."""
    conn.execute(sa.delete(t.throttle).where(t.throttle.c.key.in_([key.name for key in keys])))


def forgive(conn: Connection, key: Key) -> None:
    """Take one attempt back: it succeeded, but others from the same address may still be guessing."""
    c = t.throttle.c
    fewer = sa.update(t.throttle).where(c.key == key.name, c.failures > 0)
    conn.execute(fewer.values(failures=c.failures - 1, blocked_until=c.last))


def prune(conn: Connection, now: datetime) -> int:
    """Delete counts that no longer matter; gives how many."""
    old = t.throttle.c.last < now - FORGET_AFTER - LONGEST_DELAY
    return int(conn.execute(sa.delete(t.throttle).where(old)).rowcount)
