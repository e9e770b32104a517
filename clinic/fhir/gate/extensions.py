"""Extensions: a value or inner extensions, never both, under an address that is absolute."""

from __future__ import annotations

import re

from clinic.core.json import Json
from clinic.fhir.gate.visit import Visit

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_INSIDE_EXTENSION = re.compile(r"xtension\[\d+\]\.extension\[\d+\]$")


def check_extension(value: Json, place: str, visit: Visit) -> None:
    """Check ext-1 and the address; inside an extension, parts have short names."""
    has_value = any(key.lstrip("_").startswith("value") for key in value)
    if has_value == ("extension" in value):
        fault = "both a value and inner extensions" if has_value else "neither a value nor inner extensions"
        visit.say("invariant", place, f"has {fault}. (ext-1)")
    url = value.get("url")
    if type(url) is str and not _ABSOLUTE.fullmatch(url) and not _INSIDE_EXTENSION.search(place):
        visit.say("extension", f"{place}.url", "must be an absolute address, such as urn:clinic:minutes.")
