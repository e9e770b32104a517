"""Telephones, mail, addresses and relatives in FHIR."""

from __future__ import annotations

from clinic.core.json import Json
from clinic.core.names import words
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.names import family_name, given_names
from clinic.registration.mapping.parts import Test, coded, extension, first, keep, parts, put, put_extension, text
from clinic.registration.rules.details import RELATIONS, Address, PatientDetails, Relative


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
    return extension(first(resource, "telecom", _phone_test("mobile")), s.TEXTS).get("valueBoolean") is not False


def put_telecom(resource: Json, details: PatientDetails, before: PatientDetails) -> None:
    """Write the telephones and the e-mail address that changed."""
    if (details.mobile, details.texts) != (before.mobile, before.texts):
        _put_phone(resource, "mobile", details.mobile)
        mobile = first(resource, "telecom", _phone_test("mobile"))
        if mobile:
            put_extension(mobile, s.TEXTS, None if details.texts else {"valueBoolean": False})
    for use, now, then in (
        ("home", details.home_phone, before.home_phone),
        ("work", details.work_phone, before.work_phone),
    ):
        if now != then:
            _put_phone(resource, use, now)
    if details.email != before.email:
        mail = {"system": "email", "value": details.email} if details.email else None
        put(resource, "telecom", _is_mail, mail)


def address_of(resource: Json) -> Address:
    """Where a person lives now."""
    part = _home(resource)
    lines = [line for line in part.get("line") or [] if isinstance(line, str)]
    return Address(
        line=lines[0] if lines else "",
        line2=", ".join(lines[1:]),
        city=text(part.get("city")),
        state=text(part.get("state")),
        postal_code=text(part.get("postalCode")),
        country=text(part.get("country")),
    )


def put_address(resource: Json, address: Address) -> None:
    """Write the home address; parts of it that the desk does not know stay."""
    known = _home(resource)
    part = {"use": "home"} | {key: value for key, value in known.items() if key not in ("text", "_line")}
    keep(part, "line", [line for line in (address.line, address.line2) if line])
    keep(part, "city", address.city)
    keep(part, "state", address.state)
    keep(part, "postalCode", address.postal_code)
    keep(part, "country", address.country)
    put(resource, "address", lambda one: one is known, part if address else None)


def emergency_of(patient: Json) -> Relative:
    """Whom to call in an emergency."""
    return relative_of(first(patient, "contact", _is_emergency))


def put_emergency(patient: Json, relative: Relative) -> None:
    """Write whom to call in an emergency."""
    known = first(patient, "contact", _is_emergency)
    relation = [{"coding": [{"system": s.CONTACT_ROLE, "code": "C"}]}]
    if relative.relation:
        relation.append({"coding": [{"system": s.ROLE_CODE, "code": relative.relation}]})
    part = {**known, "relationship": relation}
    for key, value in _relative_parts(relative).items():
        keep(part, key, value)
    put(patient, "contact", lambda one: one is known, part if relative else None)


def put_contact(patient: Json, name: str, relative: Relative | None) -> Json:
    """The patient with this person among those to call in an emergency, or with None without them."""

    def them(part: Json) -> bool:
        known = relative_of(part)
        return _is_emergency(part) and words(f"{known.given} {known.family}") == words(name)

    if relative is None:
        made = {**patient}
        put(made, "contact", them, None)
        return made
    alone: Json = {}
    put_emergency(alone, relative)
    made = {**patient}
    known = first(patient, "contact", them)
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


def _home(resource: Json) -> Json:
    found = [part for part in parts(resource, "address") if part.get("use") not in ("old", "billing", "temp")]
    return next((part for part in found if part.get("use") == "home"), found[0] if found else {})


def _is_emergency(part: Json) -> bool:
    roles = [coded(concept, s.CONTACT_ROLE) for concept in parts(part, "relationship")]
    return "C" in roles or (not any(roles) and "relationship" in part)
