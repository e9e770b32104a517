"""Private calendar feeds: one provider's times for their own phone, without any patient."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from clinic.appointments.errors import NO_PROVIDER
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.tables import calendar_feed
from clinic.core.errors import N_, Forbidden, Invalid, Missing
from clinic.core.ids import new_id, new_token
from clinic.fhir.store import Store

DETAILS = ("types", "times")
_READ_NOTED_EVERY = timedelta(hours=1)
_NO_FEED = N_("There is no such feed.")
_NOT_YOURS = N_("You can share your own calendar only.")
_c = calendar_feed.c


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it is kept; the address itself is known only to whoever made it."""

    id: str
    provider: str
    detail: str
    created: datetime
    created_by: str
    last_read: datetime | None
    revoked: datetime | None


_FEED = (_c.id, _c.provider, _c.detail, _c.created, _c.created_by, _c.last_read, _c.revoked)


def may_share(store: Store, provider: str) -> bool:
    """Whether this person may make and revoke the feeds of a provider: their own, or all with the set-up right."""
    return store.actor.may("management.setup") or store.actor.reference == f"Practitioner/{provider}"


def make_feed(store: Store, provider: str, *, detail: str) -> str:
    """Make a feed; gives the secret part of its address, which is shown once. Raises Invalid, Forbidden."""
    if not may_share(store, provider):
        raise Forbidden(_NOT_YOURS)
    person = calendar_setup(store).provider(provider)
    if person is None or not person.active:
        raise Invalid(NO_PROVIDER, field="provider")
    token = new_token()
    shown = detail if detail in DETAILS else "times"
    row = {
        "id": new_id(), "provider": provider, "token": _hashed(token), "detail": shown,
        "created": store.now, "created_by": store.actor.name[:120], "last_read": None, "revoked": None,
    }  # fmt: skip
    store.conn.execute(sa.insert(calendar_feed), [row])
    store.did("C", f"calendar feed of {person.name}")
    return token


def revoke_feed(store: Store, id_: str) -> Feed:
    """End a feed; its address answers nothing from now on. Raises Missing, Forbidden."""
    row = store.conn.execute(sa.select(*_FEED).where(_c.id == id_)).first()
    if row is None:
        raise Missing(_NO_FEED)
    feed = Feed(*row)
    if not may_share(store, feed.provider):
        raise Forbidden(_NOT_YOURS)
    if feed.revoked is None:
        store.conn.execute(sa.update(calendar_feed).where(_c.id == id_).values(revoked=store.now))
        store.did("D", f"calendar feed {id_}")
    return feed


def feeds(store: Store) -> Sequence[Feed]:
    """The feeds that still answer and that this person may see, newest first."""
    rows = store.conn.execute(sa.select(*_FEED).where(_c.revoked.is_(None)).order_by(_c.created.desc(), _c.id))
    return [feed for row in rows if may_share(store, (feed := Feed(*row)).provider)]


def feed_of(store: Store, token: str) -> Feed | None:
    """The feed of a secret, unless it was revoked or nobody made it."""
    wanted = sa.select(*_FEED).where(_c.token == _hashed(token), _c.revoked.is_(None))
    row = store.conn.execute(wanted).first()
    return Feed(*row) if row else None


def reading_is_new(feed: Feed, now: datetime) -> bool:
    """Whether this reading should be noted; phones ask often, and once an hour says enough."""
    return feed.last_read is None or now - feed.last_read >= _READ_NOTED_EVERY


def note_reading(store: Store, feed: Feed) -> None:
    """Note that somebody read the feed."""
    store.conn.execute(sa.update(calendar_feed).where(_c.id == feed.id).values(last_read=store.now))
    store.did("export", f"calendar feed {feed.id}")


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
