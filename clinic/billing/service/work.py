"""One press on the sheet's page: what was typed, the deed of the button, and what is left to ask."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from clinic.billing.rules import MOST_DIAGNOSES, MOST_LINES, ChargeLine, Diagnosis, Sheet, apply
from clinic.billing.service.codes import Offers, find_procedure, offers, system_of
from clinic.billing.service.sheets import copy_previous, load_visit, make_ready, open_again, save_loaded
from clinic.codes.systems import key_of
from clinic.core.errors import Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store

SAVE, COPY, READY, REOPEN = "save", "copy", "ready", "reopen"


@dataclass(frozen=True, slots=True)
class Change:
    """The sheet as sent, the deed of the pressed button, and what stands in the two empty rows."""

    sheet: Sheet
    deed: str = SAVE
    diagnosis: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Something typed that may mean several codes, or none."""

    text: str
    offers: Offers


@dataclass(frozen=True, slots=True)
class Outcome:
    """The claim as kept, and the questions left, by "dx" and "line"."""

    claim: Json
    questions: dict[str, Question] = field(default_factory=dict)


def work(store: Store, encounter_id: str, change: Change, *, version: int | None) -> Outcome:
    """Do one press and keep the sheet. Raises what saving raises, and Invalid for a deed that does not fit."""
    if change.deed == REOPEN:
        return Outcome(open_again(store, encounter_id, version=version))
    loaded = load_visit(store, encounter_id)
    day = loaded.around.day
    questions: dict[str, Question] = {}
    sheet = _with_diagnosis(store, change.sheet, change.diagnosis, day, questions)
    sheet = _with_line(store, sheet, change.line, day, questions)
    if change.deed == COPY:
        sheet = copy_previous(loaded.previous, sheet)
    elif change.deed not in (SAVE, READY):
        sheet = apply(sheet, change.deed)
    claim = save_loaded(store, loaded, sheet, version=version)
    if change.deed == READY and not questions:
        claim = make_ready(store, encounter_id, version=int(claim["meta"]["versionId"]))
    return Outcome(claim, questions)


def _with_diagnosis(store: Store, sheet: Sheet, text: str, on: date, questions: dict[str, Question]) -> Sheet:
    if not text.strip():
        return sheet
    code = _meant(store, "dx", text, on, questions)
    if code is None:
        return sheet
    if len(sheet.diagnoses) >= MOST_DIAGNOSES:
        raise Invalid("A claim has room for 12 diagnoses.", field="dx-new")
    return replace(sheet, diagnoses=(*sheet.diagnoses, Diagnosis(code)))


def _with_line(store: Store, sheet: Sheet, text: str, on: date, questions: dict[str, Question]) -> Sheet:
    """The sheet with a new line; with one diagnosis only, the line is linked to it."""
    if not text.strip():
        return sheet
    code = _meant(store, "line", text, on, questions)
    if code is None:
        return sheet
    if len(sheet.lines) >= MOST_LINES:
        raise Invalid("A claim has room for 50 lines.", field="line-new")
    own, listed = find_procedure(store, code)
    line = ChargeLine(
        code=code,
        system=system_of(own, listed),
        pointers=(1,) if len(sheet.diagnoses) == 1 else (),
        fee=own.cents if own else 0,
    )
    return replace(sheet, lines=(*sheet.lines, line))


def _meant(store: Store, kind: str, text: str, on: date, questions: dict[str, Question]) -> str | None:
    """The code that was meant when there is no doubt; else the question is noted."""
    found = offers(store, kind, text, on)
    exact = [each.code for each in found.found if key_of(each.code) == key_of(text)]
    if exact:
        return exact[0]
    if len(found.found) == 1:
        return found.found[0].code
    questions[kind] = Question(text.strip()[:120], found)
    return None
