"""The sheet and the fees as FHIR resources, and back."""

from __future__ import annotations

from clinic.billing.mapping.claims import claim_of, encounter_of, is_ready, mark_ready, sheet_in, to_fix_of
from clinic.billing.mapping.fees import Fee, definition_of, fee_in
from clinic.billing.mapping.rows import READ_MODELS

__all__ = [
    "READ_MODELS",
    "Fee",
    "claim_of",
    "definition_of",
    "encounter_of",
    "fee_in",
    "is_ready",
    "mark_ready",
    "sheet_in",
    "to_fix_of",
]
