"""Between a form and the patient's record: which question is which field, in both directions.

A question belongs to a field of the record by the extension `urn:clinic:field` (names as in the desk's form,
such as `mobile` or `postal_code`), or by a `definition` that points into Patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clinic.intake.questionnaire import Answers, Form, Instance, Item, Value
from clinic.intake.questionnaire.model import instances
from clinic.regions import Region
from clinic.regions.phones import show_phone
from clinic.registration.rules.details import PatientDetails

ADDRESS = ("line", "line2", "city", "state", "postal_code", "country")
EMERGENCY = ("emergency_given", "emergency_family", "emergency_relation", "emergency_phone")
PHONES = ("mobile", "home_phone", "work_phone", "emergency_phone")
SIMPLE = (
    "given", "middle", "family", "preferred", "maiden", "birth_date", "sex", "pronouns", "gender_identity",
    "mobile", "home_phone", "work_phone", "email", "language", "interpreter", "marital", "contact_by",
)  # fmt: skip
_BY_DEFINITION = {
    "name.given": "given", "name.family": "family", "birthDate": "birth_date", "gender": "sex",
    "telecom": "mobile", "address.line": "line", "address.city": "city", "address.state": "state",
    "address.postalCode": "postal_code", "maritalStatus": "marital", "communication.language": "language",
}  # fmt: skip


def field_of(item: Item) -> str:
    """The field of the record that a question asks for, or nothing."""
    name = _BY_DEFINITION.get(item.field, item.field)
    return name if name in SIMPLE or name in ADDRESS or name in EMERGENCY else ""


def known_values(details: PatientDetails, region: Region) -> dict[str, str]:
    """What the record says, by field, as text that a person would type; empty for what it does not know."""
    address, emergency = details.address, details.emergency
    found = {name: getattr(details, name) for name in SIMPLE}
    found |= {name: getattr(address, name) for name in ADDRESS}
    found["line"] = ", ".join(part for part in (address.line, address.line2) if part)
    found |= {f"emergency_{part}": getattr(emergency, part) for part in ("given", "family", "relation", "phone")}
    found["interpreter"] = "true" if details.interpreter else ""
    return {
        name: show_phone(value, region) if name in PHONES and value else str(value) for name, value in found.items()
    }


def value_for(item: Item, text: str) -> tuple[Value, ...]:
    """A field's text as an answer of a question: an option by its code, a yes, or the text."""
    if not text:
        return ()
    if item.kind == "boolean":
        return (text == "true",)
    for option in item.options:
        value = option.value
        if value == text or (isinstance(value, dict) and value.get("code") == text):
            return (value,)
    return () if item.options and item.kind != "open-choice" else (text,)


def prefilled(form: Form, answers: Answers, known: Mapping[str, str]) -> Answers:
    """Answers with what the record knows put where nothing was answered yet."""
    for one in instances(form, answers):
        value = value_for(one.item, known.get(field_of(one.item), ""))
        if value and not answers.get(one.name):
            answers = answers.with_value(one.name, value)
    return answers


@dataclass(frozen=True)
class Given:
    """An answer that belongs to the record: the field, its question, and what was said as text."""

    field: str
    item: Item
    text: str


def text_of(value: Value) -> str:
    """An answer as the desk would type it: the code of an option, else the words."""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, dict):
        return str(value.get("code") or value.get("display") or "")
    return str(value)


def given_answers(form: Form, answers: Answers, asked: frozenset[str]) -> list[Given]:
    """Every answered question that belongs to the record; the first of two for the same field."""
    found: dict[str, Given] = {}
    for one in instances(form, answers):
        field = field_of(one.item)
        values = answers.get(one.name)
        if field and values and one.name in asked:
            found.setdefault(field, Given(field, one.item, text_of(values[0])))
    return list(found.values())


def instances_of(form: Form, answers: Answers, group: Item) -> list[Instance]:
    """The questions inside a group."""
    inside = {inner.number for inner in _walk(group)}
    return [one for one in instances(form, answers) if one.item.number in inside and one.item.question]


def _walk(group: Item) -> list[Item]:
    return [found for inner in group.items for found in (inner, *_walk(inner))]
