"""Doctor, pharmacy, employer and the ways to reach somebody, in FHIR."""

from __future__ import annotations

from typing import Any

from clinic.core.json import Json
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.parts import Test, coded, extension, first, keep, parts, put, put_extension, text
from clinic.registration.rules.details import CHANNELS, PatientDetails

_PREFERRED = {"text": "Preferred by the patient"}


def circle_values(patient: Json) -> dict[str, Any]:
    """Whom else the practice deals with, by the fields of PatientDetails."""
    return {
        "general_practitioner": text(_doctor(patient).get("display")),
        "pharmacy": text(_reference(_pharmacy(patient)).get("display")),
        "employer": _employer_name(patient),
        "occupation": text(extension(patient, s.OCCUPATION).get("valueString")),
        "contact_by": text(extension(patient, s.CONTACT_BY).get("valueCode")),
        "never_by": _never_by(patient),
        "known_of": text(extension(patient, s.KNOWN_OF).get("valueString")),
    }


def put_circle(patient: Json, details: PatientDetails, before: PatientDetails) -> None:
    """Write what changed."""
    if details.general_practitioner != before.general_practitioner:
        known = _doctor(patient)
        put(patient, "generalPractitioner", lambda part: part is known, _shown(details.general_practitioner))
    if details.pharmacy != before.pharmacy:
        put_extension(patient, s.PHARMACY, _kept_at(details.pharmacy))
    if details.employer != before.employer:
        _put_employer(patient, details.employer)
    for field, url, kind in (
        ("occupation", s.OCCUPATION, "valueString"),
        ("contact_by", s.CONTACT_BY, "valueCode"),
        ("known_of", s.KNOWN_OF, "valueString"),
    ):
        value = getattr(details, field)
        if value != getattr(before, field):
            put_extension(patient, url, {kind: value} if value else None)
    if details.never_by != before.never_by:
        rest = [part for part in parts(patient, "extension") if part.get("url") != s.NEVER_BY]
        keep(patient, "extension", rest + [{"url": s.NEVER_BY, "valueCode": one} for one in details.never_by])


def point_at(patient: Json, field: str, reference: str) -> None:
    """Make the doctor or the pharmacy point at a record on file, such as "Practitioner/1"."""
    part = _doctor(patient) if field == "general_practitioner" else _reference(_pharmacy(patient))
    if part and reference:
        part["reference"] = reference


def _doctor(patient: Json) -> Json:
    return first(patient, "generalPractitioner", lambda part: bool(part.get("display") or part.get("reference")))


def _shown(display: str) -> Json | None:
    return {"display": display} if display else None


def _pharmacy(patient: Json) -> Json:
    return extension(patient, s.PHARMACY)


def _reference(part: Json) -> Json:
    found = extension(part, "pharmacy").get("valueReference")
    return found if isinstance(found, dict) else {}


def _kept_at(display: str) -> Json | None:
    if not display:
        return None
    return {
        "extension": [
            {"url": "pharmacy", "valueReference": {"display": display}},
            {"url": "type", "valueCodeableConcept": _PREFERRED},
        ]
    }


def _is_employer(part: Json) -> bool:
    return any(coded(concept, s.CONTACT_ROLE) == "E" for concept in parts(part, "relationship"))


def _employer_name(patient: Json) -> str:
    organization = first(patient, "contact", _is_employer).get("organization")
    return text(organization.get("display")) if isinstance(organization, dict) else ""


def _put_employer(patient: Json, name: str) -> None:
    known = first(patient, "contact", _is_employer)
    role = [{"coding": [{"system": s.CONTACT_ROLE, "code": "E"}]}]
    part = {"relationship": role, **known, "organization": {"display": name}}
    same: Test = lambda one: one is known  # noqa: E731
    put(patient, "contact", same, part if name else None)


def _never_by(patient: Json) -> tuple[str, ...]:
    said = [text(part.get("valueCode")) for part in parts(patient, "extension") if part.get("url") == s.NEVER_BY]
    return tuple(channel for channel in CHANNELS if channel and channel in said)
