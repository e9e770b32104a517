"""Weekly hours in FHIR records and back: of a PractitionerRole, a room (Location) or a device.

FHIR's availableTime and hoursOfOperation say on which weekdays and from when to when. Where a stretch holds only
between two days, at one site, for some visit types or in place of others, that stands in a modifier extension: a
program that does not know it must not read the stretch as holding always.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any, Final

from clinic.appointments.mapping.extensions import dicts
from clinic.appointments.rules.hours import Hours
from clinic.core.json import Json
from clinic.fhir.subject import reference_id

VALIDITY: Final = "urn:clinic:validity"
DEVICE_HOURS: Final = "urn:clinic:hours"
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES: Final = {
    "PractitionerRole": ("availableTime", "availableStartTime", "availableEndTime"),
    "Location": ("hoursOfOperation", "openingTime", "closingTime"),
}


def hours_facts(resource: Json) -> list[Json]:
    """The stretches of a record as plain facts; what is empty is left out."""
    if resource["resourceType"] == "Device":
        found = (_device_entry(one) for one in dicts(resource.get("extension")) if one.get("url") == DEVICE_HOURS)
        return [_facts(entry, "start", "end") for entry in found]
    name, opens, closes = _NAMES[resource["resourceType"]]
    return [_facts(entry, opens, closes) for entry in dicts(resource.get(name))]


def _facts(entry: Json, opens: str, closes: str) -> Json:
    given = entry.get("daysOfWeek")
    days = [day for day in given if day in DAYS] if isinstance(given, list) else []
    facts: Json = {"days": days or list(DAYS)}
    whole = entry.get("allDay") is True
    facts["opens"] = "00:00:00" if whole else str(entry.get(opens, "00:00:00"))
    facts["closes"] = "00:00:00" if whole else str(entry.get(closes, "00:00:00"))
    limits = next((one for one in dicts(entry.get("modifierExtension")) if one.get("url") == VALIDITY), {})
    types = []
    for one in dicts(limits.get("extension")):
        name = one.get("url")
        if name in ("since", "until"):
            facts[name] = str(one.get("valueDate", ""))[:10]
        elif name in ("site", "room"):
            facts[name] = reference_id(one.get("valueReference"), "Location")
        elif name == "type":
            types.append(reference_id(one.get("valueReference"), "HealthcareService"))
        elif name == "instead":
            facts["instead"] = one.get("valueBoolean") is True
    return facts | ({"types": types} if types else {})


def _device_entry(extension: Json) -> Json:
    inner = dicts(extension.get("extension"))
    values = {str(one.get("url")): one for one in inner}
    return {
        "daysOfWeek": [one.get("valueCode") for one in inner if one.get("url") == "day"],
        "start": values.get("start", {}).get("valueTime", "00:00:00"),
        "end": values.get("end", {}).get("valueTime", "00:00:00"),
        "modifierExtension": [one for one in inner if one.get("url") == VALIDITY],
    }


def hours_of_facts(facts: Iterable[Json], *, since: str = "", until: str = "", site: str = "") -> tuple[Hours, ...]:
    """The stretches that facts mean; a stretch whose times cannot be read is left out.

    `since`, `until` and `site` are those of the whole record, where a stretch has none of its own.
    """
    found = []
    for item in facts:
        try:
            opens, closes = time.fromisoformat(item["opens"]), time.fromisoformat(item["closes"])
        except ValueError:
            continue
        days = frozenset(DAYS.index(day) for day in item["days"])
        found.append(
            Hours(
                days,
                opens,
                closes,
                since=read_day(item.get("since") or since),
                until=read_day(item.get("until") or until),
                site=str(item.get("site") or site),
                types=frozenset(str(one) for one in item.get("types", ()) if one),
                instead=bool(item.get("instead")),
                room=str(item.get("room") or ""),
            )
        )
    return tuple(found)


def read_day(text: str) -> date | None:
    """A day, or nothing for a text that is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def with_hours(resource: Json, hours: Iterable[Hours]) -> Json:
    """The record with these stretches and no others; days that share all else share an entry."""
    days: defaultdict[tuple[Any, ...], set[int]] = defaultdict(set)
    for one in hours:
        rest = (one.opens, one.closes, one.since, one.until, one.site, one.room, tuple(sorted(one.types)), one.instead)
        days[rest] |= one.weekdays
    ordered = sorted(days.items(), key=lambda item: tuple(str(each or "") for each in item[0]))
    if resource["resourceType"] == "Device":
        others = [one for one in dicts(resource.get("extension")) if one.get("url") != DEVICE_HOURS]
        return _put(resource, "extension", [*others, *(_device_extension(key, each) for key, each in ordered)])
    name, opens, closes = _NAMES[resource["resourceType"]]
    return _put(resource, name, [_entry(key, each, (opens, closes)) for key, each in ordered])


def _entry(key: tuple[Any, ...], days: Iterable[int], names: tuple[str, str]) -> Json:
    entry: Json = {"modifierExtension": [_limits(key)]} if _limits(key)["extension"] else {}
    entry["daysOfWeek"] = [DAYS[day] for day in sorted(days)]
    opens, closes = key[0], key[1]
    if opens == closes == time():
        return entry | {"allDay": True}
    return entry | {names[0]: opens.isoformat("seconds"), names[1]: closes.isoformat("seconds")}


def _device_extension(key: tuple[Any, ...], days: Iterable[int]) -> Json:
    inner: list[Json] = [{"url": "day", "valueCode": DAYS[day]} for day in sorted(days)]
    inner.append({"url": "start", "valueTime": key[0].isoformat("seconds")})
    inner.append({"url": "end", "valueTime": key[1].isoformat("seconds")})
    limits = _limits(key)
    return {"url": DEVICE_HOURS, "extension": [*inner, *([limits] if limits["extension"] else [])]}


def _limits(key: tuple[Any, ...]) -> Json:
    _opens, _closes, since, until, site, room, types, instead = key
    inner: list[Json] = []
    for name, day in (("since", since), ("until", until)):
        if day is not None:
            inner.append({"url": name, "valueDate": day.isoformat()})
    for name, place in (("site", site), ("room", room)):
        if place:
            inner.append({"url": name, "valueReference": {"reference": f"Location/{place}"}})
    inner += [{"url": "type", "valueReference": {"reference": f"HealthcareService/{one}"}} for one in types]
    if instead:
        inner.append({"url": "instead", "valueBoolean": True})
    return {"url": VALIDITY, "extension": inner}


def _put(resource: Mapping[str, Any], name: str, entries: list[Json]) -> Json:
    rest = {key: value for key, value in resource.items() if key != name}
    return rest | {name: entries} if entries else rest
