"""One value of a FHIR file: a record or a bundle, tried first and then kept, by the interface's own import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import IO, Any

from clinic.core.errors import N_, Invalid
from clinic.fhir.store import Store, Touch
from clinic.fhir_api.importing import ImportReport, Item, items_in, keep_item
from clinic.regions import region_of
from clinic.registration.mapping import details_of
from clinic.registration.queries.duplicates import Candidate, likely_duplicates
from clinic.transfer.rules.analysis import Found, Reading
from clinic.transfer.rules.person import Said
from clinic.transfer.service.people import Verdict, told
from clinic.transfer.service.runs import Run

NOTHING = N_("This file holds no FHIR record: %(reason)s")
_MOST_SAID = 8


def look_at_records(file: IO[bytes], name: str) -> Found:
    """How many records of each type a file holds. Raises Invalid when it holds none."""
    types: Counter[str] = Counter()
    total = faults = 0
    first = ""
    file.seek(0)
    for item in items_in(name.lower(), file):
        total += 1
        found = list(_types(item.value))
        types.update(found)
        if item.fault or not found:
            faults += 1
            first = first or item.fault or "no resourceType"
    if not types:
        raise Invalid(NOTHING, field="file", reason=first or "-")
    return Found(Reading("fhir"), total=total, faults=faults, types=dict(types.most_common(60)))


def records_of(file: IO[bytes], name: str) -> Iterator[tuple[int, list[Any], str]]:
    """(number, value, fault) of every value of a file."""
    for number, item in enumerate(items_in(name.lower(), file), start=1):
        yield number, [item.value], item.fault


def judge_record(store: Store, run: Run, number: int, cells: list[Any]) -> Verdict:
    """What keeping a value would do, tried and taken back."""
    step, touched = store.conn.begin_nested(), len(store.touched)
    report = keep_item(store, _item(run, number, cells))
    made = store.touched[touched:]
    likely = _likely(store, made) if report.created else None
    step.rollback()
    del store.touched[touched:]
    said = tuple(Said(line[:300]) for line in report.lines[:_MOST_SAID])
    if report.refused and not (report.created or report.updated):
        return Verdict("fault", said=said)
    if likely is not None:
        reasons = tuple(Said(reason.message, dict(reason.values)) for reason in likely.reasons)
        return Verdict("likely", match_id=likely.id, score=likely.score, said=(*reasons, *said))
    return Verdict("new" if report.created or report.updated else "same", said=said)


def write_record(store: Store, run: Run, number: int, cells: list[Any]) -> ImportReport:
    """Keep a value; what was refused is in the report."""
    with told(store, run):
        return keep_item(store, _item(run, number, cells))


def _item(run: Run, number: int, cells: list[Any]) -> Item:
    return Item(f"{run.name}:{number}", cells[0] if cells else None)


def _likely(store: Store, made: list[Touch]) -> Candidate | None:
    """Who on file may be one of the patients that were made just now."""
    new = [touch.id for touch in made if touch.action == "C" and touch.type == "Patient"]
    region = region_of(store.practice.region)
    for patient_id in new[:20]:
        details = details_of(store.read("Patient", patient_id), region)
        found = [one for one in likely_duplicates(store, details, but=patient_id, limit=3) if one.id not in new]
        if found:
            return found[0]
    return None


def _types(value: Any) -> Iterator[str]:
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        return
    entries = value.get("entry")
    if value["resourceType"] == "Bundle" and isinstance(entries, list):
        inner = (entry.get("resource") for entry in entries if isinstance(entry, dict))
        records = (one for one in inner if isinstance(one, dict))
        yield from (one["resourceType"] for one in records if isinstance(one.get("resourceType"), str))
    else:
        yield value["resourceType"]
