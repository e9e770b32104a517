"""Restricting a record, and opening a restricted one with a reason (break-glass)."""

from __future__ import annotations

from collections.abc import Sequence

from clinic.access import restricted as r
from clinic.core.errors import Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store


def restrict(store: Store, patient_id: str, label: str, readers: Sequence[str], *, version: int | None = None) -> Json:
    """Restrict a record (R, or V for the most sensitive) to the people named, or open it to all (empty label).

    Raises Invalid for another label, Missing, Stale, Restricted when it is closed to the one who asks.
    """
    if label not in ("", *r.RESTRICTED_LABELS):
        raise Invalid("Choose how far this record is restricted.", field="label")
    patient = store.read("Patient", patient_id)
    before, named = r.label_of(patient), sorted(one for one, _name in r.readers_of(store.conn, patient_id))
    wanted = sorted(set(readers)) if label else []
    if label == before and named == wanted:
        return patient
    r.name_readers(store.conn, patient_id, wanted)
    store.did(
        "record-restricted" if label else "record-opened-to-all", f"{len(wanted)} named" if label else "", patient_id
    )
    return store.update(r.with_label(patient, label), version=version, reason="restricted" if label else "open to all")


def open_with_reason(store: Store, patient_id: str, reason: str) -> None:
    """Open a restricted record to this person for an hour; the manager sees it. Raises Missing, Invalid.

    Nothing is noted for a record that is open to them anyhow.
    """
    if not r.label_now(store.conn, patient_id):
        raise Missing("There is no restricted record with this number.")
    kept = r.read_reason(reason)
    if not store.is_closed(patient_id):
        return
    r.open_with_reason(store.conn, patient_id, by=(store.actor.id, store.actor.name), reason=kept, now=store.now)
    store.broke_glass(patient_id, kept)


def close_again(store: Store, patient_id: str) -> None:
    """End one's own opening before its hour is over."""
    r.close_now(store.conn, patient_id, store.actor.id, store.now)


def review_openings(store: Store, ids: Sequence[str], *, undo: bool = False) -> int:
    """Note that a manager looked at these openings, or take it back; gives how many. Raises Missing."""
    many = r.review(store.conn, ids, by=store.actor.name, now=None if undo else store.now)
    store.did("openings-reviewed" if not undo else "openings-not-reviewed", f"{many}")
    return many


def follow_merge(store: Store, patient: Json) -> None:
    """A record that replaces a restricted one is restricted too, and to the same people unless some were named."""
    survivor = str(patient["id"])
    for link in patient.get("link", []):
        old = str(link.get("other", {}).get("reference", "")).removeprefix("Patient/")
        label = r.label_now(store.conn, old) if link.get("type") == "replaces" else ""
        if label and not r.readers_of(store.conn, survivor):
            r.name_readers(store.conn, survivor, [one for one, _name in r.readers_of(store.conn, old)])
        if label and not r.label_now(store.conn, survivor):
            with store.on_behalf_of_all():
                store.update(r.with_label(store.read("Patient", survivor), label), reason="restricted")
