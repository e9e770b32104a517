"""The system's own AuditEvents, which lie in the audit trail and not among the records.

Imported AuditEvents are records like any other; a search shows them first and the trail after them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from clinic.audit import reader
from clinic.audit.reader import Wanted
from clinic.core.days import instant_text, read_instant
from clinic.core.json import Json, dumps
from clinic.fhir.dates import Span, span_of
from clinic.fhir.search import Found, SearchQuery, count, find
from clinic.fhir.store import Store
from clinic.fhir_api.bundle_text import Link, bundle, entry
from clinic.fhir_api.call import Call, Reply
from clinic.fhir_api.errors import Refused
from clinic.fhir_api.paging import Pages
from clinic.fhir_api.seen import note_read, opened
from clinic.fhir_api.shaping import Shape

PARAMS = ("date", "patient", "agent-name")
"""What the trail can be searched by."""
_LAST = datetime(9000, 1, 1, tzinfo=UTC)


def as_found(event: Json) -> Found:
    """An event of the trail in the form of a record: it has one version, made when it was recorded."""
    meta = {"versionId": "1", "lastUpdated": event["recorded"]}
    whole = {"resourceType": "AuditEvent", "id": event["id"], "meta": meta, **event}
    return Found("AuditEvent", event["id"], 1, read_instant(event["recorded"]), dumps(whole))


def wanted_of(store: Store, call: Call, *, until: datetime) -> Wanted:
    """The arguments of a search as the trail understands them. Raises Refused (400) for others."""
    wanted = Wanted(until=until)
    for name, value in call.query:
        if name.startswith("_"):
            continue
        if name == "patient":
            wanted = replace(wanted, patient_id=value.removeprefix("Patient/"))
        elif name == "agent-name":
            wanted = replace(wanted, person=value)
        elif name == "date":
            wanted = _dated(wanted, value, store.practice.zone)
        elif call.strict or name not in PARAMS:
            raise Refused(400, f"AuditEvent can be searched by {', '.join(PARAMS)}.", name, "not-supported")
    return wanted


def _dated(wanted: Wanted, value: str, zone: str) -> Wanted:
    prefix = value[:2] if value[:2].isalpha() else "eq"
    try:
        span: Span = span_of(value.removeprefix(prefix).replace(" ", "+")).in_zone(zone)
    except ValueError:
        raise Refused(400, "date is a date with eq, ge, gt, le or lt before it.", "date") from None
    since = {"eq": span.low, "ge": span.low, "gt": span.high}.get(prefix)
    until = {"eq": span.high, "le": span.high, "lt": span.low}.get(prefix)
    if since is None and until is None:
        raise Refused(400, "date is a date with eq, ge, gt, le or lt before it.", "date")
    first, last = wanted.since, wanted.until or _LAST
    if since is not None:
        first = max(first or _moment(since), _moment(since))
    if until is not None:
        last = min(last, _moment(until))
    return replace(wanted, since=first, until=last)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def search_trail(store: Store, call: Call, pages: Pages) -> Reply:
    """One page of AuditEvents, as of the moment of the first page: looking adds to the trail."""
    from clinic.fhir_api.searching import read_search

    call.caller.need("AuditEvent", "s")
    token = dict(call.query).get("_page", "")
    state: dict[str, Any] = pages.open(call.caller.client_id, token) if token else {}
    if state:
        call = replace(call, query=tuple((name, value) for name, value in state["query"]))
    asked = read_search(call, call.scope(store))
    until = read_instant(state["until"]) if state else store.now
    wanted, offset = wanted_of(store, call, until=until), int(state.get("offset", 0))
    kept = count(store.conn, call.scope(store), "AuditEvent", asked.terms)
    total = kept + reader.count(store.conn, wanted)
    page: list[Found] = []
    if offset < kept:
        query = SearchQuery("AuditEvent", limit=asked.limit, offset=offset)
        page = find(store.conn, call.scope(store), query, asked.terms)
    rest = asked.limit - len(page)
    if rest and asked.shape.summary != "count":
        lines = reader.search(store.conn, wanted, limit=rest, offset=max(0, offset - kept))
        page += [as_found(line.json) for line in lines]
    many, page = len(page), opened(store, page)
    query_text = urlencode({"_page": token} if token else asked.used)
    links = [Link("self", f"{call.base}/AuditEvent{'?' if query_text else ''}{query_text}")]
    if asked.shape.summary == "count" or not asked.limit:
        return Reply(200, bundle("searchset", links, (), total=total))
    if offset + many < total and many:
        following = {"query": [list(pair) for pair in call.query], "offset": offset + many}
        sealed = pages.seal(call.caller.client_id, following | {"until": instant_text(until)})
        links.append(Link("next", f"{call.base}/AuditEvent?{urlencode({'_page': sealed})}"))
    note_read(store, page)
    shape: Shape = asked.shape
    return Reply(200, bundle("searchset", links, [entry(call.base, one, shape, "match") for one in page], total=total))
