"""The practice's own records: our values to FHIR and back. What a record holds beyond them is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from typing import Any, Final

from clinic.appointments.mapping.extensions import extension_value, with_extension
from clinic.appointments.mapping.kinds import kind_facts, lengths_of, needs_of, resource_facts, with_kind, with_use
from clinic.appointments.mapping.practice import NO_COLUMN, fold_role
from clinic.appointments.rules.resources import Length, Need
from clinic.core.json import Json
from clinic.management.rules import DAYS, Stretch

NPI_SYSTEM: Final = "http://hl7.org/fhir/sid/us-npi"
MINUTES: Final = "urn:clinic:minutes"
COLOUR: Final = "urn:clinic:colour"
SITE: Final = "si"
ROOM: Final = "ro"
_PHYSICAL: Final = "http://terminology.hl7.org/CodeSystem/location-physical-type"
_PHYSICAL_NAMES: Final = {SITE: "Site", ROOM: "Room"}


@dataclass(frozen=True)
class Address:
    """A postal address and a phone number."""

    line: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Site:
    """A place where the practice works."""

    name: str
    address: Address = Address()


@dataclass(frozen=True)
class Use:
    """How a room or a device is used: what it is good for, how many at once, and the minutes kept free around a use."""

    kind: str = ""
    capacity: int = 1
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class Room:
    """A room at a site."""

    name: str
    site: str = ""
    use: Use = Use()


@dataclass(frozen=True)
class Device:
    """A device at a site."""

    name: str
    site: str = ""
    use: Use = Use()


@dataclass(frozen=True)
class VisitType:
    """A kind of visit: how long, which colour, what the desk should know."""

    name: str
    minutes: int = 20
    colour: str = ""
    comment: str = ""
    before: int = 0
    after: int = 0
    needs: tuple[Need, ...] = ()
    lengths: tuple[Length, ...] = ()
    untimed: bool = False
    per_day: int = 0


@dataclass(frozen=True)
class Provider:
    """A person with a column in the calendar."""

    given: str
    family: str
    title: str = ""
    suffix: str = ""
    npi: str = ""
    site: str = ""
    room: str = ""
    types: tuple[str, ...] = ()
    languages: str = ""
    """The codes of the languages in which they see patients, with commas between them."""
    roles: str = ""
    """What else they can be asked for ("assistant"), with commas between."""
    column: bool = True
    """Whether they see patients of their own, in a column of the calendar; who does not only helps."""

    @property
    def name(self) -> str:
        """The name in one line."""
        return " ".join(part for part in (self.title, self.given, self.family, self.suffix) if part)


def site_resource(site: Site, organization_id: str, before: Json | None = None) -> Json:
    """The Location of a site."""
    resource = _location(site.name, SITE, organization_id, before)
    _put(resource, "telecom", _phone(site.address.phone))
    _put(resource, "address", _address(site.address))
    return resource


def site_of(resource: Json) -> Site:
    """The site in a Location."""
    address = resource.get("address") or {}
    phone = next((one.get("value", "") for one in resource.get("telecom", ()) if one.get("system") == "phone"), "")
    return Site(
        str(resource.get("name", "")),
        Address(
            " ".join(address.get("line", ())),
            str(address.get("city", "")),
            str(address.get("state", "")),
            str(address.get("postalCode", "")),
            str(phone),
        ),
    )


def room_resource(room: Room, organization_id: str, before: Json | None = None) -> Json:
    """The Location of a room."""
    resource = _location(room.name, ROOM, organization_id, before)
    _put(resource, "partOf", {"reference": f"Location/{room.site}"} if room.site else None)
    return _used(resource, room.use)


def room_of(resource: Json) -> Room:
    """The room in a Location."""
    return Room(str(resource.get("name", "")), id_in(resource.get("partOf")), use_of(resource))


def device_resource(device: Device, organization_id: str, before: Json | None = None) -> Json:
    """The Device of a device that can be booked."""
    resource = {"resourceType": "Device", "status": "active", **(before or {})}
    others = resource.get("deviceName", [])[1:]
    resource["deviceName"] = [{"name": device.name, "type": "user-friendly-name"}, *others]
    _put(resource, "location", {"reference": f"Location/{device.site}"} if device.site else None)
    if organization_id:
        resource["owner"] = {"reference": f"Organization/{organization_id}"}
    return _used(resource, device.use)


def device_of(resource: Json) -> Device:
    """The device in a Device."""
    return Device(name_of(resource), id_in(resource.get("location")), use_of(resource))


def name_of(resource: Json) -> str:
    """The name of a site, room, device or visit type."""
    named = resource.get("deviceName") or [{}]
    return str(named[0].get("name", "") if resource["resourceType"] == "Device" else resource.get("name", ""))


def use_of(resource: Json) -> Use:
    """How a Location or Device is used."""
    facts = resource_facts(resource)
    return Use(facts.get("sort", ""), facts.get("capacity", 1) or 1, facts.get("before", 0), facts.get("after", 0))


def _used(resource: Json, use: Use) -> Json:
    margins = (use.before, use.after)
    return with_use(resource, sort=fold_role(use.kind), capacity=use.capacity, margins=margins)


def kind_of(location: Json) -> str:
    """`si` for a site, `ro` for a room, empty for anything else."""
    codings = (location.get("physicalType") or {}).get("coding") or [{}]
    return str(codings[0].get("code", ""))


def visit_type_resource(visit_type: VisitType, organization_id: str, before: Json | None = None) -> Json:
    """The HealthcareService of a visit type."""
    resource = {"resourceType": "HealthcareService", "active": True, **(before or {})}
    if organization_id:
        resource["providedBy"] = {"reference": f"Organization/{organization_id}"}
    resource["name"] = visit_type.name
    _put(resource, "comment", visit_type.comment)
    others = [one for one in resource.get("extension", ()) if one.get("url") not in (MINUTES, COLOUR)]
    own: list[Json] = [{"url": MINUTES, "valuePositiveInt": visit_type.minutes}]
    if visit_type.colour:
        own.append({"url": COLOUR, "valueString": visit_type.colour})
    resource["extension"] = [*others, *own]
    return with_kind(
        resource,
        margins=(visit_type.before, visit_type.after),
        lengths=visit_type.lengths,
        needs=visit_type.needs,
        untimed=visit_type.untimed,
        per_day=visit_type.per_day,
    )


def visit_type_of(resource: Json) -> VisitType:
    """The visit type in a HealthcareService."""
    found = {one.get("url"): one for one in resource.get("extension", ())}
    minutes, kept = found.get(MINUTES, {}), kind_facts(resource)
    return VisitType(
        str(resource.get("name", "")),
        int(minutes.get("valuePositiveInt") or minutes.get("valueInteger") or 20),
        str(_value(found.get(COLOUR, {}))),
        str(resource.get("comment", "")),
        kept.get("before", 0),
        kept.get("after", 0),
        needs_of(kept.get("needs", ())),
        lengths_of(kept.get("lengths", ())),
        bool(kept.get("untimed")),
        kept.get("per_day", 0),
    )


def practitioner_resource(provider: Provider, before: Json | None = None) -> Json:
    """The Practitioner of a provider."""
    resource = {"resourceType": "Practitioner", "active": True, **(before or {})}
    name: Json = {"use": "official", "family": provider.family, "given": provider.given.split()}
    if provider.title:
        name["prefix"] = [provider.title]
    if provider.suffix:
        name["suffix"] = [provider.suffix]
    resource["name"] = [name, *resource.get("name", [])[1:]]
    others = [one for one in resource.get("identifier", ()) if one.get("system") != NPI_SYSTEM]
    own = [{"system": NPI_SYSTEM, "value": provider.npi}] if provider.npi else []
    _put(resource, "identifier", [*own, *others])
    codes = [code.strip().lower() for code in provider.languages.replace(";", ",").split(",") if code.strip()]
    if codes != _codes(resource.get("communication", ())):
        coded = [{"system": "urn:ietf:bcp:47", "code": code} for code in dict.fromkeys(codes)]
        _put(resource, "communication", [{"coding": [coding]} for coding in coded])
    return resource


def role_resource(provider: Provider, practitioner_id: str, organization_id: str, before: Json | None = None) -> Json:
    """The PractitionerRole of a provider: where and for what; the hours stay as they are."""
    resource = {"resourceType": "PractitionerRole", "active": True, **(before or {})}
    resource["practitioner"] = {"reference": f"Practitioner/{practitioner_id}", "display": provider.name}
    if organization_id:
        resource["organization"] = {"reference": f"Organization/{organization_id}"}
    places = [place for place in (provider.site, provider.room) if place]
    _put(resource, "location", [{"reference": f"Location/{place}"} for place in places])
    types = [{"reference": f"HealthcareService/{one}"} for one in provider.types]
    _put(resource, "healthcareService", types)
    if roles_in(provider.roles) != [fold_role(one) for one in _texts(resource)]:
        coded = [one for one in resource.get("code", ()) if not one.get("text")]
        _put(resource, "code", [*coded, *({"text": one} for one in roles_in(provider.roles))])
    return with_extension(resource, NO_COLUMN, "valueBoolean", None if provider.column else True)


def roles_in(text: str) -> list[str]:
    """The roles in what was typed, as they are compared, each once."""
    return list(dict.fromkeys(role for part in text.split(",") if (role := fold_role(part))))


def _texts(role: Json) -> list[str]:
    return [str(one["text"]) for one in role.get("code", ()) if one.get("text")]


def provider_of(practitioner: Json, role: Json, rooms: Iterable[str] = ()) -> Provider:
    """The provider in a Practitioner and a PractitionerRole; `rooms` are the ids of Locations that are rooms."""
    name = (practitioner.get("name") or [{}])[0]
    known_rooms = set(rooms)
    places = [id_in(one) for one in role.get("location", ())]
    npi = next(
        (one.get("value", "") for one in practitioner.get("identifier", ()) if one.get("system") == NPI_SYSTEM), ""
    )
    return Provider(
        given=" ".join(name.get("given", ())),
        family=str(name.get("family") or name.get("text", "")),
        title=" ".join(name.get("prefix", ())),
        suffix=" ".join(name.get("suffix", ())),
        npi=str(npi),
        site=next((place for place in places if place not in known_rooms), ""),
        room=next((place for place in places if place in known_rooms), ""),
        types=tuple(id_in(one) for one in role.get("healthcareService", ())),
        languages=", ".join(_codes(practitioner.get("communication", ()))),
        roles=", ".join(_texts(role)),
        column=extension_value(role, NO_COLUMN) is not True,
    )


def _codes(spoken: Iterable[Json]) -> list[str]:
    found = (coding.get("code") for one in spoken for coding in one.get("coding", ()))
    return [str(code) for code in found if code]


def with_week(role: Json, week: Iterable[Stretch]) -> Json:
    """The role with these working hours; days that share a stretch share an entry."""
    days: dict[tuple[time, time], list[str]] = defaultdict(list)
    for stretch in week:
        days[stretch.opens, stretch.closes].append(stretch.day)
    entries = [
        {
            "daysOfWeek": sorted(named, key=DAYS.index),
            "availableStartTime": opens.isoformat("seconds"),
            "availableEndTime": closes.isoformat("seconds"),
        }
        for (opens, closes), named in sorted(days.items())
    ]
    changed = dict(role)
    _put(changed, "availableTime", entries)
    return changed


def week_of(role: Json) -> tuple[Stretch, ...]:
    """The working hours in a role, as stretches by weekday."""
    found = [
        Stretch(day, _time(entry, "availableStartTime"), _time(entry, "availableEndTime"))
        for entry in role.get("availableTime", ())
        for day in entry.get("daysOfWeek", DAYS)
        if not entry.get("allDay") and entry.get("availableStartTime") and entry.get("availableEndTime")
    ]
    return tuple(sorted(found, key=lambda one: (DAYS.index(one.day), one.opens)))


def id_in(reference: Any) -> str:
    """The id in a relative reference."""
    return str((reference or {}).get("reference", "")).rpartition("/")[2]


def _time(entry: Json, name: str) -> time:
    return time.fromisoformat(str(entry[name]))


def _value(extension: Json) -> Any:
    return next((value for key, value in extension.items() if key.startswith("value")), "")


def _location(name: str, kind: str, organization_id: str, before: Json | None) -> Json:
    resource = {"resourceType": "Location", "status": "active", "mode": "instance", **(before or {})}
    resource["name"] = name
    coding = {"system": _PHYSICAL, "code": kind, "display": _PHYSICAL_NAMES[kind]}
    resource["physicalType"] = {"coding": [coding]}
    if organization_id:
        resource["managingOrganization"] = {"reference": f"Organization/{organization_id}"}
    return resource


def _phone(number: str) -> list[Json]:
    return [{"system": "phone", "value": number, "use": "work"}] if number else []


def _address(address: Address) -> Json | None:
    parts = {"city": address.city, "state": address.state, "postalCode": address.postal_code}
    found: Json = {name: value for name, value in parts.items() if value}
    if address.line:
        found["line"] = [address.line]
    return found or None


def _put(resource: Json, name: str, value: Any) -> None:
    if value:
        resource[name] = value
    else:
        resource.pop(name, None)
