"""What people do with calls: log, call back, take back."""

from __future__ import annotations

from clinic.communication.mapping.calls import new_call, returned
from clinic.communication.rules.calls import Call, check
from clinic.core.errors import Conflict
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.queries.finder import people
from clinic.registration.queries.merges import require_in_use


def log_call(store: Store, call: Call) -> Json:
    """Keep a call. Raises Invalid, Missing when the patient does not exist."""
    check(call, store.now)
    name = ""
    if call.patient_id:
        require_in_use(store, call.patient_id)
        name = people(store, [call.patient_id])[call.patient_id].display
    by, reference = store.actor.name or "Clinic", store.actor.reference
    return store.create(new_call(call, store.now, by=by, reference=reference, patient_name=name))


def call_returned(store: Store, call_id: str, *, note: str = "", version: int | None = None) -> Json:
    """Note that somebody called back. Raises Conflict when a colleague already did, Stale."""
    call = store.read("Communication", call_id)
    if call.get("status") != "in-progress":
        raise Conflict("A colleague has already called back.")
    return store.update(returned(call, store.now, note), version=version)


def reopen(store: Store, call_id: str, *, version: int) -> Json:
    """Undo: the call waits again, as it was."""
    before = store.vread("Communication", call_id, version - 1).json
    return store.update(before, version=version)
