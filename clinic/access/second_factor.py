"""One-time codes of an authenticator app, for managers and administrators who want them.

The secret is stored sealed with a key derived from the application's secret, so that a copy of the database
alone makes no codes. The last accepted step is stored: the same code never opens twice.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Final

import pyotp
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.engine import Connection

from clinic.access import tables as t
from clinic.db.sql import for_update

STEP_SECONDS: Final = 30


def new_secret() -> str:
    """A fresh secret to show as a QR code."""
    return str(pyotp.random_base32())


def address(secret: str, *, username: str, issuer: str) -> str:
    """The otpauth address that authenticator apps read from the QR code."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer))


def step_of(secret: str, code: str, now: datetime) -> int:
    """The time step that this code belongs to (this one or a neighbour), 0 when it fits none."""
    current = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    plain = "".join(code.split())
    for step in (current, current - 1, current + 1):
        if pyotp.utils.strings_equal(plain, totp.generate_otp(step)):
            return step
    return 0


def enrol(conn: Connection, user_id: str, secret: str, step: int, *, key: bytes) -> None:
    """Ask this person for a code from now on; `step` is the one just proved."""
    values = {"totp": _box(key).encrypt(secret.encode()).decode(), "totp_step": step}
    conn.execute(sa.update(t.user).where(t.user.c.id == user_id).values(**values))


def drop(conn: Connection, user_id: str) -> None:
    """Ask for no code any more."""
    conn.execute(sa.update(t.user).where(t.user.c.id == user_id).values(totp="", totp_step=0))


def accept(conn: Connection, user_id: str, code: str, now: datetime, *, key: bytes) -> bool:
    """Whether the code is right and was not used before; remembers its step."""
    query = sa.select(t.user.c.totp, t.user.c.totp_step).where(t.user.c.id == user_id)
    row = conn.execute(for_update(query, conn)).first()
    if row is None or not row.totp:
        return False
    try:
        secret = _box(key).decrypt(row.totp.encode()).decode()
    except InvalidToken:
        return False
    step = step_of(secret, code, now)
    if step <= row.totp_step:
        return False
    conn.execute(sa.update(t.user).where(t.user.c.id == user_id).values(totp_step=step))
    return True


def _box(key: bytes) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"clinic.second-factor").derive(key)
    return Fernet(base64.urlsafe_b64encode(derived))
