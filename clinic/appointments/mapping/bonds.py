"""What ties appointments together: the dates of a series, a family booked in one go, the seats of a group.

R4B knows no recurrence, so each appointment names its series by an identifier and its place in it by the elements
of R5 (`recurrenceId`, `occurrenceChanged`), written as R5's own cross-version extensions. The appointment of a group
itself has no patient; each seat is an appointment of its own that names the group as supporting information.
"""

from __future__ import annotations

from typing import Any

from clinic.appointments.rules.booking import Booking
from clinic.core.json import Json
from clinic.fhir.subject import reference_id

SERIES = "urn:clinic:series"
TOGETHER = "urn:clinic:booked-together"
GROUP = "urn:clinic:group"
SEATS = "urn:clinic:seats"
WITH_GROUP = "urn:clinic:cancelled-with-group"
NUMBER = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.recurrenceId"
CHANGED = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.occurrenceChanged"
MOST_SEATS = 99


def tie_of(resource: Json, system: str) -> str:
    """The id of the series, family booking or group that an appointment belongs to; empty for none."""
    found = resource.get("identifier")
    for item in found if isinstance(found, list) else ():
        if isinstance(item, dict) and item.get("system") == system:
            return str(item.get("value") or "")[:64]
    return ""


def tied(resource: Json, system: str, value: str) -> Json:
    """The appointment with this tie, or without any of its kind when the value is empty."""
    found = resource.get("identifier")
    rest = [item for item in found if item.get("system") != system] if isinstance(found, list) else []
    if value:
        rest.append({"system": system, "value": value})
    bare = {key: item for key, item in resource.items() if key != "identifier"}
    return bare | {"identifier": rest} if rest else bare


def number_of(resource: Json) -> int:
    """Which date of its series an appointment is, from 1; 0 for none."""
    found = _extension(resource, NUMBER)
    return found if isinstance(found, int) and found > 0 else 0


def was_changed(resource: Json) -> bool:
    """Whether this date of a series was given another time or person by itself."""
    return _extension(resource, CHANGED) is True


def seats_of(resource: Json) -> int:
    """How many may take part in a group; 0 for an appointment that is none."""
    found = _extension(resource, SEATS)
    return found if isinstance(found, int) and 0 < found <= MOST_SEATS else 0


def host_of(resource: Json) -> str:
    """The id of the group in which an appointment is a seat; empty for all others."""
    return "" if seats_of(resource) else tie_of(resource, GROUP)


def group_of(resource: Json) -> str:
    """The id of the group that an appointment is, or is a seat of."""
    return str(resource.get("id", "")) if seats_of(resource) else tie_of(resource, GROUP)


def dressed(resource: Json, booking: Booking) -> Json:
    """A new appointment with what ties it to others, and that of a group as such."""
    if booking.group is not None:
        resource = as_host(resource, title=booking.group.title, seats=booking.group.seats)
    if booking.tie is None:
        return resource
    resource = tied(resource, booking.tie.system, booking.tie.key)
    if not booking.tie.number:
        return resource
    numbered = {"url": NUMBER, "valuePositiveInt": booking.tie.number}
    return resource | {"extension": [*resource.get("extension", []), numbered]}


def changed_alone(resource: Json) -> Json:
    """A date of a series that no longer follows its rule."""
    if not tie_of(resource, SERIES) or was_changed(resource):
        return resource
    return resource | {"extension": [*resource.get("extension", []), {"url": CHANGED, "valueBoolean": True}]}


def as_host(resource: Json, *, title: str, seats: int) -> Json:
    """The appointment as that of a group: a title and a number of seats, and no patient."""
    parts = [part for part in resource.get("participant", []) if not reference_id(part.get("actor"), "Patient")]
    rest = [item for item in resource.get("extension", []) if item.get("url") != SEATS]
    seated = [*rest, {"url": SEATS, "valuePositiveInt": seats}]
    return resource | {"participant": parts, "description": title, "extension": seated}


def as_seat(resource: Json, host: Json) -> Json:
    """The appointment as a seat of a group."""
    title = str(host.get("description", ""))
    named = {"reference": f"Appointment/{host['id']}"} | ({"display": title} if title else {})
    return tied(resource | {"supportingInformation": [named]}, GROUP, str(host["id"]))


def _extension(resource: Json, url: str) -> Any:
    found = resource.get("extension")
    for item in found if isinstance(found, list) else ():
        if isinstance(item, dict) and item.get("url") == url:
            return next((value for key, value in item.items() if key.startswith("value")), None)
    return None
