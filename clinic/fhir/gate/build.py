"""Condenses HL7's published R4 definitions into the four small files that the gate reads.

    python -m clinic.fhir.gate.build r4-4.0.1.ndjson.gz clinic/fhir/data

The input holds the official StructureDefinition, ValueSet and CodeSystem resources, one a line; HL7 publishes
them as CC0. The output is committed, so this runs only when the definitions change; a test compares the two.
"""

from __future__ import annotations

import gzip
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from babel.core import get_global

Definition = dict[str, Any]
Codes = dict[str, list[str]]
CodeSets = dict[str, Codes]
Rules = dict[str, dict[str, str]]

PROFILE = "http://hl7.org/fhir/StructureDefinition/"
HAND_WRITTEN = {"ele-1", "ext-1", "dom-2", "dom-3", "dom-4", "dom-5", "dom-6", "txt-1", "txt-2", "ref-1"}
"""Invariants that the walk itself checks; dom-6 (a narrative is good practice) is never said."""

ANY_TYPE = 40
"""An extension whose value may have this many types may hold anything."""


@dataclass
class Definitions:
    """The published resources by address."""

    structures: dict[str, Definition] = field(default_factory=dict)
    profiles: dict[str, Definition] = field(default_factory=dict)
    value_sets: dict[str, Definition] = field(default_factory=dict)
    code_systems: dict[str, Definition] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Definitions:
        """Read the gzipped file, one resource a line."""
        found = cls()
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                resource = json.loads(line)
                found._keep(resource)
        return found

    def _keep(self, resource: Definition) -> None:
        kind = resource["resourceType"]
        if kind == "ValueSet":
            self.value_sets[resource["url"]] = resource
        elif kind == "CodeSystem":
            self.code_systems[resource["url"]] = resource
        elif kind == "StructureDefinition":
            self.profiles[resource["url"]] = resource
            base = resource.get("derivation") != "constraint" and resource["kind"] != "logical"
            if base and resource["url"] == PROFILE + resource["type"]:
                self.structures[resource["type"]] = resource


def build(source: Path) -> dict[str, str]:
    """Give the text of each data file by its name."""
    definitions = Definitions.read(source)
    rules: Rules = {}
    codes: CodeSets = {}
    lines = []
    for name in sorted(definitions.structures):
        structure = definitions.structures[name]
        if structure["kind"] != "primitive-type":
            lines.append(_line(_structure(definitions, structure, rules, codes)))
    extensions = {
        url: _extension(definitions, profile, codes)
        for url, profile in definitions.profiles.items()
        if profile["type"] == "Extension" and profile.get("derivation") == "constraint"
    }
    return {
        "r4-extensions.json": _entries(extensions),
        "r4-structure.ndjson": "".join(lines),
        "r4-codes.json": _entries(codes),
        "r4-invariants.json": _entries(rules),
    }


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _entries(values: dict[str, Any]) -> str:
    """Write one entry a line, so that a change shows as a change of one line."""
    return "{\n" + ",\n".join(f"{json.dumps(k)}:{_line(values[k]).strip()}" for k in sorted(values)) + "\n}\n"


def _structure(definitions: Definitions, structure: Definition, rules: Rules, codes: CodeSets) -> Definition:
    nodes: dict[str, Definition] = {}
    for element in structure["snapshot"]["element"]:
        path: str = element["path"]
        keys = _rules_of(element, structure["type"], rules)
        parent, _, name = path.rpartition(".")
        if parent and element["max"] != "0":
            entry = _element(definitions, structure, element, codes)
            if keys and entry["types"][0][0] not in {"", "BackboneElement", "Element"}:
                entry["rules"] = keys
                keys = []
            nodes.setdefault(parent, {"elements": {}})["elements"][name] = entry
        if keys:
            nodes.setdefault(path, {"elements": {}})["rules"] = keys
    made = {"type": structure["type"], "kind": structure["kind"], "nodes": nodes}
    return made | ({"abstract": True} if structure.get("abstract") else {})


def _rules_of(element: Definition, owner: str, rules: Rules) -> list[str]:
    keys = []
    for rule in element.get("constraint", ()):
        key = rule["key"]
        if key in HAND_WRITTEN or "expression" not in rule:
            continue
        if key.startswith("inv-"):  # HL7 uses these keys for several rules
            key = f"{owner}-{key}"
        keys.append(key)
        rules[key] = {
            "severity": rule["severity"],
            "expression": rule["expression"],
            "human": " ".join(rule["human"].split()),
        }
    return keys


def _element(definitions: Definitions, structure: Definition, element: Definition, codes: CodeSets) -> Definition:
    entry: Definition = {"types": _types(definitions, structure, element)}
    if element["min"]:
        entry["min"] = element["min"]
    if element["max"] != "1":  # always "*" in R4
        entry["max"] = element["max"]
    binding = element.get("binding", {})
    if binding.get("strength") == "required" and "valueSet" in binding:
        url = binding["valueSet"].split("|")[0]
        found = {"mime": []} if url.endswith("/ValueSet/mimetypes") else expand(definitions, url)
        if found is not None:
            codes[url.rpartition("/")[2]] = found
            entry["codes"] = url.rpartition("/")[2]
    return entry


