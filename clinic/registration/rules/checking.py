"""From what was typed to `PatientDetails`, or to every fault at once, each beside its field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from email_validator import EmailNotValidError, validate_email

from clinic.core.days import read_date, read_time
from clinic.core.errors import Detail, Invalid
from clinic.regions import Region, read_phone
from clinic.regions.named import named_codes
from clinic.registration.rules.birth import read_birth
from clinic.registration.rules.details import (
    ADDRESSES,
    ASKABLE,
    DETAIL_FIELDS,
    FORMER_NAMES,
    PARTS,
    PREFIXES,
    RACES,
    REASONS,
    RELATIVES,
    SEXES,
    Absent,
    Address,
    FormerName,
    Number,
    PatientDetails,
    Relative,
)
from clinic.registration.rules.entries import AHEAD, BOXES, CHOICES, CODES, DAYS, HOURS, LINES, NAMED, NAMES, PHONES
from clinic.registration.rules.hours import read_hours
from clinic.registration.rules.own import OwnField
from clinic.registration.rules.own_entry import kept_own, read_own
from clinic.registration.rules.text import read_line, read_name

__all__ = [
    "CHOICES", "LINES", "NAMES", "PHONES", "Desk", "draft_of", "faults_of", "read_changes", "read_details",
    "read_email",
]  # fmt: skip

REQUIRED = {"given": "Give a first name", "family": "Give a surname"}
SECOND_LOOK = "Some entries need a second look"
NOTE_LIMIT = 500


@dataclass(frozen=True)
class Desk:
    """Where and when the entry is made: the region pack, the local day, the practice's date order."""

    region: Region
    today: date
    date_order: str = "mdy"
    own: tuple[OwnField, ...] = ()
    """The practice's own fields that are asked here."""
    registering: bool = True
    """Whether what is needed at registration is needed now."""


def read_details(entry: Mapping[str, str], desk: Desk) -> PatientDetails:
    """The person an entry form describes.

    `entry` maps field names to text as typed; unticked boxes are absent or empty. Raises Invalid whose
    `details` name every faulty field, so that all of them can be mended at once.
    """
    reading = _Reading(entry, desk)
    details = reading.person()
    if reading.faults:
        raise Invalid(SECOND_LOOK, details=tuple(reading.faults))
    return details


def read_changes(
    entry: Mapping[str, str], shown: Mapping[str, str], known: PatientDetails, desk: Desk
) -> PatientDetails:
    """The person after a change: what still reads as it was shown stays as it is on file, unread.

    So a masked number, or a telephone from elsewhere that no rule here knows, is never lost or refused; nor is a
    field that this country's form does not have. Raises Invalid as `read_details` does, for what was changed.
    """
    same = {name for name, text in entry.items() if text and text == shown.get(name)}
    same |= {name for name in shown if name not in entry}
    reading = _Reading(entry, replace(desk, registering=False))
    details = reading.person()
    faults = tuple(fault for fault in reading.faults if fault.field not in same)
    if faults:
        raise Invalid(SECOND_LOOK, details=faults)
    return _kept(details, known, same)


def _kept(details: PatientDetails, known: PatientDetails, same: set[str]) -> PatientDetails:
    values: dict[str, Any] = {name: getattr(known, name) for name in DETAIL_FIELDS if name in same}
    values["past_addresses"] = known.past_addresses
    if "birth_date" in same:
        values["birth_estimated"] = known.birth_estimated
    for name, prefix in PREFIXES.items():
        part = getattr(known, name)
        stay = {one: getattr(part, one) for one in PARTS[name] if prefix + one in same}
        values[name] = replace(getattr(details, name), **stay)
    kept = tuple(number for number in known.numbers if f"number_{number.kind}" in same)
    kinds = {number.kind for number in kept}
    values["numbers"] = kept + tuple(number for number in details.numbers if number.kind not in kinds)
    reasons = {one.field: one for one in details.absent}
    reasons |= {one.field: one for one in known.absent if f"absent_{one.field}" in same}
    values["absent"] = tuple(reasons[name] for name in sorted(reasons))
    return replace(details, own=kept_own(details.own, known.own, same), **values)


