"""What somebody typed or touched on a page, read into answers.

Digits of any script are accepted, a comma is a decimal point, a date may be partial. What cannot be read
becomes a `Fault` beside its field; the rest is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from clinic.core.days import read_time, to_utc
from clinic.intake.questionnaire.messages import N_
from clinic.intake.questionnaire.model import Item, Row, Text, Value
from clinic.intake.questionnaire.pages import Entry

Posted = Mapping[str, Sequence[str]]
LONGEST_STRING = 1_000
LONGEST_TEXT = 8_000
MOST_ANSWERS = 60


@dataclass(frozen=True)
class Fault:
    """Something wrong with one field: its name, its question, and a sentence with its params."""

    name: str
    label: Text
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """The answers of one page, by name, and what could not be read."""

    values: Mapping[str, tuple[Value, ...]]
    faults: tuple[Fault, ...] = ()


class _RefusedError(ValueError):
    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.message, self.params = message, params


def read_page(entries: Sequence[Entry], posted: Posted, *, zone: str = "UTC") -> Read:
    """Read the fields of the questions on a page; a field that is absent is an answer taken away."""
    values: dict[str, tuple[Value, ...]] = {}
    faults: list[Fault] = []
    for entry in entries:
        item = entry.item
        if entry.kind != "question" or item.read_only or item.logic.calculated or item.kind == "attachment":
            continue
        try:
            values[entry.name] = read_field(item, entry.row, posted, zone=zone)
        except _RefusedError as refused:
            faults.append(Fault(entry.name, item.text, refused.message, refused.params))
    return Read(values, tuple(faults))


def read_field(item: Item, row: Row, posted: Posted, *, zone: str = "UTC") -> tuple[Value, ...]:
    """The answers in one field."""
    name = item.name(row)
    if item.picks:
        return _picked(item, name, posted)
    reader = _PARTS.get(item.kind)
    found = reader(name, posted, zone) if reader else _plain(item, posted.get(name, ()))
    if item.kind == "quantity":
        found = [_with_unit(item, value, at, posted.get(f"{name}.unit", ())) for at, value in enumerate(found)]
    if len(found) > MOST_ANSWERS:
        raise _RefusedError(N_("At most %(most)s answers, please."), most=MOST_ANSWERS)
    return tuple(found if item.repeats else found[:1])


def _plain(item: Item, given: Sequence[str]) -> list[Value]:
    readers: dict[str, Callable[[str], Value]] = {
        "boolean": _boolean,
        "integer": _integer,
        "decimal": _decimal,
        "quantity": _decimal,
        "time": _time,
        "text": lambda text: _text(text, LONGEST_TEXT),
        "reference": lambda text: {"display": _text(text, LONGEST_STRING)},
        "choice": lambda text: {"display": _text(text, LONGEST_STRING)},
    }
    reader: Callable[[str], Value] = readers.get(item.kind, _line)
    return [reader(text.strip()) for text in given if text.strip()]


def _line(text: str) -> Value:
    return _text(" ".join(text.split()), LONGEST_STRING)


def _picked(item: Item, name: str, posted: Posted) -> tuple[Value, ...]:
    chosen: list[Value] = []
    for given in dict.fromkeys(posted.get(name, ())):
        if not given or (item.open and given == "other"):
            continue
        at = int(given) if re.fullmatch(r"[0-9]{1,5}", given) else -1
        if not 0 <= at < len(item.options):
            raise _RefusedError(N_("Please choose one of the answers shown."))
        chosen.append(item.options[at].value)
    if item.kind == "open-choice":
        own = [" ".join(text.split()) for text in posted.get(f"{name}.other", ())]
        words = [_text(text, LONGEST_STRING) for text in own if text]
        chosen = [*chosen, *words] if item.repeats else [*words, *chosen]
    return tuple(chosen if item.repeats else chosen[:1])


def _text(text: str, longest: int) -> str:
    clean = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if len(clean) > longest:
        raise _RefusedError(N_("This is too long: at most %(most)s characters."), most=longest)
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in clean):
        raise _RefusedError(N_("This holds characters that cannot be kept."))
    return clean


def digits(text: str) -> str:
    """The same text with the digits of any script as 0 to 9."""
    return "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in text)


def _boolean(text: str) -> Value:
    if text not in ("true", "false"):
        raise _RefusedError(N_("Please choose one of the answers shown."))
    return text == "true"


def _integer(text: str) -> Value:
    plain = digits(text).replace("\u2212", "-")
    if not re.fullmatch(r"[+-]?[0-9]{1,10}", plain) or abs(int(plain)) > 2_147_483_647:
        raise _RefusedError(N_("Please give a whole number."))
    return int(plain)


def _decimal(text: str) -> Value:
    plain = digits(text).replace("\u2212", "-").replace("\u066b", ".").replace(",", ".")
    if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,12})?", plain):
        raise _RefusedError(N_("Please give a number."))
    try:
        return Decimal(plain.removeprefix("+"))
    except InvalidOperation as error:
        raise _RefusedError(N_("Please give a number.")) from error


def _time(text: str) -> Value:
    return _clock(text).isoformat()


def _clock(text: str) -> time:
    plain = digits(text)
    try:
        return time.fromisoformat(plain) if plain.count(":") == 2 else read_time(plain)
    except ValueError as error:
        raise _RefusedError(N_("Please give a time, such as 14:30.")) from error


def _dates(name: str, posted: Posted, _zone: str) -> list[Value]:
    columns = [posted.get(f"{name}.{part}", ()) for part in "ymd"]
    count = max((len(column) for column in columns), default=0)
    parts = ([column[at].strip() if at < len(column) else "" for column in columns] for at in range(count))
    return [partial_date(*three) for three in parts if any(three)]


def partial_date(year: str, month: str, day: str) -> str:
    """A FHIR date of a year, a year and month, or a full day. Raises a refusal beside the field."""
    given = [digits(part) for part in (year, month, day)]
    if not all(re.fullmatch(r"[0-9]{0,4}", part) for part in given):
        raise _RefusedError(N_("Please give the date in numbers."))
    if not given[0] or (given[2] and not given[1]):
        raise _RefusedError(N_("Please give at least the year, or month and year."))
    if len(given[0]) != 4:
        raise _RefusedError(N_("Please give the year with four figures."))
    try:
        date(int(given[0]), int(given[1] or 1), int(given[2] or 1))
    except ValueError as error:
        raise _RefusedError(N_("This day does not exist.")) from error
    return "-".join([given[0], *(f"{int(part):02}" for part in given[1:] if part)])


def _moments(name: str, posted: Posted, zone: str) -> list[Value]:
    days = _dates(name, posted, zone)
    clocks = [text.strip() for text in posted.get(f"{name}.t", ())]
    found: list[Value] = []
    for at, day in enumerate(days):
        clock = clocks[at] if at < len(clocks) else ""
        found.append(_moment(str(day), clock, zone) if clock else day)
    if not days and any(clocks):
        raise _RefusedError(N_("Please give the day too."))
    return found


def _moment(day: str, clock: str, zone: str) -> str:
    if len(day) != 10:
        raise _RefusedError(N_("A time needs a full date."))
    wall = datetime.combine(date.fromisoformat(day), _clock(clock))
    return to_utc(wall, zone).strftime("%Y-%m-%dT%H:%M:%SZ")


def _with_unit(item: Item, value: Value, at: int, units: Sequence[str]) -> Value:
    given = units[at] if at < len(units) else ""
    chosen = int(given) if re.fullmatch(r"[0-9]{1,3}", given) else 0
    if not item.units:
        return {"value": value}
    if chosen >= len(item.units):
        raise _RefusedError(N_("Please choose one of the answers shown."))
    unit = item.units[chosen]
    words = {
        "unit": unit.get("display") or unit.get("code"),
        "system": unit.get("system"),
        "code": unit.get("code"),
    }
    return {"value": value, **{key: word for key, word in words.items() if word}}


_PARTS: dict[str, Callable[[str, Posted, str], list[Value]]] = {"date": _dates, "dateTime": _moments}
