"""What differs by country: `region_of("us")` gives the pack the practice chose."""

from __future__ import annotations

from clinic.regions.packs import GENERIC, NL, US
from clinic.regions.phones import read_phone, show_phone
from clinic.regions.region import REGIONAL, AddressForm, IdentifierKind, Region

REGIONS: dict[str, Region] = {pack.code: pack for pack in (US, NL, GENERIC)}


def region_of(code: str) -> Region:
    """The pack with this short name; the generic one when nobody has made a pack for it."""
    return REGIONS.get(code, GENERIC)


__all__ = [
    "REGIONAL", "REGIONS", "AddressForm", "IdentifierKind", "Region", "read_phone", "region_of", "show_phone",
]  # fmt: skip
