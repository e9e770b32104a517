"""Parts of a record: `_summary` and `_elements`, marked as such."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import clinic.fhir
from clinic.core.json import Json, dumps, loads
from clinic.fhir_api.errors import Refused

_DATA = Path(clinic.fhir.__file__).parent / "data" / "summary_elements.json"
_SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "Resource encoded in summary mode",
}
_ALWAYS = {"resourceType", "id", "meta"}
SUMMARIES = ("true", "text", "data", "count", "false")


@dataclass(frozen=True)
class Shape:
    """How much of each record is wanted; nothing said gives all of it."""

    summary: str = ""
    elements: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether records go out as they lie in the store."""
        return not self.elements and self.summary in ("", "false", "count")

    def of(self, text: str) -> str:
        """The text of a record in this shape."""
        return text if self.whole else dumps(self._cut(loads(text)))

    def _cut(self, resource: Json) -> Json:
        wanted = self._wanted(resource["resourceType"])
        kept = {key: value for key, value in resource.items() if wanted(key.removeprefix("_"))}
        needed = _contained(resource, kept)
        kept = kept | {"contained": needed} if needed else {k: v for k, v in kept.items() if k != "contained"}
        meta: dict[str, Any] = dict(kept.get("meta", {}))
        tags = [tag for tag in meta.get("tag", ()) if tag.get("code") != "SUBSETTED"]
        meta["tag"] = [*tags, _SUBSETTED]
        return {"resourceType": kept.pop("resourceType"), "id": kept.pop("id", None), **kept, "meta": meta}

    def _wanted(self, type_: str) -> Callable[[str], bool]:
        summary, needed = _elements().get(type_, ((), ()))
        if self.elements:
            return _among({one.split(".")[0].removeprefix(f"{type_}.") for one in self.elements} | set(needed))
        if self.summary == "text":
            return _among({"text", *needed})
        if self.summary == "data":
            return lambda key: key != "text"
        return _among({*summary, *needed})


def _contained(resource: Json, kept: Json) -> list[Json]:
    """The contained resources that what is kept refers to, and those that they refer to."""
    inside = [one for one in resource.get("contained", ()) if isinstance(one, dict)]
    text, found = dumps({key: value for key, value in kept.items() if key != "contained"}), []
    while fresh := [one for one in inside if one not in found and f'"#{one.get("id")}"' in text]:
        found += fresh
        text += dumps(fresh)
    return [one for one in inside if one in found or '"reference":"#"' in dumps(one)]


def _among(names: set[str]) -> Callable[[str], bool]:
    def test(key: str) -> bool:
        choice = any(key.startswith(name) and key[len(name) :][:1].isupper() for name in names)
        return key in _ALWAYS or key in names or choice

    return test


def read_shape(summary: str, elements: str) -> Shape:
    """Read `_summary` and `_elements`. Raises Refused (400)."""
    if summary and summary not in SUMMARIES:
        raise Refused(400, f"_summary is one of {', '.join(SUMMARIES)}.", "_summary")
    names = tuple(one.strip() for one in elements.split(",") if one.strip())
    return Shape(summary, names)


@cache
def _elements() -> dict[str, tuple[list[str], list[str]]]:
    found: dict[str, tuple[list[str], list[str]]] = json.loads(_DATA.read_text("utf-8"))
    return found
