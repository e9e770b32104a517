"""Every example is imported, reads back equal in value, and a second import changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.core.json import canonical, loads
from clinic.fhir.tables import resource
from clinic.fhir.upkeep import verify
from clinic.fhir_api.importing import ImportReport, import_files
from clinic.fhir_api.importing.sources import items_of
from clinic.web.state import State, state_of
from tests.contract.conftest import Live, node
from tests.fhir_api.conftest import Api, token_for

INVALID = {
    "Bundle-10bb101f-a121-4264-a920-67be9cb82c74.json": "fullUrl must end in /Patient/pat2",
    "Bundle-3a0707d3-549e-4467-b8b8-5a2ab3800efe.json": "fullUrl must end in /Patient/pat2",
    "Bundle-lri-example.json": "fullUrl must end in /Observation/gramstain1",
    "Questionnaire-qs1.json": "linkId is missing",
    "Questionnaire-zika-virus-exposure-assessment.json": "txt-2",
}
OPENED = ("transaction", "batch", "collection", "searchset")
Key = tuple[str, str]


def _files(shared: Path, folder: str) -> list[Path]:
    return sorted(path for path in (shared / "examples" / folder).iterdir())


def _rows(state: State) -> list[tuple[Any, ...]]:
    with state.database.read() as conn:
        return [tuple(row) for row in conn.execute(sa.select(resource).order_by(resource.c.type, resource.c.id))]


def _bare(value: dict[str, Any]) -> str:
    meta = {key: inner for key, inner in value.get("meta", {}).items() if key not in ("versionId", "lastUpdated")}
    return canonical({**value, "meta": meta, "id": ""})


def _given(paths: list[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the files say: (text of each record with its links resolved, the record)."""
    for path in paths:
        for item in items_of(path):
            value = item.value
            if value["resourceType"] != "Bundle" or value["type"] not in OPENED:
                yield path.name, value
                continue
            if "id" in value and path.name not in US_CORE_FAULTY:
                yield path.name, value
            text = canonical(value)
            for entry in value.get("entry", ()):
                inner = entry.get("resource", {})
                full = entry.get("fullUrl", "")
                if full.startswith("urn:") and inner.get("resourceType") != "Parameters":
                    id_ = inner.get("id", str(uuid5(NAMESPACE_URL, full)))
                    text = text.replace(f'"reference":"{full}"', f'"reference":"{inner["resourceType"]}/{id_}"')
            yield from ((path.name, entry["resource"]) for entry in loads(text).get("entry", ()) if _is_record(entry))


US_CORE_FAULTY = {"Bundle-66c8856b-ba11-4876-8aa8-467aad8c11a2.json", "Bundle-docref-example-2.json"}


def _is_record(entry: dict[str, Any]) -> bool:
    return "id" in entry.get("resource", {}) and entry["resource"]["resourceType"] != "Parameters"


def _kept(api: Api, types: set[str]) -> dict[Key, str]:
    """Every record of these types as the interface serves it, page by page."""
    kept: dict[Key, str] = {}
    for type_ in sorted(types):
        link: str | None = f"/{type_}?_count=500"
        while link:
            page = loads(api("GET", link).text)
            for entry in page.get("entry", ()):
                kept[type_, entry["resource"]["id"]] = _bare(entry["resource"])
            link = next((one["url"] for one in page["link"] if one["relation"] == "next"), None)
    return kept


def _check(app: Flask, paths: list[Path]) -> tuple[ImportReport, ImportReport]:
    state = state_of(app)
    first = import_files(state, paths)
    before = _rows(state)
    second = import_files(state, paths)
    assert (second.created, second.updated) == (0, 0), second.lines[:20]
    assert _rows(state) == before
    wanted: dict[Key, set[str]] = {}
    for name, record in _given(paths):
        if name not in INVALID and "id" in record:
            wanted.setdefault((record["resourceType"], record["id"]), set()).add(_bare(record))
    kept = _kept(Api(app, token_for(app)), {type_ for type_, _ in wanted})
    differing = [key for key, texts in wanted.items() if kept.get(key) not in texts]
    assert differing == [], [(key, kept.get(key)) for key in differing[:3]]
    with state.database.read() as conn:
        assert list(verify(conn, state.setting.registry, lambda _done, _total: None)) == []
    return first, second


