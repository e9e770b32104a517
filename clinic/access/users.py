"""The people who sign in: adding, changing, disabling. What changes rights ends the person's sessions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.access import passwords, sessions
from clinic.access import tables as t
from clinic.access.permissions import ADMINISTRATOR, STAFF
from clinic.core.errors import N_, Conflict, Invalid, Missing, Stale
from clinic.core.ids import new_id
from clinic.core.names import fold
from clinic.db.sql import for_update, insert_ignore

USERNAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._@-]{0,62}[a-z0-9])?")

NO_USER: Final = N_("This user does not exist.")
BAD_USERNAME: Final = N_("Use letters, digits, dots and dashes, for example noor.aziz.")
BAD_NAME: Final = N_("Give the name as colleagues know it, at most 120 characters.")
BAD_ROLE: Final = N_("Choose a role from the list.")
NAME_TAKEN: Final = N_("This sign-in name is in use; choose another.")
LAST_ADMINISTRATOR: Final = N_("This is the last administrator; make somebody else administrator first.")
CHANGED_SINCE: Final = N_("Somebody else changed this user; the page now shows the newest version.")


@dataclass(frozen=True)
class NewUser:
    """What is needed for a person to sign in."""

    username: str
    name: str
    role: str
    password: str
    must_change: bool = False
    reference: str = ""


@dataclass(frozen=True)
class UserChange:
    """What a manager may change of a user; `version` is the one the form was loaded with."""

    name: str
    role: str
    disabled: bool = False
    reference: str = ""
    version: int | None = None


@dataclass(frozen=True)
class UserRow:
    """One line of the user list."""

    id: str
    username: str
    name: str
    role: str
    disabled: bool
    must_change: bool
    has_pin: bool
    has_totp: bool
    reference: str
    last_seen: datetime | None
    created: datetime
    version: int


def create_user(conn: Connection, new: NewUser, now: datetime, *, check: bool = True) -> str:
    """Add a person who may sign in; gives the id. `check=False` admits the demo's short passwords.

    Raises Invalid for a bad name, role or password, Conflict for a sign-in name in use.
    """
    username = fold(new.username.strip())
    _require_shape(username, new.name, new.role)
    if check:
        passwords.require_good_password(new.password, username=username)
    user_id = new_id()
    row = {
        "id": user_id,
        "username": username,
        "name": new.name.strip(),
        "role": new.role,
        "password": passwords.hash_secret(new.password),
        "must_change": new.must_change,
        "pin": "",
        "totp": "",
        "totp_step": 0,
        "reference": new.reference,
        "preferences": {},
        "disabled": False,
        "created": now,
        "last_seen": None,
        "version": 1,
    }
    if not insert_ignore(conn, t.user, [row]):
        raise Conflict(NAME_TAKEN, field="username")
    return user_id


def change_user(conn: Connection, user_id: str, change: UserChange) -> UserRow:
    """Change name, role or disabled state; gives the new row. A change of rights signs the person out.

    Raises Missing, Stale (changed since it was loaded), Conflict (the last administrator).
    """
    before = get_user(conn, user_id, lock=True)
    if change.version is not None and change.version != before.version:
        raise Stale(CHANGED_SINCE, current=asdict(before))
    _require_shape(before.username, change.name, change.role)
    loses = before.role == ADMINISTRATOR and (change.role != ADMINISTRATOR or change.disabled)
    if loses and not before.disabled and _administrators(conn) <= 1:
        raise Conflict(LAST_ADMINISTRATOR, field="role")
    values = {
        "name": change.name.strip(),
        "role": change.role,
        "disabled": change.disabled,
        "reference": change.reference,
    }
    _write(conn, user_id, values)
    if change.role != before.role or change.disabled != before.disabled:
        sessions.revoke(conn, user_id)
    return get_user(conn, user_id)


def set_password(conn: Connection, user_id: str, password: str, *, must_change: bool = False, keep: str = "") -> None:
    """Give a new password; ends the person's other sessions (all but `keep`). Raises Invalid, Missing."""
    row = get_user(conn, user_id, lock=True)
    passwords.require_good_password(password, username=row.username)
    _write(conn, user_id, {"password": passwords.hash_secret(password), "must_change": must_change})
    sessions.revoke(conn, user_id, but=keep)


def set_pin(conn: Connection, user_id: str, pin: str) -> None:
    """Give a PIN for unlocking this desk, or none (empty). Raises Invalid."""
    if pin:
        passwords.require_good_pin(pin)
    _write(conn, user_id, {"pin": passwords.hash_secret(pin) if pin else ""})


def set_preferences(conn: Connection, user_id: str, chosen: Mapping[str, str]) -> dict[str, Any]:
    """Change some of a person's choices (theme, language, keys); gives all of them."""
    query = sa.select(t.user.c.preferences).where(t.user.c.id == user_id)
    found = conn.execute(for_update(query, conn)).scalar_one_or_none()
    merged = {**(found or {}), **chosen}
    conn.execute(sa.update(t.user).where(t.user.c.id == user_id).values(preferences=merged))
    return merged


def get_user(conn: Connection, user_id: str, *, lock: bool = False) -> UserRow:
    """One user. Raises Missing."""
    query = sa.select(*_columns()).where(t.user.c.id == user_id)
    row = conn.execute(for_update(query, conn) if lock else query).mappings().first()
    if row is None:
        raise Missing(NO_USER)
    return UserRow(**row)


def find_user(conn: Connection, username: str) -> UserRow | None:
    """The user with this sign-in name, however it is capitalised."""
    query = sa.select(*_columns()).where(t.user.c.username == fold(username.strip()))
    row = conn.execute(query).mappings().first()
    return UserRow(**row) if row else None


def list_users(conn: Connection, text: str = "", *, limit: int = 50, offset: int = 0) -> Sequence[UserRow]:
    """Users by name; `text` is found in the name or the sign-in name."""
    query = sa.select(*_columns()).order_by(t.user.c.disabled, t.user.c.name, t.user.c.id)
    if text.strip():
        query = query.where(
            t.user.c.username.contains(fold(text.strip()), autoescape=True)
            | sa.func.lower(t.user.c.name).contains(text.strip().lower(), autoescape=True)
        )
    return [UserRow(**row) for row in conn.execute(query.limit(limit).offset(offset)).mappings()]


def any_user(conn: Connection) -> bool:
    """Whether anybody can sign in; False opens the set-up page."""
    return conn.execute(sa.select(t.user.c.id).limit(1)).first() is not None


def _columns() -> list[Any]:
    u = t.user.c
    plain = [u[name] for name in UserRow.__dataclass_fields__ if not name.startswith("has_")]
    return [*plain, (u.pin != "").label("has_pin"), (u.totp != "").label("has_totp")]


def _write(conn: Connection, user_id: str, values: Mapping[str, Any]) -> None:
    statement = sa.update(t.user).where(t.user.c.id == user_id)
    if not conn.execute(statement.values(**values, version=t.user.c.version + 1)).rowcount:
        raise Missing(NO_USER)


def _administrators(conn: Connection) -> int:
    active = (t.user.c.role == ADMINISTRATOR) & ~t.user.c.disabled
    return len(conn.execute(for_update(sa.select(t.user.c.id).where(active), conn)).all())


def _require_shape(username: str, name: str, role: str) -> None:
    if not USERNAME.fullmatch(username):
        raise Invalid(BAD_USERNAME, field="username")
    if not 1 <= len(name.strip()) <= 120:
        raise Invalid(BAD_NAME, field="name")
    if role not in STAFF:
        raise Invalid(BAD_ROLE, field="role")
