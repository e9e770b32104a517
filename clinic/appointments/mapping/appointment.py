"""Appointment, Slot and the practice's own records to the rows of the calendar, and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from clinic.appointments.mapping.bonds import group_of, host_of, seats_of
from clinic.appointments.mapping.extensions import dicts, extension_value, with_extension
from clinic.appointments.mapping.parts import (
    PART,
    code_of,
    is_extra,
    margin_of,
    part_rows,
    participants_of,
    parts_in,
    share_in,
    with_margin,
    with_share,
)
from clinic.appointments.rules.booking import Place
from clinic.appointments.rules.spans import Span
from clinic.core.days import instant_text, local, read_instant
from clinic.core.json import Json
from clinic.fhir.subject import reference_id

ZONE = "urn:clinic:zone"
LANE = "urn:clinic:lane"
BIRTH = "urn:clinic:birth-date"
LISTED = "urn:clinic:listed"
OVERBOOK = "urn:clinic:overbook-reason"
NO_SHOW = "urn:clinic:no-show-reason"
WALK_IN = "urn:clinic:walk-in"
BEFORE = "urn:clinic:minutes-before"
AFTER = "urn:clinic:minutes-after"
CANCELLED = "urn:clinic:cancelled-at"
VISIT_TYPE = "urn:clinic:visit-type"


def new_appointment(place: Place, *, created: datetime, zone: str) -> Json:
    """The FHIR Appointment of a booking."""
    resource: Json = {
        "resourceType": "Appointment",
        "status": place.status,
        "serviceType": service_types(place),
        "created": instant_text(created),
        "extension": [{"url": ZONE, "valueCode": zone}],
    }
    if place.note:
        resource["comment"] = place.note
    if place.walk_in:
        resource["extension"].append({"url": WALK_IN, "valueBoolean": True})
    return placed(resource, place)


def placed(resource: Json, place: Place) -> Json:
    """The same appointment at another time, person, room or lane."""
    minutes = (place.span.end - place.span.start) // timedelta(minutes=1)
    changed = resource | {
        "status": place.status,
        "start": instant_text(place.span.start),
        "end": instant_text(place.span.end),
        "minutesDuration": minutes,
        "participant": list(_participants(place)),
    }
    changed = with_margin(with_margin(changed, BEFORE, place.before), AFTER, place.after)
    changed = with_extension(changed, LISTED, "valuePositiveInt", place.listed or None)
    changed = with_extension(changed, LANE, "valueInteger", place.lane or None)
    return with_extension(changed, OVERBOOK, "valueString", place.overbook_reason or None)


def service_types(place: Place) -> list[Json]:
    """The visit type as FHIR names it."""
    coding = {"system": VISIT_TYPE, "code": place.type_id, "display": place.type_name}
    return [{"coding": [coding], "text": place.type_name}]


def _participants(place: Place) -> Iterator[Json]:
    if place.patient_id:
        patient: Json = {"reference": f"Patient/{place.patient_id}", "display": place.patient_name}
        if place.birth_date:
            patient = {"extension": [{"url": BIRTH, "valueDate": place.birth_date}]} | patient
        yield {"actor": patient, "required": "required", "status": "accepted"}
    provider = {"reference": f"Practitioner/{place.provider_id}", "display": place.provider_name}
    yield {"actor": provider, "required": "required", "status": "accepted"}
    for part, id_, name in (
        ("room", place.room_id, place.room_name),
        ("site", place.site_id, place.site_name),
    ):
        if id_:
            kind = [{"coding": [{"system": PART, "code": part}]}]
            actor = {"reference": f"Location/{id_}", "display": name}
            one = {"type": kind, "actor": actor, "required": "required", "status": "accepted"}
            yield with_share(one, **_room_share(place)) if part == "room" else one
    yield from participants_of(place.parts, place.span)


def _room_share(place: Place) -> dict[str, int | None]:
    return {"before": place.room_before, "after": place.room_after, "lane": place.room_lane}


def place_of(resource: Json) -> Place:
    """Where and when an appointment is, read from its record; a time that is missing is an error.

    Raises ValueError for a record without start or end (a wish, a waitlist entry).
    """
    span = span_of(resource)
    if span is None:
        raise ValueError("this appointment has no time")
    patient, provider = actor_of(resource, "Patient"), actor_of(resource, "Practitioner")
    room, site = _location(resource, "room"), _location(resource, "site")
    share = _share_of_room(resource)
    type_id, type_name = visit_type_of(resource)
    return Place(
        span=span,
        status=str(resource.get("status", "")),
        patient_id=reference_id(patient, "Patient"),
        patient_name=str(patient.get("display", "")),
        birth_date=str(extension_value(patient, BIRTH) or ""),
        provider_id=reference_id(provider, "Practitioner"),
        provider_name=str(provider.get("display", "")),
        room_id=reference_id(room, "Location"),
        room_name=str(room.get("display", "")),
        site_id=reference_id(site, "Location"),
        site_name=str(site.get("display", "")),
        type_id=type_id,
        type_name=type_name,
        lane=lane_of(resource),
        overbook_reason=str(extension_value(resource, OVERBOOK) or ""),
        note=str(resource.get("comment", "")),
        walk_in=bool(extension_value(resource, WALK_IN)),
        before=margin_of(resource, BEFORE),
        after=margin_of(resource, AFTER),
        room_before=share.get("before", 0),
        room_after=share.get("after", 0),
        room_lane=share.get("lane"),
        parts=parts_in(resource),
        listed=listed_at(resource),
    )


def listed_at(resource: Json) -> int:
    """The place of a visit without a time in the list of its day; 0 for one with a time."""
    value = extension_value(resource, LISTED)
    return value if isinstance(value, int) and 0 < value < 1000 else 0


def span_of(resource: Json) -> Span | None:
    """The time of an appointment, or None for one without."""
    try:
        span = Span(read_instant(str(resource.get("start"))), read_instant(str(resource.get("end"))))
    except ValueError:
        return None
    return span if span.start < span.end else None


def lane_of(resource: Json) -> int:
    """0, or the lane of a deliberate overbooking."""
    lane = extension_value(resource, LANE)
    return lane if isinstance(lane, int) and 0 <= lane < 100 else 0


def zone_of(resource: Json) -> str:
    """The practice's zone kept with the appointment; empty for a record from elsewhere."""
    return str(extension_value(resource, ZONE) or "")


