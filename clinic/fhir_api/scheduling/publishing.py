"""SMART Scheduling Links: free times as public files, where the manager publishes a visit type; off otherwise."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from flask import Response, current_app, request, url_for
from werkzeug.datastructures import ETags

from clinic.appointments.mapping.slots import service_type
from clinic.appointments.queries.free import preferred_first
from clinic.appointments.queries.online import Shown, shown_types
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.slots import Window, stretches
from clinic.appointments.rules.setup import Provider, Setup
from clinic.appointments.rules.slots import FREE, Stretch, mark, stretch_id
from clinic.appointments.rules.spans import Span
from clinic.core.actor import Actor
from clinic.core.days import instant_text
from clinic.core.json import Json, dumps
from clinic.fhir.store import Store
from clinic.fhir_api.errors import Refused
from clinic.fhir_api.http import base_url
from clinic.web.state import state_of

DAYS = 30
LASTS = 60
"""Seconds that a published file is kept here and, by its header, by whoever fetches it."""
_DEEP_LINK = "http://fhir-registry.smarthealthit.org/StructureDefinition/booking-deep-link"
_PHONE = "http://fhir-registry.smarthealthit.org/StructureDefinition/booking-phone"
_CAPACITY = "http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity"
_FILES = {"locations": "Location", "schedules": "Schedule", "slots": "Slot"}
NOTHING = "This practice publishes no free times."


@dataclass(frozen=True)
class Published:
    """Everything that is published at one moment."""

    at: str
    files: dict[str, str]
    states: tuple[str, ...]


def served(name: str, held: ETags) -> Response:
    """The manifest or one file, from the minute's copy; 304 for who has it. Raises Refused: 404 when all is off."""
    found = _now()
    if found is None:
        raise Refused(404, NOTHING, "http.url")
    text = dumps(_manifest(found)) if name == "manifest" else found.files[name]
    kind = "application/json" if name == "manifest" else "application/fhir+ndjson"
    tag = sha256(text.encode()).hexdigest()[:32]
    made = Response(status=304) if tag in held else Response(text, content_type=kind)
    made.set_etag(tag)
    made.headers["Cache-Control"] = f"public, max-age={LASTS}"
    made.headers["Access-Control-Allow-Origin"] = "*"
    made.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return made


def _manifest(found: Published) -> Json:
    extension: Json = {"extension": {"state": list(found.states)}} if found.states else {}
    output = [
        {"type": type_, "url": f"{base_url()}/published/{name}.ndjson"} | extension for name, type_ in _FILES.items()
    ]
    return {"transactionTime": found.at, "request": f"{base_url()}/$bulk-publish", "output": output, "error": []}


def _now() -> Published | None:
    """What is published; computed at most once a minute, however often strangers ask."""
    state = state_of(current_app)
    kept: dict[str, tuple[float, Published | None]] = state.extra.setdefault("published", {})
    known = kept.get(request.host_url)
    if known is not None and time.monotonic() - known[0] < LASTS:
        return known[1]
    with state.database.read() as conn:
        actor = Actor("published", "Published free times", kind="client", role="client")
        found = _published(Store(conn, state.setting, actor=actor, now=state.clock.now()))
    kept[request.host_url] = (time.monotonic(), found)
    return found


def _published(store: Store) -> Published | None:
    setup = calendar_setup(store)
    shown = [one for one in shown_types(store, setup) if one.rule.publish]
    if not shown:
        return None
    pairs = [(one, person) for one in shown for person in _people(setup, one)]
    places = store.read_many(sorted({f"Location/{_site(store, person)}" for _one, person in pairs}))
    slots = [line for one in shown for line in _slots(store, setup, one, places)]
    files = {
        "locations": _lines(_location(place) for place in places.values()),
        "schedules": _lines(_schedule(store, one, person, places) for one, person in pairs),
        "slots": _lines(slots),
    }
    states = {str((place.get("address") or {}).get("state", "")) for place in places.values()} - {""}
    return Published(instant_text(store.now), files, tuple(sorted(states)))


def _people(setup: Setup, shown: Shown) -> list[Provider]:
    return [one for id_ in preferred_first(setup, shown.kind.id) if (one := setup.provider(id_)) is not None]


def _site(store: Store, provider: Provider) -> str:
    return provider.site or store.practice.site_id


def _lines(resources: Iterable[Json]) -> str:
    return "".join(dumps(one) + "\n" for one in resources)


def _location(place: Json) -> Json:
    """What anybody may know of a site."""
    return {name: place[name] for name in ("resourceType", "id", "name", "telecom", "address") if name in place}


def _schedule_id(shown: Shown, provider_id: str) -> str:
    return f"{mark(provider_id)}.{mark(shown.kind.id)}"


def _schedule(store: Store, shown: Shown, provider: Provider, places: dict[str, Json]) -> Json:
    where = f"Location/{_site(store, provider)}"
    actors: list[dict[str, Any]] = [{"reference": f"Practitioner/{provider.id}", "display": provider.name}]
    if where in places:
        actors.insert(0, {"reference": where, "display": places[where].get("name", "")})
    return {
        "resourceType": "Schedule", "id": _schedule_id(shown, provider.id), "actor": actors,
        "serviceType": [service_type(shown.kind)],
    }  # fmt: skip


def _slots(store: Store, setup: Setup, shown: Shown, places: dict[str, Json]) -> list[Json]:
    rule, now = shown.rule, store.now
    span = Span(rule.earliest(now), min(rule.latest(now), now + timedelta(days=DAYS)))
    people = tuple(one.id for one in _people(setup, shown))
    if span.start >= span.end:
        return []
    window = Window(people, span, shown.kind, frozenset({FREE}))
    phone = next((_phone_of(place) for place in places.values() if _phone_of(place)), "")
    link = url_for("appointments.online_book", type_id=shown.kind.id, _external=True) if rule.takes else ""
    schedules = {id_: f"Schedule/{_schedule_id(shown, id_)}" for id_ in people}
    return [_slot(one, schedules[one.provider], (link, phone)) for one in stretches(store, setup, window)]


def _phone_of(place: Json) -> str:
    telecom = place.get("telecom") or []
    return next((str(one.get("value", "")) for one in telecom if one.get("system") == "phone"), "")


def _slot(stretch: Stretch, schedule: str, ways: tuple[str, str]) -> Json:
    """A free time with the ways to book it: an address (empty where one cannot) and a telephone number."""
    link, phone = ways
    start = instant_text(stretch.start)
    extension: list[Json] = [{"url": _CAPACITY, "valueInteger": 1}]
    if link:
        extension.append(
            {"url": _DEEP_LINK, "valueUrl": f"{link}?slot={quote(f'{start}/{stretch.provider}', safe='')}"}
        )
    if phone:
        extension.append({"url": _PHONE, "valueString": phone})
    return {
        "resourceType": "Slot", "id": stretch_id(stretch), "schedule": {"reference": schedule}, "status": FREE,
        "start": start, "end": instant_text(stretch.end), "extension": extension,
    }  # fmt: skip
