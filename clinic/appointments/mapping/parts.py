"""The shares of an appointment beside its provider and its room, and the margins around it, in its participants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clinic.appointments.mapping.extensions import dicts, extension_value, with_extension
from clinic.appointments.rules.resources import Part
from clinic.appointments.rules.spans import Span
from clinic.core.days import instant_text
from clinic.core.json import Json

PART = "urn:clinic:participant"
SHARE = "urn:clinic:share"
"""On a participant: minutes after the visit's start, length, margins and place, all whole numbers."""
EXTRA = "part"
_MOST = {"offset": 1440, "minutes": 1440, "before": 120, "after": 120, "lane": 99}
TYPES = ("Practitioner", "Location", "Device")


def code_of(part: Json) -> str:
    """What a participant is for in our words: `room`, `site`, `part`; empty for any other."""
    for kind in dicts(part.get("type")):
        for coding in dicts(kind.get("coding")):
            if coding.get("system") == PART:
                return str(coding.get("code", ""))
    return ""


def share_in(part: Json) -> dict[str, int]:
    """The numbers that are kept with a participant; what is missing, wrong or beyond reason is left out."""
    for extension in dicts(part.get("extension")):
        if extension.get("url") == SHARE:
            values = {str(one.get("url")): one.get("valueInteger") for one in dicts(extension.get("extension"))}
            return {
                name: value
                for name, most in _MOST.items()
                if isinstance(value := values.get(name), int) and 0 <= value <= most
            }
    return {}


def with_share(part: Json, **numbers: int | None) -> Json:
    """The participant with these numbers; those that are None or 0 are not written."""
    rest = [one for one in dicts(part.get("extension")) if one.get("url") != SHARE]
    inner = [{"url": name, "valueInteger": value} for name, value in numbers.items() if value]
    if numbers.get("lane") == 0:
        inner.append({"url": "lane", "valueInteger": 0})
    if inner:
        rest.append({"url": SHARE, "extension": inner})
    bare = {key: value for key, value in part.items() if key != "extension"}
    return {"extension": rest} | bare if rest else bare


def key_of(part: Json) -> str:
    """What a participant's time is claimed under, `Device/x`; empty for patients and for texts."""
    actor = part.get("actor")
    reference = str(actor.get("reference", "")) if isinstance(actor, dict) else ""
    type_, _, id_ = reference.rpartition("/")
    type_ = type_.rpartition("/")[2]
    return f"{type_}/{id_}" if type_ in TYPES and id_ else ""


def part_in(participant: Json) -> Part:
    """The share of a participant."""
    found = share_in(participant)
    numbers = {name: found.get(name, 0) for name in ("offset", "minutes", "before", "after", "lane")}
    return Part(key_of(participant), str(participant["actor"].get("display", "")), **numbers)


def parts_in(resource: Json) -> tuple[Part, ...]:
    """The shares beside the provider and the room."""
    found = (one for one in dicts(resource.get("participant")) if code_of(one) == EXTRA and key_of(one))
    return tuple(part_in(one) for one in found)


def participants_of(parts: tuple[Part, ...], visit: Span) -> Iterator[Json]:
    """The participants of the shares, each with the period in which it takes part."""
    for part in parts:
        span = part.span(visit)
        one: Json = {
            "type": [{"coding": [{"system": PART, "code": EXTRA}]}],
            "actor": {"reference": part.actor, "display": part.name},
            "required": "required",
            "status": "accepted",
            "period": {"start": instant_text(span.start), "end": instant_text(span.end)},
        }
        numbers = {name: getattr(part, name) for name in ("offset", "minutes", "before", "after")}
        yield with_share(one, **numbers, lane=part.lane)


def with_periods(resource: Json, visit: Span | None) -> Json:
    """The appointment with the period of every share where its time now is."""
    if visit is None or not parts_in(resource):
        return resource

    def changed(part: Json) -> Json:
        if code_of(part) != EXTRA or not key_of(part):
            return part
        span = part_in(part).span(visit)
        return part | {"period": {"start": instant_text(span.start), "end": instant_text(span.end)}}

    return resource | {"participant": [changed(one) for one in dicts(resource.get("participant"))]}


def with_lanes(resource: Json, lanes: dict[str, int]) -> Json:
    """The appointment with the places that its rooms, devices and helpers were given."""
    if not lanes:
        return resource

    def changed(part: Json) -> Json:
        key = key_of(part)
        if key not in lanes or share_in(part).get("lane") == lanes[key]:
            return part
        return with_share(part, **(share_in(part) | {"lane": lanes[key]}))

    return resource | {"participant": [changed(one) for one in dicts(resource.get("participant"))]}


def part_rows(resource: Json, visit: Span | None) -> list[dict[str, Any]]:
    """The rows of an appointment's shares: who or what is used when beside the provider and the room."""
    if visit is None:
        return []
    rows = {}
    for part in parts_in(resource):
        span = part.span(visit)
        rows[part.actor] = {
            "start": span.start,
            "id": resource["id"],
            "actor": part.actor[:80],
            "end": span.end,
            "name": part.name[:200],
        }
    return list(rows.values())


def is_extra(part: Json) -> bool:
    """Whether a participant only helps with a visit: it is not in its column or list."""
    return code_of(part) == EXTRA


def margin_of(resource: Json, url: str) -> int:
    """The minutes that an appointment keeps free before or after itself."""
    value = extension_value(resource, url)
    return value if isinstance(value, int) and 0 <= value <= _MOST["before"] else 0


def with_margin(resource: Json, url: str, minutes: int) -> Json:
    """The appointment with these minutes kept free."""
    return with_extension(resource, url, "valueInteger", minutes or None)
