"""Sessions kept in the database: a stolen cookie dies at sign-out, and an idle desk locks itself.

The cookie holds 256 random bits; the row holds their SHA-256, so that a copy of the database opens nothing.
A visitor who is not signed in has no row: the little that the sign-in form needs (its CSRF token, where to go
next) travels in a signed cookie that dies after an hour. One statement a request reads session and user.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, Final, cast

import sqlalchemy as sa
from flask import Flask, Request, Response, current_app, request
from flask.sessions import SessionInterface, SessionMixin
from flask_login import LoginManager
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.engine import Connection
from werkzeug.datastructures import CallbackDict

from clinic.access import tables as t
from clinic.access.permissions import DEVICE
from clinic.access.principal import Principal, network
from clinic.access.restricted import barred_ids, moment, read_barred
from clinic.core.clock import Clock
from clinic.core.ids import new_token
from clinic.db.engine import Database

COOKIE: Final = "clinic_session"
VISITOR_COOKIE: Final = "clinic_visitor"
VISITOR_SECONDS: Final = 3600
CSRF_KEY: Final = "_csrf"
ENDED: Final = "_ended"
"""Where a visitor carries why the session before is over (`idle`, `over`), until the sign-in page says so."""
TOUCH_EVERY: Final = timedelta(seconds=60)
DEVICE_DAYS: Final = 365
_LONGEST_VISITOR: Final = 3000


@dataclass(frozen=True)
class Limits:
    """How long a session lives: without a keystroke, and at all."""

    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=12)


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """The session of one request; `session.principal` is who is signed in."""

    def __init__(self, data: dict[str, Any] | None = None) -> None:
        def changed(session: ServerSession) -> None:
            session.modified = True

        self.modified = False
        self.accessed = True
        self.id = ""
        self.principal: Principal | None = None
        self.seen: datetime | None = None
        self.fresh_token = ""
        """Set when the cookie must change: signed in during this request."""
        super().__init__(data or {}, changed)
        self.modified = False


class SqlSessions(SessionInterface):
    """Flask's session interface over the table `access_session`."""

    def __init__(self, database: Database, clock: Clock, limits: Limits) -> None:
        self.database = database
        self.clock = clock
        self.limits = limits

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Read session, user and what is closed to them in one statement; a visitor costs none at all."""
        token = request.cookies.get(COOKIE, "")
        if not token:
            return ServerSession(self._visitor(app, request))
        now = self.clock.now()
        with self.database.look() as conn:
            row = conn.execute(_find(), {"token": digest(token), "now": now}).mappings().first()
        ended = _why_over(row, now, self.limits)
        if row is None or ended:
            session = ServerSession(self._visitor(app, request))
            session[ENDED] = ended
            return session
        session = ServerSession(dict(row["data"] or {}))
        session.id, session.seen, session.principal = row["sid"], row["seen"], _principal(row)
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write what changed; a background call never makes the session look used."""
        session = cast("ServerSession", session)
        if session.fresh_token:
            tablet = session.principal is not None and session.principal.role == DEVICE
            self._cookie(app, response, COOKIE, session.fresh_token, DEVICE_DAYS * 86_400 if tablet else None)
            response.delete_cookie(VISITOR_COOKIE, path="/")
        if not session.id:
            self._save_visitor(app, session, response)
            return
        now = self.clock.now()
        used = "X-Background" not in request.headers
        late = session.seen is None or now - session.seen >= TOUCH_EVERY
        values: dict[str, Any] = {"data": dict(session)} if session.modified else {}
        if used and (late or values):
            values["seen"] = now
        if values:
            statement = sa.update(t.session).where(t.session.c.id == session.id).values(**values)
            self.database.run_write(lambda conn: conn.execute(statement))

    def _save_visitor(self, app: Flask, session: ServerSession, response: Response) -> None:
        if request.cookies.get(COOKIE) and not session.fresh_token:
            response.delete_cookie(COOKIE, path="/")
        if not session.modified:
            return
        if not session:
            response.delete_cookie(VISITOR_COOKIE, path="/")
            return
        text = str(_signer(app).dumps(dict(session)))
        if len(text) <= _LONGEST_VISITOR:
            self._cookie(app, response, VISITOR_COOKIE, text, VISITOR_SECONDS)

    def _cookie(self, app: Flask, response: Response, name: str, value: str, seconds: int | None) -> None:
        secure = self.get_cookie_secure(app)
        response.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="Lax")

    def _visitor(self, app: Flask, request: Request) -> dict[str, Any]:
        text = request.cookies.get(VISITOR_COOKIE, "")
        if not text or len(text) > _LONGEST_VISITOR:
            return {}
        try:
            found = _signer(app).loads(text, max_age=VISITOR_SECONDS)
        except BadSignature:
            return {}
        return found if isinstance(found, dict) else {}


