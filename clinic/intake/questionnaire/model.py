"""A form and its answers as plain values; nothing here knows a database, a page or a clock.

A form is read once from a FHIR Questionnaire (`load.read_form`). Each item has a number, its place in
reading order; an *instance* of an item is named `q<number>`, followed by `-<row>` for every repeating
group around it (`q7-0-2`). The same names are the names of the fields on a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Literal

from clinic.core.json import Json

Value = bool | int | Decimal | str | Json
Kind = Literal[
    "group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url",
    "choice", "open-choice", "attachment", "reference", "quantity",
]  # fmt: skip
Row = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Words in the form's own language and in those it was translated into."""

    default: str = ""
    translations: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.default)

    def say(self, language: str) -> str:
        """The words in a language (`nl` also finds `nl-NL`), or the form's own words."""
        return self.translations.get(language) or self.translations.get(language[:2]) or self.default


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in a form that works differently here, or not at all; shown when the form is loaded."""

    link_id: str
    message: str
    serious: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One permitted answer."""

    value: Value
    text: Text
    prefix: str = ""
    score: Decimal | None = None
    exclusive: bool = False
    initial: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of enableWhen: a question, an operator and the answer it is compared with."""

    question: str
    operator: str
    answer: Value


@dataclass(frozen=True, slots=True)
class Expression:
    """A FHIRPath text and, for a variable, its name."""

    path: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A rule of the form's author: when the expression is false, the sentence is shown."""

    path: str
    human: Text


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer may be; None means no limit."""

    max_length: int | None = None
    min_length: int | None = None
    least: Value | None = None
    most: Value | None = None
    decimals: int | None = None
    pattern: str = ""
    min_occurs: int | None = None
    max_occurs: int | None = None
    mime: tuple[str, ...] = ()
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Logic:
    """When an item is asked, and what fills it in by itself."""

    conditions: tuple[Condition, ...] = ()
    any_condition: bool = False
    enabled: str = ""
    calculated: str = ""
    initial: str = ""
    variables: tuple[Expression, ...] = ()
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True)
class Item:
    """A question, a group of questions or a text to read."""

    number: int
    link_id: str
    kind: Kind
    text: Text
    prefix: str = ""
    help: Text = Text()
    hints: Mapping[str, Text] = field(default_factory=dict)
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    control: str = ""
    options: tuple[Option, ...] = ()
    units: tuple[Json, ...] = ()
    initial: tuple[Value, ...] = ()
    limits: Limits = Limits()
    logic: Logic = Logic()
    signature: bool = False
    field: str = ""
    level: Row = ()
    """The numbers of the repeating groups around it, outermost first."""
    items: tuple[Item, ...] = ()

    def __hash__(self) -> int:
        return self.number

    @property
    def question(self) -> bool:
        """Whether it has an answer of its own."""
        return self.kind not in ("group", "display")

    @property
    def answers_many(self) -> bool:
        """Whether several answers are kept: a repeating question."""
        return self.repeats and self.question

    @property
    def open(self) -> bool:
        """Whether an answer outside the options is allowed; without known options every answer is."""
        return self.kind == "open-choice" or not self.options

    @property
    def picks(self) -> bool:
        """Whether one picks from options (a string question may have options too)."""
        return bool(self.options)

    def name(self, row: Row = ()) -> str:
        """The name of one instance of this item."""
        return "-".join([f"q{self.number}", *map(str, row[: len(self.level)])])


@dataclass(frozen=True)
class Form:
    """A questionnaire, ready to be asked."""

    title: Text
    items: tuple[Item, ...]
    url: str = ""
    version: str = ""
    language: str = "en"
    languages: tuple[str, ...] = ("en",)
    variables: tuple[Expression, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    signature: bool = False
    consent: str = ""
    """The kind of consent that a signed answer stands for (the code of `urn:clinic:consent`), or nothing."""
    notices: tuple[Notice, ...] = ()
    unconditional: frozenset[int] = frozenset()
    """Numbers of the items whose condition waits for itself and is therefore not looked at."""
    source: Json = field(default_factory=dict, repr=False, compare=False)

    def __hash__(self) -> int:
        return id(self)

    @cached_property
    def every(self) -> tuple[Item, ...]:
        """All items in reading order; an item's number is its place here."""
        found: list[Item] = []

        def walk(items: tuple[Item, ...]) -> None:
            for item in items:
                found.append(item)
                walk(item.items)

        walk(self.items)
        return tuple(found)

    @cached_property
    def by_link(self) -> Mapping[str, Item]:
        """Items by linkId; the first of two with the same."""
        return {item.link_id: item for item in reversed(self.every)}

    @cached_property
    def parents(self) -> Mapping[int, Item]:
        """The item around an item, by the inner one's number."""
        return {inner.number: outer for outer in self.every for inner in outer.items}

    @cached_property
    def computes(self) -> bool:
        """Whether any FHIRPath has to run while it is filled in."""
        return any(item.logic.enabled or item.logic.calculated for item in self.every)

    def at(self, link_id: str, *row: int) -> str:
        """The field name of a question, by its linkId."""
        return self.by_link[link_id].name(row)


