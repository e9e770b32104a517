"""A visit as FHIR Encounter, a confirmation as FHIR Provenance."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from clinic.appointments.mapping.appointment import WALK_IN, place_of, span_of, visit_type_of
from clinic.appointments.mapping.extensions import extension_value
from clinic.core.days import instant_text, read_instant
from clinic.core.json import Json
from clinic.fhir.subject import reference_id
from clinic.visits.rules import ARRIVED, CHECK_IN, CHECK_OUT, ENCOUNTER_STATUS, LEFT, PROVIDER, ROOM, WAITING

STATION = "urn:clinic:station"
STATION_LOG = "urn:clinic:station-log"
SKIPPED = "urn:clinic:skipped-because"
CONFIRMED = "urn:clinic:confirmed"
TICKET = "urn:clinic:ticket"
CALLED = "urn:clinic:called"
WAY = "urn:clinic:arrived-by"
DUE = "urn:clinic:booked-for"
SITE = "urn:clinic:site"
PHONE = "phone"
"""How somebody arrived who checked in alone, with the own telephone."""
VIDEO = "video"
"""How somebody arrived who waits in front of a screen at home."""
STAY_COLUMNS = {
    ARRIVED: "in_arrived", CHECK_IN: "in_check_in", WAITING: "in_waiting", ROOM: "in_room", PROVIDER: "in_provider",
    CHECK_OUT: "in_check_out",
}  # fmt: skip
"""Where the minutes of each station stand."""
_MINUTE = timedelta(minutes=1)
_CLASS = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "code": "AMB",
    "display": "ambulatory",
}
_ACTIVITY = {
    "coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation", "code": "UPDATE", "display": "revise"}
    ]
}
_AUTHOR = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": "verifier"}]
}


def new_encounter(appointment: Json, at: datetime, organization_id: str) -> Json:
    """The visit of an appointment, arrived at this instant."""
    people = [part.get("actor", {}) for part in appointment.get("participant", []) if isinstance(part, dict)]
    patient = next(actor for actor in people if reference_id(actor, "Patient"))
    encounter: Json = {
        "resourceType": "Encounter",
        "extension": [
            {"url": STATION, "valueCode": ARRIVED},
            _logged(ARRIVED, at),
            *_booked_for(appointment),
        ],
        "status": "arrived",
        "statusHistory": [{"status": "arrived", "period": {"start": instant_text(at)}}],
        "class": _CLASS,
        "subject": dict(patient),
        "participant": [{"individual": dict(actor)} for actor in people if reference_id(actor, "Practitioner")],
        "appointment": [{"reference": f"Appointment/{appointment['id']}"}],
        "period": {"start": instant_text(at)},
        "location": [{"location": dict(actor)} for actor in people if reference_id(actor, "Location")],
    }
    if appointment.get("serviceType"):
        encounter["type"] = appointment["serviceType"]
    if organization_id:
        encounter["serviceProvider"] = {"reference": f"Organization/{organization_id}"}
    return {key: value for key, value in encounter.items() if value != []}


def _booked_for(appointment: Json) -> list[Json]:
    """When and where somebody was expected; who walked in was not expected at any time."""
    if span_of(appointment) is None:
        return []
    place = place_of(appointment)
    due = [] if extension_value(appointment, WALK_IN) else [{"url": DUE, "valueInstant": appointment["start"]}]
    site = [{"url": SITE, "valueReference": {"reference": f"Location/{place.site_id}"}}] if place.site_id else []
    return due + site


def _logged(station: str, at: datetime) -> Json:
    return {
        "url": STATION_LOG,
        "extension": [
            {"url": "station", "valueCode": station},
            {"url": "at", "valueDateTime": instant_text(at)},
        ],
    }


def at_station(encounter: Json, station: str, at: datetime) -> Json:
    """The visit moved to a station, with its log and FHIR's own status history kept true."""
    kept = [one for one in encounter.get("extension", []) if one.get("url") != STATION]
    moved = {
        **encounter,
        "extension": [{"url": STATION, "valueCode": station}, *kept, _logged(station, at)],
    }
    status = ENCOUNTER_STATUS[station]
    if status != encounter.get("status"):
        history = [dict(one) for one in encounter.get("statusHistory", [])]
        if history:
            history[-1]["period"] = {**history[-1]["period"], "end": instant_text(at)}
        moved["statusHistory"] = [*history, {"status": status, "period": {"start": instant_text(at)}}]
        moved["status"] = status
    if station not in (ROOM, PROVIDER) and encounter.get("location"):
        moved["location"] = _left_rooms(encounter["location"], at)
    period = {**encounter.get("period", {})}
    period.pop("end", None)
    if station == LEFT:
        period["end"] = instant_text(at)
    return {**moved, "period": period}


