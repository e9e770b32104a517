"""Tokens for programs by OAuth 2 client credentials, and finding out who a request comes from."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import unquote_plus

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, g, request
from sqlalchemy.engine import Connection

from clinic.access import clients, restricted
from clinic.access.guard import public
from clinic.access.principal import network
from clinic.core.actor import Actor
from clinic.core.ids import new_token
from clinic.core.json import Json, dumps
from clinic.fhir_api.errors import Refused
from clinic.fhir_api.scopes import LETTERS, Scopes, read_scopes
from clinic.fhir_api.tables import api_token
from clinic.web.state import state_of

LIVES = timedelta(hours=1)
REALM = 'Bearer realm="fhir"'
_c = api_token.c

blueprint = Blueprint("oauth", __name__)


@dataclass(frozen=True)
class Caller:
    """The program that a request comes from, and what its token allows."""

    client_id: str
    name: str
    scopes: Scopes
    barred: frozenset[str] = frozenset()
    """The restricted patients, unless the token has the scope for them."""
    sees_restricted: bool = False

    @property
    def actor(self) -> Actor:
        """The program for the store and the audit trail."""
        return Actor(self.client_id, self.name, kind="client", role="client", network=network(), barred=self.barred)

    def need_for_label(self, resource: Json) -> None:
        """Refuse (403) a restricting label from a program that may not see restricted records."""
        if resource.get("resourceType") == "Patient" and restricted.label_of(resource) and not self.sees_restricted:
            text = f"This token may not restrict a record; it would take {restricted.SCOPE}."
            raise Refused(403, text, "Patient.meta.security")

    def need(self, type_: str, letter: str) -> None:
        """Refuse (403) what the scopes do not allow."""
        if not self.scopes.allow(type_, letter):
            wanted = f"system/{type_}.{letter}"
            raise Refused(403, f"This token may not {LETTERS[letter]} {type_}; it would take {wanted}.")


@blueprint.post("/oauth/token")
@public
def token() -> Response:
    """Give a token to a program that shows its id and secret (HTTP Basic, or in the form)."""
    state = state_of(current_app)
    if request.form.get("grant_type") != "client_credentials":
        return _error(400, "unsupported_grant_type", "Only client_credentials is served.")
    pair = _basic() or (request.form.get("client_id", ""), request.form.get("client_secret", ""))
    asked = request.form.get("scope", "").split()
    return state.database.run_write(lambda conn: _issue(conn, pair, asked, state.clock.now()))


def _basic() -> tuple[str, str] | None:
    kind, _, rest = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ("", "")
    client_id, _, secret = text.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _issue(conn: Connection, pair: tuple[str, str], asked: list[str], now: datetime) -> Response:
    odd = any("\x00" in text or not text.isprintable() for text in (*pair, *asked))
    client = None if odd else clients.verify(conn, *pair)
    if client is None:
        made = _error(401, "invalid_client", "The client id or the secret is wrong.")
        made.headers["WWW-Authenticate"] = 'Basic realm="oauth"'
        return made
    scopes = asked or list(client.scopes)
    sensitive = restricted.SCOPE in scopes and restricted.SCOPE not in client.scopes
    if sensitive or not read_scopes(scopes).within(read_scopes(client.scopes)) or not read_scopes(scopes).rights:
        return _error(400, "invalid_scope", "This program may not have all of these scopes.")
    text = new_token()
    conn.execute(sa.delete(api_token).where(_c.expires < now))
    row = {"token": _digest(text), "client_id": client.id, "scopes": scopes, "expires": now + LIVES}
    conn.execute(sa.insert(api_token), [row])
    clients.used(conn, client.id, now)
    given = {"access_token": text, "token_type": "Bearer", "expires_in": round(LIVES.total_seconds())}
    return _answer(200, {**given, "scope": " ".join(scopes)})


def _error(status: int, code: str, text: str) -> Response:
    return _answer(status, {"error": code, "error_description": text})


def _answer(status: int, content: dict[str, Any]) -> Response:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return Response(dumps(content), status, headers, content_type="application/json")


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()


def authenticate() -> None:
    """Find the program behind the bearer token and keep it for this request. Raises Refused (401)."""
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        raise _unknown("Send a bearer token from /oauth/token.", REALM)
    state = state_of(current_app)
    with state.database.look() as conn:
        row = conn.execute(sa.select(api_token).where(_c.token == _digest(text.strip()))).first()
        client = clients.find_client(conn, row.client_id) if row else None
        open_ = row is not None and restricted.SCOPE in row.scopes
        barred: frozenset[str] = frozenset() if open_ or client is None else restricted.all_restricted(conn)
    if row is None or client is None or row.expires <= state.clock.now():
        raise _unknown("This token is not known or no longer valid.", REALM + ', error="invalid_token"')
    g.caller = Caller(client.id, client.name, read_scopes(row.scopes), barred, open_)


def _unknown(text: str, challenge: str) -> Refused:
    error = Refused(401, text, "http.Authorization")
    error.headers["WWW-Authenticate"] = challenge
    return error


def caller() -> Caller:
    """The program of the running request."""
    found: Caller = g.caller
    return found