_NAME = re.compile(r"q(\d{1,5})((?:-\d{1,3}){0,8})", re.ASCII)


def locate(form: Form, name: str) -> tuple[Item, Row] | None:
    """The item and row that a field name stands for, or None when the form has no such place."""
    match = _NAME.fullmatch(name)
    if not match or int(match[1]) >= len(form.every):
        return None
    item = form.every[int(match[1])]
    row = tuple(int(part) for part in match[2].split("-") if part)
    return (item, row) if len(row) == len(item.level) else None


@dataclass(frozen=True)
class Signature:
    """How somebody signed: drawn strokes or a typed name, and the hash of the exact text above it."""

    text_hash: str
    when: str
    language: str
    signer: str = ""
    svg: str = ""
    who: str = "self"


@dataclass(frozen=True)
class Answers:
    """What was answered so far: values by instance name, rows of repeating groups, signatures."""

    values: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    signatures: Mapping[str, Signature] = field(default_factory=dict)

    def get(self, name: str) -> tuple[Value, ...]:
        """The answers of an instance, or none."""
        return self.values.get(name, ())

    def with_value(self, name: str, value: tuple[Value, ...]) -> Answers:
        """The same answers with one changed; an empty tuple takes it away."""
        values = {key: old for key, old in self.values.items() if key != name}
        return replace(self, values={**values, name: value} if value else values)

    def with_rows(self, name: str, count: int) -> Answers:
        """The same answers with another number of rows in a repeating group."""
        return replace(self, rows={**self.rows, name: count})

    def with_signature(self, name: str, signature: Signature | None) -> Answers:
        """The same answers signed, or with a signature taken away."""
        kept = {key: old for key, old in self.signatures.items() if key != name}
        return replace(self, signatures={**kept, name: signature} if signature else kept)

    def row_count(self, group: Item, row: Row = ()) -> int:
        """How many times a group is asked inside its surroundings; one when it does not repeat."""
        if not group.repeats or group.kind != "group":
            return 1
        least = max(1, group.limits.min_occurs or 0)
        return min(max(least, self.rows.get(group.name(row), 0)), MOST_ROWS)


WHOLE_FORM = "form"
"""The name under which a signature for the whole form is kept."""

MOST_ROWS = 50
"""More rows than that in one group is a mistake or an attack."""


@dataclass(frozen=True)
class Instance:
    """One item at one place: where its answer is kept."""

    item: Item
    row: Row = ()

    @property
    def name(self) -> str:
        """The name of its field."""
        return self.item.name(self.row)


def instances(form: Form, answers: Answers) -> list[Instance]:
    """Every instance in reading order, hidden and disabled ones included."""
    found: list[Instance] = []

    def walk(items: tuple[Item, ...], row: Row) -> None:
        for item in items:
            repeated = item.kind == "group" and item.repeats
            for index in range(answers.row_count(item, row)):
                inner = (*row, index) if repeated else row
                found.append(Instance(item, inner))
                walk(item.items, inner)

    walk(form.items, ())
    return found
