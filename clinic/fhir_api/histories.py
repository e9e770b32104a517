"""Histories: the versions of a record, of a type, of everything, newest first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from clinic.core.days import instant_text, read_instant
from clinic.core.errors import Missing
from clinic.core.json import dumps
from clinic.fhir.dates import span_of
from clinic.fhir.search import Found
from clinic.fhir.store import Store
from clinic.fhir_api.bundle_text import Link, bundle
from clinic.fhir_api.call import Call, Reply, etag
from clinic.fhir_api.errors import Refused
from clinic.fhir_api.paging import Pages
from clinic.fhir_api.records import NO_RECORD, Kept, Span, count_versions, history
from clinic.fhir_api.seen import note_read, opened, require_open

USUAL = 50
MOST = 1000


def history_page(store: Store, call: Call, pages: Pages) -> Reply:
    """One page of a history as a Bundle. Raises Missing for a record that never was."""
    call.caller.need(call.type or "*", "r")
    last = dict(call.query)
    state: dict[str, Any] = {}
    if last.get("_page"):
        state = pages.open(call.caller.client_id, last["_page"])
        if state.get("history") != [call.type, call.id]:
            raise Refused(400, "This page link is for another history.", "_page")
    limit, offset = state.get("limit") or _limit(last), int(state.get("offset", 0))
    span = Span(
        call.type, call.id, since=_moment(state.get("since") or last.get("_since", "")), until=_until(store, state)
    )
    total = state["total"] if state else count_versions(store.conn, span)
    if call.id and not total and not count_versions(store.conn, Span(call.type, call.id)):
        raise Missing(NO_RECORD, field=f"{call.type}.id", type=call.type, id=call.id)
    kept = history(store.conn, span, limit, offset)
    shown = _opened(store, call, kept)
    path = "/".join(part for part in (call.base, call.type, call.id, "_history") if part)
    links = [Link("self", path + (f"?{urlencode(last)}" if last else ""))]
    if offset + len(kept) < total and kept:
        following = {
            "history": [call.type, call.id], "limit": limit, "offset": offset + limit, "total": total,
            "since": state.get("since") or last.get("_since", ""), "until": instant_text(span.until or store.now),
        }  # fmt: skip
        sealed = pages.seal(call.caller.client_id, following)
        links.append(Link("next", f"{path}?{urlencode({'_page': sealed})}"))
    note_read(store, [Found(one.type, one.id, one.version, one.updated, one.text) for one in shown])
    return Reply(200, bundle("history", links, [_entry(call.base, one) for one in shown], total=total))


def _opened(store: Store, call: Call, kept: list[Kept]) -> list[Kept]:
    """A closed record has no history for this program (403); in the history of many it is left out."""
    if call.id:
        for one in kept:
            require_open(store, one)
    return opened(store, kept)


def _entry(base: str, kept: Kept) -> str:
    method = "DELETE" if kept.deleted else "POST" if kept.version == 1 else "PUT"
    url = kept.type if method == "POST" else f"{kept.type}/{kept.id}"
    request = dumps({"method": method, "url": url})
    status = {"DELETE": "204 No Content", "POST": "201 Created", "PUT": "200 OK"}[method]
    response = dumps({"status": status, "etag": etag(kept.version), "lastModified": instant_text(kept.updated)})
    resource = "" if kept.deleted else f'"resource":{kept.text},'
    full = dumps(f"{base}/{kept.type}/{kept.id}")
    return f'{{"fullUrl":{full},{resource}"request":{request},"response":{response}}}'


def _limit(last: dict[str, str]) -> int:
    text = last.get("_count", "")
    if text and not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text)):
        raise Refused(400, "_count is a whole number above zero.", "_count")
    return min(int(text), MOST) if text else USUAL


def _until(store: Store, state: dict[str, Any]) -> datetime:
    """Later versions do not shift the pages that follow."""
    return read_instant(state["until"]) if state else store.now


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        low = span_of(text.replace(" ", "+")).low
        return datetime.fromtimestamp(low / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise Refused(400, "_since is an instant such as 2026-03-09T15:24:00Z.", "_since") from None
