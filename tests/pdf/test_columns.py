"""Short lists over the columns of a page, and the sheet that needs them."""

from __future__ import annotations

import time

from flask import Flask

from clinic.billing.printing import TickLine, TickSection, practice_diagnoses
from clinic.pdf import print_pdf
from clinic.pdf.columns import LINE_MM, ROW_MM, columns
from clinic.pdf.render import document_html
from clinic.pdf.worker import render
from tests.pdf import samples
from tests.pdf.reading import faults_of_tags, pages, words


def _section(title: str, lines: int, text: str = "A short line") -> TickSection:
    return TickSection(title, tuple(TickLine(f"{title}-{place}", text, 1000) for place in range(lines)))


def _titles(rows: list) -> list[list[list[str]]]:  # type: ignore[type-arg]
    return [[[part.title for part in column] for column in row] for row in rows]


def test_whole_sections_stand_in_order_in_columns_as_even_as_they_come() -> None:
    six = [_section(letter, 6) for letter in "ABCDEF"]
    assert _titles(columns(six, 3, 26)) == [[["A", "B"], ["C", "D"], ["E", "F"]]]
    assert _titles(columns([_section("A", 4), _section("B", 4), _section("C", 8)], 2, 26)) == [[["A", "B"], ["C"]]]


def test_nothing_to_list_has_no_row_and_one_section_leaves_columns_empty() -> None:
    assert columns([], 3, 26) == []
    assert _titles(columns([_section("A", 3)], 3, 26)) == [[["A"], [], []]]


def test_one_long_section_goes_on_in_the_next_column_under_its_heading() -> None:
    rows = columns([_section("A", 20)], 2, 26)
    assert _titles(rows) == [[["A"], ["A"]]]
    assert [len(column[0].lines) for column in rows[0]] == [10, 10]


def test_a_list_for_several_pages_has_several_rows_and_loses_no_line() -> None:
    many = [_section(f"S{place}", 3 + place % 40, "word " * (1 + place % 9)) for place in range(50)]
    rows = columns(many, 2, 26)
    assert len(rows) > 5
    assert all(sum(part.tall for part in column) <= ROW_MM + 4 * LINE_MM for row in rows for column in row)
    printed = [line for row in rows for column in row for part in column for line in part.lines]
    assert printed == [line for section in many for line in section.lines]


def test_a_very_long_price_list_prints_every_line_once(printing: Flask) -> None:
    form = samples.tick_sheet(charges=tuple(_section(f"Part{place}", 30) for place in range(6)))
    document = print_pdf("encounter_form.html", samples.printed(code=samples.CODE), form=form)
    assert faults_of_tags(document) == []
    assert pages(document) > 1
    text = words(document)
    assert all(text.count(f"{line.code} A short line") == 1 for section in form.charges for line in section.lines)


def test_a_full_tick_sheet_takes_little_longer_than_an_empty_one(printing: Flask) -> None:
    full = samples.tick_sheet(practice_diagnoses(), tuple(_section(f"Part{place}", 5) for place in range(4)))
    sheets = [full, samples.tick_sheet((), ())]
    made = [document_html("encounter_form.html", samples.printed(code=samples.CODE), form=form) for form in sheets]
    render(made[1])
    listed, empty = (min(_seconds(html) for _ in range(2)) for html in made)
    assert listed < 9 * empty


def _seconds(html: str) -> float:
    started = time.process_time()
    render(html)
    return time.process_time() - started
