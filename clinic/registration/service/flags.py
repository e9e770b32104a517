"""Setting a flag, ending it, taking that back; and how programs write one."""

from __future__ import annotations

import re
from dataclasses import replace

from clinic.core.errors import Conflict, Forbidden, Invalid, Missing, Stale
from clinic.core.json import Json
from clinic.db.sql import upsert
from clinic.fhir.store import STALE, Store
from clinic.fhir.subject import reference_id
from clinic.registration.mapping.flags import flag_resource, project_flag
from clinic.registration.queries.finder import today_of
from clinic.registration.queries.flags import all_kinds
from clinic.registration.rules.flags import CLINICAL, Flag, Kind, check, check_kind
from clinic.registration.tables import flag_kind

NOT_CLINICAL = "Your role does not allow this."


def set_flag(store: Store, patient_id: str, flag: Flag) -> Json:
    """Flag a record. Raises Missing, Invalid, Forbidden for a clinical kind, Conflict for a second of the same."""
    kinds = {kind.code: kind for kind in all_kinds(store)}
    today = today_of(store)
    kept = check(flag, kinds, today)
    kind = kinds[kept.kind]
    if kind.clinical and not store.actor.may(CLINICAL):
        raise Forbidden(NOT_CLINICAL)
    store.read("Patient", patient_id)
    store.lock("Patient", patient_id)
    wanted = flag_resource(kept, kind, patient_id, author=_author(store))
    row = project_flag({**wanted, "id": "new"})[0]
    for one in store.search("Flag", [("subject", f"Patient/{patient_id}")], limit=200):
        for there in project_flag(one):
            over = there["ends"] and there["ends"] < today.isoformat()
            if not over and (there["kind"], there["label"]) == (row["kind"], row["label"]):
                raise Conflict("This flag is set already.", field="kind")
    return store.create(wanted)


def end_flag(store: Store, flag_id: str, *, version: int | None = None) -> Json:
    """Take a flag down today; its history stays. Raises Missing, Conflict when it is down already, Stale."""
    flag = _readable(store, flag_id)
    if flag.get("status") != "active":
        raise Conflict("A colleague has already taken this flag down.")
    today = today_of(store).isoformat()
    period = dict(flag.get("period") or {})
    start = str(period.get("start", today))[:10]
    period["end"] = max(today, start)
    return store.update({**flag, "status": "inactive", "period": period}, version=version, reason="ended")


def restore_flag(store: Store, flag_id: str, *, version: int) -> Json:
    """Undo: the flag stands again as it was before it was taken down."""
    _readable(store, flag_id)
    before = store.vread("Flag", flag_id, version - 1).json
    return store.update(before, version=version, reason="undone")


def flag_patient(store: Store, flag_id: str) -> str:
    """Whose flag it is."""
    return reference_id(_readable(store, flag_id).get("subject"), "Patient")


def _readable(store: Store, flag_id: str) -> Json:
    flag = store.read("Flag", flag_id)
    rows = project_flag({**flag, "status": "active"})
    if rows and rows[0]["clinical"] and not store.actor.may(CLINICAL):
        raise Missing("There is no %(type)s with this number.", type="Flag")
    return flag


def _author(store: Store) -> Json:
    author: Json = {"display": store.actor.name or "Clinic"}
    if store.actor.reference:
        author["reference"] = store.actor.reference
    return author


# -- kinds


def add_kind(store: Store, kind: Kind) -> Kind:
    """A kind of the practice's own. Raises Invalid, Conflict when there is one of this name."""
    wanted = check_kind(kind)
    code = re.sub(r"[^a-z0-9]+", "-", wanted.label.casefold()).strip("-")[:30] or "own"
    taken = {one.code: one for one in all_kinds(store)}
    if any(one.label.casefold() == wanted.label.casefold() for one in taken.values()):
        raise Conflict("There is already a kind of this name.", field="label")
    number, free = 1, code
    while free in taken:
        number += 1
        free = f"{code}-{number}"
    made = replace(wanted, code=free, own=True, active=True, version=1)
    _keep(store, made)
    store.did("C", f"kind of flag: {made.label}")
    return made


def use_kind(store: Store, code: str, *, active: bool, version: int | None = None) -> Kind:
    """Offer a kind, or no longer; flags that are set stay. Raises Missing, Stale."""
    kind = next((one for one in all_kinds(store) if one.code == code), None)
    if kind is None:
        raise Missing("There is no such kind.")
    if version is not None and version != kind.version:
        raise Stale(STALE, current={})
    changed = replace(kind, active=active, version=kind.version + 1)
    _keep(store, changed)
    store.did("U", f"kind of flag: {changed.label}")
    return changed


def _keep(store: Store, kind: Kind) -> None:
    row = {
        "code": kind.code, "label": kind.label, "shape": kind.shape, "colour": kind.colour, "clinical": kind.clinical,
        "active": kind.active, "version": kind.version,
    }  # fmt: skip
    upsert(store.conn, flag_kind, [row], ["code"])


# -- programs


def record_flag(store: Store, resource: Json) -> Json:
    """Keep a Flag that a program sends. Raises Invalid."""
    _check_sent(store, resource)
    return store.create(resource, id=resource.get("id"))


def amend_flag(store: Store, resource: Json, version: int | None) -> Json:
    """Keep a changed Flag that a program sends. Raises Invalid, Stale."""
    _check_sent(store, resource)
    return store.update(resource, version=version)


def _check_sent(store: Store, resource: Json) -> None:
    subject = resource.get("subject")
    patient_id = reference_id(subject, "Patient")
    if patient_id and store.find("Patient", patient_id) is None:
        raise Invalid("There is no Patient with this number.", field="Flag.subject")
    period = resource.get("period") or {}
    start, end = (str(period.get(name, ""))[:10] for name in ("start", "end")) if isinstance(period, dict) else ("", "")
    if start and end and end < start[: len(end)]:
        raise Invalid("The end must not be before the start.", field="Flag.period.end")
