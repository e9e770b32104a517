"""JSON Patch (RFC 6902) on a record, decimals kept digit for digit."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from clinic.core.json import Json, canonical, loads
from clinic.fhir_api.errors import Refused

MOST = 500
_NEEDS_VALUE = ("add", "replace", "test")
_NEEDS_FROM = ("move", "copy")


def patched(text: str, operations: Any) -> Json:
    """A record after the operations. Raises Refused: 400 for a bad patch, 422 for one that does not fit."""
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise Refused(400, "A JSON Patch is a list of operations.", "patch")
    if len(operations) > MOST:
        raise Refused(400, f"A patch has at most {MOST} operations.", "patch")
    document: Any = loads(text)
    for at, operation in enumerate(operations):
        document = _apply(document, operation, f"patch[{at}]")
    if not isinstance(document, dict):
        raise Refused(422, "After the patch it would be no record.", "patch")
    return document


def _apply(document: Any, operation: Json, name: str) -> Any:
    kind = operation.get("op")
    if kind not in ("add", "remove", "replace", "move", "copy", "test"):
        raise Refused(400, "op is add, remove, replace, move, copy or test.", f"{name}.op")
    if kind in _NEEDS_VALUE and "value" not in operation:
        raise Refused(400, f"{kind} needs a value.", f"{name}.value")
    path = _pointer(operation.get("path"), f"{name}.path")
    value = deepcopy(operation.get("value"))
    if kind in _NEEDS_FROM:
        source = _pointer(operation.get("from"), f"{name}.from")
        value = deepcopy(_get(document, source, f"{name}.from"))
        if kind == "move":
            if path[: len(source)] == source and path != source:
                raise Refused(422, "A value cannot be moved into itself.", f"{name}.path")
            document = _remove(document, source, f"{name}.from")
    if kind == "test":
        if canonical(_get(document, path, name)) != canonical(value):
            raise Refused(422, "The tested value is another one.", f"{name}.value")
        return document
    if kind in ("remove", "replace"):
        _get(document, path, name)
        document = _remove(document, path, name) if path else None
    return document if kind == "remove" else _add(document, path, value, name)


def _pointer(text: Any, name: str) -> list[str]:
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise Refused(400, "A path is a text such as /name/0/family.", name)
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _get(document: Any, path: list[str], name: str) -> Any:
    for part in path:
        if isinstance(document, list):
            document = document[_index(document, part, name, 0)]
        elif isinstance(document, dict) and part in document:
            document = document[part]
        else:
            raise _nothing(path, name)
    return document


def _remove(document: Any, path: list[str], name: str) -> Any:
    if not path:
        return None
    parent = _get(document, path[:-1], name)
    if isinstance(parent, list):
        del parent[_index(parent, path[-1], name, 0)]
    elif isinstance(parent, dict) and path[-1] in parent:
        del parent[path[-1]]
    else:
        raise _nothing(path, name)
    return document


def _add(document: Any, path: list[str], value: Any, name: str) -> Any:
    if not path:
        return value
    parent = _get(document, path[:-1], name)
    if isinstance(parent, list):
        at = len(parent) if path[-1] == "-" else _index(parent, path[-1], name, 1)
        parent.insert(at, value)
    elif isinstance(parent, dict):
        parent[path[-1]] = value
    else:
        raise _nothing(path, name)
    return document


def _index(items: list[Any], part: str, name: str, extra: int) -> int:
    plain = part.isascii() and part.isdigit() and len(part) < 8 and (part == "0" or part[0] != "0")
    if not plain or int(part) >= len(items) + extra:
        raise Refused(422, f"The list has no place {part[:20]}.", name)
    return int(part)


def _nothing(path: list[str], name: str) -> Refused:
    return Refused(422, f"There is nothing at /{'/'.join(path)[:100]}.", name)
