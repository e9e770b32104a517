"""What was said at check-out, kept on the Encounter: one extension for each thing."""

from __future__ import annotations

from typing import Any

from clinic.core.days import instant_text, read_instant
from clinic.core.json import Json
from clinic.fhir.subject import reference_id
from clinic.visits.rules.leaving import Said

SAID = "urn:clinic:check-out"


def said_of(encounter: Json) -> dict[str, Said]:
    """What was said of each thing at check-out, by its name."""
    found = (_said(one) for one in encounter.get("extension", []) if one.get("url") == SAID)
    return {said.item: said for said in found}


def with_said(encounter: Json, said: Said) -> Json:
    """The visit with what was said of one thing; what was said of it before goes."""
    parts: list[Json] = [
        {"url": "item", "valueCode": said.item},
        {"url": "how", "valueCode": said.how},
        {"url": "at", "valueInstant": instant_text(said.at)},
    ]
    if said.reason:
        parts.append({"url": "reason", "valueString": said.reason})
    if said.task:
        parts.append({"url": "task", "valueReference": {"reference": f"Task/{said.task}"}})
    kept = without_said(encounter, said.item)
    return {**kept, "extension": [*kept["extension"], {"url": SAID, "extension": parts}]}


def without_said(encounter: Json, item: str) -> Json:
    """The visit as if nothing had been said of this thing."""
    kept = [one for one in encounter.get("extension", []) if one.get("url") != SAID or _said(one).item != item]
    return {**encounter, "extension": kept}


def _said(extension: Json) -> Said:
    parts: dict[str, Any] = {part.get("url"): part for part in extension.get("extension", [])}
    return Said(
        str(parts["item"]["valueCode"]),
        str(parts["how"]["valueCode"]),
        read_instant(parts["at"]["valueInstant"]),
        str(parts.get("reason", {}).get("valueString", "")),
        reference_id(parts.get("task", {}).get("valueReference"), "Task"),
    )
