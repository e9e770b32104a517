"""Gathering what the checks must know about one sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from clinic.billing import queries
from clinic.billing.queries import CodesAndFees
from clinic.billing.rules import AgeSexNote, CodeFact, CoverageFact, Facts, Person, ProviderFact, Sheet
from clinic.codes import HCPCS, ICD10CM, MODIFIER, PLACE, Code
from clinic.codes.guidance import complete
from clinic.codes.notes import excludes, person_notes
from clinic.codes.systems import key_of
from clinic.core.days import local
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.insurance.mapping import payer_name
from clinic.regions import checks

NPI = "http://hl7.org/fhir/sid/us-npi"
_MEDICARE = ("MEDICARE", "MA", "MB", "RETIRE")


@dataclass(frozen=True, slots=True)
class Around:
    """The records around a sheet."""

    day: date
    patient: Json
    provider: Json
    coverages: tuple[Json, ...]


def known_of(store: Store, sheet: Sheet) -> CodesAndFees:
    """Look up every code of a sheet; one statement."""
    wanted = [(PLACE, sheet.place), *((ICD10CM, each.code) for each in sheet.diagnoses)]
    for line in sheet.lines:
        wanted += [(HCPCS, line.code), *((MODIFIER, each) for each in line.modifiers)]
    return queries.codes_and_fees(store.conn, wanted, (line.code for line in sheet.lines))


def facts_of(store: Store, sheet: Sheet, around: Around, known: CodesAndFees) -> Facts:
    """Everything the checks look up; further statements only for codes that are not complete."""
    names = list(dict.fromkeys(each.code for each in sheet.diagnoses))
    modifiers = {each for line in sheet.lines for each in line.modifiers}
    return Facts(
        day=around.day,
        today=local(store.now, store.practice.zone).date(),
        person=_person(around.patient),
        provider=_provider(around.provider, store.practice.region),
        coverages=tuple(_coverage(each, store.practice.region) for each in around.coverages),
        self_pay=not around.coverages,
        diagnoses={name: _diagnosis(store, code) for name in names if (code := _at(known, ICD10CM, name))},
        procedures=_procedures(sheet, known),
        modifiers={name: _fact(code) for name in modifiers if (code := _at(known, MODIFIER, name))},
        place_known=(PLACE, key_of(sheet.place)) in known.codes,
        apart={pair: note.note for pair in combinations(names, 2) if (note := excludes(*pair))},
        notes={
            name: tuple(AgeSexNote(n.sex, n.least_years, n.most_years) for n in person_notes(name)) for name in names
        },
        fees={line.code: fee.cents for line in sheet.lines if (fee := known.fees.get(key_of(line.code)))},
    )


def _procedures(sheet: Sheet, known: CodesAndFees) -> dict[str, CodeFact]:
    found = {}
    for line in sheet.lines:
        listed, fee = _at(known, HCPCS, line.code), known.fees.get(key_of(line.code))
        if listed is not None:
            found[line.code] = _fact(listed)
        elif fee is not None:
            found[line.code] = CodeFact(fee.code, fee.display)
    return found


def _at(known: CodesAndFees, system: str, name: str) -> Code | None:
    return known.codes.get((system, key_of(name)))


def _fact(code: Code) -> CodeFact:
    return CodeFact(code.code, code.display, code.billable, code.valid_from, code.valid_to)


def _diagnosis(store: Store, code: Code) -> CodeFact:
    if code.billable:
        return _fact(code)
    guidance = complete(store.conn, ICD10CM, code.code)
    choices = tuple((each.code, each.display) for each in guidance.choices) if guidance else ()
    return CodeFact(code.code, code.display, False, missing=guidance.missing if guidance else "", choices=choices)


def _person(patient: Json) -> Person:
    return Person(_day(patient.get("birthDate")), str(patient.get("gender", "")), _day(patient.get("deceasedDateTime")))


def _provider(provider: Json, region: str) -> ProviderFact:
    names: list[Json] = provider.get("name") or [{}]
    name = names[0].get("text") or " ".join([*names[0].get("given", []), names[0].get("family", "")]).strip()
    number = next((str(i.get("value", "")) for i in provider.get("identifier", []) if i.get("system") == NPI), "")
    return ProviderFact(str(name), number, _fault(checks.npi, number) if region == "us" else "")


def _coverage(coverage: Json, region: str) -> CoverageFact:
    period = coverage.get("period") or {}
    member = str(coverage.get("subscriberId", ""))
    kinds = {str(c.get("code", "")).upper() for c in (coverage.get("type") or {}).get("coding", [])}
    medicare = region == "us" and bool(kinds & set(_MEDICARE))
    return CoverageFact(
        name=payer_name(coverage),
        starts=_day(period.get("start")),
        ends=_day(period.get("end")),
        member_id=member,
        member_fault=_fault(checks.mbi, member) if medicare and member else "",
    )


def _fault(check: Any, text: str) -> str:
    try:
        check(text)
    except ValueError as error:
        return str(error)
    return ""


def _day(text: Any) -> date | None:
    """A whole day of FHIR text; None for a partial or missing one."""
    if not isinstance(text, str) or len(text) < 10:
        return None
    return date.fromisoformat(text[:10])
