"""An insurance policy as FHIR Coverage, both ways; unknown elements of an imported one stay."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from clinic.core.json import Json
from clinic.core.money import Money, of_decimal
from clinic.fhir.subject import reference_id
from clinic.insurance.rules import SELF_PAY, Policy

_CLASS = "http://terminology.hl7.org/CodeSystem/coverage-class"
_COPAY = "http://terminology.hl7.org/CodeSystem/coverage-copay-type"
_RELATIONSHIP = "http://terminology.hl7.org/CodeSystem/subscriber-relationship"
_SELF_PAY = "http://terminology.hl7.org/CodeSystem/coverage-selfpay"
FILING = "urn:clinic:claim-filing-indicator"
SUBSCRIBER_BORN = "urn:clinic:subscriber-birth-date"


def to_coverage(policy: Policy, patient_id: str, *, currency: str, before: Json | None = None) -> Json:
    """The Coverage of a policy; `before` is the stored one whose other elements are kept."""
    patient = f"Patient/{patient_id}"
    coverage = dict(before or {"resourceType": "Coverage"})
    coverage["status"] = "cancelled" if policy.cancelled else "active"
    coverage["beneficiary"] = {**coverage.get("beneficiary", {}), "reference": patient}
    coverage["relationship"] = {"coding": [{"system": _RELATIONSHIP, "code": policy.relationship}]}
    coverage["order"] = policy.rank
    _put(coverage, "subscriberId", policy.member_id.strip())
    _put(coverage, "subscriber", _subscriber(policy, patient))
    coverage["payor"] = [_payor(policy, patient)]
    _put(coverage, "type", _type(policy, coverage.get("type")))
    _put(coverage, "period", _period(policy))
    _put(coverage, "class", _classes(policy, coverage.get("class", [])))
    _put(coverage, "costToBeneficiary", _copay(policy, currency))
    _put(coverage, "extension", _extensions(policy, coverage.get("extension", [])))
    return coverage


def _put(coverage: Json, name: str, value: Any) -> None:
    if value:
        coverage[name] = value
    else:
        coverage.pop(name, None)


def _subscriber(policy: Policy, patient: str) -> Json:
    if policy.self_pay or policy.relationship == "self":
        return {"reference": patient}
    if policy.subscriber_id:
        display = {"display": policy.subscriber_name} if policy.subscriber_name else {}
        return {"reference": policy.subscriber_id, **display}
    return {"display": policy.subscriber_name.strip()}


def _payor(policy: Policy, patient: str) -> Json:
    if policy.self_pay:
        return {"reference": patient}
    named: Json = {"display": policy.payer_name.strip()}
    return {"reference": f"Organization/{policy.payer_id}", **named} if policy.payer_id else named


def _type(policy: Policy, present: Any) -> Any:
    if policy.self_pay:
        return {"coding": [{"system": _SELF_PAY, "code": "pay", "display": "Pay"}], "text": SELF_PAY}
    if isinstance(present, dict) and present.get("text") == SELF_PAY:
        return None
    return present


def _period(policy: Policy) -> Json:
    days = {"start": policy.starts, "end": policy.ends}
    return {name: day.isoformat() for name, day in days.items() if day}


def _classes(policy: Policy, present: list[Json]) -> list[Json]:
    kept = [one for one in present if _class_code(one) not in ("group", "plan")]
    for code, value in (("group", policy.group), ("plan", policy.plan)):
        if value.strip():
            coding = {"system": _CLASS, "code": code}
            kept.append({"type": {"coding": [coding]}, "value": value.strip()})
    return kept


def _copay(policy: Policy, currency: str) -> list[Json]:
    if policy.copay_cents is None:
        return []
    value = Money(policy.copay_cents, currency)
    kind = {"coding": [{"system": _COPAY, "code": "copay"}]}
    return [{"type": kind, "valueMoney": {"value": value.decimal, "currency": currency}}]


def _extensions(policy: Policy, present: list[Json]) -> list[Json]:
    kept = [one for one in present if one.get("url") not in (FILING, SUBSCRIBER_BORN)]
    if policy.filing:
        kept.append({"url": FILING, "valueCode": policy.filing})
    if policy.subscriber_birth_date:
        kept.append({"url": SUBSCRIBER_BORN, "valueDate": policy.subscriber_birth_date})
    return kept


def to_policy(coverage: Json) -> Policy:
    """The policy that a Coverage says."""
    payor = (coverage.get("payor") or [{}])[0]
    subscriber = coverage.get("subscriber", {})
    relationship = _code(coverage.get("relationship")) or "self"
    classes = {_class_code(one): str(one.get("value", "")) for one in coverage.get("class", [])}
    extensions = {one.get("url"): one for one in coverage.get("extension", [])}
    own = relationship == "self"
    return Policy(
        payer_name=payer_name(coverage),
        payer_id=reference_id(payor, "Organization"),
        plan=classes.get("plan", ""),
        member_id=str(coverage.get("subscriberId", "")),
        group=classes.get("group", ""),
        relationship=relationship,
        subscriber_id="" if own else str(subscriber.get("reference", "")),
        subscriber_name="" if own else str(subscriber.get("display", "")),
        subscriber_birth_date=str(extensions.get(SUBSCRIBER_BORN, {}).get("valueDate", "")),
        rank=int(coverage.get("order", 1)),
        starts=_day(coverage.get("period", {}).get("start"), first=True),
        ends=_day(coverage.get("period", {}).get("end"), first=False),
        copay_cents=copay_of(coverage),
        filing=str(extensions.get(FILING, {}).get("valueCode", "")),
        self_pay=is_self_pay(coverage),
        cancelled=coverage.get("status") != "active",
    )


def payer_name(coverage: Json) -> str:
    """The payer's name as the record gives it."""
    payor = (coverage.get("payor") or [{}])[0]
    identifier = payor.get("identifier", {}) if isinstance(payor.get("identifier"), dict) else {}
    return str(payor.get("display") or identifier.get("value") or payor.get("reference") or "")


