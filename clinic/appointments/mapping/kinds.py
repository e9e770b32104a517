"""What a visit type, a room and a device say about booking, in their FHIR records and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from clinic.appointments.mapping.extensions import dicts, extension_value
from clinic.appointments.rules.listed import MOST_PER_DAY
from clinic.appointments.rules.resources import WHATS, Length, Need
from clinic.core.json import Json
from clinic.fhir.subject import reference_id

MINUTES: Final = "urn:clinic:minutes"
BEFORE: Final = "urn:clinic:minutes-before"
AFTER: Final = "urn:clinic:minutes-after"
CAPACITY: Final = "urn:clinic:capacity"
LENGTH: Final = "urn:clinic:length"
NEED: Final = "urn:clinic:need"
UNTIMED: Final = "urn:clinic:untimed"
PER_DAY: Final = "urn:clinic:per-day"
MOST_CAPACITY: Final = 50
MOST_MARGIN: Final = 120
LONGEST: Final = 720
_TYPES: Final = {"person": "Practitioner", "room": "Location", "device": "Device"}


def kind_facts(resource: Json) -> Json:
    """What a HealthcareService says beside its length and colour; what is empty is left out."""
    facts: Json = {
        "before": number(extension_value(resource, BEFORE), MOST_MARGIN),
        "after": number(extension_value(resource, AFTER), MOST_MARGIN),
        "lengths": [_inner(one, "provider", "Practitioner") for one in _all(resource, LENGTH)],
        "needs": [_need_facts(one) for one in _all(resource, NEED)],
        "untimed": extension_value(resource, UNTIMED) is True,
        "per_day": number(extension_value(resource, PER_DAY), MOST_PER_DAY),
    }
    return {name: value for name, value in facts.items() if value}


def _need_facts(extension: Json) -> Json:
    what = next((one.get("valueCode") for one in dicts(extension.get("extension")) if one.get("url") == "what"), "")
    return _inner(extension, "id", _TYPES.get(str(what), ""))


def _inner(extension: Json, name: str, type_: str) -> Json:
    """The parts of a nested extension by their names; a reference as the id in it."""
    found: Json = {}
    for one in dicts(extension.get("extension")):
        key = str(one.get("url", ""))
        value = next((given for field, given in one.items() if field.startswith("value")), None)
        found[key] = reference_id(value, type_) if key == name else value
    return found


def _all(resource: Json, url: str) -> list[Json]:
    return [one for one in dicts(resource.get("extension")) if one.get("url") == url]


def lengths_of(facts: Iterable[Json]) -> tuple[Length, ...]:
    """The other lengths of a visit type."""
    found = []
    for one in facts:
        minutes, who = number(one.get("minutes"), LONGEST), one.get("who")
        if minutes >= 5:
            found.append(Length(minutes, str(one.get("provider") or ""), who if who in ("new", "known") else ""))
    return tuple(found)


def needs_of(facts: Iterable[Json]) -> tuple[Need, ...]:
    """What a visit type needs."""
    found = []
    for one in facts:
        what, id_, kind = one.get("what"), str(one.get("id") or ""), str(one.get("kind") or "").casefold().strip()
        if what in WHATS and (id_ or kind):
            offset, minutes = number(one.get("offset"), LONGEST), number(one.get("minutes"), LONGEST)
            found.append(Need(what, id_, kind, offset, minutes))
    return tuple(found)


def with_kind(
    resource: Json, *, margins: tuple[int, int], lengths: Iterable[Length], needs: Iterable[Need], untimed: bool,
    per_day: int = 0,
) -> Json:  # fmt: skip
    """The HealthcareService with these margins, lengths and needs, and no others; `untimed` with the most of a day."""
    own = (BEFORE, AFTER, LENGTH, NEED, UNTIMED, PER_DAY)
    rest = [one for one in dicts(resource.get("extension")) if one.get("url") not in own]
    rest += _margins(margins)
    rest += [{"url": LENGTH, "extension": _length(one)} for one in lengths]
    rest += [{"url": NEED, "extension": _need(one)} for one in needs]
    if untimed:
        rest.append({"url": UNTIMED, "valueBoolean": True})
    if untimed and per_day:
        rest.append({"url": PER_DAY, "valueInteger": per_day})
    bare = {key: value for key, value in resource.items() if key != "extension"}
    return bare | {"extension": rest} if rest else bare


def _margins(margins: tuple[int, int]) -> list[Json]:
    pairs = zip((BEFORE, AFTER), margins, strict=True)
    return [{"url": url, "valueInteger": minutes} for url, minutes in pairs if minutes]


def _length(one: Length) -> list[Json]:
    inner: list[Json] = [{"url": "minutes", "valueInteger": one.minutes}]
    if one.provider:
        inner.append({"url": "provider", "valueReference": {"reference": f"Practitioner/{one.provider}"}})
    return [*inner, {"url": "who", "valueCode": one.who}] if one.who else inner


def _need(one: Need) -> list[Json]:
    inner: list[Json] = [{"url": "what", "valueCode": one.what}]
    if one.id:
        inner.append({"url": "id", "valueReference": {"reference": f"{_TYPES[one.what]}/{one.id}"}})
    else:
        inner.append({"url": "kind", "valueString": one.kind})
    numbers = (("offset", one.offset), ("minutes", one.minutes))
    return [*inner, *({"url": name, "valueInteger": value} for name, value in numbers if value)]


def resource_facts(resource: Json) -> Json:
    """What a room or a device says about its use; what is empty is left out."""
    kind = resource.get("type")
    concepts = dicts(kind if isinstance(kind, list) else [kind])
    facts: Json = {
        "sort": next((str(one["text"])[:60].casefold().strip() for one in concepts if one.get("text")), ""),
        "capacity": number(extension_value(resource, CAPACITY), MOST_CAPACITY),
        "before": number(extension_value(resource, BEFORE), MOST_MARGIN),
        "after": number(extension_value(resource, AFTER), MOST_MARGIN),
    }
    return {name: value for name, value in facts.items() if value}


def with_use(resource: Json, *, sort: str, capacity: int, margins: tuple[int, int]) -> Json:
    """The Location or Device with its kind, its places and its margins."""
    rest = [one for one in dicts(resource.get("extension")) if one.get("url") not in (BEFORE, AFTER, CAPACITY)]
    rest += _margins(margins)
    if capacity > 1:
        rest.append({"url": CAPACITY, "valueInteger": capacity})
    bare = {key: value for key, value in resource.items() if key not in ("extension", "type")}
    changed = bare | {"extension": rest} if rest else bare
    if not sort:
        return changed
    concept = {"text": sort}
    return changed | {"type": [concept] if resource["resourceType"] == "Location" else concept}


def number(value: Any, most: int) -> int:
    """A whole number from 0 to the most that makes sense; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else 0
