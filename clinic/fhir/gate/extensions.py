"""Extensions: a value or inner extensions, never both, under an absolute address; HL7's own as they define them."""

from __future__ import annotations

import re

from clinic.core.json import Json
from clinic.fhir.gate.bindings import check_code
from clinic.fhir.gate.definitions import Part, extension
from clinic.fhir.gate.primitives import quoted
from clinic.fhir.gate.visit import Visit

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_INSIDE_EXTENSION = re.compile(r"xtension\[\d+\]\.extension\[\d+\]$")


def check_extension(value: Json, place: str, visit: Visit) -> None:
    """Check ext-1, the address (inside an extension, parts have short names) and what HL7 says it holds."""
    has_value = _value_key(value) != ""
    if has_value == ("extension" in value):
        fault = "both a value and inner extensions" if has_value else "neither a value nor inner extensions"
        visit.say("invariant", place, f"has {fault}. (ext-1)")
    url = value.get("url")
    if type(url) is not str:
        return
    if not _ABSOLUTE.fullmatch(url) and not _INSIDE_EXTENSION.search(place):
        visit.say("extension", f"{place}.url", "must be an absolute address, such as urn:clinic:minutes.")
    known = extension(url)
    if known is not None:
        _check_value(value, known[0], place, visit)
        if known[1]:
            _check_parts(value, known[1], place, visit)


def _value_key(value: Json) -> str:
    return next((key.lstrip("_") for key in value if key.lstrip("_").startswith("value")), "")


def _check_value(value: Json, part: Part, place: str, visit: Visit) -> None:
    key = _value_key(value)
    if key and part.values is not None and key not in part.values:
        allowed = ", ".join(sorted(part.values)) or "no value"
        visit.say("extension", place, f"holds {key}; the extension {quoted(value['url'])} allows {allowed}.")
    elif key in value and part.codes is not None and type(value[key]) is str:
        check_code(value[key], part.codes, f"{place}.{key}", visit)


def _check_parts(value: Json, parts: dict[str, Part], place: str, visit: Visit) -> None:
    given = value.get("extension")
    inner = [part for part in given if type(part) is dict] if type(given) is list else []
    for name, part in parts.items():
        mine = [one for one in inner if one.get("url") == name]
        if len(mine) < part.least:
            visit.say("extension", place, f"lacks its part {quoted(name)}.")
        if part.most is not None and len(mine) > part.most:
            visit.say("extension", place, f"has its part {quoted(name)} {len(mine)} times, not {part.most}.")
        for one in mine:
            _check_value(one, part, place, visit)
