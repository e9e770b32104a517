"""A form cut into pages: one for each top-level group, four questions at most, no scrolling if possible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from clinic.intake.questionnaire.enabling import Settled
from clinic.intake.questionnaire.model import WHOLE_FORM, Instance, Item, Row, Text

MOST_QUESTIONS = 4
TALLEST = 608
"""What a 1024 x 768 tablet shows without scrolling, in CSS pixels."""
_LINE = 29
_TARGET = 64
_FIELD = 56

EntryKind = Literal["heading", "text", "question", "add"]


@dataclass(frozen=True)
class Entry:
    """One thing on a page: a heading, a text, a question, or the button that adds a row to a group."""

    kind: EntryKind
    item: Item
    row: Row = ()
    depth: int = 0

    @property
    def name(self) -> str:
        """The name of its field."""
        return self.item.name(self.row)

    @property
    def index(self) -> int:
        """Which row of its repeating group this is, from 0."""
        return self.row[len(self.item.level)] if len(self.row) > len(self.item.level) else 0

    @property
    def anchor(self) -> str:
        """A name that no other entry has, to find this place again."""
        row = self.row if self.kind == "heading" else self.row[: len(self.item.level)]
        return "-".join([f"{self.kind[0]}{self.item.number}", *map(str, row)])


@dataclass(frozen=True)
class Page:
    """What is asked at once."""

    title: Text
    entries: tuple[Entry, ...]
    group: Item | None = None
    signs: str = ""
    """The name under which this page's signature is kept, when it is one to sign."""
    number: int = 1
    total: int = 1

    @property
    def key(self) -> str:
        """The place of this page in the form; stays valid when pages before it come and go."""
        return self.entries[0].anchor if self.entries else "sign"

    @property
    def questions(self) -> tuple[Entry, ...]:
        """Only what is asked."""
        return tuple(entry for entry in self.entries if entry.kind == "question")


def pages(settled: Settled) -> tuple[Page, ...]:
    """The pages of a form as it is answered now; hidden and disabled items are on none of them."""
    tops = [one for one in settled.asked if one.item.number in _tops(settled) and not one.item.hidden]
    found: list[Page] = []
    for group, members in groupby(tops, key=lambda one: one.item if one.item.kind == "group" else None):
        instances = list(members)
        entries = list(_flatten(settled, _unique(instances)))
        found += _cut(settled, group, entries)
    if settled.form.signature:
        found.append(Page(settled.form.title, (), signs=WHOLE_FORM))
    kept = [page for page in found if page.questions or page.signs or _says_something(page)]
    return tuple(replace(page, number=at, total=len(kept)) for at, page in enumerate(kept, start=1))


def _tops(settled: Settled) -> frozenset[int]:
    return frozenset(item.number for item in settled.form.items)


def _says_something(page: Page) -> bool:
    return any(entry.kind in ("text", "add") for entry in page.entries)


def _unique(instances: Iterable[Instance]) -> Iterator[tuple[Item, Row]]:
    """Each top item once (the rows of a repeating group are walked inside)."""
    seen: set[int] = set()
    for one in instances:
        if one.item.number not in seen:
            seen.add(one.item.number)
            yield one.item, one.row[: len(one.item.level)]


def _flatten(settled: Settled, items: Iterable[tuple[Item, Row]], depth: int = 0) -> Iterator[Entry]:
    for item, row in items:
        if item.hidden or not settled.is_asked(item.name(row)):
            continue
        if item.kind == "group":
            yield from _group(settled, item, row, depth)
            continue
        yield Entry("text" if item.kind == "display" else "question", item, row, depth)
        yield from _flatten(settled, ((inner, row) for inner in item.items), depth)


def _group(settled: Settled, item: Item, row: Row, depth: int) -> Iterator[Entry]:
    count = settled.answers.row_count(item, row)
    for index in range(count):
        inner = (*row, index) if item.repeats else row
        if item.repeats or depth:
            yield Entry("heading", item, inner, depth)
        yield from _flatten(settled, ((one, inner) for one in item.items), depth + 1)
    most = item.limits.max_occurs
    if item.repeats and not item.read_only and (most is None or count < most):
        yield Entry("add", item, row, depth)


def _cut(settled: Settled, group: Item | None, entries: list[Entry]) -> list[Page]:
    title = group.text if group and group.text else settled.form.title
    if group and group.signature:
        return [Page(title, tuple(entries), group, signs=group.name())]
    found: list[list[Entry]] = [[]]
    for at, entry in enumerate(entries):
        if found[-1] and not _fits(found[-1], entries, at):
            found.append([])
        found[-1].append(entry)
    return [Page(title, tuple(part), group) for part in found if part]


def _fits(page: list[Entry], entries: list[Entry], at: int) -> bool:
    """Whether the next entry still fits; a heading or text goes where its first question goes."""
    coming = [entries[at]]
    while coming[-1].kind in ("heading", "text") and at + len(coming) < len(entries):
        coming.append(entries[at + len(coming)])
    asked = sum(entry.kind == "question" for entry in (*page, *coming))
    tall = sum(height(entry.item, entry.kind) for entry in (*page, *coming))
    return asked <= MOST_QUESTIONS and tall <= TALLEST


def height(item: Item, kind: EntryKind = "question") -> int:
    """About how tall an entry is on the tablet, in CSS pixels at normal text size."""
    words = _LINE * (1 + len(item.text.default) // 58)
    if kind != "question":
        return _TARGET if kind == "add" else words + 12
    beside = len(item.text.default) + len(item.help.default) < 60
    helped = _LINE * (1 + len(item.help.default) // 70) if item.help and not beside else 0
    return 22 + words + helped + _body(item)


def _body(item: Item) -> int:
    if item.options and item.control not in ("drop-down", "autocomplete"):
        longest = max(len(option.text.default) for option in item.options)
        columns = 3 if len(item.options) == 3 and longest < 14 else 1 if longest > 60 else 2
        plain = sum(not option.exclusive for option in item.options)
        rows = -(-plain // columns) + len(item.options) - plain
        return rows * _TARGET - 8 + (_TARGET if item.kind == "open-choice" else 0)
    return {"text": 74, "date": 87, "dateTime": 87, "attachment": 130}.get(item.kind, _FIELD)


def page_at(found: tuple[Page, ...], anchor: str) -> Page:
    """The page that holds an anchor; the first page when it is gone or was never there."""
    for page in found:
        if page.key == anchor or any(entry.anchor == anchor for entry in page.entries):
            return page
    return found[0]


def page_of(found: tuple[Page, ...], name: str) -> Page | None:
    """The page on which a field is."""
    for page in found:
        if page.signs == name or any(entry.name == name for entry in page.questions):
            return page
    return None


def after(found: tuple[Page, ...], shown: frozenset[str], current: str) -> Page | None:
    """Where Next goes: the first page, from the present one on, with a question that was not shown yet.

    A question that an answer on the page has just opened is asked before moving on. None means: done.
    """
    here = page_at(found, current).number
    for page in found[here - 1 :]:
        fresh = any(entry.name not in shown for entry in page.questions)
        if page.number == here and not fresh:
            continue
        if page.number > here or fresh:
            return page
    return None
