"""What those who take part have said, in the record of an appointment."""

from __future__ import annotations

from clinic.appointments.mapping.extensions import extension_value
from clinic.core.json import Json

CONFIRMED = "urn:clinic:confirmed"
"""The start to which the patient has said yes: another time has to be confirmed anew."""


def confirmed_start(resource: Json) -> str:
    """The start that the patient confirmed, as it was written then; empty when none was."""
    return str(extension_value(resource, CONFIRMED) or "")


def answered(resource: Json, who: str, status: str) -> Json:
    """The same appointment with this participant's answer."""

    def changed(part: Json) -> Json:
        actor = part.get("actor")
        return part | {"status": status} if isinstance(actor, dict) and actor.get("reference") == who else part

    return resource | {"participant": [changed(part) for part in resource.get("participant", [])]}


def everybody_accepted(resource: Json) -> bool:
    """Whether nobody whose presence is needed still has to say yes."""
    parts = [part for part in resource.get("participant", []) if part.get("required", "required") == "required"]
    return all(part.get("status") == "accepted" for part in parts)
