"""The walk through a resource: every key known, every value of its JSON type, nothing empty, nothing missing."""

from __future__ import annotations

from typing import Any

from clinic.core.json import Json
from clinic.fhir.gate import bindings, bundles, contained, extensions, narrative, references
from clinic.fhir.gate.definitions import Element, Node, is_resource, node, resource_types
from clinic.fhir.gate.primitives import quoted
from clinic.fhir.gate.visit import DEEPEST, MOST_ELEMENTS, Duty, Scope, Visit


def walk_resource(value: Any, place: str, visit: Visit, *, root: Json | None = None) -> None:
    """Walk one resource; `root` is the resource that contains it."""
    if type(value) is not dict:
        visit.say("structure", place or "$this", "must be a resource (a JSON object).")
        return
    kind = value.get("resourceType")
    if type(kind) is not str or kind not in resource_types():
        visit.say("not-supported", place or "$this", f"The resource type {quoted(kind)} is not one of FHIR R4.")
        return
    place = place or kind
    scope = Scope(value, root or value)
    _walk_node(value, node(kind), place, scope, visit)
    references.check_contained(scope, visit)
    if root is None:
        contained.check_containment(value, place, visit)
    if kind == "Bundle":
        bundles.check_bundle(value, place, visit)


def _walk_node(value: Any, shape: Node, place: str, scope: Scope, visit: Visit) -> None:
    if type(value) is not dict:
        visit.say("structure", place, f"must be an object, not {quoted(value)}.")
        return
    visit.elements += len(value)
    if visit.depth >= DEEPEST or visit.elements > MOST_ELEMENTS:
        _too_much(place, visit)
        return
    visit.depth += 1
    for key in value:
        _walk_key(value, key, shape, place, scope, visit)
    visit.depth -= 1
    _whole(value, shape, place, visit)
    for rule in shape.rules:
        visit.duties.append(Duty(rule, value, shape.path, place, scope))


def _too_much(place: str, visit: Visit) -> None:
    if not any(issue.code == "too-costly" for issue in visit.issues):
        visit.say("too-costly", place, f"is nested deeper than {DEEPEST} objects or the record is too large.")


def _whole(value: Json, shape: Node, place: str, visit: Visit) -> None:
    """What only shows on the object as a whole: emptiness, missing elements, two of one choice."""
    if not value or (len(value) == 1 and "id" in value):
        visit.say("structure", place, "is empty; leave the element out instead.")
    for name, keys in shape.required:
        if not any(key in value or f"_{key}" in value for key in keys):
            visit.say("required", f"{place}.{name}", "is missing.")
    for name, keys in shape.choices:
        given = [key for key in keys if key in value or f"_{key}" in value]
        if len(given) > 1:
            visit.say("structure", f"{place}.{name}", f"may be given once, not as {' and '.join(given)}.")


def _walk_key(value: Json, key: str, shape: Node, place: str, scope: Scope, visit: Visit) -> None:
    element = shape.elements.get(key)
    if element is not None:
        if element.check is not None:
            _walk_primitive(value, key, element, f"{place}.{key}", scope, visit)
        else:
            _walk_complex(value[key], element, f"{place}.{key}", scope, visit)
        return
    if key.startswith("_"):
        element = shape.elements.get(key[1:])
        if element is not None and element.check is not None:
            if key[1:] not in value:
                _walk_primitive(value, key[1:], element, f"{place}.{key[1:]}", scope, visit)
            return
    if key != "resourceType" or value is not scope.resource:
        visit.say("structure", f"{place}.{key}"[:500], f"There is no element {quoted(key)} in {shape.path}.")


def _walk_complex(value: Any, element: Element, place: str, scope: Scope, visit: Visit) -> None:
    if not element.many:
        _walk_object(value, element, place, scope, visit)
        return
    if not _is_list(value, element, place, visit):
        return
    for index, inner in enumerate(value):
        _walk_object(inner, element, f"{place}[{index}]", scope, visit)


def _is_list(value: Any, element: Element, place: str, visit: Visit) -> bool:
    if type(value) is not list:
        visit.say("structure", place, "must be a list (a JSON array).")
    elif not value:
        visit.say("structure", place, "is an empty list; leave the element out instead.")
    elif element.most is not None and len(value) > element.most:
        visit.say("structure", place, f"may be given {element.most} times, not {len(value)}.")
    else:
        return True
    return False


def _walk_object(value: Any, element: Element, place: str, scope: Scope, visit: Visit) -> None:
    if value is None:
        visit.say("structure", place, "is null; leave the element out instead.")
        return
    if is_resource(element.kind):
        _walk_inner_resource(value, place, scope, visit)
        return
    _walk_node(value, node(element.node), place, scope, visit)
    if type(value) is not dict:
        return
    if element.codes is not None:
        bindings.check_coded(value, element, place, visit)
    if element.kind == "Reference":
        references.check_reference(value, element, place, scope, visit)
    elif element.kind == "Extension":
        extensions.check_extension(value, place, visit)
    for rule in element.rules:
        visit.duties.append(Duty(rule, value, element.kind, place, scope))


def _walk_inner_resource(value: Any, place: str, scope: Scope, visit: Visit) -> None:
    """A contained resource shares its container's references; one in a bundle or parameter stands alone."""
    visit.depth += 1
    if visit.depth > DEEPEST:
        _too_much(place, visit)
    else:
        alone = scope.resource.get("resourceType") in {"Bundle", "Parameters"}
        walk_resource(value, place, visit, root=None if alone else scope.root)
    visit.depth -= 1


def _walk_primitive(value: Json, key: str, element: Element, place: str, scope: Scope, visit: Visit) -> None:
    if not element.many:
        if key in value and value[key] is None:
            visit.say("structure", place, "is null; leave the element out instead.")
        else:
            _primitive(value.get(key), value.get(f"_{key}"), element, place, scope, visit)
        if f"_{key}" in value and value[f"_{key}"] is None:
            visit.say("structure", place, "has a null extension; leave it out instead.")
        return
    given = value.get(key)
    extra = value.get(f"_{key}")
    for part, name in ((given, key), (extra, f"_{key}")):
        if name in value and not _is_list(part, element, place, visit):
            return
    if given is not None and extra is not None and len(given) != len(extra):
        visit.say("structure", place, f"has {len(given)} values and {len(extra)} entries in _{key}; fill with null.")
        return
    length = len(given if given is not None else extra)
    values = given if given is not None else [None] * length
    extras = extra if extra is not None else [None] * length
    for index in range(length):
        _listed(values[index], extras[index], element, f"{place}[{index}]", scope, visit)


def _listed(value: Any, extra: Any, element: Element, place: str, scope: Scope, visit: Visit) -> None:
    if value is None and extra is None:
        visit.say("structure", place, "is null and has no extension; leave it out instead.")
    else:
        _primitive(value, extra, element, place, scope, visit)


def _primitive(value: Any, extra: Any, element: Element, place: str, scope: Scope, visit: Visit) -> None:
    visit.elements += 1
    if extra is not None:
        _walk_node(extra, node("Element"), place, scope, visit)
    if value is None or element.check is None:
        return
    fault = element.check(value)
    if fault:
        visit.say("value", place, fault)
        return
    if element.longest is not None and len(value) > element.longest:
        visit.say("too-long", place, f"is longer than {element.longest} characters.")
    if element.codes is not None:
        bindings.check_code(value, element, place, visit)
    if element.kind == "xhtml":
        narrative.check_narrative(value, place, visit)
    for rule in element.rules:
        visit.duties.append(Duty(rule, value, element.kind, place, scope))
