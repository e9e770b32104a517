"""What the classification says beside its codes: pairs that exclude each other, endings, ages and sexes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from clinic.codes.sources import rows
from clinic.codes.systems import key_of

_CATEGORY = 3


@dataclass(frozen=True, slots=True)
class Exclusion:
    """`code` and everything from `first` to `last` are not reported together (an Excludes1 note)."""

    code: str
    first: str
    last: str
    note: str


@dataclass(frozen=True, slots=True)
class PersonNote:
    """Codes that belong to one sex or to certain ages; a reason to look, never to refuse."""

    first: str
    last: str
    sex: str
    least_years: int | None
    most_years: int | None
    reason: str


def excludes(one: str, other: str) -> Exclusion | None:
    """The note that keeps these two diagnoses apart, whichever of the two carries it."""
    return _excluded_by(key_of(one), key_of(other)) or _excluded_by(key_of(other), key_of(one))


def endings(name: str) -> dict[str, str]:
    """The 7th characters a code may end with and what they mean; empty when it takes none."""
    for beginning in _beginnings(key_of(name)):
        if found := _endings().get(beginning):
            return found
    return {}


def person_notes(name: str) -> list[PersonNote]:
    """The notes on age and sex that cover this diagnosis."""
    key = key_of(name)
    return [note for note in _person_notes() if _between(key, note.first, note.last)]


def _excluded_by(one: str, other: str) -> Exclusion | None:
    for beginning in _beginnings(one):
        for note in _exclusions().get(beginning, ()):
            if _between(other, note.first, note.last) and not other.startswith(beginning):
                return note
    return None


def _beginnings(key: str) -> Iterator[str]:
    for length in range(len(key), _CATEGORY - 1, -1):
        yield key[:length]


def _between(key: str, first: str, last: str) -> bool:
    low, high = key_of(first), key_of(last or first)
    return low <= key[: len(low)] and key[: len(high)] <= high


@cache
def _exclusions() -> dict[str, tuple[Exclusion, ...]]:
    found: dict[str, tuple[Exclusion, ...]] = {}
    for code, first, last, note in rows("icd10cm_2026-04_excludes1.tsv.gz"):
        found[key_of(code)] = (*found.get(key_of(code), ()), Exclusion(code, first, last, note))
    return found


@cache
def _endings() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for code, sign, meaning in rows("icd10cm_2026-04_seventh.tsv"):
        found.setdefault(key_of(code), {})[sign] = meaning
    return found


@cache
def _person_notes() -> tuple[PersonNote, ...]:
    return tuple(
        PersonNote(first, last, sex, int(least) if least else None, int(most) if most else None, reason)
        for first, last, sex, least, most, reason in rows("icd10cm_age_sex_warnings.tsv")
    )
