"""PatientDetails from a FHIR Patient and back. What the desk does not know of a record stays untouched."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

from clinic.core.json import Json
from clinic.fhir.subject import reference_id
from clinic.regions import Region
from clinic.registration.mapping import names
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.contact import (
    address_of,
    emergency_of,
    mail_of,
    phone_of,
    put_address,
    put_emergency,
    put_telecom,
    takes_texts,
)
from clinic.registration.mapping.parts import Test, coded, extension, first, keep, parts, put, put_extension, text
from clinic.registration.rules.details import MARITAL, SEXES, Number, PatientDetails

_LANGUAGE_NAMES = {
    "en": "English", "es": "Spanish", "zh": "Chinese", "tl": "Tagalog", "vi": "Vietnamese", "ar": "Arabic",
    "fr": "French", "ko": "Korean", "ru": "Russian", "pt": "Portuguese", "ht": "Haitian Creole", "hi": "Hindi",
    "pl": "Polish", "de": "German", "fa": "Persian", "sgn": "Sign language", "nl": "Dutch", "tr": "Turkish",
    "pap": "Papiamento", "zgh": "Tamazight", "uk": "Ukrainian", "ti": "Tigrinya", "it": "Italian",
}  # fmt: skip


def language_name(code: str) -> str:
    """The English name of a language, for the resource's text; the code itself when it has none here."""
    return _LANGUAGE_NAMES.get(code, code)


def record_number(resource: Json) -> str:
    """The practice's own number of a patient; for a record from elsewhere its medical record number there."""
    own = first(resource, "identifier", lambda part: part.get("system") == s.RECORD_NUMBER)
    if not own:
        own = first(resource, "identifier", lambda part: _type_code(part) == "MR")
    return text(own.get("value"))


def record_numbers(resource: Json) -> list[str]:
    """The record number and those of the records that were merged into this one."""
    numbers = [
        text(part.get("value")) for part in parts(resource, "identifier") if part.get("system") == s.RECORD_NUMBER
    ]
    return list(dict.fromkeys([record_number(resource), *numbers]))


def merged_into(patient: Json) -> str:
    """The id of the record that this one was merged into; empty for one that stands by itself."""
    links = (part for part in parts(patient, "link") if part.get("type") == "replaced-by")
    return next((id_ for part in links if (id_ := reference_id(part.get("other"), "Patient"))), "")


def details_of(patient: Json, region: Region) -> PatientDetails:
    """What the desk sees of a record. The guarantor is a record of its own and is not in here."""
    legal = names.official(patient)
    given = names.given_names(legal)
    sex = text(patient.get("gender"))
    born = patient.get("_birthDate")
    return PatientDetails(
        given=given[0] if given else "",
        middle=" ".join(given[1:]),
        family=names.family_name(legal),
        prefix=names.affixes(legal, "prefix"),
        suffix=names.affixes(legal, "suffix"),
        preferred=names.preferred_name(patient),
        maiden=names.family_name(first(patient, "name", lambda part: part.get("use") == "maiden")),
        birth_date=text(patient.get("birthDate")),
        birth_estimated=bool(extension(born if isinstance(born, dict) else {}, s.ESTIMATED).get("valueBoolean")),
        sex=sex if sex in SEXES else "unknown",
        pronouns=text(extension(patient, s.PRONOUNS).get("valueString")),
        gender_identity=text(extension(patient, s.GENDER_IDENTITY).get("valueString")),
        mobile=phone_of(patient, "mobile"),
        texts=takes_texts(patient),
        home_phone=phone_of(patient, "home"),
        work_phone=phone_of(patient, "work"),
        email=mail_of(patient),
        address=address_of(patient),
        language=language_of(patient),
        interpreter=extension(patient, s.INTERPRETER).get("valueBoolean") is True,
        marital=_marital_of(patient),
        emergency=emergency_of(patient),
        numbers=numbers_of(patient, region),
        general_practitioner=text(first(patient, "generalPractitioner", lambda _: True).get("display")),
        contact_by=text(extension(patient, s.CONTACT_BY).get("valueCode")),
    )


def patient_with(details: PatientDetails, known: Json, region: Region) -> Json:
    """The record with the details in it: `known` is the record as it is, or `{}` for a new one."""
    patient = deepcopy(known) or {"resourceType": "Patient", "active": True}
    before = details_of(patient, region)
    _put_names(patient, details, before)
    if (details.birth_date, details.birth_estimated) != (before.birth_date, before.birth_estimated):
        _put_birth(patient, details)
    if details.sex != before.sex or "gender" not in patient:
        patient["gender"] = details.sex
    _put_words(patient, details, before)
    put_telecom(patient, details, before)
    if details.address != before.address:
        put_address(patient, details.address)
    if details.emergency != before.emergency:
        put_emergency(patient, details.emergency)
    _put_numbers(patient, details, region)
    return patient


def put_record_number(patient: Json, value: str) -> None:
    """Give a record its number in this practice, in front of all others."""
    part = {
        "use": "usual",
        "type": {"coding": [{"system": s.IDENTIFIER_TYPES, "code": "MR"}]},
        "system": s.RECORD_NUMBER,
        "value": value,
    }
    rest = [known for known in patient.get("identifier") or [] if known.get("system") != s.RECORD_NUMBER]
    patient["identifier"] = [part, *rest]