def references(resource: Json, type_: str) -> list[str]:
    """The ids of everybody of one type who takes part."""
    ids = (reference_id(part.get("actor"), type_) for part in _parts(resource))
    return list(dict.fromkeys(id_ for id_ in ids if id_))


def actor_of(resource: Json, type_: str) -> Json:
    """The first participant's actor of a type; an empty object when there is none."""
    for part in _parts(resource):
        if reference_id(part.get("actor"), type_):
            actor: Json = part["actor"]
            return actor
    return {}


def _share_of_room(resource: Json) -> dict[str, int]:
    rooms = (part for part in _parts(resource) if code_of(part) == "room")
    return next((share_in(part) for part in rooms), {})


def _location(resource: Json, part_name: str) -> Json:
    for part in _parts(resource):
        known = code_of(part) or "room"
        if reference_id(part.get("actor"), "Location") and part_name == known:
            actor: Json = part["actor"]
            return actor
    return {}


def visit_type_of(resource: Json) -> tuple[str, str]:
    """The id and the name of the visit type; the name is the best text that the record has."""
    for concept in dicts(resource.get("serviceType")):
        for coding in dicts(concept.get("coding")):
            if coding.get("system") == VISIT_TYPE:
                return str(coding.get("code", "")), str(concept.get("text") or coding.get("display") or "")
        codings = dicts(concept.get("coding"))
        text = concept.get("text") or (codings[0].get("display") if codings else "")
        if text:
            return "", str(text)
    return "", str(resource.get("description") or "")


def renamed(resource: Json, patient_id: str, *, name: str, birth_date: str) -> Json:
    """The same appointment with the patient's present name and birth date."""

    def changed(part: Json) -> Json:
        if reference_id(part.get("actor"), "Patient") != patient_id:
            return part
        actor = part["actor"] | {"display": name}
        return part | {"actor": with_extension(actor, BIRTH, "valueDate", birth_date or None)}

    return resource | {"participant": [changed(part) for part in resource.get("participant", [])]}


def called(resource: Json, reference: str, name: str) -> Json:
    """The same appointment with this name for one who takes part."""

    def changed(part: Json) -> Json:
        actor = part.get("actor")
        if not isinstance(actor, dict) or actor.get("reference") != reference:
            return part
        return part | {"actor": actor | {"display": name}}

    return resource | {"participant": [changed(part) for part in resource.get("participant", [])]}


