"""Finding and replacing single parts of a resource, so that everything else of it stays as it came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clinic.core.json import Json

Test = Callable[[Json], bool]


def parts(resource: Json, name: str) -> list[Json]:
    """The parts under a name; none when there are none or they are no list."""
    found = resource.get(name)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def first(resource: Json, name: str, test: Test) -> Json:
    """The first part that passes, or an empty one."""
    return next((part for part in parts(resource, name) if test(part)), {})


def put(resource: Json, name: str, test: Test, part: Json | None) -> None:
    """Replace the first part that passes by another, add it at the end, or with None take it out."""
    kept = list(resource.get(name) or [])
    place = next((i for i, known in enumerate(kept) if isinstance(known, dict) and test(known)), None)
    if place is not None:
        kept[place : place + 1] = [part] if part is not None else []
    elif part is not None:
        kept.append(part)
    if kept:
        resource[name] = kept
    else:
        resource.pop(name, None)


def keep(resource: Json, name: str, value: Any) -> None:
    """Set a value, or take the element away when the value is empty."""
    if value not in ("", None, [], {}):
        resource[name] = value
    else:
        resource.pop(name, None)


def extension(resource: Json, url: str) -> Json:
    """The extension with this address, or an empty one."""
    return first(resource, "extension", lambda part: part.get("url") == url)


def put_extension(resource: Json, url: str, value: Json | None) -> None:
    """Set an extension to `{"valueString": ...}` and the like, or take it away with None."""
    part = None if value is None else {"url": url, **value}
    put(resource, "extension", lambda known: known.get("url") == url, part)


def text(value: Any) -> str:
    """A string as it is, anything else as nothing: imported records hold surprises."""
    return value if isinstance(value, str) else ""


def coded(part: Json, system: str) -> str:
    """The code of a CodeableConcept in one system."""
    return next((text(c.get("code")) for c in parts(part, "coding") if c.get("system") == system), "")
