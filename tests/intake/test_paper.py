"""What a printed form says, blank and completed."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.intake.printing import BLANK_ROWS, Paper, blank_form, completed_form
from clinic.intake.questionnaire import Answers, read_form
from clinic.intake.service.forms import library
from tests.intake.forms import a_form, ask, example_forms, fill, load_example


@pytest.mark.parametrize("path", example_forms(), ids=lambda path: path.stem)
def test_every_question_of_an_example_stands_on_paper(path: Path) -> None:
    form = load_example(path)
    printed = blank_form(form, Paper())
    shown = {field.link_id for section in printed.sections for field in section.fields}
    assert shown == {item.link_id for item in form.every if item.question and not _hidden(form, item)}
    settled = fill(form)
    done = completed_form(form, settled.answers, Paper())
    answered = [field for section in done.sections for field in section.fields if field.answers]
    assert answered


def _hidden(form, item) -> bool:
    while item:
        if item.hidden:
            return True
        item = form.parents.get(item.number)
    return False


def test_a_blank_form_has_rows_to_write_in_and_ticks_nothing() -> None:
    form = a_form(ask("g", "group", repeats=True, item=[ask("x")]), ask("y", "group", item=[ask("b", "boolean")]))
    printed = blank_form(form, Paper())
    assert [field.link_id for section in printed.sections for field in section.fields].count("x") == BLANK_ROWS
    assert not any(
        option.chosen for section in printed.sections for field in section.fields for option in field.options
    )


def test_a_completed_form_leaves_out_what_was_not_asked() -> None:
    when = [{"question": "a", "operator": "=", "answerBoolean": True}]
    form = a_form(ask("a", "boolean"), ask("b", enableWhen=when))
    printed = completed_form(form, Answers({form.at("a"): (False,)}), Paper())
    (field,) = printed.sections[0].fields
    assert field.answers == ("No",)
    assert [option.chosen for option in field.options] == [False, True]


@pytest.mark.parametrize("language", ["es", "nl", "ar"])
def test_the_library_prints_in_two_languages(language: str) -> None:
    for questionnaire in library():
        printed = blank_form(read_form(questionnaire), Paper(language, "en"))
        words = [field.label for section in printed.sections for field in section.fields]
        assert all(word.text for word in words)
        assert any(word.second and word.second != word.text for word in words)
