"""The screens of the waiting room: each has a secret address, shown once and taken back for good."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from clinic.access.sessions import digest
from clinic.core.errors import N_, Invalid, Missing
from clinic.core.ids import new_id
from clinic.fhir.store import Store
from clinic.visits.tables import waiting_screen

_s = waiting_screen.c
NAME_IT = N_("Give the screen a short name, such as Waiting room.")
NO_SCREEN = N_("There is no such screen.")


def add_screen(store: Store, name: str, *, language: str, site: str = "") -> tuple[str, str]:
    """Add a screen; gives its id and the secret of its address. Raises Invalid."""
    name = " ".join(name.split())
    if not name or len(name) > 60:
        raise Invalid(NAME_IT, field="name")
    screen_id, token = new_id(), _token()
    row = {
        "id": screen_id, "name": name, "token": digest(token), "language": language, "site": site,
        "created": store.now, "created_by": store.actor.id, "revoked": None,
    }  # fmt: skip
    store.conn.execute(sa.insert(waiting_screen), [row])
    store.did("C", f"waiting-room screen {screen_id}")
    return screen_id, token


def new_address(store: Store, screen_id: str) -> str:
    """Another secret address; the one before it shows nothing any more. Raises Missing."""
    token = _token()
    change = sa.update(waiting_screen).where(_s.id == screen_id, _s.revoked.is_(None)).values(token=digest(token))
    if store.conn.execute(change).rowcount != 1:
        raise Missing(NO_SCREEN)
    store.did("U", f"address of waiting-room screen {screen_id}")
    return token


def revoke_screen(store: Store, screen_id: str, *, back: bool = False) -> str:
    """Take a screen away (or bring it back); gives its name. Raises Missing."""
    row = store.conn.execute(sa.select(_s.name).where(_s.id == screen_id)).first()
    if row is None:
        raise Missing(NO_SCREEN)
    change = sa.update(waiting_screen).where(_s.id == screen_id)
    store.conn.execute(change.values(revoked=None if back else store.now))
    store.did("U", f"waiting-room screen {screen_id} {'back' if back else 'revoked'}")
    return str(row.name)


def _token() -> str:
    """Short enough to be typed on a remote control, long enough that nobody guesses it."""
    return secrets.token_urlsafe(15)
