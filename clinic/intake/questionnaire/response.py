"""Answers as a QuestionnaireResponse, and back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from clinic.core.json import Json
from clinic.intake.questionnaire import extensions as ext
from clinic.intake.questionnaire.item_parts import listed, typed
from clinic.intake.questionnaire.model import (
    MOST_ROWS,
    WHOLE_FORM,
    Answers,
    Form,
    Instance,
    Item,
    Row,
    Signature,
    Value,
)

_KEYS = {
    "boolean": "valueBoolean", "decimal": "valueDecimal", "integer": "valueInteger", "date": "valueDate",
    "dateTime": "valueDateTime", "time": "valueTime", "string": "valueString", "text": "valueString",
    "url": "valueUri", "attachment": "valueAttachment", "reference": "valueReference",
    "quantity": "valueQuantity", "choice": "valueCoding", "open-choice": "valueCoding",
}  # fmt: skip
SIGNATURE_TYPE = {
    "system": "urn:iso-astm:E1762-95:2013",
    "code": "1.2.840.10065.1.12.1.7",
    "display": "Consent Signature",
}


def value_key(item: Item, value: Value) -> str:
    """The name of value[x] for an answer: an open choice may be words, a choice may be a number or a date."""
    if item.kind in ("choice", "open-choice") and not isinstance(value, dict):
        if isinstance(value, str):
            plain = next((o.value for o in item.options if o.value == value), None)
            return "valueString" if plain is None or item.kind == "open-choice" else _option_key(item, value)
        return "valueInteger" if isinstance(value, int) else "valueDecimal"
    return _KEYS[item.kind]


def _option_key(item: Item, value: str) -> str:
    raw = item.options[0].value
    is_date = isinstance(raw, str) and len(value) >= 4 and value[:4].isdigit() and value.count("-") == 2
    return "valueDate" if is_date else "valueString"


@dataclass
class Built:
    """A response and, for each instance name, the item of it that holds its answers."""

    resource: Json
    nodes: dict[str, Json] = field(default_factory=dict)
    """By instance name; rows of a repeating group by `name[row]`."""

    def path(self, form: Form, one: Instance) -> list[Json]:
        """The items of the response on the way to an instance, outermost first; those that exist."""
        found: list[Json] = []
        item: Item | None = one.item
        while item is not None:
            node = self.nodes.get(_node_name(item, one.row))
            if node is not None:
                found.insert(0, node)
            item = form.parents.get(item.number)
        return found


def _node_name(item: Item, row: Row) -> str:
    repeated = item.kind == "group" and item.repeats and len(row) > len(item.level)
    return f"{item.name(row)}[{row[len(item.level)]}]" if repeated else item.name(row)


def build(form: Form, answers: Answers, asked: frozenset[str], *, empty: bool) -> Built:
    """The response with the answers of what is asked; `empty` keeps questions without an answer too."""
    built = Built({"resourceType": "QuestionnaireResponse", "status": "in-progress"})
    items = _items(form.items, (), answers, _Write(asked, empty, built.nodes, form.language))
    whole = answers.signatures.get(WHOLE_FORM)
    if whole:
        built.resource["extension"] = [_signature(whole)]
    if items:
        built.resource["item"] = items
    return built


@dataclass(frozen=True)
class _Write:
    asked: frozenset[str]
    empty: bool
    nodes: dict[str, Json]
    language: str


def _items(items: tuple[Item, ...], row: Row, answers: Answers, write: _Write) -> list[Json]:
    found: list[Json] = []
    for item in items:
        if item.name(row) not in write.asked:
            continue
        repeated = item.kind == "group" and item.repeats
        for index in range(answers.row_count(item, row)):
            node = _node(item, (*row, index) if repeated else row, answers, write)
            if node is not None:
                found.append(node)
    return found


def _node(item: Item, row: Row, answers: Answers, write: _Write) -> Json | None:
    node: Json = {"linkId": item.link_id}
    if item.text:
        node["text"] = item.text.default
    name = item.name(row)
    signature = answers.signatures.get(name)
    if signature:
        node["extension"] = [_signature(signature)]
    written = [_answer(item, value) for value in answers.get(name)] if item.question else []
    inner = _items(item.items, row, answers, write)
    if inner and item.question and written:
        written[0]["item"] = inner
    elif inner and item.kind == "group":
        node["item"] = inner
    if written:
        node["answer"] = written
    keeps_row = item.kind == "group" and item.repeats
    if not (written or node.get("item") or signature or write.empty or keeps_row):
        return None
    write.nodes[_node_name(item, row)] = node
    return node


def _answer(item: Item, value: Value) -> Json:
    if isinstance(value, dict):
        option = next((one for one in item.options if one.value == value), None)
        if option and option.score is not None and ext.first(value, ext.ORDINAL) is None:
            score = {"url": ext.ORDINAL, "valueDecimal": option.score}
            value = {"extension": [score], **value}
    return {value_key(item, value): value}


def _signature(signature: Signature) -> Json:
    value: Json = {
        "type": [SIGNATURE_TYPE],
        "when": signature.when,
        "who": {"display": signature.signer or "Patient"},
        "extension": [
            {"url": ext.TEXT_HASH, "valueString": signature.text_hash},
            {"url": "urn:clinic:signed-language", "valueCode": signature.language},
            {"url": "urn:clinic:signed-by", "valueCode": signature.who},
        ],
    }
    if signature.svg:
        value["sigFormat"] = "image/svg+xml"
        value["data"] = base64.b64encode(signature.svg.encode()).decode()
    return {"url": ext.SIGNATURE, "valueSignature": value}


def to_response(form: Form, answers: Answers, asked: Iterable[str], about: Mapping[str, Any]) -> Json:
    """The QuestionnaireResponse to be stored.

    `about` holds what the answers do not know: status, subject, authored, questionnaire, identifier...
    Disabled questions are left out, as R4 asks; empty rows of a repeating group are kept.
    """
    built = build(form, answers, frozenset(asked), empty=False)
    resource = {**built.resource, **about}
    if "extension" in about and "extension" in built.resource:
        resource["extension"] = [*built.resource["extension"], *about["extension"]]
    items = resource.pop("item", None)
    return {**resource, "item": items} if items else resource


def from_response(form: Form, response: Json) -> Answers:
    """The answers in a QuestionnaireResponse of this form; what the form does not have is left out."""
    reading = _Reading(form)
    reading.items(response.get("item"), ())
    whole = ext.first(response, ext.SIGNATURE)
    if isinstance(whole, dict):
        reading.signatures[WHOLE_FORM] = _read_signature(whole)
    return Answers(reading.values, reading.rows, reading.signatures)


class _Reading:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.values: dict[str, tuple[Value, ...]] = {}
        self.rows: dict[str, int] = {}
        self.signatures: dict[str, Signature] = {}

    def items(self, raw: Any, row: Row) -> None:
        for node in listed({"item": raw}, "item"):
            item = self.form.by_link.get(str(node.get("linkId")))
            if item is None or len(item.level) != len(row):
                continue
            self._one(item, node, row)

    def _one(self, item: Item, node: Json, row: Row) -> None:
        name = item.name(row)
        if item.kind == "group" and item.repeats:
            index = self.rows.get(name, 0)
            if index >= MOST_ROWS:
                return
            self.rows[name] = index + 1
            self.items(node.get("item"), (*row, index))
            return
        signature = ext.first(node, ext.SIGNATURE)
        if isinstance(signature, dict):
            self.signatures[name] = _read_signature(signature)
        answers = listed(node, "answer")
        values = tuple(value for value in (typed(one) for one in answers) if value is not None)
        if values and item.question:
            self.values[name] = tuple(_normal(item, value) for value in values)
        for one in answers:
            self.items(one.get("item"), row)
        self.items(node.get("item"), row)


def _normal(item: Item, value: Value) -> Value:
    """An answer as the options spell it (their scores are not part of it)."""
    if isinstance(value, dict):
        kept = [one for one in listed(value, "extension") if one.get("url") != ext.ORDINAL]
        plain = {key: inner for key, inner in value.items() if key != "extension"}
        bare = {"extension": kept, **plain} if kept else plain
        return next((o.value for o in item.options if o.value in (bare, value)), bare)
    if item.kind == "decimal" and isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value


def _read_signature(raw: Json) -> Signature:
    who = raw.get("who")
    try:
        svg = base64.b64decode(str(raw.get("data", "")), validate=True).decode()
    except (binascii.Error, ValueError):
        svg = ""
    return Signature(
        text_hash=str(ext.first(raw, ext.TEXT_HASH) or ""),
        when=str(raw.get("when", "")),
        language=str(ext.first(raw, "urn:clinic:signed-language") or "en"),
        signer=str(who.get("display", "")) if isinstance(who, dict) else "",
        svg=svg,
        who=str(ext.first(raw, "urn:clinic:signed-by") or "self"),
    )
