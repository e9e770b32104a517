"""The gate against the real world: official examples, US Core, Synthea and real questionnaires."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from clinic.core.json import dumps, loads
from clinic.fhir.gate.build import build
from clinic.fhir.gate.definitions import DATA
from clinic.fhir.typed import typed
from clinic.fhir.validate import check, check_tolerant

SHARED = Path(__file__).resolve().parents[2].parent / "shared"

INVALID_BY_THE_SPECIFICATION = {
    "Bundle-10bb101f-a121-4264-a920-67be9cb82c74.json": "Bundle.entry[2].fullUrl",
    "Bundle-3a0707d3-549e-4467-b8b8-5a2ab3800efe.json": "Bundle.entry[3].fullUrl",
    "Bundle-lri-example.json": "Bundle.entry[1].fullUrl",
    "Questionnaire-qs1.json": "Questionnaire.item[0].item[0].linkId",
    "Questionnaire-zika-virus-exposure-assessment.json": "Questionnaire.text.div",
}
US_CORE_INVALID = {
    "us-core-610": {
        "Bundle-66c8856b-ba11-4876-8aa8-467aad8c11a2.json": "Bundle.entry[2].fullUrl",
        "Bundle-docref-example-2.json": "Bundle.entry[2].fullUrl",
    },
    "us-core-700": {},
}
FAULTY_QUESTIONNAIRES = {"lforms-enableWhen-test.R4.json", "lforms-phq9.json"}


def examples(name: str) -> list[tuple[str, Any]]:
    folder = SHARED / "examples" / name
    if not folder.is_dir():
        pytest.skip(f"the examples folder {folder} is absent, so this test has nothing to run against")
    return [(path.name, loads(path.read_bytes())) for path in sorted(folder.glob("*.json"))]


def refused(found: list[tuple[str, Any]]) -> dict[str, str]:
    answers = {}
    for name, resource in found:
        faults = [issue.expression for issue in check(resource) if issue.severity == "error"]
        if faults:
            answers[name] = faults[0]
    return answers


def test_exactly_the_five_official_examples_that_break_the_specification_are_refused() -> None:
    found = examples("hl7-r4")
    assert len(found) == 255
    assert refused(found) == INVALID_BY_THE_SPECIFICATION


@pytest.mark.parametrize(("folder", "count"), [("us-core-610", 183), ("us-core-700", 214)])
def test_us_core_examples_pass_but_for_two_bundles_with_wrong_addresses(folder: str, count: int) -> None:
    found = examples(folder)
    assert len(found) == count
    assert refused(found) == US_CORE_INVALID[folder]


def test_no_resource_of_the_synthetic_patients_is_refused() -> None:
    folder = SHARED / "examples" / "synthea"
    if not folder.is_dir():
        pytest.skip(f"the examples folder {folder} is absent, so this test has nothing to run against")
    count = 0
    for path in sorted(folder.glob("*.json.gz"))[::4]:
        for entry in loads(gzip.decompress(path.read_bytes()))["entry"]:
            assert [issue for issue in check(entry["resource"]) if issue.severity == "error"] == [], path.name
            count += 1
    assert count > 1_000


def test_real_questionnaires_are_read_tolerantly_and_their_faults_listed() -> None:
    found = examples("questionnaires")
    assert len(found) == 12
    assert set(refused(found)) == FAULTY_QUESTIONNAIRES
    for name, form in found:
        faults = check_tolerant(form)
        assert {fault.severity for fault in faults} <= {"warning"}
        assert (name in FAULTY_QUESTIONNAIRES) <= bool(faults)


@pytest.mark.parametrize("folder", ["hl7-r4", "us-core-700"])
def test_examples_leave_with_the_digits_they_came_with_and_can_be_read_as_models(folder: str) -> None:
    for name, resource in examples(folder):
        before = dumps(resource)
        if name not in INVALID_BY_THE_SPECIFICATION:
            check(resource)
            typed(resource)
        assert dumps(resource) == before
        assert loads(before) == resource


@pytest.mark.slow
def test_the_data_files_are_what_the_published_definitions_say() -> None:
    source = SHARED / "fhir-check" / "defs" / "r4-4.0.1.ndjson.gz"
    if not source.is_file():
        pytest.skip(f"the published definitions {source} are absent, so this test has nothing to compare with")
    for name, text in build(source).items():
        assert (DATA / name).read_text(encoding="utf-8") == text, f"{name} differs; run clinic.fhir.gate.build"
