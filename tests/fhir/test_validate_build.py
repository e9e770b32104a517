"""The condensing of HL7's definitions, on definitions small enough to see through."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from clinic.fhir.gate.build import Definitions, expand, main

COLOURS = {"red": [{"code": "ruby"}], "blue": []}


def colours() -> Definitions:
    """A code system with two roots; navy names its parent as a property, as version 3 systems do."""
    concepts: list[dict[str, Any]] = [{"code": code, "concept": inner} for code, inner in COLOURS.items()]
    concepts.append({"code": "navy", "property": [{"code": "parent", "valueCode": "blue"}]})
    return Definitions(code_systems={"urn:colours": {"content": "complete", "concept": concepts}})


def expanded(*includes: dict[str, Any], **more: Any) -> dict[str, list[str]] | None:
    definitions = colours()
    definitions.value_sets["urn:all"] = {"compose": {"include": [{"system": "urn:colours"}]}}
    definitions.value_sets["urn:set"] = {"compose": {"include": list(includes), **more}}
    return expand(definitions, "urn:set|4.0.1")


def a_filter(op: str, value: str) -> dict[str, Any]:
    return {"system": "urn:colours", "filter": [{"property": "concept", "op": op, "value": value}]}


@pytest.mark.parametrize(
    ("include", "codes"),
    [
        ({"system": "urn:colours"}, ["red", "ruby", "blue", "navy"]),
        ({"system": "urn:colours", "concept": [{"code": "red"}]}, ["red"]),
        (a_filter("is-a", "red"), ["red", "ruby"]),
        (a_filter("descendent-of", "blue"), ["navy"]),
        ({"valueSet": ["urn:all"]}, ["red", "ruby", "blue", "navy"]),
    ],
)
def test_a_value_set_is_expanded_to_the_codes_it_names(include: dict[str, Any], codes: list[str]) -> None:
    assert expanded(include) == {"urn:colours": codes}


@pytest.mark.parametrize(
    "include",
    [
        {"system": "http://snomed.info/sct"},
        {"valueSet": ["urn:unknown"]},
        {"valueSet": ["urn:all"], "system": "urn:colours"},
        a_filter("regex", "r.*"),
    ],
)
def test_what_cannot_be_told_in_full_is_not_bound(include: dict[str, Any]) -> None:
    assert expanded(include) is None


def test_a_set_that_leaves_codes_out_is_not_bound() -> None:
    assert expanded({"system": "urn:colours"}, exclude=[{"system": "urn:colours"}]) is None


def test_the_files_are_written_from_the_gzipped_definitions(tmp_path: Path) -> None:
    structure = {
        "resourceType": "StructureDefinition",
        "url": "http://hl7.org/fhir/StructureDefinition/Basic",
        "type": "Basic",
        "kind": "resource",
        "derivation": "specialization",
        "snapshot": {
            "element": [
                {"path": "Basic", "min": 0, "max": "*"},
                {"path": "Basic.note", "min": 1, "max": "*", "type": [{"code": "string"}]},
            ]
        },
    }
    source = tmp_path / "definitions.ndjson.gz"
    source.write_bytes(gzip.compress(json.dumps(structure).encode()))
    main(str(source), str(tmp_path))
    assert json.loads((tmp_path / "r4-structure.ndjson").read_text()) == {
        "type": "Basic",
        "kind": "resource",
        "nodes": {"Basic": {"elements": {"note": {"types": [["string"]], "min": 1, "max": "*"}}}},
    }
