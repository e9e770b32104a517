"""Importing files: whole bundles or nothing, the same again changes nothing, every refusal says where and why."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from clinic.core.actor import SYSTEM
from clinic.fhir.store import Store
from clinic.fhir_api.importing import ImportReport, import_files
from clinic.web.state import State
from tests.fhir_api.conftest import a_group, an_observation

ANA = {"resourceType": "Patient", "id": "ana", "name": [{"family": "Doe"}]}


def _bundle(*entries: dict[str, Any], kind: str = "transaction", **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)} | more


def _post(resource: dict[str, Any], full: str = "", **request: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]} | request,
    }
    return made | ({"fullUrl": full} if full else {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    return made


def _write(folder: Path, name: str, *values: Any) -> Path:
    path = folder / name
    text = "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values)
    raw = text.encode()
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def _has(state: State, reference: str) -> dict[str, Any] | None:
    with state.database.read() as conn:
        store = Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())
        return store.find(*reference.split("/"))


def _counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.refused


def test_lines_are_taken_one_by_one_and_refusals_name_the_line(any_state: State, folder: Path) -> None:
    path = _write(
        folder, "mixed.ndjson", ANA, a_group(id="g1"), a_group(id="bad", type="crowd"), "{not json", "", "[1]",
        {"resourceType": "Nothing"}, {"resourceType": "Patient", "id": 5}, a_group(id="g2"), ANA | {"active": True},
    )  # fmt: skip
    report = import_files(any_state, [path])
    assert _counts(report) == (3, 1, 0, 5)
    assert [line.split(": ")[0] for line in report.lines] == [f"mixed.ndjson:{at}" for at in (3, 4, 6, 7, 8)]
    assert 'Group/bad: refused: Group.type is "crowd"' in report.lines[0]
    assert "not json" in report.lines[1].lower()
    assert _has(any_state, "Patient/ana")["active"] is True
    again = import_files(any_state, [path])
    assert _counts(again) == (0, 0, 4, 5)
    assert _has(any_state, "Patient/ana")["meta"]["versionId"] == "2", "the older line does not come back"


def test_a_bundle_goes_in_whole_or_not_at_all(any_state: State, folder: Path) -> None:
    good, bad = _post(ANA), _post(an_observation(status="dreamt"))
    report = import_files(
        any_state, [_write(folder, "half.json", _bundle(good, bad, good | {"resource": a_group(actual=1)}))]
    )
    assert _counts(report) == (0, 0, 0, 1)
    assert all(line.startswith("half.json: refused: entry[") for line in report.lines)
    assert len(report.lines) == 2
    assert _has(any_state, "Patient/ana") is None


def test_links_inside_a_transaction_become_references_with_lasting_ids(any_state: State, folder: Path) -> None:
    full = "urn:uuid:7d5e8a4e-0000-4000-8000-000000000001"
    nameless = {"resourceType": "Patient", "name": [{"family": "Doe"}]}
    bundle = _bundle(_post(an_observation(id="o", subject={"reference": full})), _post(nameless, full))
    path = _write(folder, "linked.json.gz", bundle)
    report = import_files(any_state, [path])
    assert _counts(report) == (2, 0, 0, 0)
    id_ = str(uuid5(NAMESPACE_URL, full))
    assert _has(any_state, f"Patient/{id_}")
    assert _has(any_state, "Observation/o")["subject"]["reference"] == f"Patient/{id_}"
    assert _counts(import_files(any_state, [path])) == (0, 0, 2, 0)


def test_conditions_find_what_is_there(any_state: State, folder: Path) -> None:
    known = ANA | {"identifier": [{"system": "urn:r", "value": "1"}]}
    import_files(any_state, [_write(folder, "a.json", known)])
    fresh = {"resourceType": "Patient", "identifier": [{"system": "urn:r", "value": "1"}], "gender": "other"}
    bundle = _bundle(
        _post(fresh, "urn:uuid:x", ifNoneExist="identifier=urn:r|1"),
        _post(an_observation(id="o1", subject={"reference": "urn:uuid:x"})),
        _post(an_observation(id="o2", subject={"reference": "Patient?identifier=urn:r|1"})),
        {"request": {"method": "DELETE", "url": "Patient/ana"}},
    )  # fmt: skip
    report = import_files(any_state, [_write(folder, "b.json", bundle)])
    assert _counts(report) == (2, 0, 1, 0)
    assert _has(any_state, "Observation/o1")["subject"]["reference"] == "Patient/ana"
    assert _has(any_state, "Observation/o2")["subject"]["reference"] == "Patient/ana"
    assert report.lines == ["b.json: entry[3] left out: DELETE Patient/ana brings no record in"]
    unclear = _bundle(_post(an_observation(subject={"reference": "Patient?identifier=urn:r|none"})))
    refused = import_files(any_state, [_write(folder, "c.json", unclear)])
    assert refused.refused == 1
    assert "matches no record" in refused.lines[0]


def test_what_was_changed_here_is_not_undone_by_the_same_file(any_state: State, folder: Path) -> None:
    path = _write(folder, "a.json", ANA)
    import_files(any_state, [path])
    with any_state.database.write() as conn:
        store = Store(conn, any_state.setting, actor=SYSTEM, now=any_state.clock.now())
        store.update(ANA | {"gender": "other"})
    assert _counts(import_files(any_state, [path])) == (0, 0, 1, 0)
    assert _has(any_state, "Patient/ana")["gender"] == "other"


def test_kinds_of_bundles(state: State, folder: Path) -> None:
    entry = {"fullUrl": "http://e.example.org/Group/g", "resource": a_group(id="g")}
    found = entry | {"search": {"mode": "match"}}
    wrong = {"fullUrl": "http://e.example.org/Group/other", "resource": a_group(id="h"), "search": {"mode": "match"}}
    files = [
        _write(folder, "1.json", _bundle(entry, kind="collection")),
        _write(folder, "2.json", _bundle(found, wrong, kind="searchset", id="answer")),
        _write(
            folder, "3.json", _bundle(entry | {"fullUrl": "http://e.example.org/Group/x"}, kind="collection", id="no")
        ),
    ]
    report = import_files(state, files)
    assert _counts(report) == (2, 0, 1, 1)
    assert any(line.startswith("2.json: the records were taken, the bundle itself not") for line in report.lines)
    assert any(line.startswith("3.json: refused") for line in report.lines)
    assert _has(state, "Group/h")
    assert _has(state, "Bundle/answer") is None


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.json", b""), ("a.json", b"\xff\xfe"), ("a.json.gz", b"not gzip"), ("a.json.gz", gzip.compress(b"{}" * 9, mtime=0)[:-6]),
        ("a.ndjson", b"[" * 100_000), ("a.json", b'{"resourceType":"Bundle","type":"transaction","entry":5}'),
        ("a.json", b'{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"X"}}]}'),
        ("a.json", b'{"resourceType":"Bundle","type":"transaction","entry":[{"resource":5,"request":{}}, null]}'),
        ("a.json", b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":["X"]}}]}'),
        ("a.json", b'{"resourceType":"Bundle"}'), ("a.json", b'{"resourceType":["Bundle"]}'),
        ("a.json", b'{"resourceType":"Patient","name":"\\u0000"}'), ("a.json", b"[[[]]]"), ("a.json", b"null"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read_are_refused_and_nothing_breaks(
    state: State, folder: Path, name: str, raw: bytes
) -> None:
    path = folder / name
    path.write_bytes(raw)
    good = _write(folder, "good.json", ANA)
    report = import_files(state, [path, good])
    assert report.created == 1
    assert report.refused >= (0 if b'"resource":5' in raw else 1), report.lines


def test_progress_counts_files(state: State, folder: Path) -> None:
    told: list[tuple[int, int]] = []
    import_files(
        state, [_write(folder, "a.json", ANA), _write(folder, "b.json", _bundle())], lambda *pair: told.append(pair)
    )
    assert told[-1] == (2, 2)


def test_a_number_that_the_desk_would_refuse_is_kept_with_a_remark(any_state: State, folder: Path) -> None:
    number = {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-12-3456"}
    path = _write(folder, "lines.ndjson", ANA | {"identifier": [number]}, ANA | {"id": "ben", "identifier": [number]})
    report = import_files(any_state, [path])
    assert _counts(report) == (2, 0, 0, 0)
    remarks = [line for line in report.lines if "Patient.identifier[0].value" in line]
    assert len(remarks) == 2
    assert "ever given out" in remarks[0]
    kept = _has(any_state, "Patient/ana")
    assert kept
    assert kept["identifier"] == [number]
    assert _counts(import_files(any_state, [path])) == (0, 0, 2, 0)
