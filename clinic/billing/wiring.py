"""What billing gives to the application."""

from __future__ import annotations

from clinic.billing.mapping import READ_MODELS
from clinic.billing.mapping.params import PARAMS
from clinic.billing.service import CLAIMS, FEES
from clinic.web.slice import Slice

slice_ = Slice(
    "billing",
    params=PARAMS,
    read_models=READ_MODELS,
    writers={"Claim": CLAIMS, "ChargeItemDefinition": FEES},
)
