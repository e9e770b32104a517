"""Payments as PaymentNotice, tills as PaymentReconciliation, copays out of Coverage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from clinic.cash.tables import cash_copay, cash_payment
from clinic.core.days import instant_text, local, read_instant
from clinic.core.json import Json
from clinic.core.money import Money, of_decimal
from clinic.core.practice import Practice
from clinic.fhir.registry import ReadModel
from clinic.fhir.subject import reference_id
from clinic.insurance.mapping import copay_of, is_self_pay

TENDER = "urn:clinic:tender"
RECEIPT = "urn:clinic:receipt"
REVERSES = "urn:clinic:reverses"
REASON = "urn:clinic:reason"
_TOO_MUCH = Decimal(10_000_000)


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment; `cents` below 0 with `reverses` for a reversal."""

    patient_id: str
    patient_name: str
    cents: int
    tender: str
    receipt: str
    session_id: str
    at: datetime
    reverses: str = ""
    reason: str = ""


def notice_of(payment: Payment, practice: Practice) -> Json:
    """The resource of a payment."""
    extensions: list[Json] = [{"url": TENDER, "valueCode": payment.tender}]
    if payment.reverses:
        extensions.append({"url": REVERSES, "valueReference": {"reference": f"PaymentNotice/{payment.reverses}"}})
    if payment.reason:
        extensions.append({"url": REASON, "valueString": payment.reason})
    return {
        "resourceType": "PaymentNotice",
        "extension": extensions,
        "identifier": [{"system": RECEIPT, "value": payment.receipt}],
        "status": "active",
        "request": {"reference": f"Patient/{payment.patient_id}", "display": payment.patient_name},
        "created": instant_text(payment.at),
        "payment": {"reference": f"PaymentReconciliation/{payment.session_id}"},
        "paymentDate": local(payment.at, practice.zone).date().isoformat(),
        "recipient": recipient_of(practice),
        "amount": {"value": Money(payment.cents).decimal, "currency": practice.currency},
    }


def payment_in(notice: Json) -> Payment | None:
    """The payment in a resource; None for one that is not ours to read."""
    patient_id = reference_id(notice.get("request"), "Patient")
    session_id = reference_id(notice.get("payment"), "PaymentReconciliation")
    if notice.get("status") != "active" or not patient_id:
        return None
    found = {each.get("url"): each for each in notice.get("extension", [])}
    receipts = [i.get("value", "") for i in notice.get("identifier", []) if i.get("system") == RECEIPT]
    return Payment(
        patient_id,
        str(notice["request"].get("display", ""))[:200],
        _cents(notice["amount"]),
        str(found.get(TENDER, {}).get("valueCode", "card"))[:20],
        str(receipts[0])[:40] if receipts else "",
        session_id,
        _instant(notice),
        reference_id(found.get(REVERSES, {}).get("valueReference"), "PaymentNotice"),
        str(found.get(REASON, {}).get("valueString", ""))[:400],
    )


def reconciliation_of(at: datetime, cents: int, practice: Practice, *, closed: bool) -> Json:
    """The resource of a till: a draft while it is open, complete when it is closed."""
    made: Json = {
        "resourceType": "PaymentReconciliation",
        "status": "active" if closed else "draft",
        "period": {"start": instant_text(at)},
        "created": instant_text(at),
        "paymentDate": local(at, practice.zone).date().isoformat(),
        "paymentAmount": {"value": Money(cents).decimal, "currency": practice.currency},
    }
    return {**made, "outcome": "complete"} if closed else made


def recipient_of(practice: Practice) -> Json:
    """Who is paid: the practice."""
    if practice.organization_id:
        return {"reference": f"Organization/{practice.organization_id}"}
    return {"display": practice.name}


def payment_rows(notice: Json) -> list[dict[str, Any]]:
    """One row for a payment."""
    payment = payment_in(notice)
    if payment is None:
        return []
    return [
        {
            "id": notice["id"],
            "session_id": payment.session_id,
            "patient_id": payment.patient_id,
            "patient_name": payment.patient_name,
            "receipt": payment.receipt,
            "tender": payment.tender,
            "cents": payment.cents,
            "at": payment.at,
            "reverses": payment.reverses,
            "reason": payment.reason,
        }
    ]


def copay_rows(coverage: Json) -> list[dict[str, Any]]:
    """One row for a coverage in use, with or without a copay."""
    if coverage.get("status") != "active" or is_self_pay(coverage):
        return []
    period = coverage.get("period") or {}
    return [
        {
            "id": coverage["id"],
            "patient_id": reference_id(coverage.get("beneficiary"), "Patient"),
            "starts": str(period.get("start", ""))[:10],
            "ends": str(period.get("end", ""))[:10],
            "rank": int(coverage.get("order", 1)),
            "cents": copay_of(coverage) or 0,
        }
    ]


def _cents(amount: Json) -> int:
    value = Decimal(str(amount.get("value", 0)))
    return of_decimal(value).cents if value.is_finite() and abs(value) < _TOO_MUCH else 0


def _instant(notice: Json) -> datetime:
    text = str(notice.get("created", ""))
    return read_instant(text if "T" in text else f"{(text + '-01-01')[:10]}T12:00:00Z")


READ_MODELS = (
    ReadModel(cash_payment, ("PaymentNotice",), payment_rows),
    ReadModel(cash_copay, ("Coverage",), copay_rows),
)
