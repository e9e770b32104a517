"""A visit's sheet as a draft Claim."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from clinic.billing.rules import ChargeLine, Diagnosis, Sheet
from clinic.billing.rules.sheet import OFFICE
from clinic.codes.systems import HCPCS, ICD10CM, MODIFIER, PLACE, URI
from clinic.core.json import Json
from clinic.core.money import Money, of_decimal

ENCOUNTER = "urn:clinic:encounter"
TO_FIX = "urn:clinic:to-fix"
SELF_PAY = "Self-pay"
_TOO_MANY = Decimal(10_000_000)
DRAFT, READY = "draft", "active"
_TYPE = "http://terminology.hl7.org/CodeSystem/claim-type"
_PRIORITY = "http://terminology.hl7.org/CodeSystem/processpriority"


@dataclass(frozen=True, slots=True)
class ClaimFrame:
    """What a claim says besides its sheet. `coverages` are references in their order; none is self-pay."""

    encounter: str
    patient: str
    provider: Json
    day: date
    created: str
    currency: str
    coverages: tuple[str, ...] = ()
    to_fix: int = 0


def claim_of(sheet: Sheet, frame: ClaimFrame) -> Json:
    """The draft claim of a sheet, without an id."""
    day = frame.day.isoformat()
    claim: Json = {
        "resourceType": "Claim",
        "extension": [
            {"url": ENCOUNTER, "valueReference": {"reference": frame.encounter}},
            {"url": TO_FIX, "valueUnsignedInt": frame.to_fix},
        ],
        "status": DRAFT,
        "type": {"coding": [{"system": _TYPE, "code": "professional"}]},
        "use": "claim",
        "patient": {"reference": frame.patient},
        "billablePeriod": {"start": day, "end": day},
        "created": frame.created,
        "provider": frame.provider,
        "priority": {"coding": [{"system": _PRIORITY, "code": "normal"}]},
        "insurance": _insurance(frame.coverages),
        "total": _amount(sheet.total, frame.currency),
    }
    if sheet.diagnoses:
        claim["diagnosis"] = [_diagnosis(place, each) for place, each in enumerate(sheet.diagnoses, 1)]
    if sheet.lines:
        claim["item"] = [_item(number, line, sheet, frame) for number, line in enumerate(sheet.lines, 1)]
    return claim


def sheet_in(claim: Json) -> Sheet:
    """The sheet of a claim, whoever wrote it; what cannot be read as one is left out."""
    diagnoses = sorted(claim.get("diagnosis", []), key=lambda each: int(each["sequence"]))
    place_of = {int(each["sequence"]): place for place, each in enumerate(diagnoses, 1)}
    items = sorted(claim.get("item", []), key=lambda each: int(each["sequence"]))
    places = [code for item in items if (code := _code(item.get("locationCodeableConcept"))[1])]
    return Sheet(
        tuple(Diagnosis(*_code(each.get("diagnosisCodeableConcept"))[1:]) for each in diagnoses),
        tuple(_line(item, place_of) for item in items),
        places[0] if places else OFFICE,
    )


def encounter_of(claim: Json) -> str:
    """The id of the visit that a claim is for; empty when it names none."""
    for extension in claim.get("extension", []):
        if extension.get("url") == ENCOUNTER:
            return _id(extension.get("valueReference"))
    for item in claim.get("item", []):
        for reference in item.get("encounter", []):
            return _id(reference)
    return ""


def to_fix_of(claim: Json) -> int:
    """How many stops the last checks found."""
    return next((int(e["valueUnsignedInt"]) for e in claim.get("extension", []) if e.get("url") == TO_FIX), 0)


def is_ready(claim: Json | None) -> bool:
    """Whether the sheet was said to be ready for the claim."""
    return claim is not None and claim.get("status") == READY


def mark_ready(claim: Json, ready: bool) -> Json:
    """The claim as ready, or as a draft again."""
    return {**claim, "status": READY if ready else DRAFT}


def coverages_in(claim: Json) -> tuple[str, ...]:
    """The references of the claim's coverages, the first payer first; none for self-pay."""
    rows = sorted(claim.get("insurance", []), key=lambda each: int(each["sequence"]))
    return tuple(ref for row in rows if (ref := row["coverage"].get("reference")))


def _insurance(coverages: tuple[str, ...]) -> list[Json]:
    if not coverages:
        return [{"sequence": 1, "focal": True, "coverage": {"display": SELF_PAY}}]
    return [
        {"sequence": place, "focal": place == 1, "coverage": {"reference": reference}}
        for place, reference in enumerate(coverages, 1)
    ]


def _diagnosis(place: int, diagnosis: Diagnosis) -> Json:
    concept = _concept(URI[ICD10CM], diagnosis.code, diagnosis.display)
    return {"sequence": place, "diagnosisCodeableConcept": concept}


def _item(number: int, line: ChargeLine, sheet: Sheet, frame: ClaimFrame) -> Json:
    item: Json = {"sequence": number}
    if line.pointers:
        item["diagnosisSequence"] = list(line.pointers)
    item["productOrService"] = _concept(line.system, line.code, line.display)
    if line.modifiers:
        item["modifier"] = [_concept(URI[MODIFIER], each) for each in line.modifiers]
    item |= {
        "servicedDate": (line.day or frame.day).isoformat(),
        "locationCodeableConcept": _concept(URI[PLACE], sheet.place),
        "quantity": {"value": line.units},
        "unitPrice": _amount(line.fee, frame.currency),
        "net": _amount(line.total, frame.currency),
        "encounter": [{"reference": frame.encounter}],
    }
    return item


def _line(item: Json, place_of: dict[int, int]) -> ChargeLine:
    system, code, display = _code(item.get("productOrService"))
    return ChargeLine(
        code=code,
        system=system or URI[HCPCS],
        display=display,
        modifiers=tuple(name for each in item.get("modifier", []) if (name := _code(each)[1])),
        pointers=tuple(place_of[p] for each in item.get("diagnosisSequence", []) if (p := int(each)) in place_of),
        units=_units(item.get("quantity")),
        fee=_cents(item.get("unitPrice") or item.get("net")),
        day=_day(item.get("servicedDate")),
    )


def _concept(system: str, code: str, display: str = "") -> Json:
    coding = {"system": system, "code": code, **({"display": display} if display else {})}
    return {"coding": [coding]}


def _code(concept: Any) -> tuple[str, str, str]:
    for coding in (concept or {}).get("coding", []):
        if coding.get("code"):
            display = coding.get("display") or (concept or {}).get("text") or ""
            return str(coding.get("system", "")), str(coding["code"]), str(display)
    return "", "", str((concept or {}).get("text", ""))


def _amount(cents: int, currency: str) -> Json:
    return {"value": Money(cents, currency).decimal, "currency": currency}


def _units(quantity: Any) -> Decimal:
    """The units of a line; one where none, or no number that a line can have, is given."""
    value = Decimal(str((quantity or {}).get("value", 1)))
    return value if value.is_finite() and abs(value) < _TOO_MANY else Decimal(1)


def _cents(amount: Any) -> int:
    value = Decimal(str((amount or {}).get("value", 0)))
    return of_decimal(value).cents if value.is_finite() and abs(value) < _TOO_MANY else 0


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else None


def _id(reference: Any) -> str:
    return str((reference or {}).get("reference", "")).removeprefix("Encounter/")