def with_type_called(resource: Json, id_: str, name: str) -> Json:
    """The same appointment with this name for its visit type."""

    def changed(concept: Json) -> Json:
        codings = dicts(concept.get("coding"))
        if not any(coding.get("system") == VISIT_TYPE and coding.get("code") == id_ for coding in codings):
            return concept
        shown = [coding | {"display": name} if coding.get("system") == VISIT_TYPE else coding for coding in codings]
        return concept | {"coding": shown, "text": name}

    return resource | {"serviceType": [changed(concept) for concept in dicts(resource.get("serviceType"))]}


def appointment_rows(resource: Json) -> list[dict[str, Any]]:
    """The calendar rows of an appointment: one for each provider, one without when it has none.

    A group is called by its title; a seat in it takes no time of its own. What has an order instead of a time is called
    by its place in the list of the day.
    """
    span = span_of(resource)
    if span is None:
        return []
    place, seats = place_of(resource), seats_of(resource)
    shared = {
        "start": span.start,
        "id": resource["id"],
        "end": span.end,
        "local_day": _local_day(resource, span),
        "minutes": 0 if host_of(resource) else (span.end - span.start) // timedelta(minutes=1),
        "status": place.status[:20],
        "lane": place.lane,
        "version": int(resource["meta"]["versionId"]),
        "site": place.site_id,
        "room": place.room_id,
        "room_name": place.room_name[:200],
        "patient_id": place.patient_id,
        "patient_name": (str(resource.get("description", "")) if seats else place.patient_name)[:200],
        "birth_date": place.birth_date[:10],
        "type_id": place.type_id[:64],
        "type_name": (f"{place.listed}. {place.type_name}" if place.listed else place.type_name)[:200],
        "reason": reason_of(resource)[:200],
        "note": place.note[:400],
        "group_id": group_of(resource),
        "seats": seats,
        "booked": _booked(resource),
        "cancelled": cancelled_at(resource),
    }
    names = {
        reference_id(part.get("actor"), "Practitioner"): str(part["actor"].get("display", ""))[:200]
        for part in _parts(resource)
        if isinstance(part.get("actor"), dict) and not is_extra(part)
    }
    providers = [id_ for id_ in references(resource, "Practitioner") if id_ in names] or [""]
    return [shared | {"provider": id_, "provider_name": names.get(id_, "")} for id_ in providers]


def appointment_part_rows(resource: Json) -> list[dict[str, Any]]:
    """The rows of what an appointment uses beside its provider and its room."""
    return part_rows(resource, span_of(resource))


def reason_of(resource: Json) -> str:
    """Why it was cancelled, missed or overbooked, in the words of whoever did it."""
    if resource.get("status") == "cancelled":
        given = resource.get("cancelationReason")
        return str(given.get("text", "")) if isinstance(given, dict) else ""
    if resource.get("status") == "noshow":
        return str(extension_value(resource, NO_SHOW) or "")
    return str(extension_value(resource, OVERBOOK) or "")


def timed_end(resource: Json, at: datetime) -> Json:
    """The appointment with the instant at which it was cancelled; without one when it is not cancelled (any more)."""
    gone = resource.get("status") == "cancelled"
    if gone and extension_value(resource, CANCELLED):
        return resource
    return with_extension(resource, CANCELLED, "valueInstant", instant_text(at) if gone else None)


def cancelled_at(resource: Json) -> datetime | None:
    """When it was cancelled: as noted, else when a record of before that was last changed; None when nobody knows."""
    if resource.get("status") != "cancelled":
        return None
    meta = resource.get("meta", {})
    last = meta.get("lastUpdated") if meta.get("versionId") != "1" else None
    return _instant(extension_value(resource, CANCELLED) or last)


def _booked(resource: Json) -> datetime | None:
    return _instant(resource.get("created"))


def _instant(text: Any) -> datetime | None:
    try:
        return read_instant(str(text))
    except ValueError:
        return None


def _local_day(resource: Json, span: Span) -> date:
    zone = zone_of(resource)
    if zone:
        try:
            return local(span.start, zone).date()
        except (KeyError, ValueError, OSError):
            pass
    return datetime.fromisoformat(str(resource["start"])).date()


def _parts(resource: Json) -> list[Json]:
    return dicts(resource.get("participant"))
