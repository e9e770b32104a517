"""Signing in, switching, locking: each step a short transaction, the slow hash between them, never inside.

An attempt is counted before it is checked, and an unknown name costs the same time and hears the same
words as a wrong password.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from clinic.access import passwords, sessions, throttle
from clinic.access import tables as t
from clinic.access.permissions import permissions_of
from clinic.audit.event import REFUSED, Event
from clinic.audit.writer import append
from clinic.core.actor import Actor
from clinic.core.errors import N_, Forbidden
from clinic.core.names import fold
from clinic.fhir.store import Store

WRONG: Final = N_("This name and password do not fit. Check both, or ask a manager for a new password.")
WRONG_PIN: Final = N_("This PIN or password is not right.")
WRONG_CODE: Final = N_("This code is not right, or was used already. Wait for the next one.")
TOO_MANY: Final = N_("Too many attempts. Try again in %(seconds)s seconds.")
CODE_NEEDED: Final = N_("This person signs in with a code; use the sign-in page.")
PIN_TRIES: Final = 8


@dataclass(frozen=True)
class Attempt:
    """One try to prove who somebody is; `user_id` is empty for a name that nobody has."""

    username: str
    wait: timedelta = timedelta(0)
    user_id: str = ""
    name: str = ""
    role: str = ""
    reference: str = ""
    password: str = ""
    pin: str = ""
    has_totp: bool = False
    disabled: bool = False

    def fits(self, secret: str) -> bool:
        """Whether this is the password; takes the same time whoever it is."""
        return passwords.matches(self.password, secret) and not self.disabled

    def fits_pin_or_password(self, secret: str) -> bool:
        """Whether this is the PIN, or else the password: enough to open a locked desk."""
        looks_like_pin = secret.isdigit() and len(secret) <= passwords.PIN_LONGEST
        hashed = self.pin if looks_like_pin and self.pin else self.password
        return passwords.matches(hashed, secret) and not self.disabled

    def actor(self, before: Actor) -> Actor:
        """This person in the audit trail, at the address where `before` was; `before` for nobody."""
        if not self.user_id:
            return before
        rights = permissions_of(self.role)
        return replace(
            before,
            id=self.user_id, name=self.name, role=self.role, permissions=rights, reference=self.reference,
        )  # fmt: skip


def begin(store: Store, username: str) -> Attempt:
    """Count an attempt for this name and network; with `wait` it is refused unchecked."""
    keys = (throttle.account(username), throttle.network(store.actor.network))
    wait = throttle.attempt(store.conn, keys, store.now)
    if wait > timedelta(0):
        return Attempt(username, wait)
    return _attempt_for(store, t.user.c.username == fold(username.strip()), username)


def begin_again(store: Store, user_id: str) -> Attempt:
    """The same for somebody already named: the code after the password, the PIN of a locked desk."""
    wait = throttle.attempt(store.conn, (throttle.pin(user_id),), store.now)
    if wait > timedelta(0):
        return Attempt("", wait)
    return _attempt_for(store, t.user.c.id == user_id, "")


def _attempt_for(store: Store, condition: sa.ColumnElement[bool], username: str) -> Attempt:
    row = store.conn.execute(sa.select(t.user).where(condition)).first()
    if row is None:
        return Attempt(username)
    return Attempt(
        row.username,
        user_id=row.id,
        name=row.name,
        role=row.role,
        reference=row.reference,
        password=row.password,
        pin=row.pin,
        has_totp=bool(row.totp),
        disabled=row.disabled,
    )


def refuse(store: Store, attempt: Attempt, note: str) -> None:
    """Note a failed attempt; a name that nobody has is not written down, it may be a password."""
    who = attempt.actor(store.actor)
    append(store.conn, [Event("sign-in", store.now, who, outcome=REFUSED, note=note)])


def open_session(store: Store, attempt: Attempt, *, lives: timedelta) -> str:
    """Sign the person in: forget the failures, end an earlier session, give the token for the cookie."""
    keys = (throttle.account(attempt.username), throttle.pin(attempt.user_id))
    throttle.clear(store.conn, *keys)
    throttle.forgive(store.conn, throttle.network(store.actor.network))
    sessions.leave(store.conn)
    sessions.prune(store.conn, store.now, sessions.limits())
    throttle.prune(store.conn, store.now)
    opening = sessions.Opening(user_id=attempt.user_id)
    token = sessions.open_for(store.conn, opening, store.now, lives=lives)
    seen = sa.update(t.user).where(t.user.c.id == attempt.user_id).values(last_seen=store.now)
    store.conn.execute(seen)
    append(store.conn, [Event("sign-in", store.now, attempt.actor(store.actor))])
    return token


def close_session(store: Store) -> None:
    """Sign out: the session's row is gone, so its cookie opens nothing."""
    sessions.leave(store.conn)
    if store.actor.id:
        append(store.conn, [Event("sign-out", store.now, store.actor)])


def lock(store: Store, session_id: str) -> None:
    """Lock the desk; the page and what was typed stay."""
    sessions.set_locked(store.conn, session_id, True)
    append(store.conn, [Event("lock", store.now, store.actor)])


def unlock(store: Store, attempt: Attempt, session_id: str) -> None:
    """Open the locked desk for the same person."""
    throttle.clear(store.conn, throttle.pin(attempt.user_id))
    sessions.set_locked(store.conn, session_id, False)
    append(store.conn, [Event("unlock", store.now, attempt.actor(store.actor))])


def refuse_unlock(store: Store, attempt: Attempt) -> bool:
    """Note a wrong PIN; after eight the session ends and the password is needed. True when it ended."""
    refuse(store, attempt, "wrong PIN")
    over = throttle.failures(store.conn, throttle.pin(attempt.user_id)) >= PIN_TRIES
    if over:
        sessions.leave(store.conn)
    return over


def require_time_passed(attempt: Attempt) -> None:
    """Refuse while the delay lasts. Raises Forbidden with the seconds left."""
    if attempt.wait > timedelta(0):
        seconds = max(1, round(attempt.wait.total_seconds()))
        raise Forbidden(TOO_MANY, seconds=seconds)


def proved(store: Store, attempt: Attempt) -> None:
    """Take the count of this person back: they proved again who they are."""
    throttle.clear(store.conn, throttle.pin(attempt.user_id))
