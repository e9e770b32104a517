"""Made-up resources of any R4 type, grown at random from the definitions, for rules that no example meets."""

from __future__ import annotations

from random import Random
from typing import Any

from clinic.fhir.gate.definitions import Element, is_resource, node

TEXTS = {
    "boolean": [True, False],
    "integer": [0, 1, 7, -3],
    "unsignedInt": [0, 1, 12],
    "positiveInt": [1, 2, 30],
    "decimal": [0, 1, 250],
    "string": ["word", "two words", "*", "2", "a.b"],
    "markdown": ["*text*"],
    "code": ["a", "b-c", "string", "Reference"],
    "id": ["one", "two"],
    "uri": ["http://example.org/a", "urn:example:b", "http://hl7.org/fhir/StructureDefinition/x"],
    "url": ["http://example.org/u"],
    "canonical": ["http://example.org/c|1"],
    "oid": ["urn:oid:1.2.3"],
    "uuid": ["urn:uuid:c757873d-ec9a-4326-a141-556f43239520"],
    "base64Binary": ["QUJD"],
    "date": ["2027", "2027-03", "2027-03-09"],
    "dateTime": ["2027", "2027-03-09", "2027-03-09T10:24:00-05:00", "2027-03-09T15:25:00Z"],
    "instant": ["2027-03-09T15:24:00Z", "2026-01-01T00:00:00.5+01:00"],
    "time": ["10:24:00"],
    "xhtml": ['<div xmlns="http://www.w3.org/1999/xhtml">text</div>'],
}  # fmt: skip
EXTENSION = {"extension": [{"url": "http://example.org/e", "valueCode": "x"}]}
SKIPPED = {"extension", "modifierExtension", "contained", "id", "text", "meta", "implicitRules", "language"}


def a_resource(kind: str, random: Random) -> dict[str, Any]:
    """Give a resource of the type that has the right shape, whatever its invariants say."""
    return {"resourceType": kind, **_object(kind, random, 0)}


def _object(path: str, random: Random, depth: int) -> dict[str, Any]:
    shape = node(path)
    needed = {name for name, _ in shape.required}
    grouped = {key: name for name, keys in shape.choices for key in keys}
    taken: set[str] = set()
    made: dict[str, Any] = {}
    wanted = list(shape.elements.items())
    random.shuffle(wanted)
    for key, element in wanted:
        name = grouped.get(key, key)
        likely = 1.0 if name in needed else (0.4, 0.4, 0.3, 0.3, 0.2, 0.0)[min(depth, 5)]
        if name in taken or (key in SKIPPED and name not in needed) or random.random() >= likely:
            continue
        taken.add(name)
        _fill(made, key, element, random, depth)
    if not made and "extension" in shape.elements:
        made["extension"] = EXTENSION["extension"]
    return made


def _fill(made: dict[str, Any], key: str, element: Element, random: Random, depth: int) -> None:
    if element.check is None:
        values = [_value(element, random, depth) for _ in range(random.choice((1, 1, 2)) if element.many else 1)]
        made[key] = values if element.many else values[0]
    elif element.many:
        made[key] = [_primitive(element, random) for _ in range(random.choice((1, 2)))]
    elif random.random() < 0.1:
        made[f"_{key}"] = EXTENSION
    else:
        made[key] = _primitive(element, random)


def _value(element: Element, random: Random, depth: int) -> Any:
    if is_resource(element.kind):
        return {"resourceType": "Basic", "code": {"text": "x"}}
    if element.kind == "Reference":
        return {"reference": f"{min(element.targets, default='Patient')}/1"}
    if element.kind == "Extension":
        return {"url": "http://example.org/e", "valueCode": "x"}
    made = _object(element.node, random, depth + 1)
    if element.codes and element.codes.systems:
        system, codes = next(iter(element.codes.systems.items()))
        coding = {"system": system, "code": min(codes)}
        made = {"coding": [coding]} if element.kind == "CodeableConcept" else made | coding
    return made


def _primitive(element: Element, random: Random) -> Any:
    if element.codes is not None:
        return "text/plain" if element.codes.media_types else random.choice(sorted(element.codes.codes))
    return random.choice(TEXTS[element.kind])
