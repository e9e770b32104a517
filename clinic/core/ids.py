"""Identifiers made by the server."""

from __future__ import annotations

import os
import secrets
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A UUIDv7 (RFC 9562): time-ordered, so that new rows land together in the index.

    Within one process the order is strict, also for several in one millisecond.
    """
    global _last  # noqa: PLW0603 the last stamp is what makes the order strict
    with _lock:
        stamp = (time.time_ns() // 1_000_000) << 12
        _last = stamp = max(stamp, _last + 1)
    millis, count = stamp >> 12, stamp & 0xFFF
    low = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return str(uuid.UUID(int=(millis << 80) | (7 << 76) | (count << 64) | (2 << 62) | low))


def new_token() -> str:
    """256 random bits, safe in a URL and a cookie."""
    return secrets.token_urlsafe(32)