def install(app: Flask, database: Database, clock: Clock, limits: Limits) -> None:
    """Give the application these sessions, and Flask-Login the principal that they found."""
    app.session_interface = SqlSessions(database, clock, limits)
    login = LoginManager(app)
    login.session_protection = None

    @login.request_loader
    def load(_request: Request) -> Principal | None:
        return here().principal


def limits() -> Limits:
    """How long sessions of this application live."""
    return cast("SqlSessions", current_app.session_interface).limits


def here() -> ServerSession:
    """The session of the running request."""
    from flask import session

    return cast("ServerSession", session._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001


def digest(token: str) -> str:
    """What the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class Opening:
    """For whom a session is opened: a user, or a paired tablet."""

    user_id: str | None = None
    device_id: str = ""
    device_name: str = ""


def open_for(conn: Connection, whom: Opening, now: datetime, *, lives: timedelta) -> str:
    """Add a session row and give the token for its cookie. The data of an earlier visitor is left behind."""
    token = new_token()
    conn.execute(
        sa.insert(t.session).values(
            id=digest(token),
            user_id=whom.user_id,
            device_id=whom.device_id,
            device_name=whom.device_name,
            created=now,
            seen=now,
            expires=now + lives,
            locked=False,
            network=network(),
            # made here and not by the first form, so that two pages asked for at once carry the same one
            data={CSRF_KEY: new_token()},
        )
    )
    return token


def take_over(token: str, principal: Principal | None = None, data: dict[str, Any] | None = None) -> None:
    """Make the freshly opened session the one of this request; the answer carries its cookie."""
    session = here()
    session.clear()
    session.id, session.fresh_token = digest(token), token
    session.principal = principal
    session.update(data or {})
    session.modified = bool(data)


def leave(conn: Connection) -> None:
    """End the session of this request for good; its cookie opens nothing any more."""
    session = here()
    if session.id:
        conn.execute(sa.delete(t.session).where(t.session.c.id == session.id))


def forget() -> None:
    """Drop what this request's session held, after `leave` was committed."""
    session = here()
    session.id, session.principal = "", None
    session.clear()


def revoke(conn: Connection, user_id: str, *, but: str = "") -> int:
    """End all sessions of a user (except the one named); gives how many."""
    mine = t.session.c.user_id == user_id
    return int(conn.execute(sa.delete(t.session).where(mine, t.session.c.id != but)).rowcount)


def set_locked(conn: Connection, session_id: str, locked: bool) -> None:
    """Lock or open one session; what it held stays."""
    conn.execute(sa.update(t.session).where(t.session.c.id == session_id).values(locked=locked))


def prune(conn: Connection, now: datetime, limits: Limits) -> int:
    """Delete sessions that are over; gives how many."""
    stale = sa.and_(t.session.c.user_id.is_not(None), t.session.c.seen < now - limits.idle - limits.absolute)
    return int(conn.execute(sa.delete(t.session).where((t.session.c.expires < now) | stale)).rowcount)


@cache
def _find() -> sa.Select[Any]:
    s, u = t.session.c, t.user.c
    return (
        sa.select(
            s.id.label("sid"), s.user_id, s.device_id, s.device_name, s.seen, s.expires, s.locked, s.data,
            u.username, u.name, u.role, u.reference, u.preferences, u.disabled, u.must_change,
            (u.pin != "").label("has_pin"), (u.totp != "").label("has_totp"),
            barred_ids(s.user_id, moment("now")).label("barred"),
        )
        .select_from(t.session.outerjoin(t.user))
        .where(s.id == sa.bindparam("token"))
    )  # fmt: skip


def _why_over(row: Any, now: datetime, limits: Limits) -> str:
    if row is None or row["expires"] <= now or row["disabled"]:
        return "over"
    is_device = bool(row["device_id"])
    return "idle" if not is_device and row["seen"] + limits.idle <= now else ""


def _principal(row: Any) -> Principal | None:
    if row["device_id"]:
        return Principal(row["device_id"], row["device_name"], DEVICE)
    if row["user_id"] is None:
        return None
    return Principal(
        row["user_id"],
        row["name"],
        row["role"],
        username=row["username"],
        reference=row["reference"],
        preferences=dict(row["preferences"] or {}),
        locked=row["locked"],
        must_change=row["must_change"],
        has_pin=bool(row["has_pin"]),
        has_totp=bool(row["has_totp"]),
        barred=read_barred(row["barred"]),
    )


def _signer(app: Flask) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(app.secret_key or b"", salt="clinic.visitor")
