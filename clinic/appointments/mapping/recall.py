"""An order or a recall: FHIR ServiceRequest with its day, and each attempt at reaching the patient: Communication."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from clinic.appointments.mapping.appointment import BIRTH, VISIT_TYPE
from clinic.appointments.mapping.extensions import dicts, extension_value, with_extension
from clinic.appointments.rules.recalls import KINDS, MOST_DAYS, ORDER, RECALL, Recall, Tally, rank_of
from clinic.core.days import instant_text, read_instant
from clinic.core.json import Json
from clinic.fhir.subject import reference_id

CATEGORY = "urn:clinic:request-category"
DUE = "urn:clinic:due"
BOOKED = "urn:clinic:booked-as"
CLOSED = "urn:clinic:closed-reason"
ATTEMPTS = "urn:clinic:attempts"
FAILED = "urn:clinic:attempts-in-vain"
OUTCOME = "urn:clinic:last-outcome"
ATTEMPTED = "urn:clinic:last-attempt"
AGAIN = "urn:clinic:try-again"
HANDED = "urn:clinic:handed-on"
RULE = "urn:clinic:recall-rule:"
_OWN = (DUE, BOOKED, CLOSED, ATTEMPTS, FAILED, OUTCOME, ATTEMPTED, AGAIN, HANDED)
_NAMES = {ORDER: "Order for a visit", RECALL: "Recall"}
_INTENTS = {ORDER: "order", RECALL: "plan"}


def recall_resource(recall: Recall, at: datetime, *, before: Json | None = None) -> Json:
    """The ServiceRequest of an order or a recall; what an earlier version holds beyond it is kept."""
    fresh: Json = {"resourceType": "ServiceRequest", "authoredOn": instant_text(at)}
    kept = {key: value for key, value in (before or fresh).items() if key not in _WRITTEN}
    others = [item for item in dicts((before or {}).get("extension")) if item.get("url") not in _OWN]
    resource = kept | {
        "status": recall.status,
        "intent": (before or {}).get("intent") or _INTENTS[recall.kind],
        "category": _category(recall, before or {}),
        "priority": recall.priority,
        "code": _code(recall, before or {}),
        "subject": _subject(recall),
        **_occurrence(recall),
        "extension": [*others, *_extensions(recall)],
    }
    whole = resource | _people(recall) | _rest(recall, before or {})
    return {key: value for key, value in whole.items() if value or key != "extension"}


_WRITTEN = (
    "status", "category", "priority", "code", "subject", "occurrenceDateTime", "occurrencePeriod", "occurrenceTiming",
    "extension", "performer", "requester", "note", "instantiatesUri", "supportingInfo",
)  # fmt: skip


def _category(recall: Recall, before: Json) -> list[Json]:
    coding = {"system": CATEGORY, "code": recall.kind, "display": _NAMES[recall.kind]}
    others = [one for one in dicts(before.get("category")) if not _codes(one, CATEGORY)]
    return [{"coding": [coding]}, *others]


def _code(recall: Recall, before: Json) -> Json:
    """The visit type beside whatever code a program gave; the words are what the desk reads."""
    present = before.get("code")
    code: Json = present if isinstance(present, dict) else {}
    codings = [one for one in dicts(code.get("coding")) if one.get("system") != VISIT_TYPE]
    if recall.type_id:
        codings.append({"system": VISIT_TYPE, "code": recall.type_id, "display": recall.what})
    return ({"coding": codings} if codings else {}) | {"text": recall.what}


def _subject(recall: Recall) -> Json:
    subject: Json = {"reference": f"Patient/{recall.patient_id}"}
    if recall.patient_name:
        subject["display"] = recall.patient_name
    if recall.birth_date:
        subject["extension"] = [{"url": BIRTH, "valueDate": recall.birth_date}]
    return subject


def _occurrence(recall: Recall) -> Json:
    if not recall.days:
        return {"occurrenceDateTime": recall.due.isoformat()}
    return {"occurrencePeriod": {"start": recall.first.isoformat(), "end": recall.last.isoformat()}}


def _extensions(recall: Recall) -> list[Json]:
    tally = recall.tally
    found: list[tuple[str, str, Any]] = [
        (DUE, "valueDate", recall.due.isoformat() if recall.days else None),
        (BOOKED, "valueReference", {"reference": f"Appointment/{recall.booked}"} if recall.booked else None),
        (CLOSED, "valueString", recall.closed or None),
        (ATTEMPTS, "valueInteger", tally.attempts or None),
        (FAILED, "valueInteger", tally.failed or None),
        (OUTCOME, "valueCode", tally.outcome or None),
        (ATTEMPTED, "valueInstant", instant_text(tally.at) if tally.at else None),
        (AGAIN, "valueDate", tally.again.isoformat() if tally.again else None),
        (HANDED, "valueCode", tally.handed or None),
    ]
    return [{"url": url, name: value} for url, name, value in found if value is not None]


def _people(recall: Recall) -> Json:
    found: Json = {}
    if recall.provider_id:
        found["performer"] = [_person(recall.provider_id, recall.provider_name)]
    if recall.requester_id or recall.requester_name:
        found["requester"] = _person(recall.requester_id, recall.requester_name)
    return found


def _person(id_: str, name: str) -> Json:
    return ({"reference": f"Practitioner/{id_}"} if id_ else {}) | ({"display": name} if name else {})


def _rest(recall: Recall, before: Json) -> Json:
    others = [one for one in dicts(before.get("supportingInfo")) if not reference_id(one, "Appointment")]
    follows = [{"reference": f"Appointment/{recall.follows}"}] if recall.follows else []
    uris = [one for one in before.get("instantiatesUri", ()) if not str(one).startswith(RULE)]
    uris += [f"{RULE}{recall.rule}"] if recall.rule else []
    notes = [{"text": recall.note}] if recall.note else []
    found = {"note": notes, "instantiatesUri": uris, "supportingInfo": [*follows, *others]}
    return {name: value for name, value in found.items() if value}


def recall_of(resource: Json) -> Recall | None:
    """The order or recall in a ServiceRequest; None for one that asks for no visit on a day (a laboratory test)."""
    kind, due = kind_of(resource), due_of(resource)
    patient = resource.get("subject")
    if not kind or due is None or not isinstance(patient, dict) or not reference_id(patient, "Patient"):
        return None
    performer = next((one for one in dicts(resource.get("performer")) if reference_id(one, "Practitioner")), {})
    type_id, what = _what(resource)
    return Recall(
        patient_id=reference_id(patient, "Patient"),
        due=due[0],
        days=due[1],
        kind=kind,
        type_id=type_id[:64],
        what=what[:200],
        priority=str(resource.get("priority", "routine")),
        provider_id=reference_id(performer, "Practitioner"),
        provider_name=_display(performer),
        requester_id=reference_id(resource.get("requester"), "Practitioner"),
        requester_name=_display(resource.get("requester")),
        note="\n".join(str(one.get("text", "")) for one in dicts(resource.get("note")))[:400],
        rule=_rule(resource)[:64],
        follows=next(_followed(resource), "")[:64],
        patient_name=_display(patient),
        birth_date=str(extension_value(patient, BIRTH) or "")[:10],
        id=str(resource.get("id", "")),
        status=str(resource.get("status", ""))[:20],
        booked=reference_id(extension_value(resource, BOOKED), "Appointment")[:64],
        closed=str(extension_value(resource, CLOSED) or "")[:200],
        tally=_tally(resource),
        asked=_instant(resource.get("authoredOn")),
        version=int((resource.get("meta") or {}).get("versionId", 0)),
    )


def kind_of(resource: Json) -> str:
    """Whether a request is an order for a visit or a recall; empty for every other.

    A program's order counts when it names one of the practice's visit types, or no category at all.
    """
    if resource.get("doNotPerform") is True:
        return ""
    categories = dicts(resource.get("category"))
    own = [code for one in categories for code in _codes(one, CATEGORY)]
    if own:
        return own[0] if own[0] in KINDS else ""
    return ORDER if not categories or _codes(resource.get("code"), VISIT_TYPE) else ""


def due_of(resource: Json) -> tuple[date, int] | None:
    """The day on which it is due, and how many days earlier or later will do; None when no day is said."""
    period = resource.get("occurrencePeriod")
    if not isinstance(period, dict):
        day = _day(resource.get("occurrenceDateTime"))
        return (day, 0) if day else None
    first, last = _day(period.get("start")), _day(period.get("end"))
    first, last = first or last, last or first
    if first is None or last is None or last < first:
        return None
    said = _day(extension_value(resource, DUE))
    half = min((last - first).days // 2, MOST_DAYS)
    due = said if said and first <= said <= last else first + timedelta(days=half)
    return due, min(max((last - due).days, 0), MOST_DAYS)


def _what(resource: Json) -> tuple[str, str]:
    present = resource.get("code")
    code: Json = present if isinstance(present, dict) else {}
    codings = dicts(code.get("coding"))
    ours = next((one for one in codings if one.get("system") == VISIT_TYPE), {})
    shown = next((str(one["display"]) for one in codings if one.get("display")), "")
    coded = next((str(one["code"]) for one in codings if one.get("code")), "")
    return str(ours.get("code", "")), str(code.get("text", "") or ours.get("display", "") or shown or coded)


def _codes(concept: Any, system: str) -> list[str]:
    codings = dicts(concept.get("coding")) if isinstance(concept, dict) else []
    return [str(one.get("code", "")) for one in codings if one.get("system") == system]


def _rule(resource: Json) -> str:
    uris = [str(one) for one in resource.get("instantiatesUri") or ()]
    return next((uri.removeprefix(RULE) for uri in uris if uri.startswith(RULE)), "")


def _followed(resource: Json) -> Any:
    return (id_ for one in dicts(resource.get("supportingInfo")) if (id_ := reference_id(one, "Appointment")))


def _tally(resource: Json) -> Tally:
    attempts, failed = extension_value(resource, ATTEMPTS), extension_value(resource, FAILED)
    return Tally(
        attempts=attempts if isinstance(attempts, int) and attempts > 0 else 0,
        failed=failed if isinstance(failed, int) and failed > 0 else 0,
        outcome=str(extension_value(resource, OUTCOME) or "")[:20],
        at=_instant(extension_value(resource, ATTEMPTED)),
        again=_day(extension_value(resource, AGAIN)),
        handed=str(extension_value(resource, HANDED) or "")[:10],
    )


def _display(value: Any) -> str:
    return str(value.get("display", ""))[:200] if isinstance(value, dict) else ""


def _instant(value: Any) -> datetime | None:
    try:
        return read_instant(str(value))
    except ValueError:
        return None


def _day(value: Any) -> date | None:
    """A day, whatever precision a date has: the first one of a month or a year."""
    text = str(value or "")[:10]
    try:
        return date.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) in (4, 7) else text)
    except ValueError:
        return None


def recall_rows(resource: Json) -> list[dict[str, Any]]:
    """The row of an order or a recall; none for any other request."""
    recall = recall_of(resource)
    if recall is None:
        return []
    copied = {name: getattr(recall, name) for name in _COPIED}
    tally = {name: getattr(recall.tally, name) for name in Tally.__dataclass_fields__}
    return [copied | tally | {"last": recall.last, "rank": rank_of(recall.priority)}]


_COPIED = (
    "id", "status", "kind", "due", "days", "patient_id", "patient_name", "birth_date", "type_id", "what",
    "provider_id", "provider_name", "requester_id", "requester_name", "note", "rule", "follows", "booked", "closed",
    "asked", "version",
)  # fmt: skip


def named(resource: Json, *, name: str, birth_date: str) -> Json:
    """The request with the patient's name and birth date copied in."""
    subject = resource.get("subject")
    called = (subject if isinstance(subject, dict) else {}) | ({"display": name} if name else {})
    return resource | {"subject": with_extension(called, BIRTH, "valueDate", birth_date or None)}


def based_on(resource: Json) -> list[str]:
    """The ids of the orders that an appointment carries out."""
    return [id_ for one in dicts(resource.get("basedOn")) if (id_ := reference_id(one, "ServiceRequest"))]


def with_orders(appointment: Json, ids: tuple[str, ...]) -> Json:
    """The appointment as what was ordered."""
    more = [{"reference": f"ServiceRequest/{id_}"} for id_ in ids if id_ not in based_on(appointment)]
    return appointment | {"basedOn": [*dicts(appointment.get("basedOn")), *more]} if more else appointment
