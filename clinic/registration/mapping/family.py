"""Related persons, the Person that ties records of one human together, and households, in FHIR.

A RelatedPerson belongs to one patient. When the same human is beside several patients, or is a patient too, one
FHIR Person links all of these records; a household is a Group of patients.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clinic.core.json import Json
from clinic.fhir.subject import patient_of, reference_id
from clinic.registration.mapping import names
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.contact import address_of, mail_of, phone_of, phones_of, put_address
from clinic.registration.mapping.parts import coded, extension, first, keep, parts, put, put_extension, text
from clinic.registration.rules.details import RELATIONS
from clinic.registration.rules.family import Bond, Facts

_ROLE_CODES = {"guardian": (s.ROLE_CODE, "GUARD"), "attorney": (s.ROLE_CODE, "HPOWATT")}
_EMERGENCY = (s.CONTACT_ROLE, "C")
HOUSEHOLD = "household"
Row = dict[str, Any]


def facts_of(resource: Json) -> Facts:
    """What a Patient or RelatedPerson says of the person."""
    name = names.official(resource)
    given, family = " ".join(names.given_names(name)), names.family_name(name)
    mobile, home = phone_of(resource, "mobile"), phone_of(resource, "home")
    if not mobile and not home:
        mobile = next(iter(phones_of(resource)), "")
    return Facts(
        given=given,
        family=family or ("" if given else text(name.get("text"))),
        mobile=mobile,
        home_phone=home,
        email=mail_of(resource),
        address=address_of(resource),
        birth_date=text(resource.get("birthDate")),
        sex=text(resource.get("gender")),
    )


def with_facts(person: Json, facts: Facts) -> Json:
    """A RelatedPerson with these facts; what else it holds stays."""
    before = facts_of(person)
    made = {**person}
    if (facts.given, facts.family) != (before.given, before.family):
        known = names.official(made)
        name = {"use": "official"} | {k: v for k, v in known.items() if k not in ("text", "_given", "_family")}
        keep(name, "family", facts.family)
        keep(name, "given", facts.given.split())
        put(made, "name", lambda part: part is known, name if facts.name else None)
    for use, now, then in (("mobile", facts.mobile, before.mobile), ("home", facts.home_phone, before.home_phone)):
        if now != then:
            _put_phone(made, use, now, then)
    if facts.email != before.email:
        mail = {"system": "email", "value": facts.email} if facts.email else None
        put(made, "telecom", lambda part: part.get("system") == "email", mail)
    if facts.address != before.address:
        put_address(made, facts.address)
    keep(made, "birthDate", facts.birth_date)
    keep(made, "gender", facts.sex)
    return made


def bond_of(person: Json) -> Bond:
    """What a RelatedPerson is to its patient; who pays stands in the Account."""
    told = [
        (text(coding.get("system")), text(coding.get("code")))
        for concept in parts(person, "relationship")
        for coding in parts(concept, "coding")
    ]
    relation = next((code for system, code in told if system == s.ROLE_CODE and code in RELATIONS), "")
    return Bond(
        relation=relation,
        emergency=_EMERGENCY in told,
        guardian=_ROLE_CODES["guardian"] in told,
        attorney=any(system == s.ROLE_CODE and code in ("HPOWATT", "POWATT", "DPOWATT") for system, code in told),
        follows=extension(person, s.LIVES_WITH_PATIENT).get("valueBoolean") is True,
    )


def with_bond(person: Json, bond: Bond) -> Json:
    """A RelatedPerson that is this to its patient; codes that the desk does not know stay."""
    ours = {_EMERGENCY, *_ROLE_CODES.values(), *((s.ROLE_CODE, code) for code in (*RELATIONS, "POWATT", "DPOWATT"))}
    wanted = [(s.ROLE_CODE, bond.relation)] if bond.relation else []
    wanted += [_EMERGENCY] if bond.emergency else []
    wanted += [code for role, code in _ROLE_CODES.items() if getattr(bond, role) and code not in wanted]
    strange = [
        concept
        for concept in parts(person, "relationship")
        if not any((c.get("system"), c.get("code")) in ours for c in parts(concept, "coding"))
    ]
    made = {**person}
    concepts: list[Json] = [{"coding": [{"system": system, "code": code}]} for system, code in wanted]
    keep(made, "relationship", [*concepts, *strange])
    put_extension(made, s.LIVES_WITH_PATIENT, {"valueBoolean": True} if bond.follows else None)
    return made


def related(patient_id: str, facts: Facts, bond: Bond) -> Json:
    """A new RelatedPerson."""
    person = {"resourceType": "RelatedPerson", "active": True, "patient": {"reference": f"Patient/{patient_id}"}}
    return with_bond(with_facts(person, facts), bond)


def links_of(person: Json) -> list[str]:
    """The records that a Person ties together, as references."""
    found = (part.get("target") for part in parts(person, "link"))
    return list(dict.fromkeys(text(target.get("reference")) for target in found if isinstance(target, dict)))


def tied(references: Iterable[str], known: Json | None = None) -> Json:
    """A Person that links these records; of a known one its other elements stay."""
    present = {text(part.get("target", {}).get("reference")): part for part in parts(known or {}, "link")}
    links = [present.get(one) or {"target": {"reference": one}, "assurance": "level3"} for one in references]
    return {"resourceType": "Person", "active": True, **(known or {}), "link": links}


def household_with(members: Iterable[str], known: Json | None = None) -> Json:
    """The Group of the patients who live together; who left it stays as an inactive member."""
    wanted = list(members)
    kept = []
    for part in parts(known or {}, "member"):
        patient_id = reference_id(part.get("entity"), "Patient")
        if patient_id in wanted:
            wanted.remove(patient_id)
            kept.append({key: value for key, value in part.items() if key not in ("inactive", "period")})
        else:
            kept.append({**part, "inactive": True})
    kept += [{"entity": {"reference": f"Patient/{one}"}} for one in wanted]
    head: Json = {
        "resourceType": "Group", "active": True, "type": "person", "actual": True,
        "code": {"coding": [{"system": s.GROUP_KIND, "code": HOUSEHOLD}], "text": "Household"},
    }  # fmt: skip
    return {**head, **(known or {}), "member": kept}


def members_of(group: Json) -> list[str]:
    """The patients who live in a household now."""
    found = (reference_id(part.get("entity"), "Patient") for part in parts(group, "member") if not part.get("inactive"))
    return list(dict.fromkeys(one for one in found if one))


def is_household(group: Json) -> bool:
    """Whether a Group is a household."""
    code = group.get("code")
    return isinstance(code, dict) and coded(code, s.GROUP_KIND) == HOUSEHOLD and group.get("active") is not False


def payer_of(account: Json) -> str:
    """Who pays an account, as a reference; empty when it names nobody."""
    for part in parts(account, "guarantor"):
        party = part.get("party")
        for type_ in ("RelatedPerson", "Patient"):
            if reference_id(party, type_):
                return f"{type_}/{reference_id(party, type_)}"
    return ""


def project_beside(resource: Json) -> list[Row]:
    """A related person of a patient, or of an account who pays."""
    row: Row = {"type": resource["resourceType"], "id": resource["id"], "name": "", "relation": "", "phone": ""}
    row |= {"sex": "", "roles": "", "active": True, "pays": ""}
    if resource["resourceType"] == "Account":
        pays = payer_of(resource) if resource.get("status") == "active" else ""
        patients = {reference_id(part, "Patient") for part in parts(resource, "subject")} - {""}
        return [{**row, "patient_id": patient, "pays": pays[:80]} for patient in sorted(patients)] if pays else []
    patient = patient_of(resource)
    if not patient:
        return []
    facts, bond = facts_of(resource), bond_of(resource)
    roles = [role for role in ("emergency", "guardian", "attorney", "follows") if getattr(bond, role)]
    told: Row = {"name": facts.name, "relation": bond.relation[:40], "phone": facts.mobile or facts.home_phone}
    told |= {"sex": facts.sex[:12], "roles": " ".join(roles), "active": resource.get("active") is not False}
    return [{**row, **told, "patient_id": patient}]


def project_links(person: Json) -> list[Row]:
    """The records that are one human."""
    if person.get("active") is False:
        return []
    rows = {tuple(one.split("/")) for one in links_of(person) if one.count("/") == 1}
    wanted = sorted(row for row in rows if row[0] in ("Patient", "RelatedPerson"))
    return [{"id": person["id"], "target_type": type_, "target": id_[:64]} for type_, id_ in wanted]


def project_household(group: Json) -> list[Row]:
    """The patients of a household."""
    if not is_household(group):
        return []
    return [{"id": group["id"], "patient_id": one} for one in sorted(set(members_of(group)))]


def _put_phone(person: Json, use: str, now: str, then: str) -> None:
    known = first(person, "telecom", lambda p: p.get("system") in ("phone", "sms", None) and p.get("value") == then)
    known = known if then else {}
    part = {**known, "system": "phone", "value": now, "use": use} if now else None
    put(person, "telecom", lambda one: one is known, part)
