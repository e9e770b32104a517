"""The walk through a resource: every key known, every value of its JSON type, nothing empty or missing."""

from __future__ import annotations

from typing import Any

from clinic.core.json import Json
from clinic.fhir.gate import bindings, bundles, contained, extensions, narrative, references
from clinic.fhir.gate.definitions import Element, Node, is_resource, node, resource_types
from clinic.fhir.gate.primitives import quoted
from clinic.fhir.gate.visit import DEEPEST, MOST_ELEMENTS, Duty, Scope, Visit

EMPTY = "is empty; leave the element out instead."
NULL = "is null; leave the element out instead."


def walk_resource(value: Any, place: str, visit: Visit, *, root: Json | None = None) -> None:
    """Walk one resource; `root` is the resource that contains it."""
    if type(value) is not dict:
        visit.say("structure", place or "$this", "must be a resource (a JSON object).")
        return
    kind = value.get("resourceType")
    if type(kind) is not str or kind not in resource_types():
        fault = f"The resource type {quoted(kind)} is not one of FHIR R4."
        visit.say("not-supported", place or "$this", fault)
        return
    place = place or kind
    scope = Scope(value, root or value)
    _Walk(scope, visit).composite(value, node(kind), place)
    if visit.stopped:
        return
    references.check_contained(scope, visit)
    if root is None:
        contained.check_containment(value, place, visit)
    if kind == "Bundle":
        bundles.check_bundle(value, place, visit)


class _Walk:
    """The walk through the elements of one resource."""

    def __init__(self, scope: Scope, visit: Visit) -> None:
        self.scope = scope
        self.visit = visit

    def composite(self, value: Any, shape: Node, place: str) -> None:
        visit = self.visit
        if type(value) is not dict:
            visit.say("structure", place, f"must be an object, not {quoted(value)}.")
            return
        visit.elements += len(value)
        if visit.depth >= DEEPEST or visit.elements > MOST_ELEMENTS:
            visit.stop(place)
            return
        visit.depth += 1
        for key in value:
            self.key(value, key, shape, place)
        visit.depth -= 1
        self.whole(value, shape, place)
        for rule in shape.rules:
            visit.duties.append(Duty(rule, value, shape.path, place, self.scope))

    def whole(self, value: Json, shape: Node, place: str) -> None:
        """What only shows on the object as a whole: emptiness, missing elements, two of one choice."""
        if not value or (len(value) == 1 and "id" in value and shape.path != "Element"):
            self.visit.say("structure", place, EMPTY)
        for name, keys in shape.required:
            if not any(key in value or f"_{key}" in value for key in keys):
                self.visit.say("required", f"{place}.{name}", "is missing.")
        for name, keys in shape.choices:
            given = [key for key in keys if key in value or f"_{key}" in value]
            if len(given) > 1:
                fault = f"may be given once, not as {' and '.join(given)}."
                self.visit.say("structure", f"{place}.{name}", fault)

    def key(self, value: Json, key: str, shape: Node, place: str) -> None:
        element = shape.elements.get(key)
        if element is not None:
            if element.check is None:
                self.complex(value[key], element, f"{place}.{key}")
            else:
                self.primitive(value, key, element, f"{place}.{key}")
            return
        element = shape.elements.get(key[1:]) if key.startswith("_") else None
        if element is not None and element.check is not None:
            if key[1:] not in value:
                self.primitive(value, key[1:], element, f"{place}.{key[1:]}")
        elif key != "resourceType" or value is not self.scope.resource:
            fault = f"There is no element {quoted(key)} in {shape.path}."
            self.visit.say("structure", f"{place}.{key[:80]}", fault)

    def complex(self, value: Any, element: Element, place: str) -> None:
        if not element.many:
            self.one(value, element, place)
        elif self.is_list(value, place):
            for index, inner in enumerate(value):
                self.one(inner, element, f"{place}[{index}]")

    def is_list(self, value: Any, place: str) -> bool:
        if type(value) is not list:
            self.visit.say("structure", place, "must be a list (a JSON array).")
        elif not value:
            self.visit.say("structure", place, "is an empty list; leave the element out instead.")
        else:
            return True
        return False

    def one(self, value: Any, element: Element, place: str) -> None:
        if value is None:
            self.visit.say("structure", place, NULL)
        elif is_resource(element.kind):
            self.resource(value, place)
        else:
            self.composite(value, node(element.node), place)
            if type(value) is dict:
                self.typed(value, element, place)

    def typed(self, value: Json, element: Element, place: str) -> None:
        """What an element asks of its object beyond the object's own shape."""
        if element.codes is not None:
            bindings.check_coded(value, element.codes, place, self.visit)
        if element.kind == "Reference":
            references.check_reference(value, element, place, self.scope, self.visit)
        elif element.kind == "Extension":
            extensions.check_extension(value, place, self.visit)
        self.owe(value, element, place)

    def owe(self, value: object, element: Element, place: str) -> None:
        for rule in element.rules:
            self.visit.duties.append(Duty(rule, value, element.kind, place, self.scope))

    def resource(self, value: Any, place: str) -> None:
        """A contained resource shares its container's references; one in a bundle or parameter stands alone."""
        alone = self.scope.resource.get("resourceType") in {"Bundle", "Parameters"}
        walk_resource(value, place, self.visit, root=None if alone else self.scope.root)

    def primitive(self, value: Json, key: str, element: Element, place: str) -> None:
        extra_key = f"_{key}"
        if not element.many:
            for name in (key, extra_key):
                if name in value and value[name] is None:
                    self.visit.say("structure", place, NULL)
            self.text(value.get(key), value.get(extra_key), element, place)
            return
        given = [value[name] for name in (key, extra_key) if name in value]
        if not all(self.is_list(part, place) for part in given):
            return
        if len({len(part) for part in given}) > 1:
            fault = f"and _{key} have {len(given[0])} and {len(given[1])} entries; fill up with null."
            self.visit.say("structure", place, fault)
            return
        nothing = [None] * len(given[0])
        pairs = zip(value.get(key, nothing), value.get(extra_key, nothing), strict=True)
        for index, (text, extra) in enumerate(pairs):
            if text is None and extra is None:
                self.visit.say("structure", f"{place}[{index}]", NULL)
            self.text(text, extra, element, f"{place}[{index}]")

    def text(self, value: Any, extra: Any, element: Element, place: str) -> None:
        """One primitive value and the object with its id and extensions."""
        visit = self.visit
        visit.elements += 1
        if extra is not None:
            self.composite(extra, node("Element"), place)
            if value is None and type(extra) is dict and "extension" not in extra and extra:
                visit.say("structure", place, EMPTY)
        if value is None or element.check is None:
            return
        fault = element.check(value)
        if fault:
            visit.say("value", place, fault)
            return
        if element.codes is not None:
            bindings.check_code(value, element.codes, place, visit)
        if element.kind == "xhtml":
            narrative.check_narrative(value, place, visit)
        self.owe(value, element, place)
