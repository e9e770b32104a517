"""The one-time code that opens the set-up page of a new practice; printed on the console, kept as a hash."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.access import tables as t
from clinic.access.sessions import digest
from clinic.access.users import any_user
from clinic.db.sql import upsert

LIVES: Final = timedelta(hours=24)
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def create_setup_code(conn: Connection, now: datetime) -> str:
    """A new code such as `K7QM-2XWB-9RTD` (60 bits), replacing an earlier one; empty when users exist."""
    if any_user(conn):
        return ""
    code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    upsert(conn, t.setup_code, [{"id": "setup", "code": digest(_plain(code)), "created": now}], ["id"])
    return code


def is_open(conn: Connection) -> bool:
    """Whether the set-up page may be shown: a code was made and nobody can sign in yet."""
    return conn.execute(sa.select(t.setup_code.c.id)).first() is not None and not any_user(conn)


def is_right(conn: Connection, code: str, now: datetime) -> bool:
    """Whether this is the code on the console, not older than a day."""
    row = conn.execute(sa.select(t.setup_code)).first()
    kept = row.code if row is not None and row.created > now - LIVES else digest("nothing")
    return hmac.compare_digest(kept, digest(_plain(code)))


def burn(conn: Connection) -> None:
    """Use the code up."""
    conn.execute(sa.delete(t.setup_code))


def _plain(code: str) -> str:
    return "".join(char for char in code.upper() if char.isalnum())