def with_skipped(encounter: Json, reason: str) -> Json:
    """The visit with the reason why something was left open at check-in."""
    return {**encounter, "extension": [*encounter.get("extension", []), {"url": SKIPPED, "valueString": reason}]}


def with_ticket(encounter: Json, day: str, number: int, *, way: str = "") -> Json:
    """The visit with its number of the day, and how the patient arrived when it was not at the desk."""
    made = {**encounter, "identifier": [{"system": TICKET, "value": f"{day}/{number}"}]}
    if way:
        made["extension"] = [*encounter.get("extension", []), {"url": WAY, "valueCode": way}]
    return made


def ticket_of(encounter: Json) -> int:
    """Its number of the day; 0 for none."""
    values = (one.get("value", "") for one in encounter.get("identifier", []) if one.get("system") == TICKET)
    number = str(next(values, "")).rpartition("/")[2]
    return int(number) if number.isascii() and number.isdigit() else 0


def with_call(encounter: Json, at: datetime, to: str) -> Json:
    """The visit whose ticket is called now, to a room or to the desk."""
    kept = [one for one in encounter.get("extension", []) if one.get("url") != CALLED]
    parts = [{"url": "at", "valueInstant": instant_text(at)}, {"url": "to", "valueString": to or "-"}]
    return {**encounter, "extension": [*kept, {"url": CALLED, "extension": parts}]}


def call_of(encounter: Json) -> tuple[datetime | None, str]:
    """When its ticket was last called, and to where."""
    for one in encounter.get("extension", []):
        if one.get("url") == CALLED:
            parts = {part.get("url"): part for part in one.get("extension", [])}
            to = str(parts["to"]["valueString"])
            return read_instant(parts["at"]["valueInstant"]), "" if to == "-" else to
    return None, ""


def in_room(encounter: Json, location_id: str, name: str, at: datetime) -> Json:
    """The visit in a room from this instant on; the room before it is kept with its times."""
    room = {
        "location": {"reference": f"Location/{location_id}", "display": name},
        "status": "active",
        "period": {"start": instant_text(at)},
    }
    planned = [
        one
        for one in encounter.get("location", [])
        if one.get("status") or reference_id(one.get("location"), "Location") != location_id
    ]
    return {**encounter, "location": [*_left_rooms(planned, at), room]}


def _left_rooms(locations: list[Json], at: datetime) -> list[Json]:
    """The places of a visit with the present one ended."""
    return [
        {**one, "status": "completed", "period": {**one.get("period", {}), "end": instant_text(at)}}
        if one.get("status") == "active"
        else one
        for one in locations
    ]


def planned_room(encounter: Json) -> tuple[str, str]:
    """The id and name of the room that the appointment foresees; empty for none."""
    for one in encounter.get("location", []):
        if not one.get("status"):
            return reference_id(one.get("location"), "Location"), str(one["location"].get("display", ""))
    return "", ""


def station_of(encounter: Json) -> str:
    """Where the visit stands; empty for an Encounter that the board did not make."""
    found = [one.get("valueCode") for one in encounter.get("extension", []) if one.get("url") == STATION]
    return str(found[0]) if found else ""


def log_of(encounter: Json) -> list[tuple[str, datetime]]:
    """Every station with the instant at which it began."""
    log = []
    for one in encounter.get("extension", []):
        if one.get("url") == STATION_LOG:
            parts = {part.get("url"): part for part in one.get("extension", [])}
            log.append((str(parts["station"]["valueCode"]), read_instant(parts["at"]["valueDateTime"])))
    return log


def appointment_of(encounter: Json) -> str:
    """The id of its appointment."""
    found = [reference_id(one, "Appointment") for one in encounter.get("appointment", [])]
    return found[0] if found else ""


def visit_rows(encounter: Json) -> list[dict[str, Any]]:
    """The board's row of a visit; none for an imported Encounter without a station."""
    station, log = station_of(encounter), log_of(encounter)
    if not station or not log:
        return []
    provider = _first_actor(encounter.get("participant", []), "individual", "Practitioner")
    rooms = [one for one in encounter.get("location", []) if one.get("status") == "active"]
    called, called_to = call_of(encounter)
    ways = [one.get("valueCode") for one in encounter.get("extension", []) if one.get("url") == WAY]
    service = (encounter.get("type") or [{}])[0]
    return [
        {
            "id": encounter["id"],
            "appointment_id": appointment_of(encounter),
            "patient_id": reference_id(encounter.get("subject"), "Patient"),
            "patient_name": str(encounter.get("subject", {}).get("display", ""))[:200],
            "provider": reference_id(provider, "Practitioner"),
            "provider_name": str(provider.get("display", ""))[:200],
            "type_name": str(service.get("text", ""))[:200],
            "station": station,
            "since": log[-1][1],
            "arrived": log[0][1],
            "room_name": str(rooms[0]["location"].get("display", ""))[:200] if rooms else "",
            "version": int(encounter["meta"]["versionId"]),
            "ticket": ticket_of(encounter),
            "way": str(ways[0])[:12] if ways else "",
            "called": called,
            "called_to": called_to[:200],
        }
    ]


