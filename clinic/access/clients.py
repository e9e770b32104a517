"""Programs that use the FHIR interface: a name, a secret shown once, and the scopes they may ask for."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.access import tables as t
from clinic.access.restricted import SCOPE as RESTRICTED_RECORDS
from clinic.access.sessions import digest
from clinic.core.errors import N_, Invalid, Missing
from clinic.core.ids import new_id, new_token

SCOPE: Final = re.compile(r"(?:system|user|patient)/(?:\*|[A-Z][A-Za-z]{2,63})\.(?:c?r?u?d?s?|read|write|\*)")

BAD_SCOPE: Final = N_("%(scope)s is not a scope; write for example system/Patient.rs or system/*.cruds.")
NO_SCOPE: Final = N_("Give at least one scope.")
BAD_NAME: Final = N_("Give the program a name of at most 120 characters.")
NO_CLIENT: Final = N_("This program does not exist.")


@dataclass(frozen=True)
class Client:
    """A program that may ask for tokens."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created: datetime | None = None
    last_used: datetime | None = None
    revoked: datetime | None = None


def add_client(conn: Connection, name: str, scopes: Sequence[str], *, now: datetime) -> tuple[str, str]:
    """Add a program; gives its id and its secret, which is kept only as a hash and never shown again.

    Raises Invalid for a bad name or scope.
    """
    if not 1 <= len(name.strip()) <= 120:
        raise Invalid(BAD_NAME, field="name")
    if not scopes:
        raise Invalid(NO_SCOPE, field="scope")
    for scope in scopes:
        if scope != RESTRICTED_RECORDS and (not SCOPE.fullmatch(scope) or scope.endswith(".")):
            raise Invalid(BAD_SCOPE, field="scope", scope=scope)
    client_id, secret = new_id(), new_token()
    conn.execute(
        sa.insert(t.client).values(
            id=client_id, name=name.strip(), secret=digest(secret), scopes=list(scopes), created=now
        )
    )
    return client_id, secret


def verify(conn: Connection, client_id: str, secret: str) -> Client | None:
    """The program with this id and secret, unless it was revoked; None says nothing about which was wrong.

    The secret is 256 random bits, so one SHA-256 is as strong as a slow hash and costs nothing.
    """
    row = conn.execute(sa.select(t.client).where(t.client.c.id == client_id[:64])).first()
    kept = row.secret if row else digest("")
    right = hmac.compare_digest(kept, digest(secret))
    if row is None or not right or row.revoked is not None:
        return None
    return _client(row)


def list_clients(conn: Connection) -> list[Client]:
    """Every program, those in force first."""
    query = sa.select(t.client).order_by(t.client.c.revoked.is_not(None), t.client.c.name, t.client.c.id)
    return [_client(row) for row in conn.execute(query)]


def find_client(conn: Connection, client_id: str) -> Client | None:
    """One program that is in force."""
    row = conn.execute(sa.select(t.client).where(t.client.c.id == client_id[:64])).first()
    return _client(row) if row is not None and row.revoked is None else None


def used(conn: Connection, client_id: str, now: datetime) -> None:
    """Note that a program was just given a token."""
    conn.execute(sa.update(t.client).where(t.client.c.id == client_id).values(last_used=now))


def revoke_client(conn: Connection, client_id: str, now: datetime | None) -> Client:
    """Refuse this program from now on (`now=None` takes the revocation back). Raises Missing."""
    statement = sa.update(t.client).where(t.client.c.id == client_id).values(revoked=now)
    if not conn.execute(statement).rowcount:
        raise Missing(NO_CLIENT)
    return _client(conn.execute(sa.select(t.client).where(t.client.c.id == client_id)).one())


def _client(row: sa.Row[tuple[object, ...]]) -> Client:
    return Client(row.id, row.name, tuple(row.scopes), row.created, row.last_used, row.revoked)
