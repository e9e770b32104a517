"""A number that may be found but not read back: its hash under the installation's own key."""

from __future__ import annotations

import hashlib
import hmac

_key = [b"unset"]


def use_key(key: bytes) -> None:
    """Set this installation's key, once at start; read models made with another key need `clinic reindex`."""
    _key[0] = key


def keyed_hash(text: str) -> str:
    """The 32 hexadecimal digits under which a secret number (identity, insurance) is looked up."""
    return hmac.new(_key[0], text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]
