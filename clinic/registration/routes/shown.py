"""Registration's own tiles on the patient page, and values as the screens show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from flask import g
from flask_babel import get_locale
from flask_babel import gettext as _

from clinic.core.days import local
from clinic.core.errors import N_
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import Region, region_of, show_phone
from clinic.regions.named import named_codes
from clinic.registration.banner import language_text, photo_url_of
from clinic.registration.forms import PatientForm
from clinic.registration.mapping.contact import relative_of
from clinic.registration.mapping.names import stands_in
from clinic.registration.mapping.own import own_of
from clinic.registration.mapping.parts import coded, parts
from clinic.registration.mapping.systems import CONTACT_ROLE
from clinic.registration.own_form import PREFIX, every_own_field, own_text
from clinic.registration.queries import consents
from clinic.registration.queries.finder import today_of
from clinic.registration.queries.history import Change
from clinic.registration.queries.own import fields_from, fields_list, with_values
from clinic.registration.queries.people import people_list, people_of
from clinic.registration.queries.whole import Whole, whole_patient
from clinic.registration.routes.kin import kin_of
from clinic.registration.rules.checking import PHONES
from clinic.registration.rules.consents import read_book
from clinic.registration.rules.details import (
    ADDRESSES,
    ASKABLE,
    PARTS,
    RELATIVES,
    FormerName,
    PastAddress,
    PatientDetails,
    Relative,
)
from clinic.registration.rules.entries import DAYS, HOURS, NAMED
from clinic.registration.rules.family import is_minor
from clinic.registration.words import (
    BIRTH_SEX_WORDS,
    CHANNEL_WORDS,
    ETHNICITY_WORDS,
    MARITAL_WORDS,
    RACE_WORDS,
    REASON_WORDS,
    RELATION_WORDS,
    SEX_WORDS,
)
from clinic.web.filters import day
from clinic.web.slice import PatientPanel

TILE = 6
"""People on the tile; the page has them all."""
_TABLES = {
    "sex": dict(SEX_WORDS),
    "marital": dict(MARITAL_WORDS),
    "birth_sex": dict(BIRTH_SEX_WORDS),
    "ethnicity": dict(ETHNICITY_WORDS),
    "contact_by": dict(CHANNEL_WORDS),
    "never_by": dict(CHANNEL_WORDS),
    "race": dict(RACE_WORDS),
    **{f"{who}_relation": dict(RELATION_WORDS) for who in RELATIVES},
}


def panels_of() -> tuple[PatientPanel, ...]:
    """The tiles that registration itself gives to the patient page."""
    return (
        PatientPanel("identity", 60, 2, "registration/_identity.html", _identity),
        PatientPanel("own", 62, 2, "registration/_own.html", _own, rows=fields_list()),
        PatientPanel("consents", 40, 3, "registration/_consents.html", _consents, rows=consents.TILE),
        PatientPanel("people", 10, 3, "registration/_people.html", _people, rows=people_list()),
        PatientPanel("contact", 20, 3, "registration/_contact.html", _contact),
    )


def value_text(name: str, value: Any, region: Region) -> str:
    """A kept value as the screen says it: a word for a code, a telephone as the country writes it."""
    if value in ("", None):
        return ""
    if name.startswith("own:"):
        one = every_own_field().get(name.removeprefix("own:"))
        return own_text(one, value) if one else "•••"
    if isinstance(value, tuple | FormerName):
        each = value if isinstance(value, tuple) else (value,)
        return ", ".join(filter(None, (_one_text(name, one, region) for one in each)))
    if name in _TABLES:
        return str(_TABLES[name].get(value, value))
    if name in PHONES:
        return show_phone(str(value), region)
    return _written(name, str(value), region)


def _former_text(former: FormerName) -> str:
    name = " ".join(filter(None, (former.given, former.family)))
    if former.end:
        return str(_("%(name)s, until %(date)s", name=name, date=day(former.end)))
    return str(_("%(name)s, from %(date)s", name=name, date=day(former.start))) if former.start else name


def _written(name: str, value: str, region: Region) -> str:
    if name.startswith("number_"):
        kind = region.kind(name.removeprefix("number_"))
        return kind.mask(value) if kind else value
    if name.startswith("absent_"):
        return str(dict(REASON_WORDS).get(value, value))
    if name in ("language", "interpreter_language"):
        return language_text(value)
    return day(value) if name in ("birth_date", "deceased", *DAYS) else value


def _one_text(name: str, value: Any, region: Region) -> str:
    if isinstance(value, FormerName):
        return _former_text(value)
    if name in NAMED:
        return named_codes(NAMED[name]).name(value)
    if isinstance(value, PastAddress):
        address = {part: getattr(value.address, part) for part in PARTS["address"]}
        return ", ".join(region.address.lines(address))
    return value_text(name, value, region)


def label_text(name: str, region: Region) -> str:
    """The name of a field on the screen."""
    if name.startswith(("own:", PREFIX)):
        key = name.removeprefix("own:").removeprefix(PREFIX)
        one = every_own_field().get(key)
        return one.label(str(get_locale() or "en")) if one else key
    if name.startswith("number_"):
        kind = region.kind(name.removeprefix("number_"))
        return kind.name if kind else name
    if name == "past_addresses":
        return N_("Address before")
    if name.startswith("absent_"):
        return label_text(name.removeprefix("absent_"), region)
    place = name.removeprefix("mailing_").removeprefix("temporary_")
    if place in region.address.labels:
        return region.address.labels[place]
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


_SAID = (
    "sex", "marital", "birth_sex", "race", "race_detail", "ethnicity", "ethnicity_detail", "tribes", "former",
    "former2", "former3", "deceased", "occupation",
)  # fmt: skip
_TYPED = ("pronouns", "gender_identity", "orientation")


def _identity(store: Store, patient_id: str) -> Json:
    region = region_of(store.practice.region)
    whole = _whole(store, patient_id)
    details = whole.details(region)
    numbers = [
        (kind, kind.mask(number.value)) for number in details.numbers for kind in [region.kind(number.kind)] if kind
    ]
    untold = [(kind, _why(details, f"number_{kind.code}")) for kind in region.person_identifiers()]
    words = {name: value_text(name, getattr(details, name), region) or _why(details, name) for name in _SAID}
    words |= {name: getattr(details, name) or _why(details, name) for name in _TYPED}
    return {
        "details": details,
        "numbers": numbers,
        "untold": [(kind, why) for kind, why in untold if why],
        "words": words,
        "stands_in": stands_in(whole.patient),
    }


def _why(details: PatientDetails, name: str) -> str:
    """Why a field has no value, as the screen says it."""
    reason = details.why_absent(name)
    return str(dict(REASON_WORDS)[reason]) if reason else ""


def _contact(store: Store, patient_id: str) -> Json:
    region = region_of(store.practice.region)
    details = _whole(store, patient_id).details(region)
    written = {name: region.address.lines(asdict(getattr(details, name))) for name in ADDRESSES}
    return {
        "details": details,
        "lines": written["address"],
        "mailing": written["mailing"],
        "temporary": written["temporary"],
        "past": [(one, region.address.lines(asdict(one.address))) for one in details.past_addresses],
        "prefers": value_text("contact_by", details.contact_by, region),
        "never": value_text("never_by", details.never_by, region),
        "language": language_text(details.language),
        "interpreted": language_text(details.interpreter_language),
        "why": {name: _why(details, name) for name in ASKABLE},
        "hours": {name: hours_text(getattr(details, name)) for name in HOURS},
    }


def hours_text(hours: str) -> str:
    """Hours at which one may call, in words."""
    said = []
    for span in filter(None, hours.split(", ")):
        start, _dash, end = span.partition("-")
        if end == "24:00":
            said.append(_("after %(time)s", time=start))
        else:
            said.append(_("before %(time)s", time=end) if start == "00:00" else f"{start}–{end}")
    return ", ".join(said)


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


def _own(store: Store, patient_id: str, rows: Sequence[Sequence[Any]]) -> Json:
    """The practice's own fields; no tile when there are none to show."""
    found = with_values(store, fields_from(rows), own_of(_whole(store, patient_id).patient))
    language = str(get_locale() or "en")
    return {"own": [(one.key, one.label(language), own_text(one, values)) for one, values in found]}


def contacts_of(patient: Json) -> list[Relative]:
    """Whom a record names for an emergency."""
    found = []
    for part in parts(patient, "contact"):
        roles = {coded(concept, CONTACT_ROLE) for concept in parts(part, "relationship")} - {""}
        if (not roles or "C" in roles) and relative_of(part):
            found.append(relative_of(part))
    return found


def _whole(store: Store, patient_id: str) -> Whole:
    """The patient of this page, read once for all tiles."""
    if "whole_patient" not in g or g.whole_patient.row["id"] != patient_id:
        g.whole_patient = whole_patient(store, patient_id)
    found: Whole = g.whole_patient
    return found


def _consents(store: Store, patient_id: str, rows: Sequence[tuple[Any, ...]]) -> Json:
    """How things stand with what is asked for or was ever signed."""
    states = read_book(rows).states(patient_id, today_of(store))
    shown = [one for one in states if one.held or one.kind.need != "no"]
    return {"states": sorted(shown, key=lambda one: not one.open)}
