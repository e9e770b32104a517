"""How the FHIR interface writes RelatedPerson, Person and Account: by the rules of the people page."""

from __future__ import annotations

from clinic.core.errors import N_, Conflict, Invalid
from clinic.core.json import Json
from clinic.fhir.registry import Writer
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id
from clinic.registration.mapping.family import bond_of, facts_of, links_of, payer_of
from clinic.registration.mapping.parts import parts
from clinic.registration.rules.family import Bond
from clinic.registration.service.people import (
    TWO_PATIENTS,
    call,
    patient_behind,
    patient_id_of,
    persons_of,
    put_facts,
    untie,
)

NOBODY = N_("%(reference)s is no record here.")
ONESELF = N_("Nobody is a relative of themselves.")
FOLLOWS = N_("This person has a patient record of their own, and follows it; change Patient/%(id)s instead.")
PAYS = N_("This person pays for a patient; name another guarantor in Account/%(id)s first.")
ELSEWHERE = N_("%(reference)s is linked by Person/%(id)s already.")


def record_related(store: Store, person: Json) -> Json:
    """Keep a new RelatedPerson of a patient who is here."""
    _require(store, f"Patient/{patient_id_of(person)}", "RelatedPerson.patient")
    made = store.create(person, id=person.get("id"))
    call(store, made, facts_of(made), was=Bond())
    return made


def rewrite_related(store: Store, person: Json, version: int | None) -> Json:
    """Keep a changed RelatedPerson; the same human beside other patients changes too."""
    _require(store, f"Patient/{patient_id_of(person)}", "RelatedPerson.patient")
    id_ = str(person.get("id", ""))
    known = store.find("RelatedPerson", id_) or {}
    leading = patient_behind(store, id_)
    if leading == patient_id_of(person):
        raise Invalid(ONESELF, field="RelatedPerson.patient")
    if leading and facts_of(person) != facts_of(store.read("Patient", leading)):
        raise Conflict(FOLLOWS, field="RelatedPerson.name", id=leading)
    kept = store.update(person, version=version)
    call(store, kept, facts_of(known or kept), was=bond_of(known) if known else Bond())
    put_facts(store, id_, facts_of(kept))
    return kept


def remove_related(store: Store, id_: str, version: int | None) -> None:
    """Take a RelatedPerson away, unless a patient's account names them as the one who pays."""
    known = store.find("RelatedPerson", id_)
    if known:
        for account in store.search("Account", [("subject", f"Patient/{patient_id_of(known)}")], limit=20):
            if payer_of(account) == f"RelatedPerson/{id_}" and account.get("status") == "active":
                raise Conflict(PAYS, id=account["id"])
    store.delete("RelatedPerson", id_, version=version)
    if known:
        untie(store, f"RelatedPerson/{id_}")
        call(store, {**known, "active": False}, facts_of(known), was=bond_of(known))


def record_person(store: Store, person: Json) -> Json:
    """Keep a new Person that says which records are one human; the patient's record leads."""
    _check_links(store, person)
    made = store.create(person, id=person.get("id"))
    _lead(store, made)
    return made


def rewrite_person(store: Store, person: Json, version: int | None) -> Json:
    """Keep a changed Person by the same rules."""
    _check_links(store, person)
    kept = store.update(person, version=version)
    _lead(store, kept)
    return kept


def record_account(store: Store, account: Json) -> Json:
    """Keep a new Account whose subjects and guarantors are here."""
    _check_account(store, account)
    return store.create(account, id=account.get("id"))


def rewrite_account(store: Store, account: Json, version: int | None) -> Json:
    """Keep a changed Account by the same rule."""
    _check_account(store, account)
    return store.update(account, version=version)


def _check_links(store: Store, person: Json) -> None:
    links = links_of(person)
    here = store.read_many(links)
    for reference in links:
        if reference.count("/") == 1:
            _require(store, reference, "Person.link.target")
        for other in persons_of(store, reference):
            if other["id"] != person.get("id"):
                raise Conflict(ELSEWHERE, field="Person.link.target", reference=reference, id=other["id"])
    patients = {reference for reference in here if reference.startswith("Patient/")}
    if len(patients) > 1:
        raise Conflict(TWO_PATIENTS, field="Person.link.target")
    if any(f"Patient/{patient_id_of(one)}" in patients for one in here.values() if one["resourceType"] != "Patient"):
        raise Invalid(ONESELF, field="Person.link.target")


def _lead(store: Store, person: Json) -> None:
    records = store.read_many(links_of(person))
    leading = next((one for one in records.values() if one["resourceType"] == "Patient"), None)
    beside = next((one for one in records.values() if one["resourceType"] == "RelatedPerson"), None)
    if leading and beside and person.get("active") is not False:
        put_facts(store, beside["id"], facts_of(leading))


def _check_account(store: Store, account: Json) -> None:
    for part in parts(account, "subject"):
        if reference_id(part, "Patient"):
            _require(store, f"Patient/{reference_id(part, 'Patient')}", "Account.subject")
    for part in parts(account, "guarantor"):
        for type_ in ("Patient", "RelatedPerson"):
            if reference_id(part.get("party"), type_):
                _require(store, f"{type_}/{reference_id(part.get('party'), type_)}", "Account.guarantor.party")


def _require(store: Store, reference: str, field: str) -> None:
    type_, _, id_ = reference.partition("/")
    if not id_ or store.find(type_, id_) is None:
        raise Invalid(NOBODY, field=field, reference=reference)


writers = {
    "RelatedPerson": Writer(create=record_related, update=rewrite_related, delete=remove_related),
    "Person": Writer(create=record_person, update=rewrite_person),
    "Account": Writer(create=record_account, update=rewrite_account),
}
