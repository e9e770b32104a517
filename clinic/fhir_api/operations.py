"""Operations: `$validate` and `Patient/$everything`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from clinic.core.errors import ClinicError
from clinic.core.json import Json, dumps, loads
from clinic.fhir.index_tables import ix_reference
from clinic.fhir.params import patient_compartment, resource_types
from clinic.fhir.search import Found
from clinic.fhir.store import Store
from clinic.fhir.tables import resource as resource_table
from clinic.fhir.validate import check
from clinic.fhir_api.bundle_text import Link, bundle, entry
from clinic.fhir_api.call import Call, Reply
from clinic.fhir_api.errors import Fault, Refused, faults_of, outcome
from clinic.fhir_api.merged import at_survivor
from clinic.fhir_api.paging import Pages
from clinic.fhir_api.records import present
from clinic.fhir_api.seen import note_read, opened, require_open
from clinic.fhir_api.shaping import Shape

ALL_AT_ONCE = 2000
"""Records of one answer of `$everything` when no `_count` is given."""
_ref = ix_reference.c
_r = resource_table.c
Key = tuple[str, str]


def validate(store: Store, call: Call) -> Reply:
    """Say everything that is wrong with a record, without keeping it; 200 whatever is found."""
    call.caller.need(call.type, "r" if call.id and call.body is None else "c")
    given = call.body
    if isinstance(given, dict) and given.get("resourceType") == "Parameters" and call.type != "Parameters":
        parts = given.get("parameter")
        named = [p for p in parts if isinstance(p, dict)] if isinstance(parts, list) else []
        given = next((p.get("resource") for p in named if p.get("name") == "resource"), None)
    if given is None and call.id:
        kept = present(store.conn, call.type, call.id)
        require_open(store, kept)
        given = loads(kept.text)
    if given is None:
        raise Refused(400, "Send the record, or Parameters with a parameter named resource.", "Parameters.parameter")
    faults = [Fault(one.code, one.diagnostics, one.expression, one.severity) for one in check(given)]
    type_ = given.get("resourceType") if isinstance(given, dict) else None
    if type_ == call.type and not any(fault.severity == "error" for fault in faults):
        faults += _ruled_out(store, given)
    if type_ != call.type:
        faults.insert(0, Fault("structure", f"This is no {call.type}.", f"{call.type}.resourceType"))
    return Reply(200, dumps(outcome(faults)))


def _ruled_out(store: Store, record: Json) -> list[Fault]:
    """What the desk's rules would not let a program write."""
    writer = store.registry.writers.get(record["resourceType"])
    try:
        if writer is not None and writer.check is not None:
            writer.check(store, record)
    except ClinicError as error:
        return faults_of(error)
    return []


def everything(store: Store, call: Call, pages: Pages) -> Reply:
    """The patient, every record of theirs, and the records these refer to, as a searchset."""
    call.caller.need("Patient", "r")
    call = at_survivor(store, call)
    require_open(store, present(store.conn, "Patient", call.id))
    last = dict(call.query)
    state: dict[str, Any] = {}
    if last.get("_page"):
        state = pages.open(call.caller.client_id, last["_page"])
        if state.get("everything") != call.id:
            raise Refused(400, "This page link is for another patient.", "_page")
    limit, offset = _limit(last, state), int(state.get("offset", 0))
    types = _types(state.get("types") or last.get("_type", ""))
    own, others = _keys(store, call, types)
    keys = own + others
    part = keys[offset : offset + limit]
    records = opened(store, _records(store, part))
    note_read(store, records)
    path = f"{call.base}/Patient/{call.id}/$everything"
    links = [Link("self", path + (f"?{urlencode(last)}" if last else ""))]
    if offset + limit < len(keys):
        following = {"everything": call.id, "limit": limit, "offset": offset + limit, "types": ",".join(types)}
        sealed = pages.seal(call.caller.client_id, following)
        links.append(Link("next", f"{path}?{urlencode({'_page': sealed})}"))
    mine = set(own)
    entries = [entry(call.base, one, Shape(), "match" if (one.type, one.id) in mine else "include") for one in records]
    return Reply(200, bundle("searchset", links, entries, total=len(own)))


def _limit(last: dict[str, str], state: dict[str, Any]) -> int:
    text = str(state.get("limit") or last.get("_count", ""))
    if text and not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise Refused(400, "_count is a whole number above zero.", "_count")
    return min(int(text), ALL_AT_ONCE) if text else ALL_AT_ONCE


def _types(text: str) -> tuple[str, ...]:
    names = tuple(one for one in text.split(",") if one)
    for name in names:
        if name not in resource_types():
            raise Refused(400, "_type lists resource types.", "_type")
    return names


def _keys(store: Store, call: Call, types: tuple[str, ...]) -> tuple[list[Key], list[Key]]:
    """(the patient's own records, the records these refer to), the patient first."""
    allowed = call.caller.scopes
    mine = sa.select(_ref.type, _ref.id).where(_ref.target_type == "Patient", _ref.target_id == call.id)
    either = [sa.and_(_ref.type == type_, _ref.param.in_(names)) for type_, names in patient_compartment().items()]
    rows = store.conn.execute(mine.where(sa.or_(*either)).distinct())
    wanted = {(row.type, row.id) for row in rows if allowed.allow(row.type, "r")}
    own = {("Patient", call.id)} | {key for key in wanted if not types or key[0] in types}
    around: set[Key] = set()
    for type_ in {key[0] for key in own}:
        ids = [key[1] for key in own if key[0] == type_]
        for start in range(0, len(ids), 500):
            named = sa.select(_ref.target_type, _ref.target_id).where(_ref.type == type_, _ref.target_type != "")
            found = store.conn.execute(named.where(_ref.id.in_(ids[start : start + 500])).distinct())
            around |= {(row[0], row[1]) for row in found}
    compartment = patient_compartment()
    others = {
        key for key in around - own
        if key[0] not in compartment and allowed.allow(key[0], "r") and (not types or key[0] in types)
    }  # fmt: skip
    first = ("Patient", call.id)
    return [first, *sorted(_present(store, own - {first}))], sorted(_present(store, others))


def _present(store: Store, keys: set[Key]) -> set[Key]:
    """Those keys that stand for a current record."""
    found: set[Key] = set()
    for type_ in {key[0] for key in keys}:
        ids = sorted(key[1] for key in keys if key[0] == type_)
        for start in range(0, len(ids), 500):
            wanted = sa.select(_r.id).where(_r.type == type_, _r.id.in_(ids[start : start + 500]), ~_r.deleted)
            found |= {(type_, id_) for id_ in store.conn.execute(wanted).scalars()}
    return found


def _records(store: Store, keys: list[Key]) -> list[Found]:
    found: dict[Key, Found] = {}
    for type_ in {key[0] for key in keys}:
        ids = [key[1] for key in keys if key[0] == type_]
        wanted = sa.select(_r.type, _r.id, _r.version, _r.updated, _r.json)
        rows = store.conn.execute(wanted.where(_r.type == type_, _r.id.in_(ids), ~_r.deleted))
        found |= {(row.type, row.id): Found(*row) for row in rows}
    return [found[key] for key in keys if key in found]
