"""Fields of the practice's own in FHIR: a StructureDefinition for each, and an extension on the Patient for a value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from clinic.core.json import Json
from clinic.registration.mapping.parts import extension, parts, text
from clinic.registration.rules.own import (
    CHOICE,
    CHOICES,
    DATE,
    NUMBER,
    TEXT,
    YESNO,
    Option,
    OwnField,
    OwnValue,
    searched,
)

OWN = "urn:clinic:own:"
"""What the address of every field of the practice's own begins with; its key follows."""
SETTINGS = "urn:clinic:own-field"
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
_BASE = "http://hl7.org/fhir/StructureDefinition/Extension"
_CODES = {TEXT: "string", NUMBER: "decimal", DATE: "date", YESNO: "boolean", CHOICE: "Coding", CHOICES: "Coding"}
_VALUES = {"valueString": TEXT, "valueDecimal": NUMBER, "valueDate": DATE, "valueBoolean": YESNO, "valueCoding": CHOICE}
_ELSE = {"valueInteger": NUMBER, "valueCode": TEXT}
Row = dict[str, Any]


def own_of(patient: Json) -> tuple[OwnValue, ...]:
    """Every value of the practice's own fields in a record, in the order in which they stand there."""
    found = []
    for part in parts(patient, "extension"):
        url = text(part.get("url"))
        value = _value_of(part) if url.startswith(OWN) else None
        if value:
            found.append(OwnValue(url.removeprefix(OWN)[:64], *value))
    return tuple(found)


def put_own(patient: Json, values: tuple[OwnValue, ...]) -> None:
    """Write these values in place of those that a record has."""
    if own_of(patient) == values:
        return
    rest = [part for part in patient.get("extension") or [] if not text(part.get("url")).startswith(OWN)]
    made = [*rest, *(_extension(one) for one in values)]
    if made:
        patient["extension"] = made
    else:
        patient.pop("extension", None)


def _value_of(part: Json) -> tuple[str, str, str] | None:
    for name, type_ in (*_VALUES.items(), *_ELSE.items()):
        value = part.get(name)
        if value is None:
            continue
        if type_ == CHOICE:
            return (CHOICE, text(value.get("code")), text(value.get("display"))) if isinstance(value, dict) else None
        if type_ == YESNO:
            return YESNO, "yes" if value is True else "no", ""
        if type_ == NUMBER:
            return NUMBER, f"{Decimal(str(value)).normalize():f}", ""
        return type_, str(value), ""
    return None


def _extension(one: OwnValue) -> Json:
    url = OWN + one.key
    if one.type == NUMBER:
        return {"url": url, "valueDecimal": Decimal(one.value)}
    if one.type == DATE:
        return {"url": url, "valueDate": one.value}
    if one.type == YESNO:
        return {"url": url, "valueBoolean": one.value == "yes"}
    if one.type == CHOICE:
        display = {"display": one.display} if one.display else {}
        return {"url": url, "valueCoding": {"system": url, "code": one.value, **display}}
    return {"url": url, "valueString": one.value}


def definition_of(one: OwnField, known: Json | None = None) -> Json:
    """The StructureDefinition of a field."""
    url = OWN + one.key
    kept = {key: value for key, value in (known or {}).items() if key in ("id", "meta", "date", "publisher")}
    made: Json = {
        "resourceType": "StructureDefinition",
        **kept,
        "extension": [_settings(one)],
        "url": url,
        "name": "Own" + "".join(part.capitalize() for part in one.key.split("-")),
        "title": one.label("en"),
        "status": "active" if one.active else "retired",
        "fhirVersion": "4.0.1",
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": "Patient"}],
        "type": "Extension",
        "baseDefinition": _BASE,
        "derivation": "constraint",
        "differential": {"element": _elements(one, url)},
    }
    _translate(made, "title", one.labels)
    if one.help("en"):
        made["description"] = one.help("en")
        _translate(made, "description", one.helps)
    if one.options:
        made["contained"] = [_value_set(one, url)]
    return made


