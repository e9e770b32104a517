"""One row of a table: who it is, and writing that person through registration, like anybody at the desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from clinic.core.days import local
from clinic.core.errors import N_, RESTRICTED, ClinicError, Invalid, Restricted
from clinic.core.json import Json
from clinic.core.names import fold
from clinic.core.source import IMPORT, Source
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping.systems import IDENTIFIER_TYPES
from clinic.registration.queries.duplicates import Candidate, likely_duplicates
from clinic.registration.queries.merges import survivor_of
from clinic.registration.queries.own import asked_fields
from clinic.registration.rules.checking import Desk
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service import change_patient, load_details, register_patient
from clinic.registration.service.numbers import holder_of_number
from clinic.transfer.rules.person import Mapping, Row, Said, content_key, filled, read_row, same_mark
from clinic.transfer.service.runs import Run

CLAIM = "import"
OLD_NUMBER = "urn:clinic:old-record:"
CERTAIN = 100

SAME_NUMBER = N_("Same number in the old system: %(number)s")
SAME_IDENTITY = N_("Same identity number")
SAME_ROW = N_("This row was brought in before")
TWICE = N_("The number %(number)s stands on line %(line)s already")
REPEATED = N_("The same row stands on line %(line)s already")
TWIN = N_("Same name and birth date as on line %(line)s of this file")


@dataclass(frozen=True)
class Verdict:
    """Who a row is: new, same (on file already, nothing to add), known (certainly on file), likely, twin (as another
    row of the file), fault.
    """

    verdict: str
    key: str = ""
    same: str = ""
    match_id: str = ""
    score: int = 0
    said: tuple[Said, ...] = ()


Earlier = Callable[[str, str], int]
"""The line of this file that had the same key or mark before; 0 when none had. Takes "key" or "same" and the value."""


@dataclass(frozen=True)
class Person:
    """A row as it was read: the person, or what of the row cannot be taken; its key and its mark in the file."""

    row: Row | None
    key: str = ""
    same: str = ""
    said: tuple[Said, ...] = ()


def read_person(store: Store, run: Run, cells: list[str]) -> Person:
    """The person of a row. Nothing is looked up."""
    try:
        row = read_row(cells, run.mapping, desk_for(store))
    except Invalid as fault:
        return Person(None, said=tuple(faults_of(fault)))
    return Person(row, row.key or content_key(cells), same_mark(row.details))


def judge(store: Store, run: Run, person: Person, earlier: Earlier) -> Verdict:
    """Who the person of a row is. Nothing is written."""
    row, key = person.row, person.key
    if row is None:
        return Verdict("fault", said=person.said)
    found = Verdict("new", key, person.same, said=row.remarks)
    before = earlier("key", key)
    if before:
        said = Said(TWICE, {"number": row.key, "line": before}) if row.key else Said(REPEATED, {"line": before})
        return Verdict("fault", said=(said,))
    try:
        known = _certain(store, run, row, key)
        return _on_file(store, run, row, found, known) if known else _perhaps(store, row, found, earlier)
    except Restricted as closed:
        return replace(found, verdict="known", match_id=closed.patient_id, score=CERTAIN, said=(Said(RESTRICTED),))


def _perhaps(store: Store, row: Row, found: Verdict, earlier: Earlier) -> Verdict:
    """Somebody who may be of this file or on file already, else a new person."""
    before = earlier("same", found.same)
    if before:
        said = (Said(TWIN, {"line": before}), *row.remarks)
        return replace(found, verdict="twin", match_id=f"#{before}", said=said)
    likely = likely_duplicates(store, row.details, limit=1)
    if not likely:
        return found
    closed = store.is_closed(likely[0].id)
    why = (Said(RESTRICTED),) if closed else _reasons(likely[0])
    score = 0 if closed else likely[0].score
    return replace(found, verdict="likely", match_id=likely[0].id, score=score, said=(*why, *row.remarks))


def write(store: Store, run: Run, cells: list[str], match_id: str) -> str:
    """Make the person of a row, or with `match_id` fill what is empty of somebody on file; gives the patient's id.

    Raises what registering raises. The row's claim makes it once, whatever happens in between.
    """
    row = read_row(cells, run.mapping, desk_for(store))
    key = claim_key(run.source, row.key or content_key(cells))
    old = _old_numbers(run.source, row.key)
    with told(store, run):
        if match_id:
            known = load_details(store, match_id)
            patient = change_patient(store, match_id, filled(known, row.details), identifiers=old)
        else:
            patient = register_patient(store, row.details, identifiers=old)
    if store.holder(CLAIM, key) is None:
        store.claim(CLAIM, key, f"Patient/{patient['id']}")
    return str(patient["id"])


def told(store: Store, run: Run) -> AbstractContextManager[None]:
    """Within it, what is written comes from this import."""
    return store.told_by(Source(IMPORT, detail=run.title[:200]))


def desk_for(store: Store) -> Desk:
    """Where a row is read: the practice's country, day and own fields, which an old system need not know."""
    practice = store.practice
    today = local(store.now, practice.zone).date()
    own = store.read_once("own fields of an import", lambda: asked_fields(store))
    return Desk(region_of(practice.region), today, practice.date_order, own, registering=False)