def _extension(definitions: Definitions, profile: Definition, codes: CodeSets) -> Definition:
    """What HL7's own extensions hold: the types of their value, or their parts by name."""
    elements = {element["id"]: element for element in profile["snapshot"]["element"]}
    entry = _held(definitions, profile, elements["Extension.value[x]"], codes)
    parts = {
        element["sliceName"]: {"min": element["min"], "max": element["max"]}
        | _held(definitions, profile, elements[f"{name}.value[x]"], codes)
        for name, element in elements.items()
        if name.startswith("Extension.extension:") and name.count(".") == 1
    }
    return entry | ({"parts": parts} if parts else {})


def _held(definitions: Definitions, profile: Definition, value: Definition, codes: CodeSets) -> Definition:
    if value["max"] == "0":
        return {"values": []}
    made = _element(definitions, profile, value, codes)
    names = [kind[0][:1].upper() + kind[0][1:] for kind in made.pop("types")]
    kept = {key: made[key] for key in ("codes",) if key in made}
    return kept | ({"values": names} if len(names) < ANY_TYPE else {})


def _types(definitions: Definitions, structure: Definition, element: Definition) -> list[list[Any]]:
    if "contentReference" in element:
        return [["", element["contentReference"].partition("#")[2]]]
    found: list[list[Any]] = []
    for kind in element["type"]:
        code = kind["code"]
        if code.startswith("http://hl7.org/fhirpath/"):
            code = next((e.get("valueUrl") or e["valueUri"] for e in kind.get("extension", ())), "string")
            code = "id" if element["path"].count(".") == 1 and structure["kind"] == "resource" else code
        targets = kind.get("targetProfile", []) if code == "Reference" else []
        names = sorted({definitions.profiles[url]["type"] for url in targets})
        found.append([code] if not names or "Resource" in names else [code, names])
    return found


def expand(definitions: Definitions, url: str) -> Codes | None:
    """List the codes of a value set by system, or None when its content is not published (UCUM, SNOMED)."""
    value_set = definitions.value_sets.get(url.partition("|")[0], {})
    compose = value_set.get("compose")
    if not compose or "exclude" in compose:
        return None
    codes: dict[str, dict[str, None]] = {}
    for include in compose["include"]:
        part = _included(definitions, include)
        if part is None:
            return None
        for system, names in part.items():
            codes.setdefault(system, {}).update(dict.fromkeys(names))
    return {system: list(names) for system, names in codes.items()}


def _included(definitions: Definitions, include: Definition) -> Codes | None:
    if "valueSet" in include:
        if "system" in include or len(include["valueSet"]) != 1:
            return None
        return expand(definitions, include["valueSet"][0])
    system = include["system"]
    if "concept" in include:
        return {system: [concept["code"] for concept in include["concept"]]}
    if system == "urn:iso:std:iso:4217":
        return {system: _currencies_in_use()}
    listed = definitions.code_systems.get(system, {})
    if listed.get("content") != "complete" or "concept" not in listed:
        return None
    codes = _filtered(listed["concept"], include.get("filter", []))
    return None if codes is None else {system: codes}


def _filtered(concepts: list[Definition], filters: list[Definition]) -> list[str] | None:
    if not filters:
        return [concept["code"] for concept, _ in _concepts(concepts, ())]
    if len(filters) > 1 or filters[0]["op"] not in {"is-a", "descendent-of"}:
        return None
    return _beneath(concepts, filters[0]["value"], with_root=filters[0]["op"] == "is-a")


def _currencies_in_use() -> list[str]:
    """ISO 4217 is not published with FHIR; the Unicode data know which currencies some country uses today."""
    used = (entry for entries in get_global("territory_currencies").values() for entry in entries)
    return sorted({str(code) for code, _, end, _ in used if end is None})


def _concepts(concepts: list[Definition], above: tuple[str, ...]) -> list[tuple[Definition, tuple[str, ...]]]:
    found = []
    for concept in concepts:
        found.append((concept, above))
        found += _concepts(concept.get("concept", []), (*above, concept["code"]))
    return found


def _beneath(concepts: list[Definition], root: str, *, with_root: bool) -> list[str]:
    inside = {root}
    everything = _concepts(concepts, ())
    grew = True
    while grew:  # version 3 code systems name parents as properties, in any order
        more = {
            concept["code"]
            for concept, above in everything
            if inside.intersection(above)
            or any(p["code"] == "parent" and p.get("valueCode") in inside for p in concept.get("property", ()))
        }
        grew = not more <= inside
        inside |= more
    return [c["code"] for c, _ in everything if c["code"] in inside and (with_root or c["code"] != root)]


def main(source: str, folder: str) -> None:
    """Write the data files into the folder."""
    for name, text in build(Path(source)).items():
        Path(folder, name).write_text(text, encoding="utf-8")


if __name__ == "__main__":  # pragma: no cover - the tests call main
    main(*sys.argv[1:])
