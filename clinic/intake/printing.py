"""What a printed form says: sections, fields, options and answers, blank or completed, in one or two languages.

The print templates draw these values; they know nothing of Questionnaires.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from clinic.intake.questionnaire import Answers, Form, Item, Settled, Signature, Text, settle
from clinic.intake.questionnaire.model import WHOLE_FORM, Row
from clinic.intake.wording import words_of, yes_no

FieldKind = Literal["line", "lines", "date", "time", "number", "choice", "checks", "tick", "file"]
BLANK_ROWS = 3
"""Rows to write in for a repeating group on a blank form."""

_KINDS: dict[str, FieldKind] = {
    "text": "lines", "date": "date", "dateTime": "date", "time": "time", "integer": "number",
    "decimal": "number", "quantity": "number", "attachment": "file", "boolean": "choice",
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """A text in the patient's language, and in the desk's when a second one is printed."""

    text: str
    second: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True)
class PrintedOption:
    """One box to tick."""

    words: Words
    chosen: bool = False


@dataclass(frozen=True)
class PrintedField:
    """One question on paper."""

    label: Words
    kind: FieldKind
    hint: Words = Words("")
    answers: tuple[str, ...] = ()
    options: tuple[PrintedOption, ...] = ()
    unit: str = ""
    optional: bool = True
    wide: bool = False
    link_id: str = ""
    raw: str = ""
    """A whole date as FHIR text, to be drawn digit by digit."""


@dataclass(frozen=True)
class PrintedSignature:
    """How it was signed; empty on a blank form, where there is a line to sign on."""

    wanted: bool = True
    signer: str = ""
    svg: str = ""
    when: str = ""
    language: str = ""
    helper: bool = False
    text_hash: str = ""

    @property
    def hash_groups(self) -> tuple[str, ...]:
        """The hash in groups of four, to compare by eye."""
        return tuple(self.text_hash[at : at + 4] for at in range(0, len(self.text_hash), 4))


@dataclass(frozen=True)
class PrintedSection:
    """One numbered part: a group, its texts and fields, and where it is signed."""

    number: int
    title: Words
    hint: Words = Words("")
    texts: tuple[Words, ...] = ()
    fields: tuple[PrintedField, ...] = ()
    signature: PrintedSignature | None = None


@dataclass(frozen=True)
class PrintedForm:
    """A whole form on paper."""

    title: Words
    version: str
    language: str
    second: str
    completed: bool
    sections: tuple[PrintedSection, ...]
    signature: PrintedSignature | None = None
    patient: Mapping[str, str] | None = None
    authored: str = ""
    code: str = ""


@dataclass(frozen=True)
class Paper:
    """How to print: the language, a second one under it (or none), the zone of the times."""

    language: str = "en"
    second: str = ""
    zone: str = "UTC"

    def say(self, text: Text) -> Words:
        """A text in the languages of the paper."""
        first = text.say(self.language)
        other = text.say(self.second) if self.second else ""
        return Words(first, other if other != first else "")


def blank_form(form: Form, paper: Paper, *, code: str = "") -> PrintedForm:
    """A form to fill in by pen: every question, the conditional ones too, and rows to write in."""
    rows = {item.name(): BLANK_ROWS for item in form.every if item.kind == "group" and item.repeats and not item.level}
    settled = settle(form, Answers(rows=rows))
    return _printed(settled, paper, completed=False, code=code)


def completed_form(
    form: Form, answers: Answers, paper: Paper, *, about: Mapping[str, Any] | None = None
) -> PrintedForm:
    """A form as it was answered: only what was asked. `about` holds code, authored and patient."""
    return _printed(settle(form, answers), paper, completed=True, **dict(about or {}))


def _printed(settled: Settled, paper: Paper, *, completed: bool, **about: Any) -> PrintedForm:
    form = settled.form
    writing = _Writing(settled, paper, completed)
    loose = tuple(item for item in form.items if item.kind != "group")
    sections = [writing.section(None, loose, (), form.title)] if loose else []
    for item in form.items:
        sections += writing.group(item) if item.kind == "group" else []
    kept = [one for one in sections if one.fields or one.texts or one.signature]
    numbered = tuple(
        PrintedSection(at, one.title, one.hint, one.texts, one.fields, one.signature)
        for at, one in enumerate(kept, start=1)
    )
    return PrintedForm(
        title=paper.say(form.title),
        version=form.version,
        language=paper.language,
        second=paper.second,
        completed=completed,
        sections=numbered,
        signature=writing.signature(WHOLE_FORM) if form.signature else None,
        **about,
    )


class _Writing:
    def __init__(self, settled: Settled, paper: Paper, completed: bool) -> None:
        self.settled, self.paper, self.completed = settled, paper, completed

    def asked(self, item: Item, row: Row) -> bool:
        if item.hidden:
            return False
        return not self.completed or self.settled.is_asked(item.name(row))

    def group(self, item: Item) -> list[PrintedSection]:
        if not self.asked(item, ()):
            return []
        count = self.settled.answers.row_count(item)
        rows: list[Row] = [(index,) for index in range(count)] if item.repeats else [()]
        return [self.section(item, item.items, row, item.text) for row in rows]

    def section(self, group: Item | None, items: tuple[Item, ...], row: Row, title: Text) -> PrintedSection:
        texts: list[Words] = []
        fields: list[PrintedField] = []
        self._walk(items, row, texts, fields)
        return PrintedSection(
            number=0,
            title=self.paper.say(title),
            hint=self.paper.say(group.help) if group else Words(""),
            texts=tuple(texts),
            fields=tuple(fields),
            signature=self.signature(group.name()) if group and group.signature else None,
        )

    def _walk(self, items: tuple[Item, ...], row: Row, texts: list[Words], fields: list[PrintedField]) -> None:
        for item in items:
            if not self.asked(item, row):
                continue
            if item.kind == "display":
                texts.append(self.paper.say(item.text))
                continue
            if item.question:
                fields.append(self.field(item, row))
            for index in range(self.settled.answers.row_count(item, row)):
                repeated = item.kind == "group" and item.repeats
                self._walk(item.items, (*row, index) if repeated else row, texts, fields)

    def field(self, item: Item, row: Row) -> PrintedField:
        values = self.settled.answers.get(item.name(row)) if self.completed else ()
        words = tuple(words_of(item, value, self.paper.language, self.paper.zone) for value in values)
        kind: FieldKind = _KINDS.get(item.kind, "line")
        if item.options:
            kind = "checks" if item.repeats else "choice"
        elif item.kind == "boolean" and item.control == "check-box":
            kind = "tick"
        unit = item.units[0] if item.units and not values else {}
        return PrintedField(
            label=self.paper.say(item.text),
            kind=kind,
            hint=self.paper.say(item.help),
            answers=words,
            options=self._options(item, values),
            unit=str(unit.get("display") or unit.get("code") or ""),
            optional=not item.required,
            wide=kind in ("lines", "checks", "tick") or len(item.options) > 4,
            link_id=item.link_id,
            raw=str(values[0]) if item.kind == "date" and values and len(str(values[0])) == len("2027-03-09") else "",
        )

    def _options(self, item: Item, values: tuple[Any, ...]) -> tuple[PrintedOption, ...]:
        if item.kind == "boolean":
            pairs = zip(yes_no(self.paper.language), yes_no(self.paper.second or self.paper.language), strict=True)
            words = [Words(one, other if self.paper.second and other != one else "") for one, other in pairs]
            return (PrintedOption(words[0], True in values), PrintedOption(words[1], False in values))
        spoken = {words_of(item, value, self.paper.language) for value in values}
        return tuple(
            PrintedOption(self.paper.say(option.text), option.text.say(self.paper.language) in spoken)
            for option in item.options
        )

    def signature(self, name: str) -> PrintedSignature:
        found: Signature | None = self.settled.answers.signatures.get(name) if self.completed else None
        if found is None:
            return PrintedSignature()
        return PrintedSignature(
            signer=found.signer,
            svg=found.svg,
            when=found.when,
            language=found.language,
            helper=found.who == "helper",
            text_hash=found.text_hash,
        )
