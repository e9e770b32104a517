"""Race, ethnicity and tribe as US Core writes them: the wide categories, the finer codes, and a text."""

from __future__ import annotations

from typing import Any

from clinic.core.json import Json
from clinic.regions.named import named_codes
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.parts import coded, extension, keep, parts, put_extension, text
from clinic.registration.rules.details import ETHNICITIES, RACES, PatientDetails


def origin_values(patient: Json) -> dict[str, Any]:
    """Race, ethnicity and tribes by the fields of PatientDetails."""
    race, race_detail = _codes(extension(patient, s.RACE))
    ethnicity, ethnicity_detail = _codes(extension(patient, s.ETHNICITY))
    return {
        "race": tuple(code for code in race if code in RACES),
        "race_detail": race_detail,
        "ethnicity": next((code for code in ethnicity if code in ETHNICITIES), ""),
        "ethnicity_detail": ethnicity_detail,
        "tribes": tuple(filter(None, (_tribe(part) for part in _affiliations(patient)))),
    }


def put_origin(patient: Json, details: PatientDetails, before: PatientDetails) -> None:
    """Write what changed."""
    if (details.race, details.race_detail) != (before.race, before.race_detail):
        put_extension(patient, s.RACE, _categories("race", details.race, details.race_detail))
    if (details.ethnicity, details.ethnicity_detail) != (before.ethnicity, before.ethnicity_detail):
        wide = (details.ethnicity,) if details.ethnicity else ()
        put_extension(patient, s.ETHNICITY, _categories("ethnicity", wide, details.ethnicity_detail))
    if details.tribes != before.tribes:
        known = {_tribe(part): part for part in _affiliations(patient)}
        rest = [part for part in parts(patient, "extension") if part.get("url") != s.TRIBE or not _tribe(part)]
        keep(patient, "extension", rest + [known.get(code) or _affiliation(code) for code in details.tribes])


def _codes(part: Json) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found: dict[str, list[str]] = {"ombCategory": [], "detailed": []}
    for inner in parts(part, "extension"):
        coding = inner.get("valueCoding")
        code = text(coding.get("code")) if isinstance(coding, dict) and coding.get("system") == s.RACE_CODES else ""
        if code and inner.get("url") in found:
            found[str(inner["url"])].append(code)
    return tuple(found["ombCategory"]), tuple(found["detailed"])


def _categories(list_: str, wide: tuple[str, ...], fine: tuple[str, ...]) -> Json | None:
    if not wide and not fine:
        return None
    names = named_codes(list_)
    said = [
        {"url": url, "valueCoding": {"system": s.RACE_CODES, "code": code, "display": names.name(code)}}
        for url, codes in (("ombCategory", wide), ("detailed", fine))
        for code in codes
    ]
    words = ", ".join(names.name(code) for code in (*wide, *fine))
    return {"extension": [*said, {"url": "text", "valueString": words}]}


def _affiliations(patient: Json) -> list[Json]:
    return [part for part in parts(patient, "extension") if part.get("url") == s.TRIBE]


def _tribe(part: Json) -> str:
    concept = extension(part, "tribalAffiliation").get("valueCodeableConcept")
    return coded(concept, s.TRIBE_CODES) if isinstance(concept, dict) else ""


def _affiliation(code: str) -> Json:
    name = named_codes("tribes").name(code)
    concept = {"coding": [{"system": s.TRIBE_CODES, "code": code, "display": name}], "text": name}
    return {"url": s.TRIBE, "extension": [{"url": "tribalAffiliation", "valueCodeableConcept": concept}]}
