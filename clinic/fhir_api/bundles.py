"""Bundles that are commands: a batch does each entry by itself, a transaction all or nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from clinic.core.days import instant_text
from clinic.core.errors import ClinicError
from clinic.core.ids import new_id
from clinic.core.json import Json, dumps
from clinic.fhir.params import resource_types
from clinic.fhir.store import Store
from clinic.fhir_api import histories, operations, reading, searching, writing
from clinic.fhir_api.body import read_json
from clinic.fhir_api.bundle_text import bundle
from clinic.fhir_api.call import Call, Reply
from clinic.fhir_api.errors import Refused, as_refused, outcome
from clinic.fhir_api.paging import Pages
from clinic.fhir_api.references import CONDITIONAL, conditional, replaced

MOST = 5000
_METHODS = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")
_WRITES = ("DELETE", "POST", "PUT", "PATCH")
_REASON = {
    200: "OK", 201: "Created", 204: "No Content", 304: "Not Modified", 400: "Bad Request", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 410: "Gone", 412: "Precondition Failed",
    422: "Unprocessable Entity",
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One command of a bundle, with its place in it."""

    at: int
    method: str
    full_url: str
    call: Call

    @property
    def where(self) -> str:
        """How an OperationOutcome names it."""
        return f"Bundle.entry[{self.at}]"


def read_bundle(call: Call) -> tuple[str, list[Any]]:
    """(batch or transaction, its entries). Raises Refused (400)."""
    body = call.body
    if not isinstance(body, dict) or body.get("resourceType") != "Bundle":
        raise Refused(400, "Here only a Bundle can be posted.", "Bundle.resourceType", "structure")
    if body.get("type") not in ("batch", "transaction"):
        raise Refused(400, "Only a Bundle of type batch or transaction can be carried out.", "Bundle.type")
    entries = body.get("entry", [])
    if not isinstance(entries, list):
        raise Refused(400, "Bundle.entry must be a list.", "Bundle.entry", "structure")
    if len(entries) > MOST:
        raise Refused(413, f"A Bundle has at most {MOST} entries.", "Bundle.entry")
    return str(body["type"]), entries


def read_entry(call: Call, at: int, given: Any) -> Entry:
    """Read one entry. Raises Refused (400) naming the element."""
    where = f"Bundle.entry[{at}]"
    request = given.get("request") if isinstance(given, dict) else None
    if not isinstance(request, dict):
        raise Refused(400, "An entry of a batch or transaction needs a request.", f"{where}.request", "required")
    method, url = request.get("method"), request.get("url")
    if method not in _METHODS:
        raise Refused(400, f"method is one of {', '.join(_METHODS)}.", f"{where}.request.method", "value")
    if not isinstance(url, str) or not url:
        raise Refused(400, "An entry needs the address it is for.", f"{where}.request.url", "required")
    full = given.get("fullUrl", "")
    return Entry(
        at, method, full if isinstance(full, str) else "", _call(call, url, given.get("resource"), request, where)
    )


def _call(call: Call, url: str, body: Any, request: Json, where: str) -> Call:
    bare = url.removeprefix(call.base).lstrip("/")
    parts = urlsplit(bare)
    steps = [unquote(step) for step in parts.path.split("/") if step]
    if not steps or parts.netloc or steps[0] not in resource_types():
        raise Refused(400, "The address must begin with a resource type.", f"{where}.request.url", "value")
    version = steps[3] if len(steps) == 4 and steps[2] == "_history" else ""
    if len(steps) > 2 and not version and steps[2] not in ("_history", "$everything"):
        raise Refused(400, "The address is not understood.", f"{where}.request.url", "value")

    def header(name: str) -> str:
        text = request.get(name, "")
        return text if isinstance(text, str) else ""

    return replace(
        call,
        type=steps[0],
        id=steps[1] if len(steps) > 1 else "",
        version=version or (steps[2] if len(steps) == 3 else ""),
        query=writing.pairs_of(parts.query),
        body=body,
        if_match=header("ifMatch"),
        if_none_match=header("ifNoneMatch"),
        if_none_exist=header("ifNoneExist"),
    )


def perform(store: Store, entry: Entry, pages: Pages) -> Reply:
    """Carry out one entry."""
    call = entry.call
    if entry.method in ("GET", "HEAD"):
        return _get(store, call, pages)
    if entry.method == "POST" and call.id:
        raise Refused(405, "A new record is posted to its type.", "request.url")
    doing: dict[str, Callable[[Store, Call], Reply]] = {
        "POST": writing.create, "PUT": writing.update, "PATCH": _patch, "DELETE": writing.delete,
    }  # fmt: skip
    return doing[entry.method](store, call)


def _get(store: Store, call: Call, pages: Pages) -> Reply:
    if call.version == "_history":
        return histories.history_page(store, replace(call, version=""), pages)
    if call.version == "$everything":
        return operations.everything(store, replace(call, version=""), pages)
    if call.version:
        return reading.vread(store, call)
    return reading.read(store, call) if call.id else searching.search(store, call, pages)


def _patch(store: Store, call: Call) -> Reply:
    """In a bundle a JSON Patch travels as base64 in a Binary."""
    body = call.body
    data = body.get("data") if isinstance(body, dict) and body.get("resourceType") == "Binary" else None
    try:
        operations_ = read_json(base64.b64decode(data, validate=True)) if isinstance(data, str) else None
    except (binascii.Error, ValueError):
        operations_ = None
    if operations_ is None:
        raise Refused(400, "A patch in a Bundle is a Binary with the JSON Patch as data.", "resource.data")
    return writing.patch(store, replace(call, body=operations_))


