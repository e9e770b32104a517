"""Searching a type: reading the arguments, and one page of matches as a Bundle."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from clinic.core.errors import ClinicError
from clinic.fhir.search import (
    Found,
    Include,
    NoSuchParam,
    Scope,
    SearchQuery,
    Term,
    count,
    find,
    included,
    read_include,
    read_term,
    sort_known,
)
from clinic.fhir.store import Store
from clinic.fhir_api.bundle_text import Link, bundle, entry
from clinic.fhir_api.call import Call, Pairs, Reply
from clinic.fhir_api.errors import Fault, Refused
from clinic.fhir_api.merged import led_query, survivors_of
from clinic.fhir_api.paging import Pages
from clinic.fhir_api.seen import note_read, opened
from clinic.fhir_api.shaping import Shape, read_shape

USUAL = 50
MOST = 1000
COUNTED = 20_000
"""Up to here the total is counted unasked; `_total=accurate` counts all."""
_INCLUDES = ("_include", "_revinclude")
_CONTROLS = {"_sort", "_count", "_summary", "_elements", "_total", "_format", "_pretty", "_page"}
_HIDDEN = {"_format", "_pretty", "_page"}


@dataclass(frozen=True)
class Asked:
    """A search, read and understood."""

    type: str
    used: Pairs
    terms: tuple[Term, ...] = ()
    order: tuple[str, ...] = ()
    includes: tuple[Include, ...] = ()
    shape: Shape = field(default_factory=Shape)
    limit: int = USUAL
    total: str = ""


def read_search(call: Call, scope: Scope) -> Asked:
    """Read the arguments of a search.

    An unknown parameter is left out, or refused (400) when the program asks for strict handling.
    """
    terms: list[Term] = []
    includes: list[Include] = []
    used: list[tuple[str, str]] = []
    for name, value in call.query:
        bare = name.partition(":")[0]
        try:
            if bare in _INCLUDES:
                includes.append(read_include(scope, name, value, call.type))
            elif name not in _CONTROLS:
                terms.append(read_term(scope, call.type, name, value))
        except NoSuchParam:
            if call.strict:
                raise
            continue
        if name not in _HIDDEN:
            used.append((name, value))
    last = dict(call.query)
    asked = Asked(call.type, tuple(used), tuple(terms), _order(call, scope), tuple(includes))
    shape = read_shape(last.get("_summary", ""), last.get("_elements", ""))
    return replace(asked, shape=shape, limit=_limit(last), total=last.get("_total", ""))


def _order(call: Call, scope: Scope) -> tuple[str, ...]:
    names = [one for name, value in call.query if name == "_sort" for one in value.split(",") if one]
    kept = []
    for name in names:
        try:
            sort_known(scope, call.type, name)
            kept.append(name)
        except NoSuchParam:
            if call.strict:
                raise
    return tuple(kept)


def _limit(last: dict[str, str]) -> int:
    text = last.get("_count", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(400, "_count is a whole number.", "_count")
    return min(int(text), MOST) if text else USUAL


def search(store: Store, call: Call, pages: Pages) -> Reply:
    """One page of the records that match, with what comes along, as a searchset."""
    call.caller.need(call.type, "s")
    scope = call.scope(store)
    token = dict(call.query).get("_page", "")
    state: dict[str, Any] = pages.open(call.caller.client_id, token) if token else {}
    if state:
        if state["type"] != call.type:
            raise Refused(400, "This page link is for another type.", "_page")
        call = replace(call, query=tuple((name, value) for name, value in state["query"]))
    call = replace(call, query=led_query(store, call))
    try:
        asked = read_search(call, scope)
        _may_ask(call, asked.terms)
        return _page(store, call, asked, state, pages)
    except ClinicError as error:
        raise bad_argument(error) from error


def bad_argument(error: ClinicError) -> Refused:
    """A fault of an argument as a refusal (400)."""
    made = Refused(400, str(error), error.field)
    made.faults = (Fault("not-supported" if isinstance(error, NoSuchParam) else "invalid", str(error), error.field),)
    return made


def _may_ask(call: Call, terms: tuple[Term, ...]) -> None:
    """A chain must not tell of types that the program may not search."""
    for term in terms:
        for link in term.links:
            call.caller.need(link.type, "s")
        _may_ask(call, term.links)


def _page(store: Store, call: Call, asked: Asked, state: dict[str, Any], pages: Pages) -> Reply:
    scope = call.scope(store)
    if asked.shape.summary == "count" or asked.limit == 0:
        every = count(store.conn, scope, asked.type, asked.terms)
        return Reply(200, bundle("searchset", [_self(call, asked)], (), total=every))
    offset, after = int(state.get("offset", 0)), str(state.get("after", ""))
    wanted = SearchQuery(asked.type, limit=asked.limit + 1, offset=offset, after=after)
    rows = find(store.conn, scope, wanted, asked.terms, asked.order)
    matches, more = rows[: asked.limit], len(rows) > asked.limit
    total = state["total"] if state else _total(store, scope, asked, len(rows), more)
    links = [_self(call, asked, token=dict(call.query).get("_page", ""))]
    if more:
        following = {"type": asked.type, "query": [list(pair) for pair in call.query], "total": total}
        following |= {"offset": offset + asked.limit} if asked.order else {"after": matches[-1].id}
        sealed = pages.seal(call.caller.client_id, following)
        links.append(Link("next", f"{call.base}/{asked.type}?{urlencode({'_page': sealed})}"))
    extra = _readable(call, included(store.conn, matches, asked.includes)) if asked.includes else []
    extra += _readable(call, survivors_of(store, matches)) if asked.type == "Patient" else []
    matches, extra = opened(store, matches), opened(store, extra)
    note_read(store, [*matches, *extra])
    entries = [entry(call.base, one, asked.shape, "match") for one in matches]
    entries += [entry(call.base, one, asked.shape, "include") for one in extra]
    return Reply(200, bundle("searchset", links, entries, total=total))


def _total(store: Store, scope: Scope, asked: Asked, found: int, more: bool) -> int | None:
    if not more:
        return found
    if asked.total == "none":
        return None
    cap = 0 if asked.total == "accurate" else COUNTED
    total = count(store.conn, scope, asked.type, asked.terms, cap=cap)
    return None if cap and total > cap else total


def _readable(call: Call, records: list[Found]) -> list[Found]:
    return [one for one in records if call.caller.scopes.allow(one.type, "r")]


def _self(call: Call, asked: Asked, token: str = "") -> Link:
    query = urlencode({"_page": token} if token else asked.used)
    return Link("self", f"{call.base}/{asked.type}{'?' if query else ''}{query}")
