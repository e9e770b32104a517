"""PatientDetails from a FHIR Patient and back. What the desk does not know of a record stays untouched."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from functools import cache

from clinic.core.json import Json
from clinic.fhir.subject import reference_id
from clinic.regions import Region, region_of
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.absent import absent_of, forget_reasons, tell_reasons
from clinic.registration.mapping.birth import birth_values, put_birth
from clinic.registration.mapping.circle import circle_values, put_circle
from clinic.registration.mapping.contact import (
    emergency_contacts,
    put_emergencies,
    put_telecom,
    relative_of,
    telecom_values,
)
from clinic.registration.mapping.gender import gender_values, put_gender
from clinic.registration.mapping.names import name_values, put_names
from clinic.registration.mapping.origin import origin_values, put_origin
from clinic.registration.mapping.own import own_of, put_own
from clinic.registration.mapping.parts import Test, coded, extension, first, keep, parts, put, put_extension, text
from clinic.registration.mapping.places import place_values, put_places
from clinic.registration.rules.details import MARITAL, SEXES, Number, PatientDetails


@dataclass(frozen=True)
class Moment:
    """When and where a record is changed: the local day, the zone, and what is left behind by a true change.

    What is in `moved` ("address", "name") is no correction: the old one stays, with this day as its last.
    """

    day: str = ""
    zone: str = "UTC"
    moved: frozenset[str] = frozenset()

    def left(self, what: str) -> str:
        """The last day of what is left behind, or nothing for a correction."""
        return self.day if what in self.moved else ""


_LANGUAGE_NAMES = {
    "en": "English", "es": "Spanish", "zh": "Chinese", "tl": "Tagalog", "vi": "Vietnamese", "ar": "Arabic",
    "fr": "French", "ko": "Korean", "ru": "Russian", "pt": "Portuguese", "ht": "Haitian Creole", "hi": "Hindi",
    "pl": "Polish", "de": "German", "fa": "Persian", "sgn": "Sign language", "nl": "Dutch", "tr": "Turkish",
    "pap": "Papiamento", "zgh": "Tamazight", "uk": "Ukrainian", "ti": "Tigrinya", "it": "Italian",
    "ase": "American Sign Language", "dse": "Sign Language of the Netherlands",
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
    sex = text(patient.get("gender"))
    people = [relative_of(part) for part in emergency_contacts(patient)[:3]]
    values = (
        name_values(patient)
        | birth_values(patient)
        | gender_values(patient)
        | telecom_values(patient)
        | place_values(patient)
        | origin_values(patient)
        | circle_values(patient)
        | dict(zip(("emergency", "emergency2", "emergency3"), people, strict=False))
    )
    return PatientDetails(
        **values,
        sex=sex if sex in SEXES else "unknown",
        language=language_of(patient),
        interpreter=extension(patient, s.INTERPRETER).get("valueBoolean") is True,
        interpreter_language=_code(_interpreted(patient)),
        marital=_marital_of(patient),
        numbers=numbers_of(patient, region),
        absent=absent_of(patient, region),
        own=own_of(patient),
    )


def patient_with(details: PatientDetails, known: Json, region: Region, moment: Moment = Moment()) -> Json:
    """The record with the details in it: `known` is the record as it is, or `{}` for a new one."""
    patient = deepcopy(known) or {"resourceType": "Patient", "active": True}
    before = details_of(patient, region) if known else _nobody(region.code)
    forget_reasons(patient, details, before, region)
    put_names(patient, details, before, moment.left("name"))
    put_birth(patient, details, before, moment.zone)
    if details.sex != before.sex or "gender" not in patient:
        patient["gender"] = details.sex
    put_gender(patient, details, before, region.country)
    put_origin(patient, details, before)
    put_circle(patient, details, before)
    _put_words(patient, details, before)
    put_telecom(patient, details, before)
    put_places(patient, details, before, moment.left("address"))
    put_emergencies(patient, details, before)
    _put_numbers(patient, details, region)
    put_own(patient, details.own)
    tell_reasons(patient, details, before, region)
    return patient


@cache
def _nobody(code: str) -> PatientDetails:
    """What is known of somebody new in a country: read once, since every registration begins there."""
    return details_of({}, region_of(code))


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
    return _code(_spoken(patient))


def numbers_of(patient: Json, region: Region) -> tuple[Number, ...]:
    """The identifiers of kinds that the region knows."""
    found = []
    for part in parts(patient, "identifier"):
        kind = region.kind_of_system(text(part.get("system")))
        if kind and text(part.get("value")):
            found.append(Number(kind.code, text(part["value"])))
    return tuple(found)


def _spoken(patient: Json) -> Json:
    spoken = first(patient, "communication", lambda part: part.get("preferred") is True)
    return spoken or first(patient, "communication", lambda part: not extension(part, s.INTERPRETED))


def _interpreted(patient: Json) -> Json:
    """The language of the interpreter where it is another than the one preferred."""
    return first(patient, "communication", lambda part: bool(extension(part, s.INTERPRETED)))


def _code(spoken: Json) -> str:
    language = spoken.get("language")
    codes = parts(language, "coding") if isinstance(language, dict) else []
    return text(codes[0].get("code")) if codes else ""


def _put_words(patient: Json, details: PatientDetails, before: PatientDetails) -> None:
    if details.interpreter != before.interpreter:
        needed = {"valueBoolean": True} if details.interpreter else None
        put_extension(patient, s.INTERPRETER, needed)
    if details.language != before.language:
        _put_language(patient, _spoken(patient), details.language, {"preferred": True})
    if details.interpreter_language != before.interpreter_language:
        mark = {"extension": [{"url": s.INTERPRETED, "valueBoolean": True}]}
        _put_language(patient, _interpreted(patient), details.interpreter_language, mark)
    if details.marital != before.marital:
        keep(patient, "maritalStatus", _marital(details.marital))


def _put_language(patient: Json, known: Json, code: str, mark: Json) -> None:
    concept = {"coding": [{"system": s.LANGUAGES, "code": code}], "text": language_name(code)}
    put(patient, "communication", _same(known), {"language": concept, **mark} if code else None)


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
