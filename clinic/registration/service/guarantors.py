"""Who pays for a patient: a RelatedPerson named by the patient's Account.

One human who pays for several patients has a RelatedPerson beside each of them, tied together by a Person, so
that a new telephone number is written once.
"""

from __future__ import annotations

from dataclasses import replace

from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.mapping.contact import relative_of
from clinic.registration.mapping.family import bond_of, facts_of, payer_of, related, with_bond, with_facts
from clinic.registration.rules.details import Relative
from clinic.registration.rules.family import Bond, Facts, still_the_same
from clinic.registration.service.evidence import note_evidence
from clinic.registration.service.people import follow_patient, patient_behind, put_facts


def guarantor_of(store: Store, patient_id: str) -> Relative:
    """The person who pays for a patient; an empty one when the patient does."""
    party = _party(store, patient_id, _account(store, patient_id))
    return _relative(party) if party else Relative()


def payer_id_of(store: Store, patient_id: str) -> str:
    """Who pays for a patient, as a reference to a RelatedPerson or another Patient; empty when the patient does."""
    party = _party(store, patient_id, _account(store, patient_id))
    return f"{party['resourceType']}/{party['id']}" if party else ""


def put_guarantor(store: Store, patient_id: str, relative: Relative) -> None:
    """Write who pays, as typed. An empty one means the patient pays; nothing is written when that was so already.

    A retyped telephone is changed wherever this human is named; another name is another person.
    """
    account = _account(store, patient_id)
    party = _party(store, patient_id, account)
    if relative == (_relative(party) if party else Relative()):
        return
    if not relative:
        set_payer(store, patient_id, "")
        return
    wanted = Facts(given=relative.given, family=relative.family, mobile=relative.phone)
    if party and still_the_same(facts_of(party), wanted):
        _correct(store, patient_id, party, relative)
        return
    made = store.create(related(patient_id, wanted, Bond(relation=relative.relation)))
    set_payer(store, patient_id, f"RelatedPerson/{made['id']}")


def set_payer(store: Store, patient_id: str, payer: str) -> None:
    """Name who pays by reference; an empty one means the patient does."""
    account = _account(store, patient_id)
    patient = f"Patient/{patient_id}"
    if (payer_of(account) if account else patient) == (payer or patient):
        return
    kept = account or {"resourceType": "Account", "status": "active", "subject": [{"reference": patient}]}
    wanted = {**kept, "guarantor": [{"party": {"reference": payer or patient}}]}
    if account:
        store.update(wanted)
    elif payer:
        store.create(wanted)
    _note(store, patient_id, payer)


def _correct(store: Store, patient_id: str, party: Json, relative: Relative) -> None:
    """Write a corrected name or telephone wherever the payer is named; the relation is this patient's own."""
    if party["resourceType"] == "RelatedPerson":
        bond = replace(bond_of(party), relation=relative.relation)
        party = store.update(with_bond(party, bond))
        leading = patient_behind(store, party["id"])
        known = store.read("Patient", leading) if leading else party
    else:
        known = party
    note_evidence(store, patient_id, named=("guarantor",))
    before = facts_of(known)
    facts = replace(before, mobile=relative.phone)
    if known["resourceType"] != "Patient":
        facts = replace(facts, given=relative.given, family=relative.family)
        put_facts(store, known["id"], facts)
    elif facts != before:
        follow_patient(store, store.update(with_facts(known, facts), reason="changed beside a relative"), known)


def _note(store: Store, patient_id: str, payer: str) -> None:
    if payer:
        note_evidence(store, patient_id, named=("guarantor",))
    else:
        note_evidence(store, patient_id, emptied=("guarantor",))


def _relative(party: Json) -> Relative:
    return relative_of(party)


def _account(store: Store, patient_id: str) -> Json | None:
    found = store.search("Account", [("subject", f"Patient/{patient_id}"), ("status", "active")], limit=1)
    return found[0] if found else None


def _party(store: Store, patient_id: str, account: Json | None) -> Json | None:
    payer = payer_of(account) if account else ""
    if not payer or payer == f"Patient/{patient_id}":
        return None
    return store.find(*payer.split("/", 1))
