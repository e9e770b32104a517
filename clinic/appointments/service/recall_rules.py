"""Recalls by rule: made each night, ended for those who must not be asked, and what managers decide of them."""

from __future__ import annotations

from dataclasses import replace

from clinic.appointments.errors import NO_TYPE
from clinic.appointments.mapping.recall import recall_of, recall_resource
from clinic.appointments.queries.calling import Last, due_by_rule, open_ids, someones
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.recalls import policy, rules, today_of
from clinic.appointments.recall_tables import recall_policy, recall_rule
from clinic.appointments.rules.recalls import (
    RECALL,
    REVOKED,
    Policy,
    Recall,
    Rule,
    check_policy,
    check_rule,
    concerns,
    due_after,
    is_due,
    latest_last,
    stops,
)
from clinic.appointments.rules.setup import Setup
from clinic.appointments.service.recalls import forget_work, keep, named
from clinic.core.days import local
from clinic.core.errors import ClinicError, Invalid, Missing, Stale
from clinic.core.ids import new_id
from clinic.db.sql import upsert
from clinic.fhir.store import STALE, Store

_STOPS = {
    "deceased": "The patient is recorded as deceased",
    "inactive": "The record is no longer in use",
    "declined": "The patient does not want to be contacted",
}


def make_due(store: Store, rule: Rule, *, after: str = "") -> str:
    """Make the recalls of a rule that are due, some at once; gives the patient after whom to carry on, or nothing.

    A second run makes none: a rule recalls a patient once after each visit, and nobody for whom such a visit is
    booked or asked already.
    """
    today = today_of(store)
    found = due_by_rule(store, rule, latest_last(rule, today), after=after)
    meant = someones(store, [one.patient_id for one in found]) if found else {}
    setup = calendar_setup(store)
    for one in found:
        who = meant.get(one.patient_id)
        day = local(one.start, store.practice.zone).date()
        if who is not None and concerns(rule, who) and is_due(rule, day, today):
            _make(store, setup, rule, one)
    return found[-1].patient_id if found else ""


def _make(store: Store, setup: Setup, rule: Rule, last: Last) -> None:
    day = due_after(rule, local(last.start, store.practice.zone).date())
    provider = setup.provider(last.provider) if rule.same_provider else None
    kept_on = provider is not None and provider.active and provider.does(rule.books)
    wanted = Recall(
        last.patient_id, max(day, today_of(store)), RECALL, type_id=rule.books, days=rule.days,
        priority=rule.priority, provider_id=last.provider if kept_on else "", rule=rule.id, follows=last.visit,
    )  # fmt: skip
    if store.holder("recall", f"{rule.id}:{last.patient_id}:{last.visit}"):
        return
    try:
        whole = named(store, setup, wanted)
    except ClinicError:
        return
    keep(store, whole)


def stop_over(store: Store, *, after: str = "") -> str:
    """Close what is open for the deceased, for records out of use, and recalls of those who want no contact.

    Some at once; gives the id after which to carry on, or nothing. An order stays for a person to decide when only
    the contact was refused: somebody asked for that visit.
    """
    found = open_ids(store, after=after)
    meant = someones(store, [patient for _id, patient, _kind in found]) if found else {}
    for id_, patient, kind in found:
        why = stops(meant[patient]) if patient in meant else ""
        if why and (why != "declined" or kind == RECALL):
            _stop(store, id_, _STOPS[why])
    return str(found[-1][0]) if found else ""


def _stop(store: Store, recall_id: str, why: str) -> None:
    store.lock("ServiceRequest", recall_id)
    before = store.read("ServiceRequest", recall_id)
    present = recall_of(before)
    if present is None or not present.open:
        return
    closed = replace(present, status=REVOKED, closed=why)
    store.update(recall_resource(closed, store.now, before=before), reason=why)
    forget_work(store, recall_id, why)


# -- what the manager decides


def save_rule(store: Store, rule: Rule) -> Rule:
    """Keep a rule, which has its id from the form; version 0 is a new one. The same twice is once.

    Raises Invalid tied to the field, Stale when a colleague changed it meanwhile, Missing.
    """
    kept, setup = check_rule(rule), calendar_setup(store)
    if setup.visit_type(kept.type_id) is None:
        raise Invalid(NO_TYPE, field="type_id")
    if kept.wanted and setup.visit_type(kept.wanted) is None:
        raise Invalid(NO_TYPE, field="wanted")
    present = next((one for one in rules(store) if one.id == rule.id), None)
    if present is not None and present == replace(kept, version=present.version):
        return present
    if present is None and rule.version:
        raise Missing("There is no such page or record.")
    if present is not None and present.version != rule.version:
        raise Stale(STALE, current={})
    kept = replace(kept, id=kept.id or new_id(), version=rule.version + 1)
    upsert(store.conn, recall_rule, [{name: getattr(kept, name) for name in Rule.__dataclass_fields__}], ["id"])
    store.did("U", f"recall rule {kept.id}")
    return kept


def save_policy(store: Store, wanted: Policy) -> None:
    """Say what follows attempts in vain. Raises Invalid, Stale."""
    kept = check_policy(wanted)
    if policy(store).version != wanted.version:
        raise Stale(STALE, current={})
    row = {"id": 1, "most_failed": kept.most_failed, "then": kept.then, "version": wanted.version + 1}
    upsert(store.conn, recall_policy, [row], ["id"])
    store.did("U", "what follows attempts in vain")
