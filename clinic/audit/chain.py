"""The arithmetic of the chain: each event's mark covers its content and the mark before it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from sqlalchemy.engine import Connection, Engine

from clinic.core.json import canonical

START: Final = "0" * 64
_OPTION: Final = "audit_key"
_COVERED: Final = (
    "lane",
    "seq",
    "id",
    "action",
    "verb",
    "outcome",
    "actor_id",
    "actor_name",
    "role",
    "patient_id",
    "json",
    "prev",
)


def use_key(engine: Engine, key: bytes) -> None:
    """Tell the trail of this database its key, which lies outside the database."""
    engine.update_execution_options(**{_OPTION: key})


def key_of(conn: Connection) -> bytes:
    """The key of this connection's trail. Raises LookupError when nobody gave one: none is unsigned."""
    key = conn.get_execution_options().get(_OPTION)
    if not key:
        raise LookupError("the audit trail has no key: call audit.chain.use_key(engine, key) at the start")
    return bytes(key)


def mark(key: bytes, row: Mapping[str, Any]) -> str:
    """HMAC-SHA256 over everything an event row says and the mark before it."""
    covered = [row[name] for name in _COVERED] + [round(row["at"].timestamp() * 1000)]
    return hmac.new(key, canonical(covered).encode(), sha256).hexdigest()


def seal(key: bytes, lane: int, seq: int, mac: str) -> str:
    """HMAC over the end of a lane, so that a cut tail does not match its head."""
    return hmac.new(key, f"head|{lane}|{seq}|{mac}".encode(), sha256).hexdigest()


def equal(one: str, other: str) -> bool:
    """Compare two marks."""
    return hmac.compare_digest(one, other)