def field_of(definition: Json) -> OwnField | None:
    """The field that a StructureDefinition is; nothing for any other StructureDefinition."""
    url = text(definition.get("url"))
    if not url.startswith(OWN):
        return None
    settings = extension(definition, SETTINGS)
    told = {text(part.get("url")): part for part in parts(settings, "extension")}

    def code(name: str, usual: str) -> str:
        return text(told.get(name, {}).get("valueCode")) or usual

    place = told.get("place", {}).get("valueInteger")
    meta = definition.get("meta") or {}
    return OwnField(
        key=url.removeprefix(OWN),
        type=code("type", _type_of(definition)),
        labels=_translations(definition, "title"),
        helps=_translations(definition, "description"),
        options=_options(definition),
        need=code("need", "never"),
        section=code("section", "contact"),
        sees=code("sees", "all"),
        place=place if isinstance(place, int) else 10,
        searched=told.get("searched", {}).get("valueBoolean") is True,
        active=definition.get("status") != "retired",
        id=str(definition.get("id", "")),
        version=int(meta.get("versionId", 0)),
    )


def project_own_values(patient: Json) -> list[Row]:
    """A row for each value that a patient can be found by."""
    rows = {(one.key, searched(one.value)) for one in own_of(patient) if one.value}
    return [{"id": patient["id"], "field": key, "value": value} for key, value in sorted(rows)]


def project_own_field(definition: Json) -> list[Row]:
    """The row of a field of the practice's own."""
    one = field_of(definition)
    if one is None:
        return []
    return [{"id": definition["id"], "key": one.key[:64], "place": one.place, "active": one.active, "json": definition}]


def _settings(one: OwnField) -> Json:
    codes = {"type": one.type, "need": one.need, "section": one.section, "sees": one.sees}
    told: list[Json] = [{"url": name, "valueCode": code} for name, code in codes.items()]
    told += [{"url": "place", "valueInteger": one.place}, {"url": "searched", "valueBoolean": one.searched}]
    if one.options:
        told.append({"url": "options", "valueUri": "#options"})
    return {"url": SETTINGS, "extension": told}


def _elements(one: OwnField, url: str) -> list[Json]:
    value: Json = {
        "id": "Extension.value[x]", "path": "Extension.value[x]", "min": 1, "type": [{"code": _CODES[one.type]}],
    }  # fmt: skip
    if one.options:
        value["binding"] = {"strength": "required", "valueSet": f"{url}:options"}
    several = "*" if one.type == CHOICES else "1"
    label = one.label("en")
    return [
        {"id": "Extension", "path": "Extension", "short": label, "definition": one.help("en") or label, "min": 0,
         "max": several},
        {"id": "Extension.extension", "path": "Extension.extension", "max": "0"},
        {"id": "Extension.url", "path": "Extension.url", "fixedUri": url},
        value,
    ]  # fmt: skip


def _value_set(one: OwnField, url: str) -> Json:
    concepts = []
    for option in one.options:
        others = [{"language": language, "value": word} for language, word in option.words.items() if language != "en"]
        concept: Json = {"code": option.code, "display": option.word("en")}
        concepts.append(concept | {"designation": others} if others else concept)
    return {
        "resourceType": "ValueSet", "id": "options", "url": f"{url}:options", "status": "active",
        "compose": {"include": [{"system": url, "concept": concepts}]},
    }  # fmt: skip


def _options(definition: Json) -> tuple[Option, ...]:
    found = []
    for contained in parts(definition, "contained"):
        compose = contained.get("compose")
        for include in parts(compose, "include") if isinstance(compose, dict) else []:
            for concept in parts(include, "concept"):
                words = {"en": text(concept.get("display")) or text(concept.get("code"))}
                for other in parts(concept, "designation"):
                    words[text(other.get("language"))] = text(other.get("value"))
                found.append(Option(text(concept.get("code")), words))
    return tuple(found)


def _translate(resource: Json, name: str, by_language: Any) -> None:
    others = [
        {
            "url": TRANSLATION,
            "extension": [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": words}],
        }
        for language, words in by_language.items()
        if language != "en" and words
    ]
    if others:
        resource["_" + name] = {"extension": others}


def _translations(resource: Json, name: str) -> dict[str, str]:
    found = {"en": text(resource.get(name))}
    beside = resource.get("_" + name)
    for part in parts(beside, "extension") if isinstance(beside, dict) else []:
        told = {text(one.get("url")): one for one in parts(part, "extension")}
        language = text(told.get("lang", {}).get("valueCode"))
        found[language] = text(told.get("content", {}).get("valueString"))
    return {language: words for language, words in found.items() if words}


def _type_of(definition: Json) -> str:
    differential = definition.get("differential")
    for element in parts(differential, "element") if isinstance(differential, dict) else []:
        if element.get("path") == "Extension.value[x]":
            codes = [text(part.get("code")) for part in parts(element, "type")]
            return next((type_ for type_, code in _CODES.items() if code in codes), TEXT)
    return TEXT
