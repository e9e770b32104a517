"""From what was typed to `PatientDetails`, or to every fault at once, each beside its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import partial
from typing import Any

from email_validator import EmailNotValidError, validate_email

from clinic.core.errors import N_, Detail, Invalid
from clinic.regions import Region, read_phone
from clinic.registration.rules.birth import read_birth
from clinic.registration.rules.details import (
    CHANNELS,
    DETAIL_FIELDS,
    MARITAL,
    RELATIONS,
    SEXES,
    Address,
    Number,
    PatientDetails,
    Relative,
)
from clinic.registration.rules.text import read_line, read_name

NAMES = {
    "given": N_("First name"),
    "middle": N_("Middle name"),
    "family": N_("Surname"),
    "prefix": N_("Title"),
    "suffix": N_("Suffix"),
    "preferred": N_("Preferred name"),
    "maiden": N_("Birth surname"),
    "emergency_given": N_("First name"),
    "emergency_family": N_("Surname"),
    "guarantor_given": N_("First name"),
    "guarantor_family": N_("Surname"),
}
LINES = {
    "line": N_("Street"),
    "line2": N_("Second line"),
    "city": N_("Town"),
    "state": N_("State"),
    "country": N_("Country"),
    "pronouns": N_("Pronouns"),
    "gender_identity": N_("Gender identity"),
    "general_practitioner": N_("Family doctor"),
}
PHONES = ("mobile", "home_phone", "work_phone", "emergency_phone", "guarantor_phone")
CHOICES: dict[str, tuple[str, ...]] = {
    "marital": MARITAL,
    "contact_by": CHANNELS,
    "emergency_relation": ("", *RELATIONS),
    "guarantor_relation": ("", *RELATIONS),
}
REQUIRED = {"given": "Give a first name", "family": "Give a surname"}


@dataclass(frozen=True)
class Desk:
    """Where and when the entry is made: the region pack, the local day, the practice's date order."""

    region: Region
    today: date
    date_order: str = "mdy"


def read_details(entry: Mapping[str, str], desk: Desk) -> PatientDetails:
    """The person an entry form describes.

    `entry` maps field names to text as typed; unticked boxes are absent or empty. Raises Invalid whose
    `details` name every faulty field, so that all of them can be mended at once.
    """
    reading = _Reading(entry, desk)
    details = reading.person()
    if reading.faults:
        raise Invalid("Some entries need a second look", details=tuple(reading.faults))
    return details


def read_changes(
    entry: Mapping[str, str], shown: Mapping[str, str], known: PatientDetails, desk: Desk
) -> PatientDetails:
    """The person after a change: what still reads as it was shown stays as it is on file, unread.

    So a masked number, or a telephone from elsewhere that no rule here knows, is never lost or refused.
    Raises Invalid as `read_details` does, for what was changed.
    """
    same = {name for name, text in entry.items() if text and text == shown.get(name)}
    reading = _Reading(entry, desk)
    details = reading.person()
    faults = tuple(fault for fault in reading.faults if fault.field not in same)
    if faults:
        raise Invalid("Some entries need a second look", details=faults)
    return _kept(details, known, same)


def _kept(details: PatientDetails, known: PatientDetails, same: set[str]) -> PatientDetails:
    values: dict[str, Any] = {name: getattr(known, name) for name in DETAIL_FIELDS if name in same}
    if "birth_date" in same:
        values["birth_estimated"] = known.birth_estimated
    for name in ("address", "emergency", "guarantor"):
        prefix = "" if name == "address" else f"{name}_"
        part = getattr(known, name)
        stay = {one.name: getattr(part, one.name) for one in fields(part) if prefix + one.name in same}
        values[name] = replace(getattr(details, name), **stay)
    kept = tuple(number for number in known.numbers if f"number_{number.kind}" in same)
    kinds = {number.kind for number in kept}
    values["numbers"] = kept + tuple(number for number in details.numbers if number.kind not in kinds)
    return replace(details, **values)


def draft_of(entry: Mapping[str, str], desk: Desk) -> PatientDetails:
    """What can be read of a half-typed entry; what is wrong or missing is empty. Never raises."""
    return _Reading(entry, desk).person()


