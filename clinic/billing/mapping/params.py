"""What may be asked of the billing resources besides the official parameters."""

from __future__ import annotations

from clinic.fhir.params import Param

PARAMS = (
    Param("ChargeItemDefinition", "code", "token", "code"),
    Param(
        "Claim",
        "encounter",
        "reference",
        "item.encounter|extension[url=urn:clinic:encounter].valueReference",
        ("Encounter",),
    ),
)
