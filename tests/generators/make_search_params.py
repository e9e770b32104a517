"""Make clinic/fhir/data/search_params.json from the official FHIR R4 definitions.

    python tests/generators/make_search_params.py ../shared/fhir-check/defs/r4-4.0.1.ndjson.gz

The definitions are HL7's (CC0). Expressions are turned into the store's plain paths: choice elements by
their concrete names, `where(resolve() is Patient)` as `subject:Patient`, alternatives joined by `|`.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[2] / "clinic" / "fhir" / "data" / "search_params.json"
Params = dict[str, dict[str, list[Any]]]
KINDS = {"token", "string", "date", "reference", "quantity", "uri", "number"}
CHOICES = {
    "date": ("date", "dateTime", "instant", "Period", "Timing"),
    "token": ("boolean", "code", "Coding", "CodeableConcept", "Identifier", "ContactPoint", "string"),
    "string": ("string", "markdown", "CodeableConcept"),
    "reference": ("Reference", "canonical", "uri"),
    "quantity": ("Quantity", "Age", "Duration", "Money", "Range", "SampledData", "Count", "Distance"),
    "uri": ("uri", "url", "canonical"),
    "number": ("integer", "decimal", "positiveInt", "unsignedInt"),
}
LEFT_OUT = {"phonetic", "_content", "_text", "_query", "_type"}
STEP = re.compile(r"where\([^()]*(?:\(\)[^()]*)?\)|as\((\w+)\)|ofType\((\w+)\)|\w+")


def load(path: str) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]], dict[str, Any]]:
    """Read search parameters, element tables by type name, and the patient compartment."""
    found, elements, compartment = [], {}, {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            kind = item["resourceType"]
            if kind == "SearchParameter" and item.get("base") and item.get("expression"):
                found.append(item)
            elif kind == "StructureDefinition" and item.get("derivation") != "constraint" and "snapshot" in item:
                elements[item["type"]] = {"sd": item, "by": {e["path"]: e for e in item["snapshot"]["element"]}}
            elif kind == "CompartmentDefinition" and item["id"] == "patient":
                compartment = item
    return found, elements, compartment


def descend(
    elements: dict[str, Any], where: tuple[str, str], name: str, wanted: tuple[str, ...]
) -> list[tuple[str, tuple[str, str]]]:
    """Concrete JSON names of one step, each with the place (type, element path) it leads to."""
    holder, path = where
    table = elements[holder]["by"]
    plain = table.get(f"{path}.{name}")
    if plain is not None:
        code = plain.get("type", [{}])[0].get("code", "")
        if "contentReference" in plain:
            return [(name, (holder, plain["contentReference"].split("#")[1]))]
        if code in ("BackboneElement", "Element", ""):
            return [(name, (holder, f"{path}.{name}"))]
        return [(name, (code, code))]
    choice = table.get(f"{path}.{name}[x]")
    if choice is None:
        raise KeyError(f"{path}.{name}")
    codes = [t["code"] for t in choice["type"]]
    return [(name + c[0].upper() + c[1:], (c, c)) for c in codes if c in wanted]


def convert(elements: dict[str, Any], base: str, kind: str, expression: str) -> list[str]:
    """Plain paths of one alternative of an expression."""
    text = (
        expression.strip().removeprefix("(").removesuffix(")")
        if expression.count("(") == 1 and " as " in expression
        else expression.strip()
    )
    text = re.sub(r"\((\S+) as (\w+)\)", r"\1.as(\2)", text)
    text = re.sub(r"^(\S+) as (\w+)$", r"\1.as(\2)", text)
    tokens = [m.group(0) for m in STEP.finditer(text)]
    if tokens and tokens[0] in (base, "Resource", "DomainResource"):
        tokens = tokens[1:]
    paths: list[tuple[str, tuple[str, str]]] = [("", (base, base))]
    for at, token in enumerate(tokens):
        if token.startswith(("as(", "ofType(")):
            continue
        if token.startswith("where(resolve() is"):
            target = token.split(" is ")[1].rstrip(")")
            paths = [(f"{p}:{target}", w) for p, w in paths]
            continue
        if token.startswith("where("):
            key, value = re.fullmatch(r"where\((\w+)='([^']*)'\)", token).groups()  # type: ignore[union-attr]
            paths = [(f"{p}[{key}={value}]", w) for p, w in paths]
            continue
        cast = re.fullmatch(r"(?:as|ofType)\((\w+)\)", tokens[at + 1]) if at + 1 < len(tokens) else None
        wanted = (cast.group(1),) if cast else CHOICES[kind]
        paths = [(f"{p}.{n}".lstrip("."), w2) for p, w in paths for n, w2 in descend(elements, w, token, wanted)]
    return [p for p, _ in paths]


def split(expression: str) -> list[str]:
    """Alternatives of an expression at the bars outside brackets."""
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(expression):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth == 0:
            parts.append(expression[start:at])
            start = at + 1
    return [p.strip() for p in [*parts, expression[start:]]]


def targets(code: str, paths: list[str], item: dict[str, Any]) -> list[str]:
    """The types a reference parameter may point to; none means any."""
    if code == "patient":
        return ["Patient"]
    named = {p.rpartition(":")[2] for p in paths if ":" in p}
    if named and all(":" in p for p in paths):
        return sorted(named)
    found = item.get("target", [])
    return sorted(found) if len(found) < 40 else []


def collect(found: list[dict[str, Any]], elements: dict[str, Any], types: list[str]) -> tuple[Params, list[str]]:
    """The parameters of every type, and the expressions that were left out."""
    out: Params = {t: {} for t in types}
    skipped: list[str] = []
    for item in found:
        if item["type"] not in KINDS or item["code"] in LEFT_OUT or item["url"].endswith("filter"):
            continue
        general = set(item["base"]) & {"Resource", "DomainResource"}
        for base in types if general else [one for one in item["base"] if one in out]:
            paths = paths_of(item, base, elements, skipped)
            if paths:
                out[base][item["code"]] = [
                    item["type"],
                    "|".join(dict.fromkeys(paths)),
                    targets(item["code"], paths, item),
                ]
    for rows in out.values():
        rows.pop("_id", None)
        rows.pop("_lastUpdated", None)
    return out, skipped


def paths_of(item: dict[str, Any], base: str, elements: dict[str, Any], skipped: list[str]) -> list[str]:
    """The plain paths of a parameter for one type."""
    if (base, item["code"]) == ("Patient", "deceased"):
        return ["?deceasedBoolean", "deceasedDateTime"]
    paths: list[str] = []
    for one in split(item["expression"]):
        root = re.match(r"\(?([A-Z]\w+)", one)
        if root and root.group(1) not in (base, "Resource", "DomainResource"):
            continue
        try:
            paths += convert(elements, base, item["type"], one)
        except (KeyError, AttributeError) as problem:
            skipped.append(f"{base}.{item['code']}: {one}: {problem}")
    return paths


def main(source: str) -> None:
    """Write the data file and say what was left out."""
    found, elements, compartment = load(source)
    kinds = {t: e["sd"] for t, e in elements.items()}
    types = sorted(t for t, sd in kinds.items() if sd["kind"] == "resource" and not sd.get("abstract"))
    out, skipped = collect(found, elements, types)
    patient = {r["code"]: r["param"] for r in compartment["resource"] if r.get("param") and r["code"] in out}
    lines = [f"  {json.dumps(t)}: {json.dumps(rows, sort_keys=True, separators=(',', ':'))}" for t, rows in out.items()]
    tail = json.dumps(patient, separators=(",", ":"))
    TARGET.write_text('{"params": {\n' + ",\n".join(lines) + '\n},\n"patient": ' + tail + "}\n")
    print(f"{sum(map(len, out.values()))} parameters of {len(out)} types; {len(skipped)} expressions left out")
    for line in sorted(set(skipped)):
        print("  left out", line)


if __name__ == "__main__":
    main(sys.argv[1])
