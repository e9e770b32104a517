"""Why a value is missing, in FHIR: data-absent-reason on the element, or the null flavor where US Core says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from clinic.core.json import Json
from clinic.regions import Region, region_of
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.parts import Test, coded, extension, keep, parts, text
from clinic.registration.rules.details import ASKABLE, DECLINED, UNKNOWN, Absent, PatientDetails

_CODES = {DECLINED: "asked-declined", UNKNOWN: "asked-unknown"}
_REASONS = {code: reason for reason, code in _CODES.items()}
_FLAVORS = {DECLINED: "ASKU", UNKNOWN: "UNK"}
_FLAVOR_REASONS = {code: reason for reason, code in _FLAVORS.items()}
_FLAVOR_WORDS = {DECLINED: "Asked but no answer", UNKNOWN: "Unknown"}


@dataclass(frozen=True)
class _Spot:
    """Where the reason of one field stands: the list it is in, how a part is known, read and made."""

    element: str
    test: Test
    read: Callable[[Json], str]
    make: Callable[[str], Json]


def absent_of(patient: Json, region: Region) -> tuple[Absent, ...]:
    """Every reason that a record gives for a missing value."""
    found = []
    for field, spot in _spots(region).items():
        reasons = (spot.read(part) for part in parts(patient, spot.element) if spot.test(part))
        reason = next(filter(None, reasons), "")
        if reason:
            found.append(Absent(field, reason))
    marital = patient.get("maritalStatus")
    if isinstance(marital, dict) and _told(marital):
        found.append(Absent("marital", _told(marital)))
    return tuple(sorted(found, key=lambda one: one.field))


def forget_reasons(patient: Json, details: PatientDetails, before: PatientDetails, region: Region) -> None:
    """Take away the reasons that no longer hold; to be done before the values are written."""
    spots = _spots(region)
    for one in before.absent:
        if one in details.absent:
            continue
        if one.field == "marital":
            patient.pop("maritalStatus", None)
        elif one.field in spots:
            spot = spots[one.field]
            rest = [
                part for part in patient.get(spot.element) or []
                if not (isinstance(part, dict) and spot.test(part) and spot.read(part))
            ]  # fmt: skip
            keep(patient, spot.element, rest)


def tell_reasons(patient: Json, details: PatientDetails, before: PatientDetails, region: Region) -> None:
    """Write the reasons that are new; to be done after the values are written."""
    spots = _spots(region)
    for one in details.absent:
        if one in before.absent:
            continue
        if one.field == "marital":
            patient["maritalStatus"] = _why(one.reason)
        elif one.field in spots:
            spot = spots[one.field]
            patient[spot.element] = [*(patient.get(spot.element) or []), spot.make(one.reason)]


def _spots(region: Region) -> dict[str, _Spot]:
    return _spots_of(region.code)


@cache
def _spots_of(code: str) -> dict[str, _Spot]:
    region = region_of(code)
    spots = {
        "mobile": _value("telecom", {"system": "phone", "use": "mobile"}),
        "home_phone": _value("telecom", {"system": "phone", "use": "home"}),
        "email": _value("telecom", {"system": "email"}),
        "address": _whole("address", {"use": "home"}),
        "general_practitioner": _whole("generalPractitioner", {}),
        "emergency": _inside("contact", "name", {"relationship": [_role("C")]}),
        "language": _inside("communication", "language", {}),
        "birth_sex": _extension(s.BIRTH_SEX, lambda part: text(part.get("valueCode")), _flavor_code),
        "gender_identity": _extension(_identity(region), _flavor_in, _identity_flavor(region)),
        "orientation": _extension(s.ORIENTATION, _flavor_in, _concept_flavor),
        "pronouns": _extension(s.PRONOUNS, _flavor_in, _nested_flavor("value", "valueCodeableConcept")),
        "race": _extension(s.RACE, _flavor_in, _category_flavor),
        "ethnicity": _extension(s.ETHNICITY, _flavor_in, _category_flavor),
        "tribes": _extension(s.TRIBE, _flavor_in, _nested_flavor("tribalAffiliation", "valueCodeableConcept")),
        "pharmacy": _own("pharmacy"),
        "employer": _own("employer"),
    }
    for kind in region.person_identifiers():
        typed = {"coding": [{"system": s.IDENTIFIER_TYPES, "code": kind.type_code}], "text": kind.name}
        spots[f"number_{kind.code}"] = _value("identifier", {"system": kind.system}, {"type": typed})
    return {name: spot for name, spot in spots.items() if name in ASKABLE or name.startswith("number_")}


def _why(reason: str) -> Json:
    return {"extension": [{"url": s.ABSENT, "valueCode": _CODES[reason]}]}


def _told(part: Json) -> str:
    return _REASONS.get(text(extension(part, s.ABSENT).get("valueCode")), "")


def _under(part: Json, name: str) -> str:
    inner = part.get(name)
    return _told(inner) if isinstance(inner, dict) else ""


def _value(element: str, marks: Json, more: Json | None = None) -> _Spot:
    return _Spot(
        element,
        lambda part: not part.get("value") and all(part.get(key) == value for key, value in marks.items()),
        lambda part: _under(part, "_value"),
        lambda reason: {**(more or {}), **marks, "_value": _why(reason)},
    )


def _whole(element: str, marks: Json) -> _Spot:
    return _Spot(element, lambda _part: True, _told, lambda reason: {**_why(reason), **marks})


def _inside(element: str, name: str, marks: Json) -> _Spot:
    return _Spot(
        element, lambda _part: True, lambda part: _under(part, name), lambda reason: {**marks, name: _why(reason)}
    )


def _role(code: str) -> Json:
    return {"coding": [{"system": s.CONTACT_ROLE, "code": code}]}


def _extension(url: str, flavor: Callable[[Json], str], make: Callable[[str], Json]) -> _Spot:
    return _Spot(
        "extension",
        lambda part: part.get("url") == url,
        lambda part: _FLAVOR_REASONS.get(flavor(part), ""),
        lambda reason: {"url": url, **make(reason)},
    )


def _own(field: str) -> _Spot:
    """For a field that FHIR has no element for, which the reason could stand on."""
    return _Spot(
        "extension",
        lambda part: part.get("url") == s.UNASKED and extension(part, "field").get("valueCode") == field,
        lambda part: _REASONS.get(text(extension(part, "reason").get("valueCode")), ""),
        lambda reason: {
            "url": s.UNASKED,
            "extension": [{"url": "field", "valueCode": field}, {"url": "reason", "valueCode": _CODES[reason]}],
        },
    )


def _coding(reason: str) -> Json:
    return {"system": s.NULL_FLAVOR, "code": _FLAVORS[reason], "display": _FLAVOR_WORDS[reason]}


def _concept(reason: str) -> Json:
    return {"coding": [_coding(reason)], "text": _FLAVOR_WORDS[reason]}


def _flavor_code(reason: str) -> Json:
    return {"valueCode": _FLAVORS[reason]}


def _identity(region: Region) -> str:
    return s.US_IDENTITY if region.country == "US" else s.IDENTITY


def _identity_flavor(region: Region) -> Callable[[str], Json]:
    if region.country == "US":
        return _concept_flavor
    return _nested_flavor("value", "valueCodeableConcept")


def _concept_flavor(reason: str) -> Json:
    return {"valueCodeableConcept": _concept(reason)}


def _nested_flavor(url: str, key: str) -> Callable[[str], Json]:
    return lambda reason: {"extension": [{"url": url, key: _concept(reason)}]}


def _category_flavor(reason: str) -> Json:
    return {
        "extension": [
            {"url": "ombCategory", "valueCoding": _coding(reason)},
            {"url": "text", "valueString": _FLAVOR_WORDS[reason]},
        ]
    }


def _flavor_in(part: Json) -> str:
    """The null flavor in an extension, in whichever way it holds one."""
    for one in (part, *parts(part, "extension")):
        coding, concept = one.get("valueCoding"), one.get("valueCodeableConcept")
        if isinstance(coding, dict) and coding.get("system") == s.NULL_FLAVOR:
            return text(coding.get("code"))
        if isinstance(concept, dict) and coded(concept, s.NULL_FLAVOR):
            return coded(concept, s.NULL_FLAVOR)
    return ""
