"""Missed and late cancelled visits: noted by themselves after the minutes of grace, with the fee and the call that the
practice's rules ask for, and all of it taken back when the visit is.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clinic.appointments.mapping.appointment import actor_of, place_of, reason_of, span_of, zone_of
from clinic.appointments.mapping.bonds import host_of
from clinic.appointments.policy_tables import visit_breach, visit_reason
from clinic.appointments.queries.policy import breaches_before, missed_now, policies, policy_of, reasons_of
from clinic.appointments.rules.policy import (
    AUTOMATIC,
    KINDS,
    LOOKS_BACK,
    Breach,
    VisitPolicy,
    check_policy,
    check_reasons,
    chosen_policy,
)
from clinic.appointments.rules.status import holds_time
from clinic.appointments.service.changes import locked, no_show, set_status
from clinic.appointments.tables import visit_policy
from clinic.core.days import local
from clinic.core.errors import N_, Conflict, Stale
from clinic.core.json import Json
from clinic.core.money import Money
from clinic.db.sql import insert_ignore, upsert
from clinic.fhir.store import STALE, Store

CAME_BACK: Final = N_("The visit was taken back.")
NOT_MISSED: Final = N_("This visit is not noted as missed.")
MOST_AT_ONCE: Final = 50
_b = visit_breach.c


def note_missed(store: Store) -> int:
    """Note the visits whose patients did not come within the grace of their type; gives how many."""
    due = missed_now(store)[:MOST_AT_ONCE]
    noted = 0
    for one in due:
        visit = locked(store, one.id, None)
        span = span_of(visit)
        if visit.get("status") == "booked" and span is not None and span.start == one.start:
            no_show(store, one.id, reason=AUTOMATIC)
            noted += 1
    return noted


def anything_missed(store: Store) -> bool:
    """Whether `note_missed` would note any; reads only."""
    return bool(missed_now(store))


def came_after_all(store: Store, appointment_id: str, *, version: int | None = None) -> Json:
    """The desk takes a missed visit back at any time of its day: it is booked again, its fee and its call are gone.

    Raises Conflict when it is not missed, TimeTaken when somebody else has the time.
    """
    if store.read("Appointment", appointment_id).get("status") != "noshow":
        raise Conflict(NOT_MISSED)
    return set_status(store, appointment_id, "booked", version=version)


def follow_breach(store: Store, appointment: Json) -> None:
    """What follows from a visit that was missed or cancelled too late, and from taking that back."""
    status = appointment.get("status")
    if status in ("noshow", "cancelled"):
        _note(store, appointment)
    elif int(appointment["meta"]["versionId"]) > 1:
        _forget(store, str(appointment["id"]))


def _note(store: Store, appointment: Json) -> None:
    breach, policy = _breach(store, appointment)
    span = span_of(appointment)
    if not breach or span is None:
        return
    place, id_ = place_of(appointment), str(appointment["id"])
    fee = policy.fee(breach, breaches_before(store, place.patient_id, id_))
    row = {
        "appointment": id_, "patient_id": place.patient_id, "kind": breach, "start": span.start, "at": store.now,
        "fee": fee,
    }  # fmt: skip
    if not insert_ignore(store.conn, visit_breach, [row]):
        return
    wall = local(span.start, zone_of(appointment) or store.practice.zone)
    words = f"{place.type_name}, {wall:%Y-%m-%d %H:%M}"
    about: Json = {"patient": actor_of(appointment, "Patient"), "focus": f"Appointment/{id_}"}
    if policy.follow_up and breach == "noshow":
        reason = reason_of(appointment)
        store.fire(
            "task_wanted", {**about, "kind": "missed-visit", "words": f"{words}{': ' if reason else ''}{reason}"}
        )
    if fee:
        amount = f"{Money(fee).decimal} {store.practice.currency}"
        store.fire("task_wanted", {**about, "kind": "fee", "words": f"{amount}: {words}"})


def _breach(store: Store, appointment: Json) -> tuple[Breach, VisitPolicy]:
    """Which rule a visit broke that has just been noted as missed or cancelled; none when it broke none."""
    span, version = span_of(appointment), int(appointment["meta"]["versionId"])
    place = place_of(appointment) if span else None
    if span is None or place is None or not place.patient_id or version == 1 or span.start < store.now - LOOKS_BACK:
        return "", VisitPolicy()
    before = str(store.vread("Appointment", appointment["id"], version - 1).json.get("status"))
    if not holds_time(before):
        return "", VisitPolicy()
    policy = policy_of(store, place.type_id)
    if appointment.get("status") == "noshow":
        return "noshow", policy
    late = policy.is_late(span.start, store.now) and not _by_practice(store, appointment)
    return ("late-cancel" if late else ""), policy


def _by_practice(store: Store, appointment: Json) -> bool:
    """Whether the practice cancelled it: a reason of its own list, or a group that does not take place."""
    host = host_of(appointment)
    if host and (store.find("Appointment", host) or {}).get("status") == "cancelled":
        return True
    reason = reason_of(appointment).casefold()
    return reason in {words.casefold() for words in reasons_of(store)["practice"]}


def _forget(store: Store, appointment_id: str) -> None:
    gone = store.conn.execute(sa.delete(visit_breach).where(_b.appointment == appointment_id)).rowcount
    if gone:
        for kind in ("missed-visit", "fee"):
            store.fire("task_unwanted", {"focus": f"Appointment/{appointment_id}", "kind": kind, "why": CAME_BACK})


# -- what the manager decides


def save_policy(store: Store, policy: VisitPolicy) -> VisitPolicy:
    """Keep the rules of a visit type; gives those that held before. Raises Invalid, Stale."""
    check_policy(policy)
    known = policies(store)
    present = known.get(policy.visit_type)
    if (present.version if present else 0) != policy.version:
        raise Stale(STALE, current={})
    row: dict[str, Any] = {name: getattr(policy, name) for name in VisitPolicy.__dataclass_fields__}
    upsert(store.conn, visit_policy, [row | {"version": policy.version + 1}], ["visit_type"])
    store.did("U", f"rules for missed visits: {policy.visit_type or 'every visit type'}")
    return present or chosen_policy(known, policy.visit_type)


def drop_policy(store: Store, visit_type: str) -> None:
    """Let a visit type have the rules of all again."""
    store.conn.execute(sa.delete(visit_policy).where(visit_policy.c.visit_type == visit_type))
    store.did("D", f"rules for missed visits: {visit_type or 'every visit type'}")


def save_reasons(store: Store, lists: dict[str, tuple[str, ...]]) -> None:
    """Keep the lists of reasons; an empty one gives the shipped reasons back. Raises Invalid beside the list."""
    kept = {kind: check_reasons(kind, lists.get(kind, ())) for kind in KINDS}
    rows = [
        {"kind": kind, "place": place, "words": words}
        for kind, lines in kept.items()
        for place, words in enumerate(lines)
    ]
    store.conn.execute(sa.delete(visit_reason))
    if rows:
        store.conn.execute(sa.insert(visit_reason), rows)
    store.did("U", "reasons of cancelled and missed visits")
