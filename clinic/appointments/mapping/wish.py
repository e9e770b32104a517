"""A wish of the waiting list: FHIR Appointment of status `waitlist`, with a requested period and no time yet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from clinic.appointments.mapping.appointment import (
    BIRTH,
    VISIT_TYPE,
    ZONE,
    actor_of,
    references,
    span_of,
    visit_type_of,
)
from clinic.appointments.mapping.extensions import extension_value, with_extension
from clinic.appointments.mapping.parts import PART
from clinic.appointments.rules.free import PARTS
from clinic.appointments.rules.setup import STANDARD_MINUTES, Setup
from clinic.appointments.rules.waitlist import NORMAL, Entry, Wants
from clinic.core.days import instant_text, read_instant
from clinic.core.json import Json
from clinic.fhir.subject import reference_id

PART_OF_DAY = "urn:clinic:part-of-day"
WEEKDAY = "urn:clinic:weekday"
NOTICE = "urn:clinic:notice-hours"
LANGUAGE = "urn:clinic:language"
INSTEAD = "urn:clinic:instead-of"
BOOKED = "urn:clinic:booked-as"
WISH = "urn:clinic:wish"
_OWN = (PART_OF_DAY, WEEKDAY, NOTICE, LANGUAGE, INSTEAD)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FAR = datetime(2199, 12, 31, tzinfo=UTC)


def wish_resource(entry: Entry, setup: Setup, *, created: datetime, zone: str, before: Json | None = None) -> Json:
    """The Appointment of a wish; what an earlier version holds beyond it is kept."""
    kept = [item for item in (before or {}).get("extension", ()) if item.get("url") not in (*_OWN, ZONE, WISH)]
    resource: Json = (before or {"resourceType": "Appointment", "created": instant_text(created)}) | {
        "status": entry.status,
        "serviceType": [_service_type(entry)],
        "priority": entry.urgency,
        "minutesDuration": entry.minutes or STANDARD_MINUTES,
        "requestedPeriod": [{"start": instant_text(entry.since), "end": instant_text(entry.until)}],
        "participant": _participants(entry, setup),
        "extension": [
            *kept,
            {"url": ZONE, "valueCode": zone},
            {"url": WISH, "valueBoolean": True},
            *_extensions(entry.wants),
        ],
    }
    resource.pop("comment", None)
    return resource | ({"comment": entry.note} if entry.note else {})


def _service_type(entry: Entry) -> Json:
    coding = {"system": VISIT_TYPE, "code": entry.type_id, "display": entry.type_name}
    return {"coding": [coding], "text": entry.type_name}


def _participants(entry: Entry, setup: Setup) -> list[Json]:
    patient: Json = {"reference": f"Patient/{entry.patient_id}", "display": entry.patient_name}
    if entry.birth_date:
        patient = {"extension": [{"url": BIRTH, "valueDate": entry.birth_date}]} | patient
    found: list[Json] = [{"actor": patient, "required": "required", "status": "accepted"}]
    for id_ in entry.wants.providers:
        provider = setup.provider(id_)
        actor = {"reference": f"Practitioner/{id_}", "display": provider.name if provider else ""}
        found.append({"actor": actor, "required": "optional", "status": "needs-action"})
    site = setup.site(entry.wants.site)
    if site:
        kind = [{"coding": [{"system": PART, "code": "site"}]}]
        actor = {"reference": f"Location/{site.id}", "display": site.name}
        found.append({"type": kind, "actor": actor, "required": "optional", "status": "needs-action"})
    return found


def _extensions(wants: Wants) -> list[Json]:
    found: list[Json] = [{"url": PART_OF_DAY, "valueCode": part} for part in PARTS if part in wants.parts]
    found += [{"url": WEEKDAY, "valueCode": _DAYS[day]} for day in sorted(wants.weekdays)]
    if wants.notice:
        found.append({"url": NOTICE, "valueInteger": wants.notice})
    if wants.language:
        found.append({"url": LANGUAGE, "valueCode": wants.language})
    if wants.instead:
        found.append({"url": INSTEAD, "valueReference": {"reference": f"Appointment/{wants.instead}"}})
    return found


def is_wish(resource: Json) -> bool:
    """Whether an Appointment stands, or stood, on the waiting list: it has no time of its own."""
    waits = resource.get("status") == "waitlist" or extension_value(resource, WISH) is True
    return waits and span_of(resource) is None


def entry_of(resource: Json) -> Entry:
    """The wish in an Appointment; whatever it does not say is open."""
    since, until = _period(resource)
    patient = actor_of(resource, "Patient")
    type_id, type_name = visit_type_of(resource)
    minutes, urgency = resource.get("minutesDuration"), resource.get("priority")
    return Entry(
        patient_id=reference_id(patient, "Patient"),
        type_id=type_id[:64],
        since=since,
        until=until,
        wants=_wants(resource),
        urgency=urgency if isinstance(urgency, int) and 0 < urgency <= NORMAL else NORMAL,
        minutes=minutes if isinstance(minutes, int) and 5 <= minutes <= 720 else STANDARD_MINUTES,
        note=str(resource.get("comment", ""))[:400],
        patient_name=str(patient.get("display", ""))[:200],
        birth_date=str(extension_value(patient, BIRTH) or "")[:10],
        type_name=type_name[:200],
        id=str(resource.get("id", "")),
        status=str(resource.get("status", ""))[:20],
        created=_instant(resource.get("created")) or since,
        booked=reference_id(extension_value(resource, BOOKED), "Appointment"),
        version=int((resource.get("meta") or {}).get("versionId", 0)),
    )


def _wants(resource: Json) -> Wants:
    codes: dict[str, list[Any]] = {url: [] for url in (PART_OF_DAY, WEEKDAY)}
    for item in resource.get("extension", ()):
        if item.get("url") in codes:
            codes[item["url"]].append(item.get("valueCode"))
    notice = extension_value(resource, NOTICE)
    return Wants(
        providers=tuple(references(resource, "Practitioner")),
        site=next(iter(references(resource, "Location")), ""),
        parts=frozenset(part for part in PARTS if part in codes[PART_OF_DAY] and part != "any"),
        weekdays=frozenset(_DAYS.index(day) for day in codes[WEEKDAY] if day in _DAYS),
        notice=notice if isinstance(notice, int) and notice > 0 else 0,
        language=str(extension_value(resource, LANGUAGE) or ""),
        instead=reference_id(extension_value(resource, INSTEAD), "Appointment"),
    )


def _period(resource: Json) -> tuple[datetime, datetime]:
    periods = resource.get("requestedPeriod")
    first = periods[0] if isinstance(periods, list) and periods and isinstance(periods[0], dict) else {}
    created = _instant(resource.get("created")) or datetime.fromtimestamp(0, UTC)
    return _instant(first.get("start")) or created, _instant(first.get("end")) or _FAR


def _instant(text: Any) -> datetime | None:
    try:
        return read_instant(str(text))
    except ValueError:
        return None


def wish_booked(resource: Json, appointment_id: str, words: str) -> Json:
    """The wish closed, with what came of it."""
    closed = resource | {"status": "cancelled", "cancelationReason": {"text": words}}
    if not appointment_id:
        return closed
    return with_extension(closed, BOOKED, "valueReference", {"reference": f"Appointment/{appointment_id}"})


def wish_again(resource: Json) -> Json:
    """The wish back on the list."""
    bare = {key: value for key, value in resource.items() if key != "cancelationReason"} | {"status": "waitlist"}
    return with_extension(bare, BOOKED, "valueReference", None)


def wish_rows(resource: Json) -> list[dict[str, Any]]:
    """The row of a wish; none for any other Appointment."""
    if not is_wish(resource) or not actor_of(resource, "Patient"):
        return []
    entry = entry_of(resource)
    row = {name: getattr(entry, name) for name in _COPIED}
    return [row | {"wants": wants_facts(entry.wants)}]


_COPIED = (
    "id", "status", "urgency", "created", "since", "until", "patient_id", "patient_name", "birth_date", "type_id",
    "type_name", "minutes", "note", "booked", "version",
)  # fmt: skip


def wants_facts(wants: Wants) -> Json:
    """What is wanted as plain JSON, for the row."""
    return {
        "providers": list(wants.providers), "site": wants.site, "parts": sorted(wants.parts),
        "weekdays": sorted(wants.weekdays), "notice": wants.notice, "language": wants.language,
        "instead": wants.instead,
    }  # fmt: skip


def wants_of(facts: Json) -> Wants:
    """And back."""
    sets = {"parts": frozenset(facts["parts"]), "weekdays": frozenset(facts["weekdays"])}
    return Wants(**{**facts, "providers": tuple(facts["providers"]), **sets})
