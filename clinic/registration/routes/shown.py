"""Registration's own tiles on the patient page, and values as the screens show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import g

from clinic.core.days import local
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import Region, region_of, show_phone
from clinic.registration.banner import language_text, photo_url_of
from clinic.registration.forms import (
    CHANNEL_WORDS,
    MARITAL_WORDS,
    RELATION_WORDS,
    SEX_WORDS,
    PatientForm,
)
from clinic.registration.mapping import details_of
from clinic.registration.mapping.contact import relative_of
from clinic.registration.mapping.parts import coded, parts
from clinic.registration.mapping.systems import CONTACT_ROLE
from clinic.registration.queries.history import Change
from clinic.registration.queries.people import people_list, people_of
from clinic.registration.queries.whole import Whole, whole_patient
from clinic.registration.routes.kin import kin_of
from clinic.registration.rules.checking import PHONES
from clinic.registration.rules.details import Relative
from clinic.registration.rules.family import is_minor
from clinic.web.filters import day
from clinic.web.slice import PatientPanel

TILE = 6
"""People on the tile; the page has them all."""
_TABLES = {
    "sex": dict(SEX_WORDS),
    "marital": dict(MARITAL_WORDS),
    "contact_by": dict(CHANNEL_WORDS),
    "emergency_relation": dict(RELATION_WORDS),
    "guarantor_relation": dict(RELATION_WORDS),
}


def panels_of() -> tuple[PatientPanel, ...]:
    """The tiles that registration itself gives to the patient page."""
    return (
        PatientPanel("identity", 60, 2, "registration/_identity.html", _identity),
        PatientPanel("people", 10, 3, "registration/_people.html", _people, rows=people_list()),
        PatientPanel("contact", 20, 3, "registration/_contact.html", _contact),
    )


def value_text(name: str, value: Any, region: Region) -> str:
    """A kept value as the screen says it: a word for a code, a telephone as the country writes it."""
    if value in ("", None):
        return ""
    if name in _TABLES:
        return str(_TABLES[name].get(value, value))
    if name in PHONES:
        return show_phone(str(value), region)
    if name.startswith("number_"):
        kind = region.kind(name.removeprefix("number_"))
        return kind.mask(str(value)) if kind else str(value)
    return language_text(value) if name == "language" else day(value) if name == "birth_date" else str(value)


def label_text(name: str, region: Region) -> str:
    """The name of a field on the screen."""
    if name.startswith("number_"):
        kind = region.kind(name.removeprefix("number_"))
        return kind.name if kind else name
    if name in region.address.labels:
        return region.address.labels[name]
    unbound = getattr(PatientForm, name, None)
    return str(unbound.args[0]) if unbound is not None else name.replace("_", " ")


def change_words(region: Region) -> Callable[[Change], tuple[str, Any, Any]]:
    """A function that says a change as label, old and new."""

    def said(change: Change) -> tuple[str, Any, Any]:
        label = label_text(change.field, region)
        if isinstance(change.new, bool):
            return label, change.old, change.new
        old, new = (value_text(change.field, value, region) for value in (change.old, change.new))
        return label, old, new

    return said


def _identity(store: Store, patient_id: str) -> Json:
    region = region_of(store.practice.region)
    details = details_of(_whole(store, patient_id).patient, region)
    numbers = [
        (kind, kind.mask(number.value)) for number in details.numbers for kind in [region.kind(number.kind)] if kind
    ]
    words = {name: value_text(name, getattr(details, name), region) for name in ("sex", "marital")}
    return {"details": details, "numbers": numbers, "words": words}


def _contact(store: Store, patient_id: str) -> Json:
    region = region_of(store.practice.region)
    details = details_of(_whole(store, patient_id).patient, region)
    address = {name: getattr(details.address, name) for name in details.address.__dataclass_fields__}
    return {
        "details": details,
        "lines": region.address.lines(address),
        "prefers": value_text("contact_by", details.contact_by, region),
        "language": language_text(details.language),
    }


def _people(store: Store, patient_id: str, rows: Sequence[Sequence[Any]]) -> Json:
    whole = _whole(store, patient_id)
    found = [one for one in people_of(rows) if one.active]
    shown = kin_of(store, found, patient=whole.row, contacts=contacts_of(whole.patient))
    minor = is_minor(whole.row["birth_date"], local(store.now, store.practice.zone).date())
    return {
        "people": shown[:TILE],
        "more": max(0, len(shown) - TILE),
        "unguarded": minor and not any(one.guardian for one in shown),
        "photo_url": photo_url_of,
    }


def contacts_of(patient: Json) -> list[Relative]:
    """Whom a record names for an emergency."""
    found = []
    for part in parts(patient, "contact"):
        roles = {coded(concept, CONTACT_ROLE) for concept in parts(part, "relationship")} - {""}
        if not roles or "C" in roles:
            found.append(relative_of(part))
    return found


def _whole(store: Store, patient_id: str) -> Whole:
    """The patient of this page, read once for all tiles."""
    if "whole_patient" not in g or g.whole_patient.row["id"] != patient_id:
        g.whole_patient = whole_patient(store, patient_id)
    found: Whole = g.whole_patient
    return found
