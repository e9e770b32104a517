"""Slot and Schedule: records that are kept, and after them what follows from hours and claims at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from clinic.appointments.mapping.slots import proposal_of, schedule_id, schedule_of, slot_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.slots import is_open, state_at, stretches
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.slots import FREE, Stretch, read_held, read_stretch
from clinic.appointments.service.programs import held_stretch
from clinic.core.days import instant_text
from clinic.core.errors import ClinicError
from clinic.core.json import Json, dumps
from clinic.fhir.search import Found, SearchQuery, count, find
from clinic.fhir.store import Store
from clinic.fhir_api.bundle_text import Link, bundle, entry
from clinic.fhir_api.call import Call, Reply
from clinic.fhir_api.paging import Pages
from clinic.fhir_api.scheduling.asked import kinds_of, window_of
from clinic.fhir_api.searching import Asked, bad_argument, read_search
from clinic.fhir_api.seen import note_read, opened

COMPUTED = frozenset({"Slot", "Schedule"})
"""Types of which there is more than is kept."""
_SCHEDULE_ARGUMENTS = frozenset({"actor", "active", "service-type", "_id"})


def as_found(store: Store, resource: Json) -> Found:
    """A computed resource in the form of a record: as of now, and of this second's version."""
    version = int(store.now.timestamp())
    meta = {"versionId": str(version), "lastUpdated": instant_text(store.now)}
    whole = {"resourceType": resource["resourceType"], "id": resource["id"], "meta": meta} | resource
    return Found(resource["resourceType"], resource["id"], version, store.now, dumps(whole))


def search_computed(store: Store, call: Call, pages: Pages) -> Reply:
    """One page of Slots or Schedules: the kept records first, then what is computed, as it is now."""
    call.caller.need(call.type, "s")
    token = dict(call.query).get("_page", "")
    state: dict[str, Any] = pages.open(call.caller.client_id, token) if token else {}
    query = tuple((name, value) for name, value in state["query"]) if state else call.query
    asking = Call(call.base, call.caller, call.type, query=query, strict=call.strict)
    scope = asking.scope(store)
    try:
        asked = read_search(asking, scope)
        kept = count(store.conn, scope, call.type, asked.terms)
    except ClinicError as error:
        raise bad_argument(error) from error
    setup = calendar_setup(store)
    made = _computed(store, setup, call.type, query)
    offset = int(state.get("offset", 0))
    page: list[Found] = []
    if offset < kept and asked.limit:
        page = find(
            store.conn, scope, SearchQuery(call.type, limit=asked.limit, offset=offset), asked.terms, asked.order
        )
    start = max(0, offset - kept)
    part = made[start : start + asked.limit - len(page)]
    page += [as_found(store, one if isinstance(one, dict) else slot_of(setup, one)) for one in part]
    total = kept + len(made)
    return _bundle(store, call, asked, page, pages=pages, more=(query, offset, total))


def _bundle(
    store: Store, call: Call, asked: Asked, page: list[Found], *, pages: Pages, more: tuple[Any, int, int]
) -> Reply:
    query, offset, total = more
    token = dict(call.query).get("_page", "")
    text = urlencode({"_page": token} if token else asked.used)
    links = [Link("self", f"{call.base}/{call.type}{'?' if text else ''}{text}")]
    if asked.shape.summary == "count" or not asked.limit:
        return Reply(200, bundle("searchset", links, (), total=total))
    if offset + len(page) < total and page:
        following = {"query": [list(pair) for pair in query], "offset": offset + len(page)}
        sealed = pages.seal(call.caller.client_id, following)
        links.append(Link("next", f"{call.base}/{call.type}?{urlencode({'_page': sealed})}"))
    shown = opened(store, page)
    note_read(store, shown)
    entries = [entry(call.base, one, asked.shape, "match") for one in shown]
    wanted = any(name == "_include" and value in ("Slot:schedule", "*") for name, value in query)
    if call.type == "Slot" and wanted and call.caller.scopes.allow("Schedule", "r"):
        entries += [entry(call.base, one, asked.shape, "include") for one in _schedules_of(store, page)]
    return Reply(200, bundle("searchset", links, entries, total=total))


def _schedules_of(store: Store, page: list[Found]) -> list[Found]:
    """The Schedules that these Slots belong to, computed where none is kept."""
    from clinic.core.json import loads

    named = {str(loads(one.text).get("schedule", {}).get("reference", "")) for one in page}
    kept = store.read_many(sorted(named))
    made = {f"Schedule/{one['id']}": one for one in _schedules(store, ())}
    return [as_found(store, kept.get(name) or made[name]) for name in sorted(named) if name in kept or name in made]


def _computed(store: Store, setup: Setup, type_: str, query: tuple[tuple[str, str], ...]) -> Sequence[Json | Stretch]:
    """Schedules whole, free and busy time as stretches: only those of the page are written out."""
    if type_ == "Schedule":
        return _schedules(store, query)
    window = window_of(store, setup, query)
    return stretches(store, setup, window) if window else []


def _schedules(store: Store, query: tuple[tuple[str, str], ...]) -> list[Json]:
    """The Schedules of everybody who has no record of one, narrowed as the arguments say."""
    setup = calendar_setup(store)
    kept = set(setup.schedules.values())
    found = [schedule_of(setup, one) for one in setup.providers if one.active and one.id not in kept]
    for name, value in query:
        if name.startswith("_") and name != "_id":
            continue
        if name not in _SCHEDULE_ARGUMENTS:
            return []
        found = [one for one in found if _fits(setup, one, name, value.split(","))]
    return found


def _fits(setup: Setup, schedule: Json, name: str, values: list[str]) -> bool:
    if name == "_id":
        return schedule["id"] in values
    if name == "active":
        return str(schedule["active"]).lower() in values
    if name == "actor":
        named = {actor["reference"] for actor in schedule["actor"]}
        return any(value in named or value in {one.rpartition("/")[2] for one in named} for value in values)
    kinds = {kind.id for kind in kinds_of(setup, values) or ()}
    codes = {one["coding"][0]["code"] for one in schedule.get("serviceType", ())}
    return bool(kinds & codes)


def computed_record(store: Store, type_: str, id_: str) -> Found | None:
    """A Slot, a Schedule, or a proposed or held Appointment that is kept nowhere, as it is now."""
    setup = calendar_setup(store)
    if type_ == "Schedule":
        person = next((one for one in setup.providers if one.id == id_ and schedule_id(setup, id_) == id_), None)
        return as_found(store, schedule_of(setup, person)) if person else None
    if type_ == "Appointment" and read_held(setup, id_):
        held = held_stretch(store, id_)
        return as_found(store, proposal_of(setup, held, id_=id_, status="pending")) if held else None
    stretch = read_stretch(setup, id_)
    if stretch is None:
        return None
    if type_ == "Slot":
        return as_found(store, slot_of(setup, stretch, status=state_at(store, stretch)))
    if type_ == "Appointment" and stretch.status == FREE and stretch.type_id:
        kind = setup.visit_type(stretch.type_id)
        return as_found(store, proposal_of(setup, stretch)) if is_open(store, setup, stretch, kind) else None
    return None
