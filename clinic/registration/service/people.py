"""One human, several records: what is known of them is changed once and is changed for all.

A Person links the records. When one of them is a Patient, that record leads and the others follow it.
"""

from __future__ import annotations

from dataclasses import replace

from clinic.core.errors import N_, Conflict
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id
from clinic.registration.mapping.contact import put_contact
from clinic.registration.mapping.family import bond_of, facts_of, links_of, tied, with_facts
from clinic.registration.rules.details import Relative
from clinic.registration.rules.family import Bond, Facts

TWO_PATIENTS = N_("Both are patients with a record of their own; merge the two records instead")
FOLLOWS = "follows the patient's record"


def persons_of(store: Store, reference: str) -> list[Json]:
    """The Persons that link a record; usually one or none."""
    return [one for one in store.search("Person", [("link", reference)], limit=20) if one.get("active") is not False]


def same_human(store: Store, reference: str) -> list[str]:
    """Every record of this human as references, this one first."""
    found = [reference]
    for person in persons_of(store, reference):
        found += [one for one in links_of(person) if one not in found]
    return found


def patient_behind(store: Store, person_id: str) -> str:
    """The id of the patient that a RelatedPerson is too; empty when they are none."""
    references = same_human(store, f"RelatedPerson/{person_id}")
    return next((one.split("/")[1] for one in references if one.startswith("Patient/")), "")


def tie(store: Store, one: str, other: str) -> Json:
    """Say that two records are one human. Raises Conflict when that would make one of two patients."""
    known = [*persons_of(store, one), *persons_of(store, other)]
    links = list(dict.fromkeys([*(link for person in known for link in links_of(person)), one, other]))
    if sum(link.startswith("Patient/") for link in links) > 1:
        raise Conflict(TWO_PATIENTS)
    if not known:
        return store.create(tied(links))
    for more in {person["id"]: person for person in known[1:]}.values():
        if more["id"] != known[0]["id"]:
            store.delete("Person", more["id"], reason="the same human")
    return store.update(tied(links, known[0]))


def untie(store: Store, reference: str) -> None:
    """Say that a record is nobody else's; a Person of one record is taken away."""
    for person in persons_of(store, reference):
        rest = [one for one in links_of(person) if one != reference]
        if len(rest) > 1:
            store.update(tied(rest, person))
        else:
            store.delete("Person", person["id"], reason="one record is left")


def put_facts(store: Store, person_id: str, facts: Facts, *, reason: str = "") -> None:
    """Write what is known of a human into every RelatedPerson that is them, beside restricted patients too."""
    references = same_human(store, f"RelatedPerson/{person_id}")
    with store.on_behalf_of_all():
        records = store.read_many(one for one in references if one.startswith("RelatedPerson/"))
        for record in records.values():
            if facts_of(record) != facts:
                changed = store.update(with_facts(record, facts), reason=reason)
                call(store, changed, facts_of(record), was=bond_of(record))


def call(store: Store, person: Json, before: Facts, *, was: Bond) -> None:
    """Keep whom to call in an emergency in the patient's own record too, where every form and print reads it."""
    bond = bond_of(person) if person.get("active") is not False else Bond()
    patient = store.find("Patient", patient_id_of(person))
    if not patient or not (bond.emergency or was.emergency):
        return
    now = facts_of(person)
    relative = Relative(now.given, now.family, bond.relation, now.mobile or now.home_phone)
    changed = put_contact(patient, before.name, relative if bond.emergency else None)
    if changed != patient:
        store.update(changed, reason="whom to call")


def follow_patient(store: Store, patient: Json, known: Json) -> None:
    """After a change of a patient: their own RelatedPersons, and who lives at their address, follow."""
    before, now = facts_of(known), facts_of(patient)
    if before == now:
        return
    reference = f"Patient/{patient['id']}"
    for one in same_human(store, reference):
        if one.startswith("RelatedPerson/"):
            put_facts(store, one.split("/")[1], now, reason=FOLLOWS)
            break
    if before.address != now.address:
        _move_followers(store, patient["id"], now)


def _move_followers(store: Store, patient_id: str, now: Facts) -> None:
    for person in store.search("RelatedPerson", [("patient", f"Patient/{patient_id}"), ("active", "true")], limit=100):
        if bond_of(person).follows and not patient_behind(store, person["id"]):
            put_facts(store, person["id"], replace(facts_of(person), address=now.address), reason=FOLLOWS)


def patient_id_of(person: Json) -> str:
    """Whose related person this is."""
    return reference_id(person.get("patient"), "Patient")
