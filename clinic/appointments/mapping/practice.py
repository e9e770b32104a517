"""Providers, rooms, sites and visit types: their FHIR records to the few facts a calendar needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from clinic.appointments.mapping.extensions import dicts, extension_value
from clinic.appointments.mapping.hours import hours_facts, hours_of_facts
from clinic.appointments.mapping.kinds import MINUTES, kind_facts, lengths_of, needs_of, resource_facts
from clinic.appointments.rules.hours import Absence, Hours
from clinic.appointments.rules.listed import PER_DAY
from clinic.appointments.rules.setup import STANDARD_MINUTES, Device, Provider, Room, Setup, Site, VisitType
from clinic.appointments.rules.spans import Span
from clinic.core.days import read_instant
from clinic.core.json import Json
from clinic.core.names import fold
from clinic.fhir.subject import reference_id

COLOUR = "urn:clinic:colour"
ORDER = "urn:clinic:order"
SETUP_TYPES = ("Practitioner", "PractitionerRole", "Location", "HealthcareService", "Schedule", "Device")
NO_COLUMN = "urn:clinic:no-column"
_LAST = 9_999


def setup_rows(resource: Json) -> list[dict[str, Any]]:
    """The row of one record of the practice; none for a device that no practice owns."""
    type_ = resource["resourceType"]
    if type_ == "Device" and not reference_id(resource.get("owner"), "Organization"):
        return []  # somebody's implant, a program: nothing that this practice books
    facts = _FACTS[type_](resource)
    row = {
        "type": type_,
        "id": resource["id"],
        "organization": reference_id(resource.get(_OWNER.get(type_, "")), "Organization"),
        "name": _name(resource)[:200],
        "active": resource.get("active", True) is not False and resource.get("status") != "inactive",
        "facts": facts,
    }
    return [row]


_OWNER = {
    "PractitionerRole": "organization",
    "Location": "managingOrganization",
    "HealthcareService": "providedBy",
    "Device": "owner",
}


def _name(resource: Json) -> str:
    if resource["resourceType"] == "Device":
        return next((str(one.get("name", "")) for one in dicts(resource.get("deviceName"))), "")
    name = resource.get("name")
    if isinstance(name, str):
        return name
    first = dicts(name)[:1]
    return person_name(first[0]) if first else ""


def person_name(name: Json) -> str:
    """A HumanName as one line: its own text, or prefix, given, family and suffix."""
    if isinstance(name.get("text"), str):
        return str(name["text"])
    parts = [*_texts(name.get("prefix")), *_texts(name.get("given")), str(name.get("family", ""))]
    return " ".join(part for part in (*parts, *_texts(name.get("suffix"))) if part)


def _role_facts(resource: Json) -> Json:
    period = resource.get("period") if isinstance(resource.get("period"), dict) else {}
    return {
        "provider": reference_id(resource.get("practitioner"), "Practitioner"),
        "places": [reference_id(item, "Location") for item in dicts(resource.get("location"))],
        "types": [reference_id(item, "HealthcareService") for item in dicts(resource.get("healthcareService"))],
        "order": extension_value(resource, ORDER),
        "since": str((period or {}).get("start", ""))[:10],
        "until": str((period or {}).get("end", ""))[:10],
        "hours": hours_facts(resource),
        "away": [_away_facts(item) for item in dicts(resource.get("notAvailable"))],
        "roles": sorted({fold_role(str(item.get("text", ""))) for item in dicts(resource.get("code"))} - {""}),
        "column": extension_value(resource, NO_COLUMN) is not True,
    }


def fold_role(text: str) -> str:
    """A role as it is compared: "Assistant" and "assistant " are the same."""
    return " ".join(text.casefold().split())[:60]


def _away_facts(item: Json) -> Json:
    during = item.get("during") if isinstance(item.get("during"), dict) else {}
    return {
        "reason": str(item.get("description", ""))[:200],
        "start": str((during or {}).get("start", "")),
        "end": str((during or {}).get("end", "")),
    }


def _location_facts(resource: Json) -> Json:
    kind = resource.get("physicalType")
    codes = [item.get("code") for item in dicts(kind.get("coding") if isinstance(kind, dict) else None)]
    facts = {"kind": str(codes[0]) if codes else "", "site": reference_id(resource.get("partOf"), "Location")}
    return facts | resource_facts(resource) | {"hours": hours_facts(resource)}


def _device_facts(resource: Json) -> Json:
    site = reference_id(resource.get("location"), "Location")
    return {"site": site, "hours": hours_facts(resource)} | resource_facts(resource)


def _type_facts(resource: Json) -> Json:
    minutes = extension_value(resource, MINUTES)
    return {
        "minutes": minutes if isinstance(minutes, int) and 5 <= minutes <= 720 else STANDARD_MINUTES,
        "colour": str(extension_value(resource, COLOUR) or "")[:20],
        "order": extension_value(resource, ORDER),
    } | kind_facts(resource)


def _person_facts(resource: Json) -> Json:
    spoken = [coding for item in dicts(resource.get("communication")) for coding in dicts(item.get("coding"))]
    codes = {str(coding.get("code", "")).split("-")[0].lower()[:8] for coding in spoken}
    return {"languages": sorted(codes - {""})}


def _schedule_facts(resource: Json) -> Json:
    actors, kinds = dicts(resource.get("actor")), ("Practitioner", "Location", "Device")
    owners = (reference_id(item, kind) for kind in kinds for item in actors)
    return {"provider": next((owner for owner in owners if owner), "")}


_FACTS = {
    "Practitioner": _person_facts,
    "PractitionerRole": _role_facts,
    "Location": _location_facts,
    "HealthcareService": _type_facts,
    "Schedule": _schedule_facts,
    "Device": _device_facts,
}


@dataclass(frozen=True)
class Fact:
    """One row of the practice's set-up."""

    type: str
    id: str
    name: str
    active: bool
    facts: Json


