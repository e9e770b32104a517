"""`Appointment/$find`, `$hold` and `$book` of IHE ITI Scheduling: what can be had, kept for a moment, and booked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clinic.appointments.mapping.slots import proposal_of
from clinic.appointments.queries.free import preferred_first
from clinic.appointments.queries.listing import busy_spans
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.slots import Window, stretches
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.slots import FREE
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.programs import Order, book_described, book_found, change_booked, hold_found
from clinic.core.days import instant_text
from clinic.core.json import Json, dumps
from clinic.fhir.search import Found
from clinic.fhir.store import Store
from clinic.fhir_api.bundle_text import Link, bundle, entry
from clinic.fhir_api.call import Call, Reply
from clinic.fhir_api.errors import Refused
from clinic.fhir_api.scheduling.asked import Bounds, kinds_of, require_modest
from clinic.fhir_api.scheduling.patients import patient_for
from clinic.fhir_api.scheduling.slots import as_found
from clinic.fhir_api.seen import note_read, require_open
from clinic.fhir_api.shaping import Shape

USUAL, MOST = 50, 1000
_VALUES = ("valueDateTime", "valueInstant", "valueDate", "valueString", "valueCode", "valueUri", "valueInteger")
_REFERENCES = frozenset({
    "practitioner", "practitioner-reference", "location-reference", "patient-reference", "organization",
})  # fmt: skip


@dataclass(frozen=True)
class Given:
    """The parameters of an operation: plain values and references as text, resources as they are."""

    texts: Mapping[str, list[str]] = field(default_factory=dict)
    resources: Mapping[str, list[Json]] = field(default_factory=dict)

    def first(self, name: str) -> str:
        """The first value of a name; empty when there is none."""
        return next(iter(self.texts.get(name, ())), "")

    def all(self, *names: str) -> list[str]:
        """Every value of these names, alternatives apart."""
        return [one for name in names for value in self.texts.get(name, ()) for one in value.split(",") if one]

    def resource(self, name: str) -> Json | None:
        """The first resource of a name."""
        return next(iter(self.resources.get(name, ())), None)


def read_given(call: Call) -> Given:
    """Parameters in the body, or arguments of the address. Raises Refused (400)."""
    texts: dict[str, list[str]] = {}
    resources: dict[str, list[Json]] = {}
    for name, value in call.query:
        texts.setdefault(name, []).append(value)
    if call.body is None:
        return Given(texts)
    body = call.body
    if not isinstance(body, dict) or body.get("resourceType") != "Parameters":
        raise Refused(400, "Send Parameters.", "Parameters", "structure")
    parts = body.get("parameter")
    for part in parts if isinstance(parts, list) else ():
        if not isinstance(part, dict) or not isinstance(part.get("name"), str):
            raise Refused(400, "Each parameter has a name.", "Parameters.parameter.name", "structure")
        if isinstance(part.get("resource"), dict):
            resources.setdefault(part["name"], []).append(part["resource"])
        else:
            texts.setdefault(part["name"], []).append(_text(part))
    return Given(texts, resources)


def _text(part: Json) -> str:
    reference = part.get("valueReference")
    if isinstance(reference, dict):
        return str(reference.get("reference", ""))
    value: Any = next((part[name] for name in _VALUES if name in part), None)
    if value is None:
        raise Refused(400, "This parameter has no value that can be read.", f"Parameters.parameter.{part['name']}")
    return str(value)


def find_appointments(store: Store, call: Call) -> Reply:
    """The times that could be booked, as proposed Appointments, soonest first; held ones are not among them."""
    call.caller.need("Appointment", "s")
    given = read_given(call)
    setup, patient = calendar_setup(store), given.first("patient-reference").rpartition("Patient/")[2]
    if patient:
        call.caller.need("Patient", "r")
        require_open(store, Found("Patient", patient, 1, store.now, dumps({"resourceType": "Patient", "id": patient})))
    span, limit = _span(store, given), _limit(given)
    windows = list(_windows(setup, given, span))
    require_modest(span, sum(len(window.providers) for window in windows))
    busy = busy_spans(store, patient, span.start)
    found = [
        one for window in windows for one in stretches(store, setup, window)
        if not any(Span(one.start, one.end).meets(other) for other in busy)
    ]  # fmt: skip
    ranked = sorted(found, key=lambda one: (one.start, _rank(given, one.provider), one.provider, one.type_id))
    entries = [
        entry(call.base, as_found(store, proposal_of(setup, one, patient=patient)), Shape(), "match")
        for one in ranked[:limit]
    ]
    return Reply(200, bundle("searchset", [_self(call, span)], entries, total=len(ranked)))


def _self(call: Call, span: Span) -> Link:
    asked = f"start={instant_text(span.start)}&end={instant_text(span.end)}"
    return Link("self", f"{call.base}/Appointment/$find?{asked}")


def _span(store: Store, given: Given) -> Span:
    bounds = Bounds()
    for name, prefix in (("start", "ge"), ("end", "lt")):
        if not given.first(name):
            raise Refused(
                400, f"{name} is needed: the time to look through.", f"Parameters.parameter.{name}", "required"
            )
        value = given.first(name)
        bounds.take(value if value[:2].isalpha() else prefix + value, store.practice.zone, name)
    since, until = bounds.since or store.now, bounds.until or store.now
    if since >= until:
        raise Refused(400, "The end is before the start.", "Parameters.parameter.end", "value")
    return Span(since, until)


def _limit(given: Given) -> int:
    text = given.first("_count")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(400, "_count is a whole number.", "_count")
    return min(int(text), MOST) if text else USUAL


def _windows(setup: Setup, given: Given, span: Span) -> Iterable[Window]:
    """One for each visit type; without one, for each that anybody does."""
    kinds = kinds_of(setup, given.all("visit-type", "service-type") or None)
    wanted = [one.rpartition("/")[2] for one in given.all("practitioner", "practitioner-reference")]
    places = {one.rpartition("/")[2] for one in given.all("location-reference")}
    for kind in [one for one in setup.types if one.active] if kinds is None else kinds:
        people = [id_ for id_ in preferred_first(setup, kind.id) if not wanted or id_ in wanted]
        if places:
            people = [id_ for id_ in people if places & _places(setup, id_)]
        if people:
            yield Window(tuple(people), span, kind, frozenset({FREE}))


def _places(setup: Setup, provider_id: str) -> set[str]:
    provider = setup.provider(provider_id)
    return {provider.site, provider.room} - {""} if provider else set()


def _rank(given: Given, provider: str) -> int:
    wanted = [one.rpartition("/")[2] for one in given.all("practitioner", "practitioner-reference")]
    return wanted.index(provider) if provider in wanted else len(wanted)


def hold_appointment(store: Store, call: Call) -> Reply:
    """Hold a time that was found, for ten minutes; the held Appointment is pending."""
    call.caller.need("Appointment", "c")
    named = _named(read_given(call))
    if not named:
        raise Refused(400, "appointment-reference is needed.", "Parameters.parameter.appointment-reference", "required")
    id_, stretch = hold_found(store, named)
    held = proposal_of(calendar_setup(store), stretch, id_=id_, status="pending")
    return _answer(store, call, held)


def _named(given: Given) -> str:
    text = given.first("appointment-reference") or given.first("appt-reference")
    resource = given.resource("appointment-resource") or given.resource("appt-resource") or {}
    return text.rpartition("Appointment/")[2].split("/", 1)[0] or ("" if text else str(resource.get("id", "")))


def book_appointment(store: Store, call: Call) -> Reply:
    """Book a time that was found or held, or one that is described whole; move or cancel one that is kept."""
    given = read_given(call)
    resource = given.resource("appointment-resource") or given.resource("appt-resource")
    reference, comment = given.first("appointment-reference") or given.first("appt-reference"), given.first("comment")
    if resource is None and not reference:
        text = "Name the appointment, or send it whole."
        raise Refused(400, text, "Parameters.parameter.appointment-reference", "required")
    id_ = _named(given)
    if id_ and store.find("Appointment", id_) is not None:
        call.caller.need("Appointment", "u")
        changed = resource or store.read("Appointment", id_) | {"status": "booked"}
        return _answer(store, call, change_booked(store, changed, comment=comment), kept=True)
    call.caller.need("Appointment", "c")
    if resource is not None and resource.get("status") not in ("pending", "proposed"):
        raise Refused(422, "A new appointment is sent as pending.", "Appointment.status", "value")
    patient = patient_for(store, call, given.resource("patient-resource"), given.first("patient-reference"))
    computed = id_.startswith(("free.", "held."))
    if resource is not None and not computed:
        return _answer(store, call, book_described(store, resource, patient, comment=comment), kept=True)
    patient = patient or _patient_in(resource)
    if not patient:
        raise Refused(400, "Say for which patient it is.", "Parameters.parameter.patient-resource", "required")
    return _answer(store, call, book_found(store, Order(id_, patient, comment)), kept=True)


def _patient_in(resource: Json | None) -> str:
    from clinic.appointments.mapping.appointment import references

    return next(iter(references(resource or {}, "Patient")), "")


def _answer(store: Store, call: Call, appointment: Json, *, kept: bool = False) -> Reply:
    made = as_found(store, appointment)
    if kept:
        meta = appointment["meta"]
        made = Found("Appointment", appointment["id"], int(meta["versionId"]), store.now, dumps(appointment))
        note_read(store, [made])
    return Reply(200, bundle("searchset", (), [entry(call.base, made, Shape(), "match")], total=1))
