"""What stands on the printed encounter form, the tick sheet of a visit."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

from clinic.billing import queries
from clinic.billing.mapping.rows import provider_of, reason_of
from clinic.billing.rules import Sheet, letter
from clinic.billing.service import open_sheet
from clinic.core.days import read_instant
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id
from clinic.insurance.mapping import copay_of, payer_name

_SHEET = Path(__file__).parent / "tick_sheet.tsv"


@dataclass(frozen=True, slots=True)
class TickLine:
    """One code to tick; `cents` is the fee of a charge, None for a diagnosis; `ticked` when it is on the sheet."""

    code: str
    words: str
    cents: int | None = None
    ticked: bool = False
    letters: str = ""


@dataclass(frozen=True, slots=True)
class TickSection:
    """Codes under one heading."""

    title: str
    lines: tuple[TickLine, ...]


@dataclass(frozen=True, slots=True)
class EncounterForm:
    """The values of `templates/pdf/encounter_form.html`. `start` is UTC; `copay` is cents, None when unknown."""

    encounter_id: str
    patient_id: str
    day: date
    start: datetime
    reason: str
    provider: str
    room: str
    coverage: str
    copay: int | None
    diagnoses: tuple[TickSection, ...]
    charges: tuple[TickSection, ...]


def encounter_form(store: Store, encounter_id: str, *, coded: bool = True) -> EncounterForm:
    """The tick sheet of a visit; what is coded already is ticked when `coded`. Raises Missing."""
    opened = open_sheet(store, encounter_id)
    visit, coverages = opened.encounter, opened.around.coverages
    sheet = opened.sheet if coded else Sheet()
    letters = {each.code: letter(place) for place, each in enumerate(sheet.diagnoses, 1)}
    linked = {line.code: line.letters for line in sheet.lines}
    return EncounterForm(
        encounter_id=encounter_id,
        patient_id=opened.around.patient.get("id", ""),
        day=opened.day,
        start=read_instant(visit["period"]["start"]),
        reason=reason_of(visit),
        provider=str(provider_of(visit).get("display", "")),
        room=_room(visit),
        coverage=payer_name(coverages[0]) if coverages else "",
        copay=copay_of(coverages[0]) if coverages else None,
        diagnoses=practice_diagnoses(letters),
        charges=_charges(store, linked),
    )


def practice_diagnoses(letters: Mapping[str, str] = MappingProxyType({})) -> tuple[TickSection, ...]:
    """The diagnoses that the sheet lists; those of `letters` (letter by code) are ticked."""
    return tuple(
        TickSection(
            title,
            tuple(
                TickLine(code, words, ticked=code in letters, letters=letters.get(code, ""))
                for _section, code, words in lines
            ),
        )
        for title, lines in groupby(_listed(), key=lambda row: row[0])
    )


def _charges(store: Store, linked: dict[str, str]) -> tuple[TickSection, ...]:
    return tuple(
        TickSection(
            title,
            tuple(
                TickLine(fee.code, fee.display, fee.cents, fee.code in linked, linked.get(fee.code, "")) for fee in fees
            ),
        )
        for title, fees in groupby(queries.fees(store.conn), key=lambda fee: fee.section)
    )


@cache
def _listed() -> tuple[tuple[str, str, str], ...]:
    with _SHEET.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t")
        next(rows)
        return tuple((section, code, words) for section, code, words in rows)


def _room(visit: Json) -> str:
    rooms = [each["location"].get("display", "") for each in visit.get("location", []) if _is_place(each)]
    return str(rooms[-1]) if rooms else ""


def _is_place(part: Json) -> bool:
    return bool(reference_id(part.get("location"), "Location"))
