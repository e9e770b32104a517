"""Searching the audit trail for people: filters as typed, patients and persons by name, lines for a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from clinic.audit.reader import Line, Wanted, search
from clinic.core.csvline import csv_line
from clinic.core.days import day_bounds, local, read_date
from clinic.core.errors import N_, Invalid
from clinic.fhir.store import Store
from clinic.registration.queries.finder import find_patients, people
from clinic.registration.rules.query import read_query

BAD_DATE: Final = N_("This is not a date; write for example 3/9/2027.")
NOBODY: Final = N_("No patient is found by this.")
SEVERAL: Final = N_("Several patients are found by this: give the record number or birth date as well.")
MOST_LINES: Final = 50_000
_CHUNK: Final = 1000
_HEAD: Final = ("when", "person", "role", "action", "outcome", "patient", "what", "network", "reason", "event")


@dataclass(frozen=True)
class Typed:
    """What was typed into the filters."""

    patient: str = ""
    person: str = ""
    verb: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class Shown:
    """A line of the trail with the patient's name."""

    line: Line
    patient: str


def wanted_of(store: Store, typed: Typed) -> Wanted:
    """The filters understood. Raises Invalid beside the field that is not."""
    zone = store.practice.zone
    since, until = _date(store, typed.since, "since"), _date(store, typed.until, "until")
    found = Wanted(person=typed.person.strip(), verb=typed.verb)
    if typed.patient.strip():
        found = replace(found, patient_id=_patient(store, typed.patient.strip()))
    if since:
        found = replace(found, since=day_bounds(since, zone)[0])
    if until:
        found = replace(found, until=day_bounds(until + timedelta(days=1), zone)[0])
    return found


def shown(store: Store, lines: Iterable[Line]) -> list[Shown]:
    """The lines with patients' names; one statement."""
    listed = list(lines)
    names = people(store, sorted({line.patient_id for line in listed if line.patient_id}))
    return [Shown(line, names[line.patient_id].display if line.patient_id in names else "") for line in listed]


def csv_lines(store: Store, wanted: Wanted) -> Iterator[str]:
    """The trail as CSV, newest first, at most fifty thousand lines; text that looks like a formula is neutral."""
    yield csv_line(_HEAD)
    for offset in range(0, MOST_LINES, _CHUNK):
        lines = search(store.conn, wanted, limit=_CHUNK, offset=offset)
        for one in shown(store, lines):
            yield csv_line(_cells(one, store.practice.zone))
        if len(lines) < _CHUNK:
            return


def _cells(one: Shown, zone: str) -> tuple[str, ...]:
    line = one.line
    when = local(line.at, zone).isoformat(" ", "seconds")
    outcome = "done" if line.outcome == "0" else "refused"
    things = "; ".join(line.things)
    return (
        when, line.actor_name, line.role, line.verb, outcome, one.patient, things, line.network, line.note, line.id,
    )  # fmt: skip


def _date(store: Store, text: str, field: str) -> date | None:
    if not text.strip():
        return None
    today = local(store.now, store.practice.zone).date()
    try:
        return read_date(text.strip(), today=today, order=store.practice.date_order)
    except ValueError as error:
        raise Invalid(BAD_DATE, field=field) from error


def _patient(store: Store, text: str) -> str:
    if store.find("Patient", text[:64]) is not None:
        return text
    today = local(store.now, store.practice.zone).date()
    hits = find_patients(store, read_query(text, today=today, order=store.practice.date_order), limit=2)
    if not hits:
        raise Invalid(NOBODY, field="patient")
    if len(hits) > 1:
        raise Invalid(SEVERAL, field="patient")
    return hits[0].person.id
