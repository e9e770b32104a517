"""Make clinic/fhir/data/summary_elements.json: which top elements of each type belong to a summary, which must stay.

python tests/generators/make_summary_elements.py ../shared/fhir-check/defs/r4-4.0.1.ndjson.gz
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parents[2] / "clinic" / "fhir" / "data" / "summary_elements.json"


def main(source: str) -> None:
    """Write the data file."""
    found = {}
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            if item["resourceType"] != "StructureDefinition" or item.get("kind") != "resource":
                continue
            if item.get("derivation") == "constraint" or item.get("abstract"):
                continue
            top = [e for e in item["snapshot"]["element"] if e["path"].count(".") == 1]
            name = {e["path"]: e["path"].split(".")[1].removesuffix("[x]") for e in top}
            found[item["type"]] = [
                [name[e["path"]] for e in top if e.get("isSummary")],
                [name[e["path"]] for e in top if e.get("min") or e.get("isModifier")],
            ]
    rows = [f"{json.dumps(t)}:{json.dumps(found[t], separators=(',', ':'))}" for t in sorted(found)]
    TARGET.write_text("{\n" + ",\n".join(rows) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1])
