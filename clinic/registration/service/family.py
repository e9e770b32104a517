"""Who stands beside a patient: naming them, changing it, ending it; and registering the next of a family."""

from __future__ import annotations

from dataclasses import dataclass, replace

from clinic.core.days import local
from clinic.core.errors import N_, Conflict, Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping import details_of
from clinic.registration.mapping.family import bond_of, facts_of, related, with_bond
from clinic.registration.queries.merges import require_in_use
from clinic.registration.rules.details import PatientDetails
from clinic.registration.rules.family import (
    Bond,
    Decider,
    Facts,
    check_bond,
    deciders,
    inverse,
    is_minor,
)
from clinic.registration.service.guarantors import payer_id_of, set_payer
from clinic.registration.service.household import live_together
from clinic.registration.service.patients import register_patient
from clinic.registration.service.people import call, patient_behind, patient_id_of, put_facts, same_human, tie

ONESELF = N_("Nobody is a relative of themselves; choose somebody else")
KNOWN = N_("%(name)s is beside this patient already; change that entry instead")
NO_NAME = N_("Give this person's name")
OWN_RECORD = N_("%(name)s has a patient record of their own; change it there")


def relate_patient(store: Store, patient_id: str, other_id: str, bond: Bond, *, together: bool = False) -> Json:
    """Put another patient beside a patient; their record stays the one place of what is known of them.

    Raises Conflict for the patient themselves and for somebody who is beside the patient already.
    """
    if other_id == patient_id:
        raise Conflict(ONESELF)
    require_in_use(store, patient_id)
    other = require_in_use(store, other_id)
    _require_new(store, patient_id, same_human(store, f"Patient/{other_id}"), facts_of(other).name)
    person = _beside(store, patient_id, facts_of(other), bond)
    tie(store, f"Patient/{other_id}", f"RelatedPerson/{person['id']}")
    if together:
        live_together(store, other_id, patient_id)
    return person


def relate_person(store: Store, patient_id: str, facts: Facts, bond: Bond) -> Json:
    """Put somebody who is no patient beside a patient. Raises Invalid beside the field for one without a name."""
    patient = require_in_use(store, patient_id)
    return _beside(store, patient_id, _placed(facts, bond, patient), bond)


def relate_known(store: Store, patient_id: str, person_id: str, bond: Bond, *, together: bool = False) -> Json:
    """Put somebody who is beside another patient already, such as a shared guarantor, beside this one too."""
    known = store.read("RelatedPerson", person_id)
    other = patient_behind(store, person_id)
    if other:
        return relate_patient(store, patient_id, other, bond, together=together)
    patient = require_in_use(store, patient_id)
    reference = f"RelatedPerson/{person_id}"
    _require_new(store, patient_id, same_human(store, reference), facts_of(known).name)
    facts = _placed(facts_of(known), bond, patient)
    person = _beside(store, patient_id, facts, bond)
    tie(store, reference, f"RelatedPerson/{person['id']}")
    put_facts(store, person["id"], facts)
    return person


def change_beside(store: Store, person_id: str, bond: Bond, facts: Facts | None, *, version: int | None = None) -> Json:
    """Change what somebody is to the patient and, of one who is no patient, what is known of them everywhere.

    Raises Stale, Invalid, and Conflict for facts about somebody who has a record of their own.
    """
    person = store.read("RelatedPerson", person_id)
    check_bond(bond)
    patient = store.read("Patient", patient_id_of(person))
    if facts is not None and patient_behind(store, person_id):
        raise Conflict(OWN_RECORD, name=facts_of(person).name)
    changed = store.update(with_bond(person, _whole(bond)), version=version)
    call(store, changed, facts_of(person), was=bond_of(person))
    if facts is not None:
        _require_name(facts)
        put_facts(store, person_id, _placed(facts, bond, patient))
    _pay(store, changed, bond.pays)
    return changed


def end_beside(store: Store, person_id: str) -> Json:
    """End what somebody was to the patient; they no longer pay and are no longer called in an emergency."""
    person = store.read("RelatedPerson", person_id)
    _pay(store, person, False)
    today = local(store.now, store.practice.zone).date().isoformat()
    period = {**(person.get("period") or {}), "end": today}
    ended = store.update({**person, "active": False, "period": period}, reason="no longer beside the patient")
    call(store, ended, facts_of(ended), was=bond_of(person))
    return ended


def resume_beside(store: Store, person_id: str, *, pays: bool = False) -> Json:
    """Take an ending back, with who paid."""
    person = store.read("RelatedPerson", person_id)
    period = {key: value for key, value in (person.get("period") or {}).items() if key != "end"}
    rest = {key: value for key, value in person.items() if key != "period"}
    back = store.update({**rest, "active": True, **({"period": period} if period else {})})
    call(store, back, facts_of(back), was=Bond())
    if pays:
        _pay(store, back, pays)
    return back


