"""The outbox: taking, finishing and giving back work, each in one short transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.core.errors import N_, Missing
from clinic.core.json import Json
from clinic.fhir.tables import outbox

LEASE: Final = timedelta(minutes=2)
MOST_TRIES: Final = 6
KEPT: Final = timedelta(days=30)

WAITING: Final = "waiting"
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"

NO_JOB: Final = N_("This piece of work does not exist or did not fail.")
_c = outbox.c


@dataclass(frozen=True)
class Job:
    """One piece of work in the hands of a worker; `attempts` counts this one."""

    id: str
    kind: str
    key: str
    payload: Json
    attempts: int
    created: datetime
    error: str = ""


def due(conn: Connection, now: datetime) -> bool:
    """Whether anything waits to be done; a cheap look before a write transaction is begun."""
    return conn.execute(sa.select(_c.id).where(_is_due(now)).limit(1)).first() is not None


def take(conn: Connection, now: datetime, *, lease: timedelta = LEASE) -> Job | None:
    """Take the oldest piece that is due: waiting, or left behind by a worker whose lease ran out.

    PostgreSQL passes over rows that another worker is taking; SQLite has one writer at a time.
    """
    query = sa.select(outbox).where(_is_due(now)).order_by(_c.not_before, _c.id).limit(1)
    row = conn.execute(query.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    change = {"state": RUNNING, "attempts": row.attempts + 1, "lease_until": now + lease}
    conn.execute(sa.update(outbox).where(_c.id == row.id).values(**change))
    return Job(row.id, row.kind, row.key, row.payload, row.attempts + 1, row.created, row.error)


def finish(conn: Connection, job: Job) -> bool:
    """Mark the work done; False when the lease was lost and another worker has it."""
    return _leave(conn, job, {"state": DONE, "error": ""})


def renew(conn: Connection, job: Job, now: datetime, *, lease: timedelta = LEASE) -> bool:
    """Say that the work goes on, for work that takes longer than a lease; False when another worker has it."""
    mine = (_c.id == job.id) & (_c.state == RUNNING) & (_c.attempts == job.attempts)
    return bool(conn.execute(sa.update(outbox).where(mine).values(lease_until=now + lease)).rowcount)


def give_back(conn: Connection, job: Job, error: str, now: datetime) -> bool:
    """Put it back for a later try, each wait longer; False when the lease was lost."""
    again = {"state": WAITING, "error": error[:500], "not_before": now + wait(job.attempts)}
    return _leave(conn, job, again)


def fail(conn: Connection, job: Job, error: str) -> bool:
    """Give up after the last try; False when the lease was lost."""
    return _leave(conn, job, {"state": FAILED, "error": error[:500]})


def wait(attempts: int) -> timedelta:
    """How long until the next try: half a minute, then 2, 8, 32 minutes, 2 hours."""
    return timedelta(seconds=min(30 * 4 ** (attempts - 1), 7200))


def forget(conn: Connection, job: Job) -> None:
    """Forget what was only needed to do the work, such as the secret links of a message that has left."""
    bare = {name: value for name, value in job.payload.items() if name in ("message", "patient")}
    conn.execute(sa.update(outbox).where(_c.id == job.id).values(payload=bare))


def failed(conn: Connection, *, limit: int = 50) -> Sequence[Job]:
    """Work that nobody could do, oldest first."""
    query = sa.select(outbox).where(_c.state == FAILED).order_by(_c.created).limit(limit)
    rows = conn.execute(query)
    return [Job(row.id, row.kind, row.key, row.payload, row.attempts, row.created, row.error) for row in rows]


def try_again(conn: Connection, job_id: str, now: datetime) -> None:
    """Put failed work back with all its tries. Raises Missing."""
    fresh = {"state": WAITING, "attempts": 0, "not_before": now, "error": ""}
    statement = sa.update(outbox).where(_c.id == job_id, _c.state == FAILED).values(**fresh)
    if not conn.execute(statement).rowcount:
        raise Missing(NO_JOB)


def prune(conn: Connection, now: datetime) -> int:
    """Delete work done a month ago; its key may then be used again. Gives how many."""
    return int(conn.execute(sa.delete(outbox).where(_c.state == DONE, _c.created < now - KEPT)).rowcount)


def _is_due(now: datetime) -> Any:
    waits = (_c.state == WAITING) & (_c.not_before <= now)
    left = (_c.state == RUNNING) & (_c.lease_until <= now)
    return waits | left


def _leave(conn: Connection, job: Job, values: dict[str, Any]) -> bool:
    mine = (_c.id == job.id) & (_c.state == RUNNING) & (_c.attempts == job.attempts)
    return bool(conn.execute(sa.update(outbox).where(mine).values(**values, lease_until=None)).rowcount)
