"""Between a flag of the desk and FHIR Flag."""

from __future__ import annotations

from typing import Any

from clinic.core.json import Json
from clinic.fhir.subject import patient_of
from clinic.registration.mapping.parts import parts, text
from clinic.registration.rules.flags import COLOURS, KINDS, OWN, SHAPES, Flag, Kind

SYSTEM = "urn:clinic:flag"
LOOK = "urn:clinic:flag-look"
"""Shape and colour of a kind that the practice added, so that the flag is drawn alike wherever it goes."""
_CATEGORIES = "http://terminology.hl7.org/CodeSystem/flag-category"
_CATEGORY = {
    "safety": ("safety", "Safety"), "allergy": ("clinical", "Clinical"), "no-texts": ("contact", "Subject Contact"),
    "interpreter": ("contact", "Subject Contact"), "payment": ("admin", "Administrative"),
}  # fmt: skip
_BY_CATEGORY = {"safety": "safety", "behavioral": "safety", "clinical": "allergy", "drug": "allergy", "lab": "allergy"}
_USUAL = {kind.code: kind for kind in KINDS}


def flag_resource(flag: Flag, kind: Kind, patient_id: str, *, author: Json) -> Json:
    """The Flag to keep."""
    code, display = _CATEGORY.get(kind.code, ("clinical", "Clinical") if kind.clinical else ("admin", "Administrative"))
    period = {"start": flag.starts, **({"end": flag.ends} if flag.ends else {})}
    resource: Json = {
        "resourceType": "Flag",
        "status": "active",
        "category": [{"coding": [{"system": _CATEGORIES, "code": code, "display": display}]}],
        "code": {
            "coding": [{"system": SYSTEM, "code": kind.code, "display": kind.label}],
            "text": flag.text or kind.label,
        },
        "subject": {"reference": f"Patient/{patient_id}"},
        "period": period,
        "author": author,
    }
    if kind.own:
        resource["extension"] = [{"url": LOOK, "valueString": f"{kind.shape} {kind.colour}"}]
    return resource


def flag_of(resource: Json) -> Flag:
    """The flag in a resource; one that another program wrote is read by its category and text."""
    period = resource.get("period")
    when = period if isinstance(period, dict) else {}
    kind = kind_code(resource)
    code = resource.get("code")
    said = text(code.get("text")) if isinstance(code, dict) else ""
    usual = _USUAL.get(kind)
    return Flag(
        kind,
        "" if usual and said == usual.label else said,
        text(when.get("start"))[:10],
        _last_day(text(when.get("end"))[:10]),
    )


def _last_day(end: str) -> str:
    """A year or a month lasts until its last day."""
    return end + {4: "-12-31", 7: "-31"}.get(len(end), "")


def kind_code(resource: Json) -> str:
    """The kind of a Flag: our own code, else what its category comes nearest to."""
    code = resource.get("code")
    for coding in parts(code, "coding") if isinstance(code, dict) else ():
        if coding.get("system") == SYSTEM and coding.get("code"):
            return text(coding["code"])[:40]
    for concept in parts(resource, "category"):
        for coding in parts(concept, "coding"):
            if coding.get("code") in _BY_CATEGORY:
                return _BY_CATEGORY[coding["code"]]
    return OWN


def project_flag(resource: Json) -> list[dict[str, Any]]:
    """The row of an active flag of a patient."""
    patient_id = patient_of(resource)
    if resource.get("status") != "active" or not patient_id:
        return []
    flag = flag_of(resource)
    usual = _USUAL.get(flag.kind) or _USUAL[OWN]
    shape, colour = _look(resource) or (usual.shape, usual.colour)
    return [
        {
            "id": resource["id"],
            "patient_id": patient_id,
            "kind": flag.kind,
            "label": " ".join((flag.text or _words(resource) or usual.label).split())[:120],
            "shape": shape,
            "colour": colour,
            "clinical": _is_clinical(resource, flag.kind),
            "starts": flag.starts,
            "ends": flag.ends,
        }
    ]


def _is_clinical(resource: Json, kind: str) -> bool:
    codes = {c.get("code") for concept in parts(resource, "category") for c in parts(concept, "coding")}
    return bool(codes & {"clinical", "drug", "lab", "diet", "research", "advance-directive"}) or kind == "allergy"


def _look(resource: Json) -> tuple[str, str] | None:
    for one in parts(resource, "extension"):
        if one.get("url") == LOOK:
            shape, _, colour = text(one.get("valueString")).partition(" ")
            if shape in SHAPES and colour in COLOURS:
                return shape, colour
    return None


def _words(resource: Json) -> str:
    code = resource.get("code")
    found = [text(coding.get("display")) for coding in parts(code, "coding")] if isinstance(code, dict) else []
    return next(filter(None, found), "")
