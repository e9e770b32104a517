"""References inside a bundle: addresses of its entries become the records they turn into."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from clinic.core.json import Json

CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)", re.DOTALL)


def replaced(value: Any, known: Mapping[str, str]) -> Any:
    """A copy in which every text that is an entry's address is the reference to its record.

    An address that is a URL is replaced in `reference` elements only; a `urn:` wherever it stands.
    """
    if isinstance(value, dict):
        return {key: _text(key, inner, known) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, known) for inner in value]
    return value


def _text(key: str, value: Any, known: Mapping[str, str]) -> Any:
    if not isinstance(value, str):
        if isinstance(value, list):
            return [_text(key, inner, known) for inner in value]
        return replaced(value, known)
    if value.startswith(("urn:uuid:", "urn:oid:")) and key not in ("system", "value"):
        bare, mark, fragment = value.partition("#")
        return known[bare] + mark + fragment if bare in known else value
    return known.get(value, value) if key == "reference" else value


def conditional(value: Any) -> Iterator[str]:
    """Every conditional reference (`Patient?identifier=...`) in a resource."""
    for text in texts(value):
        if CONDITIONAL.fullmatch(text):
            yield text


def texts(value: Any) -> Iterator[str]:
    """Every reference text in a resource."""
    if isinstance(value, dict):
        own = value.get("reference")
        if isinstance(own, str):
            yield own
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def each(resource: Json, change: Callable[[str], str]) -> Json:
    """A copy in which every reference text went through a function."""
    known = {text: change(text) for text in texts(resource)}
    changed: Json = replaced(resource, known)
    return changed
