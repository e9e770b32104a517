"""Somebody beside a patient, read from a form: every fault at once, each beside its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from clinic.core.errors import Detail, Invalid
from clinic.regions import read_phone
from clinic.registration.rules.checking import Desk, read_email
from clinic.registration.rules.details import RELATIONS, Address
from clinic.registration.rules.family import Bond, Facts
from clinic.registration.rules.text import read_line, read_name

_LINES = {"line": "Street", "line2": "Second line", "city": "Town", "state": "State", "country": "Country"}


def read_bond(entry: Mapping[str, Any]) -> Bond:
    """What somebody is to the patient. Raises Invalid beside the relation when none or no known one was chosen."""
    relation = str(entry.get("relation") or "")
    if relation not in RELATIONS:
        text = "Choose what this person is to the patient"
        raise Invalid(text, details=(Detail("relation", text),))
    ticked = {name: bool(entry.get(name)) for name in ("emergency", "guardian", "attorney", "pays", "follows")}
    return Bond(relation, **ticked)


def read_facts(entry: Mapping[str, Any], desk: Desk, *, shown: Mapping[str, Any] | None = None) -> Facts:
    """What is known of somebody who is no patient. Raises Invalid whose details name every faulty field.

    `shown` is what stood in the form: what was not touched is not read again, so that a number from elsewhere that
    no rule here knows is never refused; `kept_facts` puts it back.
    """
    faults: list[Detail] = []

    def read(name: str, how: Callable[[str], str]) -> str:
        typed = str(entry.get(name) or "").strip()
        if not typed or (shown and typed == shown.get(name)):
            return typed
        try:
            return how(typed)
        except Invalid as fault:
            faults.append(Detail.of(name, fault))
        except ValueError as fault:
            faults.append(Detail(name, str(fault)))
        return ""

    def line(name: str) -> str:
        return read(name, lambda typed: read_line(typed, field=name, label=_LINES[name]))

    given = read("given", lambda typed: read_name(typed, field="given", label="First name"))
    family = read("family", lambda typed: read_name(typed, field="family", label="Surname"))
    if not given and not family and not faults:
        faults.append(Detail("given", "Give this person's name"))
    phones = {name: read(name, lambda typed: read_phone(typed, desk.region)) for name in ("mobile", "home_phone")}
    places = {name: line(name) for name in _LINES}
    abroad = places["country"] not in ("", desk.region.address.country)
    if abroad:
        code = read("postal_code", lambda typed: read_line(typed, field="postal_code", label="Postcode", limit=12))
    else:
        code = read("postal_code", desk.region.address.check_postcode)
    facts = Facts(given, family, phones["mobile"], phones["home_phone"], read("email", read_email))
    if faults:
        raise Invalid("Some entries need a second look", details=tuple(faults))
    return Facts(**{**facts.__dict__, "address": Address(**places, postal_code=code)})


def kept_facts(typed: Facts, entry: Mapping[str, Any], known: Facts, shown: Mapping[str, Any]) -> Facts:
    """What was typed, with what was not touched and what the form does not ask as it is on file."""
    same = {name for name, text in shown.items() if str(entry.get(name) or "").strip() == text}
    kept = {name: getattr(known, name) for name in ("given", "family", "mobile", "home_phone", "email") if name in same}
    places = {name: getattr(known.address, name) for name in Address.__dataclass_fields__ if name in same}
    return replace(typed, **kept, address=replace(typed.address, **places), birth_date=known.birth_date, sex=known.sex)
