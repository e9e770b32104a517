"""Required bindings: elements whose codes FHIR itself lists. Other bindings are advice, not checked here."""

from __future__ import annotations

import re
from typing import Any

from clinic.core.json import Json
from clinic.fhir.gate.definitions import CodeSet
from clinic.fhir.gate.primitives import quoted
from clinic.fhir.gate.visit import Visit

_MEDIA_TYPE = re.compile(r"(json|xml|ttl|html)|[\w!#$&^.+-]+/[\w!#$&^.+*-]+\s*(;.*)?")
_LISTED = 12


def check_code(value: str, allowed: CodeSet, place: str, visit: Visit) -> None:
    """A code, string or uri must be one of the codes."""
    if allowed.media_types:
        if not _MEDIA_TYPE.fullmatch(value):
            visit.say("code-invalid", place, f"is {quoted(value)}, which is not a media type such as text/plain.")
    elif value not in allowed.codes:
        visit.say("code-invalid", place, f"is {quoted(value)}, which is not {_allowed(allowed)}.")


def check_coded(value: Json, allowed: CodeSet, place: str, visit: Visit) -> None:
    """A CodeableConcept must hold one of the codes, with its system."""
    codings = value.get("coding")
    listed = [coding for coding in codings if type(coding) is dict] if type(codings) is list else []
    if not any(_holds(allowed, coding) for coding in listed):
        visit.say("code-invalid", place, f"has no coding with {_allowed(allowed)}.")


def _holds(allowed: CodeSet, coding: Json) -> bool:
    code: Any = coding.get("code")
    system: Any = coding.get("system")
    return type(code) is str and type(system) is str and code in allowed.systems.get(system, frozenset())


def _allowed(allowed: CodeSet) -> str:
    if len(allowed.codes) > _LISTED:
        return f"a code of {allowed.name}"
    codes = ", ".join(code for codes in allowed.systems.values() for code in sorted(codes))
    return f"one of {codes} ({', '.join(allowed.systems)})"
