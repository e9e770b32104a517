"""What the checks must know about codes, person, coverage and provider; gathered by the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class CodeFact:
    """What the code list says. `missing` is "side", "ending" or "detail" when the code is a heading."""

    code: str
    display: str = ""
    billable: bool = True
    starts: date | None = None
    ends: date | None = None
    missing: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AgeSexNote:
    """A diagnosis belongs to one sex or to certain ages."""

    sex: str = ""
    least_years: int | None = None
    most_years: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """The patient as far as the checks go; `sex` is administrative and may be empty."""

    birth: date | None = None
    sex: str = ""
    died: date | None = None


@dataclass(frozen=True, slots=True)
class CoverageFact:
    """One coverage of the patient. `member_fault` says what is wrong with the member number."""

    name: str
    starts: date | None = None
    ends: date | None = None
    member_id: str = ""
    member_fault: str = ""


@dataclass(frozen=True, slots=True)
class ProviderFact:
    """Who gives the service; `fault` says what is wrong with the number."""

    name: str = ""
    number: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the checks look up, for one sheet.

    `diagnoses`, `procedures` and `modifiers` are keyed by the code as written; a code that is not in
    them is unknown. `apart` holds pairs of diagnoses that a note keeps apart.
    """

    day: date
    today: date
    person: Person = Person()
    provider: ProviderFact = ProviderFact()
    coverages: tuple[CoverageFact, ...] = ()
    self_pay: bool = False
    diagnoses: Mapping[str, CodeFact] = field(default_factory=dict)
    procedures: Mapping[str, CodeFact] = field(default_factory=dict)
    modifiers: Mapping[str, CodeFact] = field(default_factory=dict)
    place_known: bool = True
    apart: Mapping[tuple[str, str], str] = field(default_factory=dict)
    notes: Mapping[str, tuple[AgeSexNote, ...]] = field(default_factory=dict)
    fees: Mapping[str, int] = field(default_factory=dict)