def test_the_official_examples(app: Flask, shared: Path) -> None:
    paths = _files(shared, "hl7-r4")
    report, _ = _check(app, paths)
    assert report.refused == 5
    for name, reason in INVALID.items():
        assert any(line.startswith(name) and "refused" in line and reason in line for line in report.lines), name
    kept = _kept(Api(app, token_for(app)), {"Bundle", "Location", "AuditEvent"})
    assert sum(key[0] == "Bundle" for key in kept) == 29, "a bundle with an id is a record too"
    alone = next(loads(path.read_bytes()) for path in paths if path.name == "Location-2.json")
    assert kept["Location", "2"] == _bare(alone), "a copy in a bundle does not win over the record"
    assert any("Patient/119, which is not here" in line for line in report.lines)


@pytest.mark.parametrize(("folder", "remarks"), [("us-core-610", 2), ("us-core-700", 0)])
def test_the_us_core_examples(app: Flask, shared: Path, folder: str, remarks: int) -> None:
    report, _ = _check(app, _files(shared, folder))
    assert (report.refused, report.noted) == (0, remarks), report.lines


def test_the_questionnaires_are_kept_as_they_came_with_their_faults_told(app: Flask, shared: Path) -> None:
    report, _ = _check(app, _files(shared, "questionnaires"))
    assert (report.created, report.refused, report.noted) == (12, 0, 26)
    assert any('repeats must be true or false without quotation marks, not "true"' in line for line in report.lines)


@pytest.mark.slow
def test_the_synthea_patients(app: Flask, shared: Path) -> None:
    report, _ = _check(app, _files(shared, "synthea"))
    others = [line for line in report.lines if "No such social security number was ever given out" not in line]
    assert (report.refused, others) == (0, []), others[:20]
    assert report.created == 15_652


def test_everything_that_the_server_emits_is_valid(live: Live, shared: Path, fhir_check: Path) -> None:
    paths = _files(shared, "hl7-r4") + _files(shared, "synthea")[:3]
    import_files(state_of(live.app), paths)
    api = Api(live.app, live.token)
    emitted = fhir_check / "emitted.ndjson"
    ana = next(iter(api.ids("/Patient?_has:Observation:patient:status=final&_count=1")))
    asked = [
        ("GET", "/metadata"), ("GET", f"/Patient/{ana}/$everything"), ("GET", "/_history?_count=300"),
        ("GET", f"/Patient/{ana}/_history"), ("GET", "/Encounter?_include=*&_revinclude=Observation:encounter&_count=20"),
        ("GET", "/Nothing"), ("GET", "/Patient/never"), ("GET", "/Patient?birthdate=soon"), ("PUT", "/metadata"),
        ("GET", "/Claim?_summary=true"), ("GET", "/Coverage?_elements=payor"), ("GET", "/Encounter?_summary=text"),
        ("GET", "/Condition?_summary=count"), ("GET", "/Patient?_summary=data"), ("GET", f"/Patient/{ana}/$validate"),
    ]  # fmt: skip
    texts = [api(method, path).text for method, path in asked]
    batch = {"resourceType": "Bundle", "type": "batch", "entry": [
        {"request": {"method": "GET", "url": f"Patient/{ana}"}}, {"request": {"method": "GET", "url": "Patient/never"}},
        {"request": {"method": "PUT", "url": "Group/g"}, "resource": {
            "resourceType": "Group", "id": "g", "type": "person", "actual": True}}]}  # fmt: skip
    texts.append(api("POST", "", batch).text)
    emitted.write_text("\n".join(texts) + "\n", encoding="utf-8")
    files = node(fhir_check, "validate.mjs", str(emitted))
    assert files.returncode == 0, files.stdout[-4000:]
    crawl = node(fhir_check, "validate.mjs", live.base, "--token", live.token, "--quiet")
    assert crawl.returncode == 0, crawl.stdout[-4000:]
    assert " 0 invalid" in crawl.stdout
    assert "SERVER FINDINGS" not in crawl.stdout
