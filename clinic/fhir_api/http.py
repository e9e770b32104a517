"""Between HTTP and a call: what a request says about itself, and how an answer is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from flask import Response, current_app, request
from sqlalchemy.engine import Connection

from clinic.audit.writer import append, events_of
from clinic.fhir.params import resource_types
from clinic.fhir.store import Store
from clinic.fhir_api.body import read_json
from clinic.fhir_api.call import Call, Pairs, Reply
from clinic.fhir_api.errors import MEDIA_TYPE, Refused
from clinic.fhir_api.oauth import caller
from clinic.fhir_api.paging import Pages
from clinic.web import transaction
from clinic.web.state import State, state_of

T = TypeVar("T")
JSON_TYPES = ("application/fhir+json", "application/json")
PATCH_TYPE = "application/json-patch+json"
_FORMATS = {"json", *JSON_TYPES, "text/json"}
MOST_PAIRS = 200


def base_url() -> str:
    """The address of the interface as this program reaches it."""
    return request.url_root.rstrip("/") + "/fhir"


def pages() -> Pages:
    """What seals page links."""
    return Pages(state_of(current_app).secret)


def require_json_wanted() -> None:
    """Refuse (406) a program that wants something other than JSON."""
    wanted = request.args.get("_format", "").replace(" ", "+").partition(";")[0]
    if wanted:
        if wanted not in _FORMATS:
            raise Refused(406, "Only JSON is served.", "_format")
        return
    accepted = request.accept_mimetypes
    if request.headers.get("Accept") and not any(accepted[one] > 0 for one in (*JSON_TYPES, "text/json")):
        raise Refused(406, "Only application/fhir+json is served.", "http.Accept")


def content(*types: str) -> object:
    """The JSON of the request, if its type is one of those. Raises Refused (400, 415)."""
    if request.mimetype not in (types or JSON_TYPES):
        named = " or ".join(types or JSON_TYPES[:1])
        raise Refused(415, f"The content must be {named}.", "http.Content-Type")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise Refused(415, "The content must be UTF-8.", "http.Content-Type")
    return read_json(request.get_data(cache=False))


def query_of_request(*, form: bool = False) -> Pairs:
    """The arguments of the address (and of the form, for a posted search). Raises Refused (400)."""
    try:
        unquote_to_bytes(request.query_string).decode()
    except UnicodeDecodeError:
        raise Refused(400, "The address is not UTF-8.", "http.url") from None
    pairs = [(name, value) for name, values in request.args.lists() for value in values]
    if form:
        pairs += [(name, value) for name, values in request.form.lists() for value in values]
    if len(pairs) > MOST_PAIRS:
        raise Refused(400, f"There are more than {MOST_PAIRS} parameters.", "http.url")
    for name, value in pairs:
        if any(sign == "\x00" or "\ud800" <= sign <= "\udfff" or sign == "\ufffd" for sign in name + value):
            raise Refused(400, "A parameter holds characters that cannot be searched.", "http.url")
    return tuple(pairs)


def call_of(
    type_: str = "", id_: str = "", version: str = "", *, query: Pairs | None = None, body: object = None
) -> Call:
    """The call that a request makes. Raises Refused: 404 for no such type."""
    if type_ == "metadata":
        raise not_here("GET, HEAD")
    if id_ == "_search":
        raise not_here("POST")
    if type_ and type_ not in resource_types():
        raise Refused(404, f"There is no resource type {type_[:64]}.", "http.url")
    prefer = [part.strip().lower() for part in ",".join(request.headers.getlist("Prefer")).replace(";", ",").split(",")]
    return Call(
        base_url(),
        caller(),
        type_,
        id_,
        version,
        if_match=request.headers.get("If-Match", ""),
        if_none_match=request.headers.get("If-None-Match", ""),
        if_none_exist=request.headers.get("If-None-Exist", ""),
        if_modified_since=_since(),
        strict="handling=strict" in prefer,
        minimal="return=minimal" in prefer,
        query=query_of_request() if query is None else query,
        body=body,
    )


def not_here(allowed: str) -> Refused:
    """The refusal (405) of a method that an address does not take."""
    error = Refused(405, f"{request.method} is not possible here.", "http.method")
    error.headers["Allow"] = allowed
    return error


def _since() -> datetime | None:
    found = request.if_modified_since
    return found.astimezone(UTC) if found else None


def answer(reply: Reply) -> Response:
    """A reply as an HTTP answer."""
    made = Response(reply.text, reply.status, reply.headers)
    if reply.text:
        made.content_type = MEDIA_TYPE
    else:
        made.headers.pop("Content-Type", None)
    return made


def look(fn: Callable[[Store], T]) -> T:
    """Run `fn` for reading; what it showed of patients is audited before the answer leaves."""
    state = state_of(current_app)
    with state.database.look() as conn:
        store = _store(conn, state)
        result = fn(store)
    if store.touched:
        events = events_of(store)
        state.database.run_write(lambda conn: append(conn, events))
    return result


def transact(fn: Callable[[Store], T]) -> T:
    """Run `fn` in one write transaction for the calling program."""
    return transaction.run(state_of(current_app), fn, actor_store=_store)


def _store(conn: Connection, state: State) -> Store:
    return Store(conn, state.setting, actor=caller().actor, now=state.clock.now())
