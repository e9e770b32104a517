"""What a manager can do with people who sign in; each act is in the trail."""

from __future__ import annotations

import secrets
from typing import Final

import sqlalchemy as sa

from clinic.access import second_factor, sessions, users
from clinic.access import tables as access
from clinic.access.users import NewUser, UserChange, UserRow
from clinic.core.errors import N_
from clinic.fhir.store import Store
from clinic.management.rules import require_may_change

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
OWN_ACCOUNT: Final = N_("Change your own password on your account page.")


def first_password() -> str:
    """A password to tell somebody once: 15 letters and figures in threes, 74 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3))


def add_user(store: Store, new: NewUser) -> str:
    """Add a person; they choose a password of their own at the first sign-in. Gives the id."""
    require_may_change(store.actor.role, new.role)
    user_id = users.create_user(store.conn, new, store.now)
    store.did("user-added", new.username)
    return user_id


def change_user(store: Store, user_id: str, change: UserChange) -> UserRow:
    """Change name, role or provider; a new role signs the person out. Raises Forbidden, Stale, Conflict."""
    before = users.get_user(store.conn, user_id)
    require_may_change(store.actor.role, before.role, change.role)
    after = users.change_user(store.conn, user_id, change)
    store.did("user-changed", after.username)
    return after


def set_disabled(store: Store, user_id: str, *, disabled: bool) -> UserRow:
    """Refuse the person from now on, or admit them again; sessions end at once."""
    before = users.get_user(store.conn, user_id)
    require_may_change(store.actor.role, before.role)
    change = UserChange(before.name, before.role, disabled, before.reference)
    after = users.change_user(store.conn, user_id, change)
    store.did("user-disabled" if disabled else "user-enabled", after.username)
    return after


def reset_password(store: Store, user_id: str, password: str) -> UserRow:
    """Give a first password again; PIN and codes are taken away, sessions end."""
    before = users.get_user(store.conn, user_id)
    require_may_change(store.actor.role, before.role)
    users.set_password(store.conn, user_id, password, must_change=True)
    users.set_pin(store.conn, user_id, "")
    second_factor.drop(store.conn, user_id)
    store.did("password-reset", before.username)
    return before


def sign_out_everywhere(store: Store, user_id: str) -> int:
    """End all sessions of a person; gives how many."""
    before = users.get_user(store.conn, user_id)
    require_may_change(store.actor.role, before.role)
    store.did("sessions-ended", before.username)
    return sessions.revoke(store.conn, user_id)


def open_sessions(store: Store, user_id: str) -> int:
    """How many sessions a person has."""
    query = sa.select(sa.func.count()).where(access.session.c.user_id == user_id)
    return int(store.conn.execute(query).scalar_one())
