"""Telephones, mail and relatives in FHIR."""

from __future__ import annotations

from typing import Any

from clinic.core.json import Json
from clinic.core.names import words
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.names import family_name, given_names
from clinic.registration.mapping.parts import Test, coded, extension, first, keep, parts, put, put_extension, text
from clinic.registration.mapping.places import address_of, put_address
from clinic.registration.rules.details import RELATIONS, PatientDetails, Relative

__all__ = [
    "address_of", "emergency_contacts", "emergency_of", "mail_of", "phone_of", "phones_of", "put_address",
    "put_contact", "put_emergencies", "put_emergency", "put_telecom", "relative_of", "takes_texts", "telecom_values",
]  # fmt: skip

PHONE_FIELDS = {
    "mobile": ("mobile", "texts", "mobile_hours"),
    "home": ("home_phone", "home_texts", "home_hours"),
    "work": ("work_phone", "work_texts", "work_hours"),
}
"""The use of a telephone in FHIR, and the fields of PatientDetails that tell of it."""


def phones_of(resource: Json) -> list[str]:
    """Every telephone number of a record that is still in use, the first to try in front."""
    found = [
        part
        for part in parts(resource, "telecom")
        if part.get("system") in ("phone", "sms", None) and part.get("use") != "old" and text(part.get("value"))
    ]
    order = {"mobile": 0, "home": 1, "work": 2}
    found.sort(key=lambda part: order.get(text(part.get("use")), 1))
    return [text(part["value"]) for part in found]


def phone_of(resource: Json, use: str) -> str:
    """The telephone of one use; one without a use counts as the home telephone."""
    return text(first(resource, "telecom", _phone_test(use)).get("value"))


def mail_of(resource: Json) -> str:
    """The e-mail address in use."""
    return text(first(resource, "telecom", _is_mail).get("value"))


def takes_texts(resource: Json) -> bool:
    """Whether text messages may go to the mobile telephone; yes unless it was said otherwise."""
    return _texts(resource, "mobile")


def telecom_values(resource: Json) -> dict[str, Any]:
    """Telephones and mail by the fields of PatientDetails."""
    found: dict[str, Any] = {"email": mail_of(resource)}
    for use, (phone, texts, hours) in PHONE_FIELDS.items():
        part = first(resource, "telecom", _phone_test(use))
        found |= {phone: text(part.get("value")), texts: _texts(resource, use), hours: _hours_of(part)}
    return found


def put_telecom(resource: Json, details: PatientDetails, before: PatientDetails) -> None:
    """Write the telephones and the e-mail address that changed, and what may be done with each."""
    for use, names in PHONE_FIELDS.items():
        phone, texts, hours = (getattr(details, name) for name in names)
        if (phone, texts, hours) == tuple(getattr(before, name) for name in names):
            continue
        _put_phone(resource, use, phone)
        part = first(resource, "telecom", _phone_test(use))
        if part:
            usual = use == "mobile"
            put_extension(part, s.TEXTS, None if texts is usual else {"valueBoolean": texts})
            _put_hours(part, hours)
    if details.email != before.email:
        mail = {"system": "email", "value": details.email} if details.email else None
        put(resource, "telecom", _is_mail, mail)


def emergency_of(patient: Json) -> Relative:
    """Whom to call first in an emergency."""
    return relative_of(next(iter(emergency_contacts(patient)), {}))


def emergency_contacts(patient: Json) -> list[Json]:
    """Whom to call in an emergency, in order."""
    return [part for part in parts(patient, "contact") if _is_emergency(part) and relative_of(part)]


def put_emergencies(patient: Json, details: PatientDetails, before: PatientDetails) -> None:
    """Write whom to call in an emergency: the first, the second and the third."""
    slots = emergency_contacts(patient)
    for place, field in enumerate(("emergency", "emergency2", "emergency3")):
        relative = getattr(details, field)
        if relative != getattr(before, field):
            _put_emergency(patient, relative, slots[place] if place < len(slots) else {})


def put_emergency(patient: Json, relative: Relative) -> None:
    """Write whom to call first in an emergency."""
    _put_emergency(patient, relative, next(iter(emergency_contacts(patient)), {}))