def is_self_pay(coverage: Json) -> bool:
    """Whether the patient pays alone."""
    kind = coverage.get("type")
    codes = [one for one in (kind or {}).get("coding", []) if one.get("system") == _SELF_PAY]
    return bool(codes)


def copay_of(coverage: Json) -> int | None:
    """The visit's co-pay in cents, when the policy names one."""
    for one in coverage.get("costToBeneficiary", []):
        money = one.get("valueMoney")
        if isinstance(money, dict) and isinstance(money.get("value"), (int, Decimal)):
            return of_decimal(money["value"], str(money.get("currency", "USD"))).cents
    return None


def coverage_rows(coverage: Json) -> list[dict[str, Any]]:
    """The narrow row of a policy."""
    patient_id = reference_id(coverage.get("beneficiary"), "Patient")
    if not patient_id:
        return []
    policy = to_policy(coverage)
    return [
        {
            "id": coverage["id"],
            "patient_id": patient_id,
            "payer": policy.payer_name[:200],
            "plan": policy.plan[:200],
            "rank": policy.rank,
            "starts": policy.starts,
            "ends": policy.ends,
            "cancelled": policy.cancelled,
            "self_pay": policy.self_pay,
            "copay_cents": policy.copay_cents,
            "version": int(coverage["meta"]["versionId"]),
        }
    ]


def _class_code(one: Json) -> str:
    return _code(one.get("type"))


def _code(concept: Any) -> str:
    codings = concept.get("coding", []) if isinstance(concept, dict) else []
    return str(codings[0].get("code", "")) if codings else ""


def _day(text: Any, *, first: bool) -> date | None:
    """A FHIR date or dateTime as a day; a partial one begins on its first and ends on its last day."""
    if not isinstance(text, str):
        return None
    if len(text) >= 10:
        return date.fromisoformat(text[:10])
    year, month = int(text[:4]), int(text[5:7]) if len(text) >= 7 else 0
    if first:
        return date(year, month or 1, 1)
    after = date(year + 1, 1, 1) if month in (0, 12) else date(year, month + 1, 1)
    return date.fromordinal(after.toordinal() - 1)