def station_rows(encounter: Json) -> list[dict[str, Any]]:
    """Every stay of a visit at a station; none for an imported Encounter without a station."""
    log = log_of(encounter)
    if not log or not station_of(encounter):
        return []
    provider, provider_name = provider_of(encounter)
    type_id, type_name = type_of(encounter)
    ends: list[datetime | None] = [at for _, at in log[1:]]
    ends.append(log[-1][1] if log[-1][0] == LEFT else None)
    return [
        {
            "id": encounter["id"],
            "place": place,
            "station": station[:20],
            "start": at,
            "end": end,
            "provider": provider,
            "provider_name": provider_name[:200],
            "type_id": type_id[:64],
            "type_name": type_name[:200],
        }
        for place, ((station, at), end) in enumerate(zip(log, ends, strict=True))
    ]


def time_rows(encounter: Json) -> list[dict[str, Any]]:
    """The minutes of a visit, for the measures; none for an imported Encounter without a station."""
    log = log_of(encounter)
    if not log or not station_of(encounter):
        return []
    due_text = extension_value(encounter, DUE)
    arrived, due = log[0][1], read_instant(due_text) if due_text else None
    first = dict(reversed(log))
    taken = min((first[station] for station in (ROOM, PROVIDER) if station in first), default=None)
    left = log[-1][1] if log[-1][0] == LEFT else None
    begun = first.get(PROVIDER, taken) if due is not None and arrived <= due else None
    return [
        {
            "arrived": arrived,
            "id": encounter["id"],
            "appointment_id": appointment_of(encounter),
            "patient_id": reference_id(encounter.get("subject"), "Patient"),
            "provider": provider_of(encounter)[0],
            "site": reference_id(extension_value(encounter, SITE), "Location"),
            "type_id": type_of(encounter)[0][:64],
            "due": due,
            "late": _minutes(due, arrived),
            "late_provider": _minutes(due, begun),
            "wait": _minutes(arrived, taken),
            "whole": _minutes(arrived, left),
            **_stays(log),
        }
    ]


def _stays(log: list[tuple[str, datetime]]) -> dict[str, int | None]:
    """Whole minutes at each station, several stays together; None for where the visit has not been or still is."""
    spent: dict[str, timedelta] = {}
    for (station, at), (_next, end) in pairwise(log):
        spent[station] = spent.get(station, timedelta()) + (end - at)
    here = log[-1][0]
    return {
        column: max(0, spent[station] // _MINUTE) if station in spent and station != here else None
        for station, column in STAY_COLUMNS.items()
    }


def _minutes(start: datetime | None, end: datetime | None) -> int | None:
    """Whole minutes from one to the other, below zero when it was before."""
    return None if start is None or end is None else int((end - start) / _MINUTE)


def provider_of(encounter: Json) -> tuple[str, str]:
    """The id and the name of whom the patient came to see."""
    provider = _first_actor(encounter.get("participant", []), "individual", "Practitioner")
    return reference_id(provider, "Practitioner"), str(provider.get("display", ""))


def type_of(encounter: Json) -> tuple[str, str]:
    """The id and the name of the visit type."""
    return visit_type_of({"serviceType": encounter.get("type", [])})


def _first_actor(parts: list[Json], name: str, type_: str) -> Json:
    found = [part[name] for part in parts if reference_id(part.get(name), type_)]
    return found[0] if found else {}


def confirmation(patient_id: str, kind: str, at: datetime, *, by: str, reference: str) -> Json:
    """That somebody at the desk was told that a part of a record is right."""
    who: Json = {"display": by}
    if reference:
        who["reference"] = reference
    return {
        "resourceType": "Provenance",
        "extension": [{"url": CONFIRMED, "valueCode": kind}],
        "target": [{"reference": f"Patient/{patient_id}"}],
        "recorded": instant_text(at),
        "activity": _ACTIVITY,
        "agent": [{"type": _AUTHOR, "who": who}],
    }


def confirmation_rows(provenance: Json) -> list[dict[str, Any]]:
    """The row of a confirmation; none for any other Provenance."""
    kinds = [one.get("valueCode") for one in provenance.get("extension", []) if one.get("url") == CONFIRMED]
    patients = [reference_id(target, "Patient") for target in provenance.get("target", [])]
    if not kinds or not patients or not patients[0]:
        return []
    by = provenance["agent"][0]["who"].get("display", "")
    return [
        {
            "id": provenance["id"],
            "patient_id": patients[0],
            "kind": str(kinds[0])[:20],
            "at": read_instant(provenance["recorded"]),
            "by_name": str(by)[:200],
        }
    ]
