"""Passwords and PINs: argon2 at 19 MiB, two at a time, and as slow for unknown names as for known ones."""

from __future__ import annotations

import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from clinic.core.errors import N_, Invalid
from clinic.core.names import fold

SHORTEST: Final = 10
LONGEST: Final = 200
PIN_SHORTEST: Final = 4
PIN_LONGEST: Final = 8

TOO_SHORT: Final = N_("Use at least %(count)s characters.")
TOO_LONG: Final = N_("Use at most %(count)s characters.")
TOO_EASY: Final = N_("This password is too easy to guess; add words or characters.")
PIN_DIGITS: Final = N_("A PIN is 4 to 8 digits.")
PIN_EASY: Final = N_("This PIN is too easy to guess: avoid one digit repeated, and rows such as 1234.")

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_turns = threading.BoundedSemaphore(2)
_EASY: Final = frozenset({"password", "passw0rd", "welcome", "clinic", "qwerty", "letmein", "changeme", "admin"})
_ROWS: Final = "0123456789012 9876543210987"


def hash_secret(secret: str) -> str:
    """The argon2id hash of a password or PIN."""
    with _turns:
        return _hasher.hash(secret)


def matches(hashed: str, secret: str) -> bool:
    """Whether the secret is the one hashed; an empty hash (no such user) takes the same time and is False."""
    with _turns:
        try:
            _hasher.verify(hashed or _nobodys_hash(), secret)
        except (VerificationError, InvalidHashError):
            return False
    return bool(hashed)


def require_good_password(password: str, *, username: str = "") -> None:
    """Refuse a password that is short, endless, or guessed first. Raises Invalid on field `password`."""
    if len(password) < SHORTEST:
        raise Invalid(TOO_SHORT, field="password", count=SHORTEST)
    if len(password) > LONGEST:
        raise Invalid(TOO_LONG, field="password", count=LONGEST)
    plain = fold(password)
    bare = plain.strip("0123456789!?.#*- ")
    if len(set(plain)) < 4 or bare in _EASY or (username and bare == fold(username)):
        raise Invalid(TOO_EASY, field="password")


def require_good_pin(pin: str) -> None:
    """Refuse a PIN that is not 4 to 8 digits or is a row or one digit repeated. Raises Invalid on `pin`."""
    if not (pin.isascii() and pin.isdigit() and PIN_SHORTEST <= len(pin) <= PIN_LONGEST):
        raise Invalid(PIN_DIGITS, field="pin")
    if len(set(pin)) == 1 or pin in _ROWS:
        raise Invalid(PIN_EASY, field="pin")


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")