def claim_key(source: str, key: str) -> str:
    """What makes a row the same from one import to the next: where it comes from, and its number there."""
    return f"{slug(source)}|{key}"[:180]


def slug(source: str) -> str:
    """A source as a part of an address."""
    return "-".join(re.findall(r"[a-z0-9]+", fold(source)))[:40] or "elsewhere"


def current_id(store: Store, patient_id: str) -> str:
    """The patient who has this id, or in whose record it lives on; empty when there is none any more."""
    living = survivor_of(store, patient_id)
    return living if store.find("Patient", living) is not None else ""


def faults_of(fault: ClinicError) -> Iterable[Said]:
    """What an error says, at each field."""
    if not fault.details:
        yield Said(fault.message, _plain(fault.params))
    for detail in fault.details:
        yield Said(detail.msgid, _plain(detail.params)) if detail.msgid else Said(detail.message)


def _certain(store: Store, run: Run, row: Row, key: str) -> tuple[str, Said] | None:
    """The patient who certainly is the one of the row, and why."""
    holder = store.holder(CLAIM, claim_key(run.source, key)) or ""
    patient_id = current_id(store, holder.removeprefix("Patient/")) if holder else ""
    if patient_id:
        return patient_id, Said(SAME_NUMBER, {"number": row.key}) if row.key else Said(SAME_ROW)
    for one in row.details.numbers:
        holder = holder_of_number(store, one)
        if holder:
            return holder, Said(SAME_IDENTITY)
    return None


def _on_file(store: Store, run: Run, row: Row, found: Verdict, known: tuple[str, Said]) -> Verdict:
    patient_id, why = known
    on_file: PatientDetails = load_details(store, patient_id)
    nothing = filled(on_file, row.details) == on_file and _has_old(store, run, patient_id, row.key)
    verdict = "same" if nothing else "known"
    return Verdict(verdict, found.key, found.same, patient_id, CERTAIN, (why, *row.remarks))


def _has_old(store: Store, run: Run, patient_id: str, key: str) -> bool:
    given = [(part.get("system"), part.get("value")) for part in store.read("Patient", patient_id)["identifier"]]
    return not key or (OLD_NUMBER + slug(run.source), key) in given


def _old_numbers(source: str, key: str) -> list[Json]:
    if not key:
        return []
    kind = {"coding": [{"system": IDENTIFIER_TYPES, "code": "MR"}], "text": f"Number in {source or 'the old system'}"}
    return [{"use": "secondary", "type": kind, "system": OLD_NUMBER + slug(source), "value": key}]


def _reasons(candidate: Candidate) -> tuple[Said, ...]:
    return tuple(Said(reason.message, dict(reason.values)) for reason in candidate.reasons)


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else str(value) for name, value in params.items()}


def mapping_faults(mapping: Mapping) -> list[str]:
    """The answers that no column gives, without which nobody can be registered."""
    whole = mapping.used("full_name")
    lacking = [code for code in ("given", "family") if not whole and not mapping.used(code)]
    return lacking + ([] if mapping.used("birth_date") else ["birth_date"])
