"""Who lives with whom: a Group of patients; and one move that is offered to all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from clinic.core.days import local
from clinic.core.errors import Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping import details_of, display_name, patient_with
from clinic.registration.mapping.family import facts_of, household_with, is_household, members_of
from clinic.registration.queries.merges import require_in_use
from clinic.registration.rules.details import Address
from clinic.registration.rules.family import moved
from clinic.registration.service.patients import keep_patient, moment_of

_MOVE = "moved with"


def households_of(store: Store, patient_id: str) -> list[Json]:
    """The households a patient lives in; more than one for a child of two homes."""
    found = store.search("Group", [("member", f"Patient/{patient_id}")], limit=20)
    return [group for group in found if is_household(group) and patient_id in members_of(group)]


def housemates_of(store: Store, patient_id: str) -> list[str]:
    """The patients who live with a patient."""
    found = (one for group in households_of(store, patient_id) for one in members_of(group))
    return [one for one in dict.fromkeys(found) if one != patient_id]


def live_together(store: Store, one: str, other: str) -> None:
    """Say that two patients live together: in the household of the first, else of the second, else in a new one."""
    for patient_id in (one, other):
        require_in_use(store, patient_id)
    mine, theirs = households_of(store, one), households_of(store, other)
    if {group["id"] for group in mine} & {group["id"] for group in theirs}:
        return
    known = next(iter(mine or theirs), None)
    present = members_of(known) if known else []
    made = household_with([*present, *(new for new in (one, other) if new not in present)], known)
    if known:
        store.update(made, reason="moved in")
    else:
        store.create(made)


def live_apart(store: Store, patient_id: str, other_id: str) -> None:
    """Say that one moved out of every household that the two share. Raises Missing when they share none."""
    shared = [group for group in households_of(store, patient_id) if other_id in members_of(group)]
    if not shared:
        raise Missing("These two do not live together.")
    today = local(store.now, store.practice.zone).date().isoformat()
    for group in shared:
        left = household_with([one for one in members_of(group) if one != other_id], group)
        for part in left["member"]:
            if part["entity"].get("reference") == f"Patient/{other_id}":
                part["period"] = {**(part.get("period") or {}), "end": today}
        store.update(left, reason="moved out")


@dataclass(frozen=True)
class Mover:
    """Somebody who lives with a patient who moved: their name, address and home telephone, and whether it was the
    one that the patient had.
    """

    id: str
    name: str
    address: Address
    home_phone: str
    same: bool


def movers_of(store: Store, patient_id: str, since: int) -> list[Mover]:
    """Whom a change of address or home telephone since a version of the record may be offered for."""
    now = facts_of(store.read("Patient", patient_id))
    before = facts_of(store.vread("Patient", patient_id, since).json)
    if not moved(before, now):
        return []
    mates = store.read_many(f"Patient/{one}" for one in housemates_of(store, patient_id))
    found = []
    for mate in mates.values():
        facts = facts_of(mate)
        if (facts.address, facts.home_phone) == (now.address, now.home_phone):
            continue
        found.append(
            Mover(mate["id"], display_name(mate), facts.address, facts.home_phone, facts.address == before.address)
        )
    return sorted(found, key=lambda one: (not one.same, one.name))


def move_along(store: Store, patient_id: str, since: int, ids: list[str]) -> list[Json]:
    """Give the chosen housemates the patient's new address, and the new home telephone where that changed.

    Raises Invalid when one of them does not live with the patient.
    """
    now, before = facts_of(store.read("Patient", patient_id)), facts_of(store.vread("Patient", patient_id, since).json)
    if not set(ids) <= set(housemates_of(store, patient_id)):
        raise Invalid("Somebody chosen does not live with this patient.")
    changed = []
    region = region_of(store.practice.region)
    for one in dict.fromkeys(ids):
        known = store.read("Patient", one)
        details = details_of(known, region)
        if now.address != before.address:
            details = replace(details, address=now.address)
        if now.home_phone != before.home_phone:
            details = replace(details, home_phone=now.home_phone)
        patient = patient_with(details, known, region, moment_of(store))
        changed.append(keep_patient(store, patient, known, reason=_reason(patient_id, since)))
    return changed


def undo_move(store: Store, patient_id: str, since: int) -> int:
    """Take back what `move_along` wrote where nothing was written since; gives for how many."""
    count = 0
    for one in housemates_of(store, patient_id):
        newest, *older = store.history("Patient", one)
        if newest.reason == _reason(patient_id, since) and older:
            keep_patient(store, older[0].json, newest.json, reason="the move was taken back")
            count += 1
    return count


def _reason(patient_id: str, since: int) -> str:
    return f"{_MOVE} Patient/{patient_id} since version {since}"
