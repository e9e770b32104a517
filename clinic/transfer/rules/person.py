"""From one row of an old system to a person, by the mapping that somebody chose."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from clinic.core.errors import N_, Detail, Invalid
from clinic.core.names import fold
from clinic.registration.rules.checking import Desk, read_details
from clinic.registration.rules.details import DETAIL_FIELDS, PatientDetails
from clinic.transfer.rules import columns as c
from clinic.transfer.rules.values import KINDS, LEAVE, day_text, guess_words, is_figures, split_address, split_name

NEEDED = ("given", "family", "birth_date", "sex")
NO_MEANING = N_("“%(word)s” has no meaning chosen for %(label)s")
NOT_A_DATE = N_("“%(word)s” is no date in the order that was chosen")
LEFT_OUT = N_("%(label)s left out (“%(value)s”): %(reason)s")
_FORMULA = ("'=", "'+", "'-", "'@", "'\t")
_OWN_ORDER = ("emergency", "guarantor")


@dataclass(frozen=True)
class Said:
    """A message with what fills its places, to be shown in the language of whoever looks."""

    message: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


@dataclass(frozen=True)
class Mapping:
    """What each column becomes, how dates are written, what words mean, and where the list comes from."""

    columns: tuple[str, ...]
    source: str = ""
    date_order: str = "mdy"
    name_order: str = "given"
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    hold_back: bool = False
    """Whether a person is held back for one value that cannot be read; else the value is left out."""

    @classmethod
    def of_json(cls, value: Map[str, Any]) -> Mapping:
        """As it was kept."""
        known = {entry.name for entry in fields(cls)}
        given = {name: one for name, one in value.items() if name in known}
        return cls(**{**given, "columns": tuple(value.get("columns", ()))})

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)} | {"columns": list(self.columns)}

    def used(self, code: str) -> bool:
        """Whether a column becomes this."""
        return code in self.columns


@dataclass(frozen=True)
class Row:
    """A person as an old system has them: the number there, and what had to be left out."""

    details: PatientDetails
    key: str = ""
    remarks: tuple[Said, ...] = ()


def read_row(cells: Sequence[str], mapping: Mapping, desk: Desk) -> Row:
    """The person of a row. Raises Invalid whose details name every value that cannot be taken."""
    given = _gathered(cells, mapping)
    key = given.pop(c.KEY, "")[:100]
    entry, faults = entry_of(given, mapping, desk)
    details, faults = _read(entry, faults, desk)
    broken = [fault for fault in faults if mapping.hold_back or fault.field in NEEDED]
    if broken:
        raise Invalid("Some entries need a second look", details=tuple(broken))
    if faults:
        entry = {name: text for name, text in entry.items() if name not in {fault.field for fault in faults}}
        entry = _without_halves(entry)
        details = read_details(entry, desk)
    labels = {target.code: target.label for target in c.targets_of(desk.region, desk.own)}
    remarks = tuple(_remark(fault, given, labels) for fault in faults)
    return Row(details, key, remarks)


def entry_of(given: Map[str, str], mapping: Mapping, desk: Desk) -> tuple[dict[str, str], list[Detail]]:
    """The row as the registration form would have it typed, and what of it has no meaning."""
    entry = {name: text for name, text in given.items() if name not in (c.FULL_NAME, c.FULL_ADDRESS, c.HOUSE)}
    if given.get(c.FULL_NAME):
        entry = {**split_name(given[c.FULL_NAME], mapping.name_order), **entry}
    if given.get(c.FULL_ADDRESS):
        entry = {**split_address(given[c.FULL_ADDRESS]), **entry}
    if given.get(c.HOUSE):
        entry["line"] = f"{entry.get('line', '')} {given[c.HOUSE]}".strip()
    for who in _OWN_ORDER:
        whole = entry.get(f"{who}_given", "")
        if " " in whole and not entry.get(f"{who}_family"):
            parts = split_name(whole, mapping.name_order)
            entry[f"{who}_given"] = " ".join(filter(None, (parts.get("given"), parts.get("middle"))))
            entry[f"{who}_family"] = parts.get("family", "")
    faults = _words_into(entry, mapping, desk) + _date_into(entry, mapping, desk)
    entry.setdefault("sex", "unknown")
    return entry, faults


def filled(known: PatientDetails, new: PatientDetails) -> PatientDetails:
    """What is on file, with what was empty there taken from the other; nothing that is there is changed."""
    values: dict[str, Any] = {}
    for name in DETAIL_FIELDS:
        if name == "absent":
            continue
        before, after = getattr(known, name), getattr(new, name)
        if not isinstance(after, bool) and not before and after:
            values[name] = after
    if known.sex == "unknown" and new.sex != "unknown":
        values["sex"] = new.sex
    if "birth_date" in values:
        values["birth_estimated"] = new.birth_estimated
    if new.numbers:
        kinds = {number.kind for number in known.numbers}
        values["numbers"] = known.numbers + tuple(number for number in new.numbers if number.kind not in kinds)
    values["absent"] = tuple(one for one in known.absent if one.field not in values)
    return replace(known, **values)


def same_mark(details: PatientDetails) -> str:
    """What two rows about one person have in common: names and birth date, whatever their case and accents."""
    text = "|".join((fold(details.family), fold(details.given), details.birth_date))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def content_key(cells: Sequence[str]) -> str:
    """The key of a row that has no number of its own: what stands in it."""
    return "#" + hashlib.sha256("\x1f".join(cells).encode("utf-8", "replace")).hexdigest()[:40]


def _gathered(cells: Sequence[str], mapping: Mapping) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for code, cell in zip(mapping.columns, cells, strict=False):
        text = cell[1:] if cell.startswith(_FORMULA) else cell
        if code and text.strip():
            found.setdefault(code, []).append(text.strip())
    return {code: " ".join(texts) for code, texts in found.items()}


def _words_into(entry: dict[str, str], mapping: Mapping, desk: Desk) -> list[Detail]:
    """Put the chosen code in the place of each word; a word without a meaning is a fault."""
    faults = []
    for target in c.targets_of(desk.region, desk.own):
        word = entry.get(target.code, "")
        if target.kind not in KINDS or not word:
            continue
        meant = mapping.words.get(target.code, {}).get(word)
        meant = guess_words(target.kind, [word]).get(word) if meant is None else meant
        if meant is None:
            params = {"word": word[:60], "label": target.label}
            faults.append(Detail(target.code, NO_MEANING % params, NO_MEANING, params))
        if meant is None or meant == LEAVE:
            entry.pop(target.code)
        else:
            entry[target.code] = meant
    return faults


def _date_into(entry: dict[str, str], mapping: Mapping, desk: Desk) -> list[Detail]:
    """Put dates written in figures as they are meant by the chosen order; what does not fit it is a fault."""
    faults = []
    for name in ("birth_date", "deceased"):
        typed = entry.get(name, "")
        if not typed or not is_figures(typed):
            continue
        text = day_text(typed, mapping.date_order, desk.today)
        if text:
            entry[name] = text
        else:
            params = {"word": typed[:40]}
            faults.append(Detail(name, NOT_A_DATE % params, NOT_A_DATE, params))
    return faults


def _read(entry: dict[str, str], faults: list[Detail], desk: Desk) -> tuple[PatientDetails, list[Detail]]:
    try:
        return read_details(entry, desk), faults
    except Invalid as fault:
        known = {one.field for one in faults}
        return PatientDetails("", "", "", ""), faults + [one for one in fault.details if one.field not in known]


def _without_halves(entry: dict[str, str]) -> dict[str, str]:
    """A person beside the patient whose name was left out goes whole: a telephone alone is nobody's."""
    for who in _OWN_ORDER:
        if not entry.get(f"{who}_given") and not entry.get(f"{who}_family"):
            entry = {name: text for name, text in entry.items() if not name.startswith(f"{who}_")}
    return entry


def _remark(fault: Detail, given: Map[str, str], labels: Map[str, str]) -> Said:
    value = given.get(fault.field, "")[:80]
    return Said(LEFT_OUT, {"label": labels.get(fault.field, fault.field), "value": value, "reason": fault.message})
