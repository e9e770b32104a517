"""Extensions of FHIR elements."""

from __future__ import annotations

from typing import Any

from clinic.core.json import Json


def extension_value(element: Any, url: str) -> Any:
    """The value of an extension, whatever its type; None without it."""
    for extension in dicts(element.get("extension") if isinstance(element, dict) else None):
        if extension.get("url") == url:
            return next((value for key, value in extension.items() if key.startswith("value")), None)
    return None


def with_extension(element: Json, url: str, name: str, value: Any) -> Json:
    """The element with the extension set, or without it when the value is None."""
    rest = [item for item in dicts(element.get("extension")) if item.get("url") != url]
    if value is not None:
        rest.append({"url": url, name: value})
    bare = {key: item for key, item in element.items() if key != "extension"}
    return bare | {"extension": rest} if rest else bare


def dicts(value: Any) -> list[Json]:
    """The objects of a list; nothing for anything that is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
