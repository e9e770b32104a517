"""Which coverages pay for a visit."""

from __future__ import annotations

from datetime import date

from clinic.core.json import Json
from clinic.fhir.store import Store


def coverages_on(store: Store, patient_id: str, on: date) -> list[Json]:
    """The coverages in force on a day, the first payer first; none means the patient pays."""
    if not patient_id:
        return []
    found = store.search("Coverage", [("beneficiary", f"Patient/{patient_id}"), ("status", "active")])
    return sorted(
        (each for each in found if _in_force(each, on.isoformat())), key=lambda each: int(each.get("order", 1))
    )


def _in_force(coverage: Json, day: str) -> bool:
    period = coverage.get("period") or {}
    return str(period.get("start", ""))[:10] <= day <= str(period.get("end", "9999-12-31"))[:10]
