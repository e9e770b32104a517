"""The code systems the desk works with: their names, official addresses and texts that people see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

ICD10CM = "icd10cm"
HCPCS = "hcpcs"
MODIFIER = "modifier"
PLACE = "place"

URI = {
    ICD10CM: "http://hl7.org/fhir/sid/icd-10-cm",
    HCPCS: "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    MODIFIER: "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    PLACE: "https://www.cms.gov/Medicare/Coding/place-of-service-codes",
}
OWN_PROCEDURES = "urn:clinic:procedure"


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a code system.

    `billable` says whether a claim may carry it at all (a heading may not); `offered` whether a search
    shows it before it was typed in full. The dates are the first and the last day it may be used, None
    where the source names none.
    """

    system: str
    code: str
    display: str
    billable: bool = True
    offered: bool = True
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether the code may be used for a service of this day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def usable(self, on: date) -> bool:
        """Whether a claim for a service of this day may carry the code."""
        return self.billable and self.in_force(on)


def key_of(code: str) -> str:
    """The code as it is looked up: capitals and digits only, so that "e11.6" and "E116" are the same."""
    return "".join(sign for sign in code.upper() if sign.isascii() and sign.isalnum())
