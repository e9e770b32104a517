"""What the merge screens say: the name of a slot, its values, and the kinds of records that move."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.core.json import Json
from clinic.regions import Region, show_phone
from clinic.registration.banner import language_text
from clinic.registration.mapping import names
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.contact import relative_of
from clinic.registration.mapping.parts import text
from clinic.registration.routes.shown import label_text, value_text
from clinic.registration.rules.entries import CODES
from clinic.web.filters import day

LABELS: dict[str, Any] = {
    "name:official": _l("Legal name"),
    "name:usual": _l("Preferred name"),
    "name:nickname": _l("Nickname"),
    "name:maiden": _l("Maiden name"),
    "name:old": _l("Former names"),
    "deceased": _l("Deceased"),
    "address:home": _l("Address"),
    "address:work": _l("Address at work"),
    "address:temp": _l("Address for now"),
    "address:old": _l("Former address"),
    "contact": _l("Emergency contact"),
    "photo": _l("Photo"),
    "multipleBirth": _l("Twin or triplet"),
}
_DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
FIELDS = {
    "birthDate": "birth_date", "gender": "sex", "communication": "language", "maritalStatus": "marital",
    "generalPractitioner": "general_practitioner", "telecom:phone:mobile": "mobile",
    "telecom:phone:home": "home_phone", "telecom:phone:work": "work_phone", "telecom:email:home": "email",
    f"extension:{s.PRONOUNS}": "pronouns", f"extension:{s.OLD_PRONOUNS}": "pronouns",
    f"extension:{s.IDENTITY}": "gender_identity", f"extension:{s.US_IDENTITY}": "gender_identity",
    f"extension:{s.OLD_IDENTITY}": "gender_identity", f"extension:{s.BIRTH_SEX}": "birth_sex",
    f"extension:{s.ORIENTATION}": "orientation",
    f"extension:{s.RACE}": "race", f"extension:{s.ETHNICITY}": "ethnicity", f"extension:{s.TRIBE}": "tribes",
    f"extension:{s.PHARMACY}": "pharmacy", f"extension:{s.OCCUPATION}": "occupation",
    f"extension:{s.CONTACT_BY}": "contact_by", f"extension:{s.NEVER_BY}": "never_by",
    f"extension:{s.INTERPRETER}": "interpreter", f"extension:{s.KNOWN_OF}": "known_of",
}  # fmt: skip
"""Slots that have a field on the desk's form: they are called as there."""

KINDS: dict[str, tuple[Any, str]] = {
    "Appointment": (_l("Appointments"), "calendar"),
    "Encounter": (_l("Visits"), "doctor"),
    "Coverage": (_l("Insurance policies"), "shield"),
    "QuestionnaireResponse": (_l("Answered forms"), "form"),
    "PaymentNotice": (_l("Payments"), "till"),
    "Claim": (_l("Charge sheets"), "bill"),
    "Communication": (_l("Calls and messages"), "phone"),
    "RelatedPerson": (_l("Related persons"), "people"),
    "Account": (_l("Accounts"), "bill"),
    "DocumentReference": (_l("Documents"), "clip"),
    "Consent": (_l("Consents"), "form"),
    "Flag": (_l("Flags"), "flag"),
    "Condition": (_l("Diagnoses"), "doctor"),
    "Observation": (_l("Measurements"), "doctor"),
    "Task": (_l("Tasks"), "check"),
    "Provenance": (_l("Confirmations"), "check"),
    "Binary": (_l("Pictures and files"), "clip"),
}


@dataclass(frozen=True)
class Kind:
    """How many records of one kind there are."""

    word: str
    icon: str
    count: int


def kinds_of(records: Iterable[str]) -> list[Kind]:
    """The kinds of some records by their types, in the desk's order; what no screen knows last, by its FHIR name."""
    counts = Counter(records)
    known = [Kind(str(word), icon, counts.pop(type_)) for type_, (word, icon) in KINDS.items() if counts[type_]]
    return [*known, *(Kind(type_, "clip", many) for type_, many in sorted(counts.items()) if many)]


def kind_text(type_: str) -> str:
    """What records of a type are called."""
    return str(KINDS[type_][0]) if type_ in KINDS else type_