def faults_of(entry: Mapping[str, str], desk: Desk, names: Collection[str]) -> tuple[Detail, ...]:
    """What is wrong with the fields of these names, for a form that has no others."""
    reading = _Reading(entry, desk)
    reading.person()
    return tuple(fault for fault in reading.faults if fault.field in names)


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
        read: dict[str, Any] = {name: self._name(name) for name in NAMES}
        read |= {name: self._line(name) for name in LINES}
        read |= {name: self._phone(name) for name in PHONES}
        read |= {name: self._choice(name) for name in CHOICES}
        read |= {name: self._try(name, partial(read_hours, self._typed(name))) for name in HOURS}
        read |= {name: self._day(name) for name in DAYS}
        read |= {name: bool(self.entry.get(name)) for name in BOXES}
        read |= {name: self._codes(name, allowed) for name, allowed in CODES.items()}
        read |= {name: self._named(name, list_) for name, list_ in NAMED.items()}
        for name, message in REQUIRED.items():
            if not read[name] and not any(fault.field == name for fault in self.faults):
                self.faults.append(Detail(name, message))
        read |= {name: self._address(PREFIXES[name], read) for name in ADDRESSES}
        read |= {name: self._relative(name, read) for name in RELATIVES}
        read |= {name: self._former(name, read) for name in FORMER_NAMES}
        read |= {"language": self._language("language"), "interpreter_language": self._language("interpreter_language")}
        read |= {"email": self._email(), "sex": self._sex(), "numbers": self._numbers(), **self._born()}
        read["own"] = read_own(self.entry, self.desk, self.faults)
        read["deceased"] = self._deceased(read["birth_date"])
        details = PatientDetails(**{name: value for name, value in read.items() if name in DETAIL_FIELDS})
        return replace(details, absent=self._absent(details))

    def _typed(self, name: str) -> str:
        return str(self.entry.get(name) or "").strip()

    def _try(self, name: str, read: Callable[[], str]) -> str:
        try:
            return read()
        except Invalid as fault:
            self.faults.append(Detail.of(name, fault))
        except ValueError as fault:
            self.faults.append(Detail(name, str(fault)))
        return ""

    def _name(self, name: str) -> str:
        typed = self._typed(name)
        return self._try(name, lambda: read_name(typed, field=name, label=NAMES[name])) if typed else ""

    def _line(self, name: str) -> str:
        typed, limit = self._typed(name), NOTE_LIMIT if name == "known_of" else 200
        return self._try(name, lambda: read_line(typed, field=name, label=LINES[name], limit=limit)) if typed else ""

    def _phone(self, name: str) -> str:
        typed = self._typed(name)
        return self._try(name, lambda: read_phone(typed, self.desk.region)) if typed else ""

    def _choice(self, name: str) -> str:
        typed = self._typed(name)
        if typed in CHOICES[name]:
            return typed
        self.faults.append(Detail(name, "Choose one from the list"))
        return ""

    def _day(self, name: str) -> str:
        """A day, or with less known a year or a month, as FHIR writes them; only an end may lie ahead."""
        typed = self._typed(name)
        if not typed:
            return ""
        today, order = self.desk.today, self.desk.date_order
        try:
            if name in AHEAD:
                return read_date(typed, today=today + timedelta(days=7305), order=order).isoformat()
            return read_birth(typed, today=today, order=order).value
        except (Invalid, ValueError):
            self.faults.append(Detail(name, "This does not read as a date; try 14/8/2019, Aug 2019 or 2019"))
            return ""

    def _codes(self, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        typed = [code.strip() for code in self._typed(name).split(",") if code.strip()]
        if any(code not in allowed for code in typed):
            self.faults.append(Detail(name, "Choose one from the list"))
        return tuple(code for code in allowed if code in typed)

    def _named(self, name: str, list_: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for said in filter(None, (part.strip() for part in self._typed(name).split(";"))):
            one = named_codes(list_).named(said)
            if one is None or (name == "race_detail" and one.code in RACES):
                self.faults.append(Detail(name, "Choose from the words offered; put a semicolon between several"))
            else:
                found[one.code] = None
        return tuple(found)

    def _sex(self) -> str:
        typed = self._typed("sex")
        if typed not in SEXES:
            self.faults.append(Detail("sex", "Choose the administrative sex; “unknown” is an answer"))
        return typed

    def _email(self) -> str:
        typed = self._typed("email")
        return self._try("email", lambda: read_email(typed)) if typed else ""

    def _language(self, name: str) -> str:
        typed = self._typed(name)
        if typed and not (typed.isascii() and 2 <= len(typed) <= 12 and typed.replace("-", "").isalnum()):
            self.faults.append(Detail(name, "Choose one from the list"))
            return ""
        return typed

    def _address(self, prefix: str, read: Mapping[str, Any]) -> Address:
        name = f"{prefix}postal_code"
        typed = self._typed(name)
        home = self.desk.region.address
        abroad = read[f"{prefix}country"] not in ("", home.country)
        check = (
            (lambda: read_line(typed, field=name, label="Postcode", limit=12))
            if abroad
            else (lambda: home.check_postcode(typed))
        )
        lines = {part: read[prefix + part] for part in PARTS["address"] if part != "postal_code"}
        return Address(**lines, postal_code=self._try(name, check) if typed else "")

    def _relative(self, who: str, read: Mapping[str, Any]) -> Relative:
        relative = Relative(*(read[f"{who}_{part}"] for part in ("given", "family", "relation", "phone")))
        if relative and not (relative.given or relative.family):
            self.faults.append(Detail(f"{who}_given", "Give this person's name"))
        return relative

    def _former(self, name: str, read: Mapping[str, Any]) -> FormerName:
        former = FormerName(*(read[f"{name}_{part}"] for part in PARTS[name]))
        if former.start and former.end and former.start > former.end:
            self.faults.append(Detail(f"{name}_end", "This lies before the beginning"))
        return former

    def _numbers(self) -> tuple[Number, ...]:
        found = []
        for kind in self.desk.region.person_identifiers():
            typed = self._typed(f"number_{kind.code}")
            if typed:
                value = self._try(f"number_{kind.code}", partial(kind.check, typed))
                found.append(Number(kind.code, value))
        return tuple(number for number in found if number.value)

    def _born(self) -> dict[str, Any]:
        born: dict[str, Any] = {"birth_date": "", "birth_estimated": False}
        try:
            birth = read_birth(self._typed("birth_date"), today=self.desk.today, order=self.desk.date_order)
            estimated = birth.estimated or bool(self.entry.get("birth_estimated"))
            born |= {"birth_date": birth.value, "birth_estimated": estimated}
        except Invalid as fault:
            self.faults.append(Detail.of("birth_date", fault))
        order = self._typed("birth_order")
        if order and not (order.isascii() and order.isdigit() and 1 <= int(order) <= 12):
            self.faults.append(Detail("birth_order", "Give 1 for the first born, 2 for the second, and so on"))
            order = ""
        return born | {"birth_time": self._birth_time(), "birth_order": str(int(order)) if order else ""}

    def _birth_time(self) -> str:
        typed = self._typed("birth_time")
        try:
            return read_time(typed).strftime("%H:%M") if typed else ""
        except ValueError:
            self.faults.append(Detail("birth_time", "Give the time of birth like 14:05"))
            return ""

    def _deceased(self, birth_date: str) -> str:
        typed = self._typed("deceased")
        if typed.casefold() in ("", "yes", "ja", "sí", "si", "y"):
            return "yes" if typed else ""
        try:
            day = read_date(typed, today=self.desk.today, order=self.desk.date_order).isoformat()
        except ValueError:
            self.faults.append(Detail("deceased", "Give the day of death, or “yes” when the day is not known"))
            return ""
        if day > self.desk.today.isoformat() or day[: len(birth_date)] < birth_date:
            self.faults.append(Detail("deceased", "This day lies before the birth or in the future"))
        return day

    def _absent(self, details: PatientDetails) -> tuple[Absent, ...]:
        numbers = (f"number_{kind.code}" for kind in self.desk.region.person_identifiers())
        found = []
        for name in sorted((*ASKABLE, *numbers)):
            reason = self._typed(f"absent_{name}")
            if reason not in REASONS:
                self.faults.append(Detail(f"absent_{name}", "Choose one from the list"))
            elif reason and not details.value(name):
                found.append(Absent(name, reason))
        return tuple(found)


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