def put_identifiers(patient: Json, identifiers: Iterable[Json]) -> None:
    """Add further identifiers, each once."""
    known = {(text(part.get("system")), text(part.get("value"))) for part in parts(patient, "identifier")}
    fresh = [part for part in identifiers if (part["system"], part["value"]) not in known]
    if fresh:
        patient["identifier"] = [*parts(patient, "identifier"), *fresh]


def language_of(patient: Json) -> str:
    """The language a person prefers to speak, as a BCP 47 code."""
    spoken = first(patient, "communication", lambda part: part.get("preferred") is True)
    spoken = spoken or first(patient, "communication", lambda _: True)
    language = spoken.get("language")
    codes = parts(language, "coding") if isinstance(language, dict) else []
    return text(codes[0].get("code")) if codes else ""


def numbers_of(patient: Json, region: Region) -> tuple[Number, ...]:
    """The identifiers of kinds that the region knows."""
    found = []
    for part in parts(patient, "identifier"):
        kind = region.kind_of_system(text(part.get("system")))
        if kind and text(part.get("value")):
            found.append(Number(kind.code, text(part["value"])))
    return tuple(found)


def _put_names(patient: Json, details: PatientDetails, before: PatientDetails) -> None:
    legal_now = (details.given, details.middle, details.family, details.prefix, details.suffix)
    if legal_now != (before.given, before.middle, before.family, before.prefix, before.suffix):
        known = names.official(patient)
        name = {"use": "official"} | {k: v for k, v in known.items() if k not in ("text", "_given", "_family")}
        keep(name, "family", details.family)
        keep(name, "given", [one for one in (details.given, *details.middle.split()) if one])
        keep(name, "prefix", [details.prefix] if details.prefix else [])
        keep(name, "suffix", [details.suffix] if details.suffix else [])
        put(patient, "name", lambda part: part is known, name)
    if details.preferred != before.preferred:
        known_usual = names.usual(patient)
        usual = {"use": "usual", "given": [details.preferred]} if details.preferred else None
        put(patient, "name", lambda part: part is known_usual, usual)
    if details.maiden != before.maiden:
        maiden = {"use": "maiden", "family": details.maiden} if details.maiden else None
        put(patient, "name", lambda part: part.get("use") == "maiden", maiden)


def _put_birth(patient: Json, details: PatientDetails) -> None:
    keep(patient, "birthDate", details.birth_date)
    born = dict(patient.get("_birthDate") or {})
    put_extension(born, s.ESTIMATED, {"valueBoolean": True} if details.birth_estimated else None)
    keep(patient, "_birthDate", born)


def _put_words(patient: Json, details: PatientDetails, before: PatientDetails) -> None:
    said = {"valueString": details.pronouns} if details.pronouns else None
    put_extension(patient, s.PRONOUNS, said)
    identity = {"valueString": details.gender_identity} if details.gender_identity else None
    put_extension(patient, s.GENDER_IDENTITY, identity)
    put_extension(patient, s.CONTACT_BY, {"valueCode": details.contact_by} if details.contact_by else None)
    if details.interpreter != before.interpreter:
        needed = {"valueBoolean": True} if details.interpreter else None
        put_extension(patient, s.INTERPRETER, needed)
    if details.language != before.language:
        _put_language(patient, details.language)
    if details.marital != before.marital:
        keep(patient, "maritalStatus", _marital(details.marital))
    if details.general_practitioner != before.general_practitioner:
        doctor = {"display": details.general_practitioner} if details.general_practitioner else None
        put(patient, "generalPractitioner", lambda _: True, doctor)


def _put_language(patient: Json, code: str) -> None:
    concept = {"coding": [{"system": s.LANGUAGES, "code": code}], "text": language_name(code)}
    known = first(patient, "communication", lambda part: part.get("preferred") is True)
    known = known or first(patient, "communication", lambda _: True)
    spoken = {"language": concept, "preferred": True} if code else None
    put(patient, "communication", lambda part: part is known, spoken)


def _marital_of(patient: Json) -> str:
    concept = patient.get("maritalStatus")
    if not isinstance(concept, dict):
        return ""
    code = coded(concept, s.MARITAL_STATUS) or coded(concept, s.NULL_FLAVOR)
    return code if code in MARITAL else ""


def _marital(code: str) -> Json:
    system = s.NULL_FLAVOR if code == "UNK" else s.MARITAL_STATUS
    return {"coding": [{"system": system, "code": code}]} if code else {}


def _put_numbers(patient: Json, details: PatientDetails, region: Region) -> None:
    for kind in region.person_identifiers():
        value = details.number(kind.code)
        known = first(patient, "identifier", _of_system(kind.system))
        if value == text(known.get("value")):
            continue
        part: Json | None = None
        if value:
            typed = {"coding": [{"system": s.IDENTIFIER_TYPES, "code": kind.type_code}], "text": kind.name}
            part = {**known, "type": typed, "system": kind.system, "value": value}
        put(patient, "identifier", _same(known), part)


def _of_system(system: str) -> Test:
    return lambda part: part.get("system") == system


def _same(known: Json) -> Test:
    return lambda part: part is known


def _type_code(part: Json) -> str:
    kind = part.get("type")
    return coded(kind, s.IDENTIFIER_TYPES) if isinstance(kind, dict) else ""
