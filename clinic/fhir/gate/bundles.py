"""Bundles: the address of an entry is absolute, is that of its resource, and stands once (bdl-7)."""

from __future__ import annotations

import re
from typing import Any

from clinic.core.json import Json
from clinic.fhir.gate.visit import Visit

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


def check_bundle(bundle: Json, place: str, visit: Visit) -> None:
    """Check the addresses of all entries."""
    entries = bundle.get("entry")
    seen: set[tuple[str, Any]] = set()
    for index, entry in enumerate(entries if type(entries) is list else []):
        address = entry.get("fullUrl") if type(entry) is dict else None
        if type(address) is not str:
            continue
        here = f"{place}.entry[{index}].fullUrl"
        if not _ABSOLUTE.fullmatch(address):
            visit.say("value", here, "must be an absolute address (https://… or urn:uuid:…).")
        resource = entry.get("resource")
        held = resource if type(resource) is dict else {}
        _check_address(held, address, here, visit)
        meta = held.get("meta")
        version = str(meta.get("versionId")) if type(meta) is dict else ""
        if (address, version) in seen and bundle.get("type") != "history":
            visit.say("invariant", here, "stands twice in the bundle. (bdl-7)")
        seen.add((address, version))


def _check_address(resource: Json, address: str, here: str, visit: Visit) -> None:
    name = resource.get("id")
    if type(name) is str and address.startswith(("http://", "https://")):
        end = f"/{resource.get('resourceType')}/{name}"
        if not address.endswith(end):
            visit.say("value", here, f"must end in {end}, the type and id of the resource in this entry.")
