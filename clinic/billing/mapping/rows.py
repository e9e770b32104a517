"""From resources to the rows of the billing screens."""

from __future__ import annotations

from typing import Any

from clinic.billing.mapping import claims
from clinic.billing.mapping.fees import fee_in
from clinic.billing.tables import billing_claim, billing_coverage, billing_fee, billing_visit
from clinic.codes.systems import key_of
from clinic.core.days import read_instant
from clinic.core.json import Json
from clinic.core.names import fold
from clinic.fhir.registry import ReadModel
from clinic.fhir.subject import reference_id

_CHARGED = {"arrived", "triaged", "in-progress", "onleave", "finished"}


def visit_rows(encounter: Json) -> list[dict[str, Any]]:
    """One row for a visit that has begun; none for planned and cancelled ones."""
    start = _start(encounter)
    subject = encounter.get("subject") or {}
    if encounter.get("status") not in _CHARGED or start is None:
        return []
    name = str(subject.get("display", ""))[:200]
    return [
        {
            "id": encounter["id"],
            "start": start,
            "status": encounter["status"],
            "station": station_of(encounter),
            "patient_id": reference_id(subject, "Patient"),
            "patient_name": name,
            "search_name": fold(name)[:200],
            "provider_id": reference_id(provider_of(encounter), "Practitioner"),
            "provider_name": provider_of(encounter).get("display", "")[:200],
            "reason": reason_of(encounter)[:200],
        }
    ]


def claim_rows(claim: Json) -> list[dict[str, Any]]:
    """One row for the sheet of a visit; none for claims that are not ours to work on."""
    encounter = claims.encounter_of(claim)
    kinds = {coding.get("code") for coding in (claim.get("type") or {}).get("coding", [])}
    if claim.get("use") != "claim" or not encounter or "pharmacy" in kinds:
        return []
    if claim.get("status") in ("cancelled", "entered-in-error"):
        return []
    sheet = claims.sheet_in(claim)
    return [
        {
            "id": claim["id"],
            "encounter_id": encounter,
            "patient_id": reference_id(claim.get("patient"), "Patient"),
            "status": claim["status"],
            "to_fix": claims.to_fix_of(claim),
            "lines": len(sheet.lines),
            "total_cents": sheet.total,
            "self_pay": not claims.coverages_in(claim),
        }
    ]


def fee_rows(definition: Json) -> list[dict[str, Any]]:
    """One row for a code with a price."""
    fee = fee_in(definition)
    if fee is None:
        return []
    return [
        {
            "id": fee.id,
            "system": fee.system[:200],
            "code": fee.code,
            "code_key": key_of(fee.code),
            "display": fee.display,
            "section": fee.section,
            "cents": fee.cents,
            "active": fee.active,
        }
    ]


def coverage_rows(coverage: Json) -> list[dict[str, Any]]:
    """One row for a coverage that is, or was, in use."""
    patient_id = reference_id(coverage.get("beneficiary"), "Patient")
    in_use = patient_id and coverage.get("status") != "entered-in-error"
    return [{"id": coverage["id"], "patient_id": patient_id}] if in_use else []


def provider_of(encounter: Json) -> Json:
    """The reference to who saw the patient; empty when nobody is named."""
    for part in encounter.get("participant", []):
        if reference_id(part.get("individual"), "Practitioner"):
            found: Json = part["individual"]
            return found
    return {}


def reason_of(encounter: Json) -> str:
    """Why the patient came, as text."""
    for concept in [
        *encounter.get("type", []),
        *encounter.get("reasonCode", []),
        encounter.get("serviceType") or {},
    ]:
        text = concept.get("text") or next((c.get("display") for c in concept.get("coding", [])), "")
        if text:
            return str(text)
    return ""


def station_of(encounter: Json) -> str:
    """Where the visit stands."""
    found = [e.get("valueCode") for e in encounter.get("extension", []) if e.get("url") == "urn:clinic:station"]
    return str(found[0])[:20] if found and found[0] else ""


def _start(encounter: Json) -> Any:
    text = (encounter.get("period") or {}).get("start", "")
    try:
        return read_instant(text)
    except (ValueError, TypeError):
        return None


READ_MODELS = (
    ReadModel(billing_visit, ("Encounter",), visit_rows),
    ReadModel(billing_claim, ("Claim",), claim_rows),
    ReadModel(billing_coverage, ("Coverage",), coverage_rows),
    ReadModel(billing_fee, ("ChargeItemDefinition",), fee_rows),
)
