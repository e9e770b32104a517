"""From a record to what the form offers for others, and to the list of records that are not complete yet."""

from __future__ import annotations

from typing import Any

from clinic.core.json import Json
from clinic.core.names import words
from clinic.registration.mapping.circle import circle_values
from clinic.registration.mapping.names import official, stands_in
from clinic.registration.mapping.parts import text
from clinic.registration.mapping.patient import merged_into
from clinic.registration.mapping.places import address_of

DOCTOR, PHARMACY, EMPLOYER, PLACE = "doctor", "pharmacy", "employer", "place"
OFFERED = {DOCTOR: "general_practitioner", PHARMACY: "pharmacy", EMPLOYER: "employer"}
_MOST_WORDS = 4
Row = dict[str, Any]


def project_said(patient: Json) -> list[Row]:
    """Doctor, pharmacy and employer by each of their words, and the town by its postcode."""
    if merged_into(patient):
        return []
    circle, address = circle_values(patient), address_of(patient)
    rows = [
        {"kind": kind, "key": word[:40], "value": circle[field], "id": patient["id"]}
        for kind, field in OFFERED.items()
        for word in dict.fromkeys(words(circle[field])[:_MOST_WORDS])
    ]
    code = compact(address.postal_code)
    if code and address.city:
        value = "|".join(part.replace("|", " ") for part in (address.city, address.state, address.country))
        rows.append({"kind": PLACE, "key": code, "value": value, "id": patient["id"]})
    return rows


def compact(postcode: str) -> str:
    """A postcode as places are found by: without blanks, in capitals, the five figures of a ZIP code."""
    code = "".join(postcode.split()).upper()
    return (code[:5] if code[:5].isdigit() else code)[:12]


def project_unfinished(patient: Json) -> list[Row]:
    """A record whose name is none yet, and since when it waits."""
    kind = stands_in(patient)
    if not kind or merged_into(patient) or patient.get("active") is False:
        return []
    period = official(patient).get("period")
    since = text(period.get("start")) if isinstance(period, dict) else ""
    return [{"id": patient["id"], "kind": kind[:12], "since": since[:32]}]