def _put_emergency(patient: Json, relative: Relative, known: Json) -> None:
    relation = [{"coding": [{"system": s.CONTACT_ROLE, "code": "C"}]}]
    if relative.relation:
        relation.append({"coding": [{"system": s.ROLE_CODE, "code": relative.relation}]})
    part = {**known, "relationship": relation}
    for key, value in _relative_parts(relative).items():
        keep(part, key, value)
    put(patient, "contact", lambda one: one is known, part if relative else None)


def put_contact(patient: Json, name: str, relative: Relative | None) -> Json:
    """The patient with this person among those to call in an emergency, or with None without them.

    A contact that says the same already stays as it was written.
    """

    def them(part: Json) -> bool:
        known = relative_of(part)
        return _is_emergency(part) and words(f"{known.given} {known.family}") == words(name)

    if relative is None:
        made = {**patient}
        put(made, "contact", them, None)
        return made
    known = first(patient, "contact", them)
    if known and relative_of(known) == relative:
        return patient
    alone: Json = {}
    put_emergency(alone, relative)
    made = {**patient}
    part = {**known, **alone["contact"][0]} if alone else None
    put(made, "contact", them, part)
    return made


def relative_of(part: Json) -> Relative:
    """A contact or a RelatedPerson as the desk sees them."""
    name = part.get("name")
    if isinstance(name, list):
        name = name[0] if name else {}
    name = name if isinstance(name, dict) else {}
    phones = phones_of(part)
    given = " ".join(given_names(name))
    family = family_name(name)
    if not given and not family:
        family = text(name.get("text"))
    codes = (coded(concept, s.ROLE_CODE) for concept in parts(part, "relationship"))
    return Relative(given, family, next((code for code in codes if code in RELATIONS), ""), phones[0] if phones else "")


def _relative_parts(relative: Relative) -> Json:
    name: Json = {"use": "official"}
    keep(name, "family", relative.family)
    keep(name, "given", relative.given.split() if relative.given else [])
    phone = [{"system": "phone", "value": relative.phone, "use": "mobile"}] if relative.phone else []
    return {"name": name, "telecom": phone}


def _put_phone(resource: Json, use: str, value: str) -> None:
    known = first(resource, "telecom", _phone_test(use))
    part = {**known, "system": "phone", "value": value, "use": use} if value else None
    put(resource, "telecom", lambda one: one is known, part)


def _phone_test(use: str) -> Test:
    uses = ("home", None) if use == "home" else (use,)
    return lambda part: part.get("system") == "phone" and part.get("use") in uses and bool(part.get("value"))


def _is_mail(part: Json) -> bool:
    return part.get("system") == "email" and part.get("use") != "old"


def _texts(resource: Json, use: str) -> bool:
    said = extension(first(resource, "telecom", _phone_test(use)), s.TEXTS).get("valueBoolean")
    return said if isinstance(said, bool) else use == "mobile"


def _hours_of(part: Json) -> str:
    spans = []
    for one in parts(part, "extension"):
        if one.get("url") == s.CALL_HOURS:
            start = text(extension(one, "availableStartTime").get("valueTime"))[:5] or "00:00"
            end = text(extension(one, "availableEndTime").get("valueTime"))[:5] or "24:00"
            spans.append(f"{start}-{'24:00' if end == '23:59' else end}")
    return ", ".join(sorted(spans))


def _put_hours(part: Json, hours: str) -> None:
    rest = [one for one in parts(part, "extension") if one.get("url") != s.CALL_HOURS]
    for span in filter(None, hours.split(", ")):
        start, _, end = span.partition("-")
        inner = [
            {"url": "availableStartTime", "valueTime": f"{start}:00"},
            {"url": "availableEndTime", "valueTime": "23:59:00" if end == "24:00" else f"{end}:00"},
        ]
        rest.append({"url": s.CALL_HOURS, "extension": inner})
    keep(part, "extension", rest)


def _is_emergency(part: Json) -> bool:
    roles = [coded(concept, s.CONTACT_ROLE) for concept in parts(part, "relationship")]
    return "C" in roles or (not any(roles) and "relationship" in part)
