"""The practice's own codes and fees as ChargeItemDefinition."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from clinic.codes.systems import HCPCS, OWN_PROCEDURES, URI
from clinic.core.json import Json
from clinic.core.money import Money, of_decimal

SECTION = "urn:clinic:section"
_TOO_MUCH = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Fee:
    """What one unit of a service costs here. `system` is HCPCS or the practice's own list.

    `section` is the heading it stands under on the tick sheet; `cents` is for one unit.
    """

    code: str
    display: str
    cents: int
    system: str = OWN_PROCEDURES
    section: str = ""
    active: bool = True
    id: str = ""
    version: int = 0

    @property
    def own(self) -> bool:
        """Whether it is the practice's own code."""
        return self.system != URI[HCPCS]


def definition_of(fee: Fee, currency: str) -> Json:
    """The resource of a fee."""
    amount = {"value": Money(fee.cents, currency).decimal, "currency": currency}
    resource: Json = {
        "resourceType": "ChargeItemDefinition",
        "url": f"urn:clinic:fee:{fee.code}",
        "title": fee.display,
        "status": "active" if fee.active else "retired",
        "code": {"coding": [{"system": fee.system, "code": fee.code, "display": fee.display}]},
        "propertyGroup": [{"priceComponent": [{"type": "base", "amount": amount}]}],
    }
    if fee.id:
        resource["id"] = fee.id
    if fee.section:
        resource["extension"] = [{"url": SECTION, "valueString": fee.section}]
    return resource


def fee_in(resource: Json) -> Fee | None:
    """The fee in a resource; None for a definition without a code of ours or a base price."""
    coding: Json = next(iter((resource.get("code") or {}).get("coding", [])), {})
    prices = [
        part["amount"]["value"]
        for group in resource.get("propertyGroup", [])
        for part in group.get("priceComponent", [])
        if part.get("type") == "base" and "value" in part.get("amount", {})
    ]
    if not coding.get("code") or not prices or abs(Decimal(str(prices[0]))) >= _TOO_MUCH:
        return None
    sections = [e["valueString"] for e in resource.get("extension", []) if e.get("url") == SECTION]
    return Fee(
        code=str(coding["code"])[:24],
        display=str(coding.get("display") or resource.get("title") or coding["code"])[:200],
        cents=of_decimal(prices[0]).cents,
        system=str(coding.get("system") or OWN_PROCEDURES),
        section=str(sections[0])[:60] if sections else "",
        active=resource.get("status") == "active",
        id=str(resource.get("id", "")),
        version=int(resource.get("meta", {}).get("versionId", 0)),
    )
