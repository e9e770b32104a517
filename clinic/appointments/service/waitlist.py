"""The waiting list: put somebody on it, change what they wait for, take them off, and the rules of offering."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from clinic.appointments.errors import (
    BOUNDS,
    DECEASED,
    ENDS_FIRST,
    NO_PATIENT,
    NO_PROVIDER,
    NO_SITE,
    NO_TYPE,
    NOT_WAITING,
)
from clinic.appointments.mapping.appointment import span_of
from clinic.appointments.mapping.patient import shown_name
from clinic.appointments.mapping.wish import is_wish, wish_again, wish_booked, wish_resource
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.waiting import offers_of_wish
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.waitlist import URGENCIES, Entry, Rule, checked
from clinic.appointments.service.answering import Answered, answer_offer, ended_offers
from clinic.appointments.service.booking import needs_reason
from clinic.appointments.waitlist_tables import waitlist_rule
from clinic.core.errors import Conflict, Invalid, Missing
from clinic.core.json import Json
from clinic.db.sql import insert_ignore
from clinic.fhir.store import Store
from clinic.registration.mapping.birth import deceased_of
from clinic.registration.queries.merges import require_in_use

__all__ = ["Answered", "add_wish", "answer_offer", "change_wish", "end_wish", "put_back", "set_rule"]


def add_wish(store: Store, entry: Entry) -> Json:
    """Put a patient on the waiting list; gives the Appointment. Raises Invalid, tied to the field, Moved."""
    setup = calendar_setup(store)
    named = _named(store, setup, entry)
    made = wish_resource(named, setup, created=store.now, zone=store.practice.zone)
    return store.create(made)


def change_wish(store: Store, wish_id: str, entry: Entry, *, version: int | None = None) -> Json:
    """Change what somebody waits for. Raises Invalid, Conflict when they no longer wait, Stale."""
    before, setup = _waiting(store, wish_id), calendar_setup(store)
    named = _named(store, setup, entry)
    changed = wish_resource(named, setup, created=store.now, zone=store.practice.zone, before=before)
    return store.update(changed, version=version)


def end_wish(store: Store, wish_id: str, *, reason: str, version: int | None = None) -> Json:
    """Take somebody off the list, with the reason; what is offered to them now goes to the next."""
    words, before = needs_reason(reason), _waiting(store, wish_id)
    saved = store.update(wish_booked(before, "", words), version=version, reason=words)
    ended_offers(store, offers_of_wish(store, wish_id))
    return saved


def put_back(store: Store, wish_id: str, *, version: int | None = None) -> Json:
    """Put somebody back on the list where they were. Raises Conflict when they wait already, Stale."""
    before = _wish(store, wish_id)
    if before.get("status") == "waitlist":
        raise Conflict(NOT_WAITING)
    return store.update(wish_again(before), version=version, reason="undo")


def set_rule(store: Store, rule: Rule) -> None:
    """Say how freed times of a visit type are offered. Raises Invalid."""
    if calendar_setup(store).visit_type(rule.type_id) is None:
        raise Invalid(NO_TYPE, field="type_id")
    try:
        checked(rule)
    except ValueError:
        raise Invalid(BOUNDS) from None
    row = {name: getattr(rule, name) for name in Rule.__dataclass_fields__}
    if not insert_ignore(store.conn, waitlist_rule, [row]):
        store.conn.execute(sa.update(waitlist_rule).where(waitlist_rule.c.type_id == rule.type_id).values(**row))


def _wish(store: Store, wish_id: str) -> Json:
    found = store.read("Appointment", wish_id)
    if not is_wish(found):
        raise Missing("There is no such page or record.")
    return found


def _waiting(store: Store, wish_id: str) -> Json:
    found = _wish(store, wish_id)
    if found.get("status") != "waitlist":
        raise Conflict(NOT_WAITING)
    return found


def _named(store: Store, setup: Setup, entry: Entry) -> Entry:
    """The entry with the names it copies, after it was checked."""
    kind = setup.visit_type(entry.type_id)
    if kind is None or not kind.active:
        raise Invalid(NO_TYPE, field="visit_type")
    patient = store.find("Patient", entry.patient_id) if entry.patient_id else None
    if patient is None:
        raise Invalid(NO_PATIENT, field="patient")
    require_in_use(store, entry.patient_id)
    if deceased_of(patient):
        raise Invalid(DECEASED, field="patient")
    _check_places(setup, entry)
    until = _until(store, entry)
    if entry.until <= max(entry.since, store.now):
        raise Invalid(ENDS_FIRST, field="until")
    name, birth_date = shown_name(patient)
    minutes, urgency = entry.minutes or kind.minutes, entry.urgency if entry.urgency in URGENCIES else URGENCIES[-1]
    return replace(
        entry, patient_name=name, birth_date=birth_date, type_name=kind.name, minutes=minutes, urgency=urgency,
        until=until, status="waitlist",
    )  # fmt: skip


def _check_places(setup: Setup, entry: Entry) -> None:
    people = [setup.provider(id_) for id_ in entry.wants.providers]
    if any(person is None or not person.active for person in people):
        raise Invalid(NO_PROVIDER, field="providers")
    if entry.wants.site and setup.site(entry.wants.site) is None:
        raise Invalid(NO_SITE, field="site")


def _until(store: Store, entry: Entry) -> datetime:
    """An earlier time than the booked one is of no use once that has come."""
    before = store.find("Appointment", entry.wants.instead) if entry.wants.instead else None
    span = span_of(before) if before else None
    return min(entry.until, span.start) if span else entry.until