def setup_of(rows: Iterable[Fact]) -> Setup:
    """The practice as the calendar needs it, in the order in which it is shown."""
    by_type: dict[str, list[Fact]] = {type_: [] for type_ in SETUP_TYPES}
    for row in rows:
        by_type[row.type].append(row)
    rooms = {
        row.id: Room(row.id, row.name, row.facts["site"], **_use(row.facts))
        for row in by_type["Location"]
        if row.active and row.facts["kind"] == "ro"
    }
    sites = {row.id: Site(row.id, row.name) for row in by_type["Location"] if row.active and row.facts["kind"] == "si"}
    return Setup(
        providers=_providers(by_type, rooms, sites),
        rooms=tuple(sorted(rooms.values(), key=lambda room: fold(room.name))),
        sites=tuple(sorted(sites.values(), key=lambda site: fold(site.name))),
        types=_types(by_type["HealthcareService"]),
        schedules={row.id: row.facts["provider"] for row in by_type["Schedule"]},
        devices=_devices(by_type["Device"]),
    )


def _use(facts: Json) -> dict[str, Any]:
    """How a room or device is used."""
    numbers = {name: facts.get(name, 0) for name in ("before", "after")}
    capacity = facts.get("capacity") or 1
    return {
        "kind": facts.get("sort", ""),
        "hours": hours_of_facts(facts.get("hours", ())),
        "capacity": capacity,
        **numbers,
    }


def _devices(rows: list[Fact]) -> tuple[Device, ...]:
    found = [Device(row.id, row.name, row.facts["site"], **_use(row.facts)) for row in rows if row.active]
    return tuple(sorted(found, key=lambda device: fold(device.name)))


def _types(rows: list[Fact]) -> tuple[VisitType, ...]:
    ordered = sorted(rows, key=lambda row: (_order([row]), fold(row.name)))
    return tuple(_type(row) for row in ordered)


def _type(row: Fact) -> VisitType:
    facts = row.facts
    return VisitType(
        row.id,
        row.name,
        facts["minutes"],
        facts["colour"],
        row.active,
        before=facts.get("before", 0),
        after=facts.get("after", 0),
        lengths=lengths_of(facts.get("lengths", ())),
        needs=needs_of(facts.get("needs", ())),
        untimed=bool(facts.get("untimed")),
        per_day=facts.get("per_day") or PER_DAY,
    )


def _providers(by_type: dict[str, list[Fact]], rooms: dict[str, Room], sites: dict[str, Site]) -> tuple[Provider, ...]:
    roles: dict[str, list[Fact]] = {}
    for row in by_type["PractitionerRole"]:
        if row.active:
            roles.setdefault(row.facts["provider"], []).append(row)
    people = [row for row in by_type["Practitioner"] if row.id in roles]
    people.sort(key=lambda row: (_order(roles[row.id]), fold(row.name)))
    return tuple(_provider(row, roles[row.id], rooms, sites) for row in people)


def _order(rows: list[Fact]) -> int:
    given = [row.facts["order"] for row in rows if isinstance(row.facts.get("order"), int)]
    return min(given, default=_LAST)


def _provider(person: Fact, roles: list[Fact], rooms: dict[str, Room], sites: dict[str, Site]) -> Provider:
    places = [place for role in roles for place in role.facts["places"]]
    room = next((place for place in places if place in rooms), "")
    own_site = next((place for place in places if place in sites), "")
    return Provider(
        id=person.id,
        name=person.name,
        hours=tuple(hours for role in roles for hours in _hours(role, rooms, sites)),
        absences=tuple(absence for role in roles for absence in _absences(role)),
        room=room,
        site=own_site or (rooms[room].site if room else ""),
        types=frozenset(type_ for role in roles for type_ in role.facts["types"] if type_),
        active=person.active,
        languages=frozenset(person.facts.get("languages", ())),
        roles=frozenset(word for role in roles for word in role.facts.get("roles", ())),
        column=any(role.facts.get("column", True) for role in roles),
    )


def _hours(role: Fact, rooms: dict[str, Room], sites: dict[str, Site]) -> Iterable[Hours]:
    places = role.facts["places"]
    site = next((place for place in places if place in sites), "")
    site = site or next((rooms[place].site for place in places if place in rooms), "")
    since, until = role.facts["since"], role.facts["until"]
    return hours_of_facts(role.facts["hours"], since=since, until=until, site=site)


def _absences(role: Fact) -> Iterable[Absence]:
    for item in role.facts["away"]:
        try:
            span = Span(read_instant(item["start"]), read_instant(item["end"]))
        except ValueError:
            continue
        yield Absence(span, item["reason"])


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
