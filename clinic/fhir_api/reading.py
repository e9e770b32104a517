"""Reading one record or one of its versions."""

from __future__ import annotations

from clinic.audit import reader
from clinic.core.errors import Missing
from clinic.fhir.search import Found
from clinic.fhir.store import Store
from clinic.fhir_api import trail
from clinic.fhir_api.call import Call, Reply, etag, record_headers
from clinic.fhir_api.merged import link_to_survivor
from clinic.fhir_api.records import one_version, present
from clinic.fhir_api.scheduling.slots import computed_record
from clinic.fhir_api.seen import note_read, require_open
from clinic.fhir_api.shaping import Shape

_COMPUTED = ("Slot", "Schedule", "Appointment")


def read(store: Store, call: Call, shape: Shape | None = None) -> Reply:
    """The current record; 304 when the program has it already. Raises Missing, Gone."""
    call.caller.need(call.type, "r")
    try:
        record = present(store.conn, call.type, call.id)
    except Missing:
        found = _elsewhere(store, call)
        if found is None:
            raise
        record = found
    return _answer(store, call, record, shape)


def _elsewhere(store: Store, call: Call) -> Found | None:
    """What is no record: an event of the trail, free or busy time, a time that was proposed or is held."""
    if call.type == "AuditEvent":
        event = reader.find(store.conn, call.id)
        return trail.as_found(event) if event else None
    return computed_record(store, call.type, call.id) if call.type in _COMPUTED else None


def vread(store: Store, call: Call) -> Reply:
    """One version of a record. Raises Missing, Gone."""
    call.caller.need(call.type, "r")
    return _answer(store, call, one_version(store.conn, call.type, call.id, call.version), None)


def _answer(store: Store, call: Call, record: Found, shape: Shape | None) -> Reply:
    require_open(store, record)
    headers = {**record_headers(record), **link_to_survivor(call, record, store)}
    if _has_it(call, record):
        return Reply(304, "", headers)
    note_read(store, [record])
    return Reply(200, shape.of(record.text) if shape else record.text, headers, record.updated)


def _has_it(call: Call, record: Found) -> bool:
    if call.if_none_match:
        held = [one.strip() for one in call.if_none_match.split(",")]
        return "*" in held or etag(record.version) in held or f'"{record.version}"' in held
    since = call.if_modified_since
    return since is not None and record.updated.replace(microsecond=0) <= since