def slot_label(key: str, region: Region) -> str:
    """What a slot is called on the screen."""
    if key in FIELDS:
        return label_text(FIELDS[key], region)
    if key in LABELS:
        return str(LABELS[key])
    element, _colon, rest = key.partition(":")
    if element == "identifier":
        kind = region.kind_of_system(rest)
        return kind.name if kind else _("Number of %(where)s", where=_tail(rest) or _("another place"))
    if element in ("telecom", "name", "address"):
        return rest.replace(":", ", ")
    return _tail(rest or element).replace("-", " ").capitalize()


def said_values(key: str, region: Region) -> Callable[[Sequence[Any]], str]:
    """A function that says the values of a slot; nothing for an empty one."""

    def said(values: Sequence[Any]) -> str:
        return "; ".join(filter(None, (_said(key, value, region) for value in values)))

    return said


def dates_said(said: str) -> str:
    """What another part of the house says of two records, its days as this reader writes them."""
    return _DAY.sub(lambda found: day(found[0]), said)


def _said(key: str, value: Any, region: Region) -> str:
    element = key.partition(":")[0]
    if not isinstance(value, dict):
        return str(value)
    code = value.get("valueCode")
    if element == "extension" and key in FIELDS and isinstance(code, str):
        return value_text(FIELDS[key], (code,) if FIELDS[key] in CODES else code, region)
    how = _SAID.get(element)
    return how(value, region) if how else _any(value)


def _name(value: Json, _region: Region) -> str:
    return names.full_name(value)


def _telecom(value: Json, region: Region) -> str:
    number = text(value.get("value"))
    return show_phone(number, region) if value.get("system") == "phone" else number


def _address(value: Json, region: Region) -> str:
    lines = [line for line in value.get("line") or [] if isinstance(line, str)]
    given = {"city": "city", "state": "state", "postal_code": "postalCode", "country": "country"}
    parts = {ours: text(value.get(theirs)) for ours, theirs in given.items()}
    said = region.address.lines({"line": ", ".join(lines), **parts})
    return ", ".join(said) or text(value.get("text"))


def _identifier(value: Json, region: Region) -> str:
    kind, number = region.kind_of_system(text(value.get("system"))), text(value.get("value"))
    return kind.mask(number) if kind else number


def _contact(value: Json, region: Region) -> str:
    one = relative_of(value)
    relation = value_text("emergency_relation", one.relation, region)
    named = " ".join(filter(None, (one.given, one.family)))
    return ", ".join(filter(None, (named, relation, value_text("mobile", one.phone, region))))


def _spoken(value: Json, _region: Region) -> str:
    return language_text(_code(value.get("language"))) or _any(value)


def _photo(value: Json, _region: Region) -> str:
    return (
        str(_("taken %(date)s", date=day(text(value.get("creation"))[:10]))) if value.get("creation") else str(_("yes"))
    )


def _born(value: Json, _region: Region) -> str:
    return day(text(value["birthDate"])) if "birthDate" in value else ""


def _sex(value: Json, region: Region) -> str:
    return value_text("sex", value.get("gender"), region)


def _marital(value: Json, region: Region) -> str:
    return value_text("marital", _code(value.get("maritalStatus")), region) or _any(value)


_SAID: Mapping[str, Callable[[Json, Region], str]] = {
    "name": _name, "telecom": _telecom, "address": _address, "identifier": _identifier, "contact": _contact,
    "communication": _spoken, "photo": _photo, "birthDate": _born, "gender": _sex, "maritalStatus": _marital,
}  # fmt: skip


def _code(concept: Any) -> str:
    codings = concept.get("coding") if isinstance(concept, dict) else None
    return text(codings[0].get("code")) if isinstance(codings, list) and codings else ""


def _any(value: Any) -> str:
    """Any element in words: the texts and codes in it, without its addresses."""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_any, value)))
    if not isinstance(value, dict):
        return str(value)
    for name in ("text", "display"):
        if isinstance(value.get(name), str):
            return str(value[name])
    hidden = ("url", "system", "id", "use")
    return ", ".join(filter(None, (_any(inner) for name, inner in value.items() if name not in hidden)))


def _tail(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2].rpartition(":")[2]
