"""Writing records: create, update, patch and delete, plainly and under conditions.

A type that a slice rules over is written by that slice's writer, so that a program obeys the same rules
as the screens; every other type is kept by the store as it is.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from clinic.core.errors import Invalid, Stale
from clinic.core.ids import new_id
from clinic.core.json import Json, dumps
from clinic.fhir.registry import Writer
from clinic.fhir.search import Found, SearchQuery, find, read_term
from clinic.fhir.store import Store
from clinic.fhir_api.call import Call, Reply, record_headers
from clinic.fhir_api.errors import Refused
from clinic.fhir_api.merged import living, refuse_merged
from clinic.fhir_api.patch import patched
from clinic.fhir_api.records import any_version, present

READ_ONLY = {"AuditEvent": "", "Provenance": "c"}
"""Types whose records the system makes, and the acts that programs may still do on them."""
_KINDS: dict[type, str] = {str: "a text", dict: "an object"}
_SEVERAL = "More than one %s matches %s, so it is not clear which is meant."


def create(store: Store, call: Call) -> Reply:
    """Keep a new record; with If-None-Exist only when nothing matches yet (200 and what is there)."""
    _may_write(call, "c")
    resource = _resource(call)
    if not call.if_none_exist:
        return _created(store, call, _create(store, resource | {"id": call.fresh_id or new_id()}))
    with_lock = _Lock(store, call.type, call.if_none_exist)
    same = matching(store, call, call.if_none_exist)
    if len(same) > 1:
        raise Refused(412, _SEVERAL % (call.type, call.if_none_exist[:80]), call.type, "multiple-matches")
    if same:
        reply = _reply(call, 200, present(store.conn, call.type, same[0]))
    else:
        reply = _created(store, call, _create(store, resource | {"id": call.fresh_id or new_id()}))
    with_lock.release()
    return reply


def update(store: Store, call: Call) -> Reply:
    """Keep a changed record; a new id makes a new record. If-Match guards against lost changes (412)."""
    if not call.id:
        return _update_where(store, call)
    resource = _resource(call)
    if resource.get("id") != call.id:
        text = "The id of the record must be there and be the id of the address."
        raise Refused(400, text, f"{call.type}.id")
    _may_write(call, "u")
    there = _version_of(store, call)
    if call.if_none_match == "*" and there:
        raise Refused(412, f"{call.reference} is there already.", f"{call.type}.id")
    version = _asked_version(call)
    if there is None:
        call.caller.need(call.type, "c")
        if version is not None:
            raise Refused(412, f"There is no {call.reference} that could be at this version.", f"{call.type}.id")
        return _created(store, call, _create(store, resource))
    return _reply(call, 200, _found(store, call, _save(store, resource, version)))


def _update_where(store: Store, call: Call) -> Reply:
    """Conditional update: the one record that matches, or a new one when none does."""
    _may_write(call, "u")
    resource = _resource(call)
    if not call.query:
        raise Refused(400, "An update needs the id of the record, or conditions.", "http.url")
    condition = "&".join(f"{name}={value}" for name, value in call.query)
    lock = _Lock(store, call.type, condition)
    same = matching(store, call, "", call.query)
    if len(same) > 1:
        raise Refused(412, _SEVERAL % (call.type, condition[:80]), call.type, "multiple-matches")
    given = resource.get("id")
    if same:
        if given not in (None, same[0]):
            raise Refused(400, "The record that matches has another id.", f"{call.type}.id")
        reply = _reply(call, 200, _found(store, call, _save(store, resource | {"id": same[0]}, _asked_version(call))))
    else:
        call.caller.need(call.type, "c")
        if isinstance(given, str) and _version(store, call.type, given) is not None:
            raise Refused(409, "There is a record of this id that does not match.", f"{call.type}.id")
        reply = _created(store, call, _create(store, resource | {"id": given or call.fresh_id or new_id()}))
    lock.release()
    return reply


def patch(store: Store, call: Call) -> Reply:
    """Change a record by a JSON Patch. Raises Missing, Gone, Refused (400, 412, 422), Invalid."""
    _may_write(call, "u")
    id_ = call.id or _only_match(store, call)
    if not id_:
        raise Refused(404, f"No {call.type} matches.", call.type)
    record = present(store.conn, call.type, id_)
    changed = patched(record.text, call.body)
    if changed.get("id") != id_ or changed.get("resourceType") != call.type:
        raise Refused(422, "A patch may not change the type or the id of a record.", f"{call.type}.id")
    call.caller.need_for_label(changed)
    return _reply(call, 200, _found(store, call, _save(store, changed, _asked_version(call))))


def delete(store: Store, call: Call) -> Reply:
    """Take a record out of use; deleting what is not there is no fault."""
    _may_write(call, "d")
    id_ = call.id or _only_match(store, call)
    if not id_ or _version(store, call.type, id_) is None:
        return Reply(204)
    version = _asked_version(call)
    writer = store.registry.writers.get(call.type)
    try:
        if writer is not None and writer.delete is not None:
            writer.delete(store, id_, version)
        else:
            store.delete(call.type, id_, version=version)
    except Stale as error:
        raise _stale(call, error) from error
    return Reply(204)


def matching(store: Store, call: Call, condition: str, query: tuple[tuple[str, str], ...] = ()) -> list[str]:
    """At most two ids that match a condition. Raises Refused (400) when it says nothing, or not clearly."""
    call.caller.need(call.type, "s")
    return ids_where(store, call, call.type, query or pairs_of(condition))


def pairs_of(condition: str) -> tuple[tuple[str, str], ...]:
    """The arguments of a condition as they would stand in an address."""
    return tuple(parse_qsl(condition.lstrip("?"), keep_blank_values=True, max_num_fields=50))


def ids_where(store: Store, call: Call, type_: str, pairs: tuple[tuple[str, str], ...]) -> list[str]:
    """At most two ids of a type that match. Raises Refused: 412 for no condition, 400 for a bad one."""
    scope = call.scope(store)
    try:
        terms = [read_term(scope, type_, *pair) for pair in pairs if pair[0] not in ("_format", "_pretty")]
        if not terms:
            raise Refused(412, "The condition is empty, so every record would match.", type_)
        return living(store, type_, [one.id for one in find(store.conn, scope, SearchQuery(type_, limit=2), terms)])
    except Invalid as error:
        raise Refused(400, str(error), error.field or type_) from error


def _only_match(store: Store, call: Call) -> str:
    if not call.query:
        raise Refused(400, "The id of the record is missing.", "http.url")
    same = matching(store, call, "", call.query)
    if len(same) > 1:
        raise Refused(412, _SEVERAL % (call.type, "the condition"), call.type, "multiple-matches")
    return same[0] if same else ""


def _resource(call: Call) -> Json:
    if not isinstance(call.body, dict):
        raise Refused(400, "The content must be one JSON object: the record.", call.type, "structure")
    if call.body.get("resourceType") != call.type:
        text = f"The content must be of type {call.type}, as the address says."
        raise Refused(400, text, f"{call.type}.resourceType", "structure")
    for name, kind in (("id", str), ("meta", dict)):
        if not isinstance(call.body.get(name, kind()), kind):
            raise Refused(422, f"{name} must be {_KINDS[kind]}.", f"{call.type}.{name}", "structure")
    call.caller.need_for_label(call.body)
    return call.body


def _may_write(call: Call, letter: str) -> None:
    if letter not in READ_ONLY.get(call.type, letter):
        made = Refused(405, f"{call.type} is kept by the system itself and cannot be changed.", call.type)
        made.headers["Allow"] = "GET, HEAD" + (", POST" if "c" in READ_ONLY[call.type] and not call.id else "")
        raise made
    call.caller.need(call.type, letter)


def _create(store: Store, resource: Json) -> Json:
    refuse_merged(store, resource)
    writer = _writer(store, resource)
    if writer is not None and writer.create is not None:
        return writer.create(store, resource)
    return store.create(resource, id=_id(resource))


def _id(resource: Json) -> str:
    id_ = resource.get("id")
    if not isinstance(id_, str) or not id_:
        raise Refused(400, "The id must be a text.", f"{resource['resourceType']}.id", "value")
    return id_


def _save(store: Store, resource: Json, version: int | None) -> Json:
    refuse_merged(store, resource)
    writer = _writer(store, resource)
    try:
        if writer is not None and writer.update is not None:
            return writer.update(store, resource, version)
        return store.update(resource, version=version)
    except Stale as error:
        raise _stale_of(resource["resourceType"], error) from error


def _writer(store: Store, resource: Json) -> Writer | None:
    """The writer of the slice that rules over this type, after its check."""
    writer = store.registry.writers.get(resource["resourceType"])
    if writer is not None and writer.check is not None:
        writer.check(store, resource)
    return writer


def _stale(call: Call, error: Stale) -> Refused:
    return _stale_of(call.type, error)


def _stale_of(type_: str, error: Stale) -> Refused:
    current: Any = error.current.get("meta", {}).get("versionId", "?")
    text = f"{error} Its version is now {current}."
    return Refused(412, text, f"{type_}.meta.versionId")


def _asked_version(call: Call) -> int | None:
    if not call.if_match or call.if_match.strip() == "*":
        return None
    text = call.if_match.strip().removeprefix("W/").strip('"')
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise Refused(412, 'If-Match names no version; write it as W/"3".', "http.If-Match")


def _version_of(store: Store, call: Call) -> int | None:
    return _version(store, call.type, call.id)


def _version(store: Store, type_: str, id_: str) -> int | None:
    return any_version(store.conn, type_, id_)


def _found(store: Store, call: Call, resource: Json) -> Found:
    return Found(call.type, resource["id"], int(resource["meta"]["versionId"]), store.now, dumps(resource))


def _created(store: Store, call: Call, resource: Json) -> Reply:
    return _reply(call, 201, _found(store, call, resource))


def _reply(call: Call, status: int, record: Found) -> Reply:
    headers = record_headers(record)
    if status == 201:
        headers["Location"] = f"{call.base}/{record.type}/{record.id}/_history/{record.version}"
    return Reply(status, "" if call.minimal else record.text, headers, record.updated)


class _Lock:
    """Lets one conditional write of a condition run at a time, whatever the database."""

    def __init__(self, store: Store, type_: str, condition: str) -> None:
        self._store = store
        self._key = sha256(f"{type_}?{condition}".encode("utf-8", "replace")).hexdigest()
        self._holder = new_id()
        store.claim("conditional", self._key, self._holder)

    def release(self) -> None:
        """Let the next one in, when the transaction ends."""
        self._store.release("conditional", self._key, self._holder)