class _Reading:
    """Reads one entry, collecting faults instead of stopping at the first."""

    def __init__(self, entry: Mapping[str, str], desk: Desk) -> None:
        self.entry = entry
        self.desk = desk
        self.faults: list[Detail] = []

    def person(self) -> PatientDetails:
        names = {name: self._name(name) for name in NAMES}
        lines = {name: self._line(name) for name in LINES}
        phones = {name: self._phone(name) for name in PHONES}
        choices = {name: self._choice(name) for name in CHOICES}
        for name, message in REQUIRED.items():
            if not names[name] and not any(fault.field == name for fault in self.faults):
                self.faults.append(Detail(name, message))
        details = PatientDetails(
            given=names["given"],
            family=names["family"],
            birth_date="",
            sex=self._sex(),
            middle=names["middle"],
            prefix=names["prefix"],
            suffix=names["suffix"],
            preferred=names["preferred"],
            maiden=names["maiden"],
            pronouns=lines["pronouns"],
            gender_identity=lines["gender_identity"],
            mobile=phones["mobile"],
            texts=bool(self.entry.get("texts")),
            home_phone=phones["home_phone"],
            work_phone=phones["work_phone"],
            email=self._email(),
            address=self._address(lines),
            language=self._language(),
            interpreter=bool(self.entry.get("interpreter")),
            marital=choices["marital"],
            emergency=self._relative("emergency", names | phones | choices),
            guarantor=self._relative("guarantor", names | phones | choices),
            numbers=self._numbers(),
            general_practitioner=lines["general_practitioner"],
            contact_by=choices["contact_by"],
        )
        return self._born(details)

    def _typed(self, name: str) -> str:
        return str(self.entry.get(name) or "")

    def _try(self, name: str, read: Callable[[], str]) -> str:
        try:
            return read()
        except Invalid as fault:
            self.faults.append(Detail.of(name, fault))
        except ValueError as fault:
            self.faults.append(Detail(name, str(fault)))
        return ""

    def _name(self, name: str) -> str:
        return self._try(name, lambda: read_name(self._typed(name), field=name, label=NAMES[name]))

    def _line(self, name: str) -> str:
        return self._try(name, lambda: read_line(self._typed(name), field=name, label=LINES[name]))

    def _phone(self, name: str) -> str:
        typed = self._typed(name).strip()
        return self._try(name, lambda: read_phone(typed, self.desk.region)) if typed else ""

    def _choice(self, name: str) -> str:
        typed = self._typed(name)
        if typed in CHOICES[name]:
            return typed
        self.faults.append(Detail(name, "Choose one from the list"))
        return ""

    def _sex(self) -> str:
        typed = self._typed("sex")
        if typed not in SEXES:
            self.faults.append(Detail("sex", "Choose the administrative sex; “unknown” is an answer"))
        return typed

    def _email(self) -> str:
        typed = self._typed("email").strip()
        return self._try("email", lambda: read_email(typed)) if typed else ""

    def _language(self) -> str:
        typed = self._typed("language").strip()
        if typed and not (typed.isascii() and 2 <= len(typed) <= 12 and typed.replace("-", "").isalnum()):
            self.faults.append(Detail("language", "Choose one from the list"))
            return ""
        return typed

    def _address(self, lines: Mapping[str, str]) -> Address:
        typed = self._typed("postal_code").strip()
        home = self.desk.region.address
        abroad = lines["country"] not in ("", home.country)
        check = (
            (lambda: read_line(typed, field="postal_code", label="Postcode", limit=12))
            if abroad
            else (lambda: home.check_postcode(typed))
        )
        return Address(
            line=lines["line"],
            line2=lines["line2"],
            city=lines["city"],
            state=lines["state"],
            postal_code=self._try("postal_code", check) if typed else "",
            country=lines["country"],
        )

    def _relative(self, who: str, read: Mapping[str, str]) -> Relative:
        relative = Relative(*(read[f"{who}_{part}"] for part in ("given", "family", "relation", "phone")))
        if relative and not (relative.given or relative.family):
            self.faults.append(Detail(f"{who}_given", "Give this person's name"))
        return relative

    def _numbers(self) -> tuple[Number, ...]:
        found = []
        for kind in self.desk.region.person_identifiers():
            typed = self._typed(f"number_{kind.code}").strip()
            if typed:
                value = self._try(f"number_{kind.code}", partial(kind.check, typed))
                found.append(Number(kind.code, value))
        return tuple(number for number in found if number.value)

    def _born(self, details: PatientDetails) -> PatientDetails:
        try:
            birth = read_birth(self._typed("birth_date"), today=self.desk.today, order=self.desk.date_order)
        except Invalid as fault:
            self.faults.append(Detail.of("birth_date", fault))
            return details
        estimated = birth.estimated or bool(self.entry.get("birth_estimated"))
        return replace(details, birth_date=birth.value, birth_estimated=estimated)


def read_email(text: str) -> str:
    """An e-mail address with its domain in lower case; raises Invalid or ValueError with a plain reason."""
    typed = text.strip()
    _, _, domain = typed.rpartition("@")
    if "@" in typed and domain and "." not in domain:
        raise Invalid("No ending after “%(domain)s”. Add it, or clear the field.", domain=domain[:40])
    try:
        return str(validate_email(typed, check_deliverability=False, test_environment=True).normalized)
    except EmailNotValidError as fault:
        raise ValueError("This is no e-mail address; it looks like name@example.org") from fault