def person_of_patient(store: Store, patient_id: str, person_id: str) -> Json:
    """A RelatedPerson that is this patient's, or nothing at all. Raises Missing."""
    person = store.find("RelatedPerson", person_id)
    if person is None or patient_id_of(person) != patient_id:
        raise Missing("There is no such person beside this patient.")
    return person


def deciders_of(store: Store, patient_id: str) -> tuple[Decider, ...]:
    """Who may consent for a patient today: the patient, their guardians, and who has a power of attorney.

    Empty for a minor without a guardian on file: then somebody has to be named first.
    """
    patient = store.read("Patient", patient_id)
    facts = facts_of(patient)
    found = store.search("RelatedPerson", [("patient", f"Patient/{patient_id}"), ("active", "true")], limit=100)
    others = []
    for person in found:
        bond = bond_of(person)
        if bond.guardian or bond.attorney:
            told = facts_of(person)
            phone = told.mobile or told.home_phone
            behind = patient_behind(store, person["id"])
            others.append((Decider(person["id"], told.name, "guardian", bond.relation, phone, behind), bond))
    minor = is_minor(facts.birth_date, local(store.now, store.practice.zone).date())
    own = Decider(patient_id, facts.name, "self", phone=facts.mobile, patient_id=patient_id)
    return deciders(own, others, minor=minor)


@dataclass(frozen=True)
class Joining:
    """How the next of a family joins: what the one registered before is to them, and what is shared."""

    relation: str = ""
    together: bool = True
    pays: str = ""
    """Who pays for the new one: a reference to a Patient or RelatedPerson of the family, or nothing."""


def register_relative(store: Store, family_of: str, details: PatientDetails, joining: Joining) -> Json:
    """Register the next of a family and put the two beside each other. Raises what registering raises."""
    require_in_use(store, family_of)
    check_bond(Bond(relation=joining.relation))
    made = register_patient(store, details)
    today = local(store.now, store.practice.zone).date()
    relation = joining.relation
    parental = inverse(relation) == "CHILD"
    guardian = parental and is_minor(details.birth_date, today)
    bond = Bond(relation=relation, guardian=guardian, pays=joining.pays == f"Patient/{family_of}")
    relate_patient(store, made["id"], family_of, bond, together=joining.together)
    if joining.pays.startswith("RelatedPerson/"):
        _share_payer(store, made["id"], joining.pays.split("/")[1])
    news = {"resourceType": "Patient", "id": made["id"], "family_of": family_of, "relation": relation}
    store.fire("family_member_registered", news)
    return made


def _share_payer(store: Store, patient_id: str, person_id: str) -> None:
    known = store.read("RelatedPerson", person_id)
    behind = patient_behind(store, person_id)
    if behind == patient_id:
        return
    references = same_human(store, f"RelatedPerson/{person_id}")
    mine = [one for one in store.read_many(references).values() if patient_id_of(one) == patient_id]
    beside = [one for one in mine if one["resourceType"] == "RelatedPerson"]
    if beside:
        set_payer(store, patient_id, f"RelatedPerson/{beside[0]['id']}")
    else:
        relate_known(store, patient_id, person_id, Bond(relation=bond_of(known).relation, pays=True))


def _beside(store: Store, patient_id: str, facts: Facts, bond: Bond) -> Json:
    _require_name(facts)
    check_bond(bond)
    person = store.create(related(patient_id, facts, _whole(bond)))
    call(store, person, facts, was=Bond())
    if bond.pays:
        _pay(store, person, bond.pays)
    return person


def _pay(store: Store, person: Json, pays: bool) -> None:
    reference = f"RelatedPerson/{person['id']}"
    patient_id = patient_id_of(person)
    if pays:
        set_payer(store, patient_id, reference)
    elif payer_id_of(store, patient_id) == reference:
        set_payer(store, patient_id, "")


def _whole(bond: Bond) -> Bond:
    return replace(bond, guardian=True) if bond.relation == "GUARD" else bond


def _placed(facts: Facts, bond: Bond, patient: Json) -> Facts:
    """Where somebody lives: at the patient's address when that is what was said."""
    return replace(facts, address=facts_of(patient).address) if bond.follows else facts


def _require_name(facts: Facts) -> None:
    if not facts.name:
        raise Invalid(NO_NAME, field="given")


def _require_new(store: Store, patient_id: str, references: list[str], name: str) -> None:
    people = store.read_many(one for one in references if one.startswith("RelatedPerson/")).values()
    if any(patient_id_of(one) == patient_id and one.get("active") is not False for one in people):
        raise Conflict(KNOWN, name=name)


def shared_details(store: Store, family_of: str) -> PatientDetails:
    """What the next of a family shares with this patient: surname, address, home telephone, language, doctor."""
    details = details_of(store.read("Patient", family_of), region_of(store.practice.region))
    return PatientDetails(
        given="",
        family=details.family,
        birth_date="",
        sex="",
        home_phone=details.home_phone,
        address=details.address,
        language=details.language,
        interpreter=details.interpreter,
        general_practitioner=details.general_practitioner,
        emergency=details.emergency,
    )