def transaction(store: Store, call: Call, pages: Pages) -> Reply:
    """Carry out every entry or none; references between entries become references between records."""
    _, given = read_bundle(call)
    entries = [read_entry(call, at, one) for at, one in enumerate(given)]
    replies: dict[int, Reply] = {}
    placed = _placed(store, entries)
    known = {entry.full_url: f"{entry.call.type}/{entry.call.id}" for entry in placed if _names_record(entry)}
    order = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3, "HEAD": 3}
    for entry in sorted(placed, key=lambda one: (order[one.method], one.at)):
        try:
            replies[entry.at] = _one(store, entry, known, pages)
        except (ClinicError, Refused) as error:
            raise as_refused(error, within=entry.where) from error
    texts = [_entry_text(replies[at], call.base) for at in range(len(entries))]
    return Reply(200, bundle("transaction-response", (), texts))


def _names_record(entry: Entry) -> bool:
    return bool(entry.full_url and entry.call.id and entry.method in ("POST", "PUT", "PATCH"))


def _placed(store: Store, entries: list[Entry]) -> list[Entry]:
    """Give every entry that makes a record its id beforehand, so that others can refer to it."""
    placed: list[Entry] = []
    seen: dict[str, Entry] = {}
    for entry in entries:
        try:
            id_ = _future_id(store, entry)
        except (ClinicError, Refused) as error:
            raise as_refused(error, within=entry.where) from error
        made = replace(entry, call=replace(entry.call, id=id_))
        reference = made.call.reference
        if id_ and entry.method in _WRITES:
            if reference in seen:
                raise Refused(400, f"{reference} is written twice in one transaction.", entry.where, "invalid")
            seen[reference] = made
        placed.append(made)
    return placed


def _future_id(store: Store, entry: Entry) -> str:
    call = entry.call
    if entry.method == "POST":
        if call.id:
            raise Refused(405, "A new record is posted to its type.", "request.url")
        same = writing.matching(store, call, call.if_none_exist) if call.if_none_exist else []
        return same[0] if len(same) == 1 else "" if same else new_id()
    if entry.method == "PUT" and not call.id and call.query:
        same = writing.matching(store, call, "", call.query)
        given = call.body.get("id") if isinstance(call.body, dict) else None
        return same[0] if len(same) == 1 else "" if same else given if isinstance(given, str) else new_id()
    return call.id


def _one(store: Store, entry: Entry, known: dict[str, str], pages: Pages) -> Reply:
    call = entry.call
    if entry.method in ("POST", "PUT") and isinstance(call.body, dict):
        body = replaced(call.body, known)
        found = {text: _resolve(store, call, text) for text in conditional(body)}
        call = replace(call, body=replaced(body, found) if found else body)
    if entry.method == "POST" and call.id:
        return writing.create(store, replace(call, id="", fresh_id=call.id))
    if entry.method == "PUT" and call.query:
        return writing.update(store, replace(call, id="", fresh_id=call.id))
    return perform(store, replace(entry, call=call), pages)


def _resolve(store: Store, call: Call, text: str) -> str:
    match = CONDITIONAL.fullmatch(text)
    if match is None or match[1] not in resource_types():
        raise Refused(400, f"{text[:80]} is no reference.", "resource", "value")
    call.caller.need(match[1], "s")
    ids = writing.ids_where(store, call, match[1], writing.pairs_of(match[2]))
    if len(ids) != 1:
        count = "No record matches" if not ids else "More than one record matches"
        raise Refused(
            412, f"{count} the reference {text[:200]}.", "resource", "not-found" if not ids else "multiple-matches"
        )
    return f"{match[1]}/{ids[0]}"


def batch(run: Callable[[Callable[[Store], Reply]], Reply], call: Call, pages: Pages) -> Reply:
    """Carry out each entry in a transaction of its own (`run`); one that fails says so in its place."""
    _, given = read_bundle(call)
    texts = []
    for at, one in enumerate(given):
        try:
            entry = read_entry(call, at, one)
            reply = run(lambda store, entry=entry: perform(store, entry, pages))  # type: ignore[misc]
        except (ClinicError, Refused) as error:
            refused = as_refused(error, within="" if isinstance(error, Refused) else f"Bundle.entry[{at}]")
            reply = Reply(refused.status, dumps(outcome(refused.faults)))
        texts.append(_entry_text(reply, call.base))
    return Reply(200, bundle("batch-response", (), texts))


def _entry_text(reply: Reply, base: str) -> str:
    response: Json = {"status": f"{reply.status} {_REASON.get(reply.status, '')}".strip()}
    if "Location" in reply.headers:
        response["location"] = reply.headers["Location"].removeprefix(base + "/")
    if "ETag" in reply.headers:
        response["etag"] = reply.headers["ETag"]
    if reply.modified is not None:
        response["lastModified"] = instant_text(reply.modified)
    text = dumps(response)
    if reply.status >= 400:
        return f'{{"response":{text[:-1]},"outcome":{reply.text}}}}}'
    return f'{{"resource":{reply.text},"response":{text}}}' if reply.text else f'{{"response":{text}}}'
