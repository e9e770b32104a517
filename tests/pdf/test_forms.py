"""Forms on paper: blank and answered, in one language and two, every example that we were given."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from clinic.core.json import loads
from clinic.intake.printing import Paper, PrintedForm, blank_form, completed_form
from clinic.intake.questionnaire import Form
from clinic.intake.questionnaire.load import read_form
from clinic.intake.service.strokes import svg_of
from clinic.pdf import print_pdf
from clinic.pdf.codes import page_code, read_page_code
from tests.intake.forms import a_form, ask, example_forms, fill
from tests.pdf import samples
from tests.pdf.conftest import printing_app
from tests.pdf.reading import codes, faults_of_tags, fonts, opened, pages, size_mm, spoken, tag_names, words

LIBRARY = Path(__file__).resolve().parents[2] / "clinic" / "intake" / "library"
PATIENT = {"name": "Soler, Ana R.", "birth_date": "1986-04-17", "record_number": "HS-00001"}
LINE = "Soler, Ana R. · 1986-04-17 · HS-00001"
STROKES = json.dumps([{"points": [{"x": 20 + 4 * step, "y": 60 + 30 * (step % 5 - 2)} for step in range(30)]}])


def library(name: str) -> Form:
    return read_form(loads((LIBRARY / f"{name}.json").read_bytes()))


def answered(form: Form, language: str = "en", second: str = "") -> PrintedForm:
    """The form with every question answered and signed by hand."""
    answers = fill(form).answers
    drawn = {name: replace(one, svg=svg_of(STROKES)) for name, one in answers.signatures.items()}
    about = {"code": samples.CODE, "authored": "2027-03-09T15:00:00Z", "patient": PATIENT}
    return completed_form(
        form, replace(answers, signatures=drawn), Paper(language, second, "America/New_York"), about=about
    )


def printed(form: PrintedForm, **more: str) -> bytes:
    line = LINE if form.completed else ""
    footer = samples.printed(form.title.text or "A form", code=samples.CODE, patient_line=line, **more)
    return print_pdf("intake_form.html", footer, form=form, language=form.language)


def with_answer(form: Form, text: str) -> PrintedForm:
    """The form's first question answered with this text."""
    item = next(item for item in form.every if item.question)
    answers = fill(form).answers.with_value(item.name(), (text,))
    return completed_form(form, answers, Paper(), about={"code": samples.CODE, "patient": PATIENT})


@pytest.mark.parametrize("path", example_forms(), ids=lambda path: path.stem)
def test_every_example_prints_blank_and_answered(printing: Flask, shared: Path, path: Path) -> None:
    form = read_form(loads(path.read_bytes()))
    blank = printed(blank_form(form, Paper(), code=samples.CODE))
    filled = printed(answered(form))
    assert faults_of_tags(blank) == []
    assert faults_of_tags(filled) == []
    shown = _squeezed(words(blank))
    for item in form.every:
        if item.question and not item.hidden and item.text.default and not any(map(_under(form, item), _hidden(form))):
            assert _squeezed(item.text.default)[:40] in shown, item.text.default


def _hidden(form: Form) -> list[object]:
    return [item for item in form.every if item.hidden]


def _under(form: Form, item: object):
    above = []
    outer = form.parents.get(item.number)
    while outer:
        above.append(outer)
        outer = form.parents.get(outer.number)
    return lambda one: one in above


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("name", ["intake-new-patient", "intake-consent", "intake-contact-check", "intake-privacy"])
@pytest.mark.parametrize(("language", "second"), [("en", ""), ("es", "en"), ("nl", "en"), ("ar", "en")])
def test_our_own_forms_print_in_each_language(printing: Flask, name: str, language: str, second: str) -> None:
    form = answered(library(name), language, second)
    document = printed(form)
    assert faults_of_tags(document) == []
    with opened(document) as pdf:
        assert str(pdf.Root.Lang) == language
        assert str(pdf.docinfo.Title) == form.title.text
    found = fonts(document)
    assert all(found.values())
    assert any("Arabic" in font for font in found) == (language == "ar")
    for page in range(1, pages(document) + 1):
        text = words(document, page)
        assert "Soler, Ana R." in text
        assert "1986-04-17" in text
    if second:
        assert _squeezed(form.title.second) in _squeezed(words(document))


def test_the_form_speaks_sans_and_the_answers_serif(printing: Flask) -> None:
    blank = fonts(printed(blank_form(library("intake-consent"), Paper())))
    assert not any("Serif" in font for font in blank)
    filled = fonts(printed(answered(library("intake-consent"))))
    assert any("Serif" in font for font in filled)


def test_each_page_carries_its_own_code(printing: Flask) -> None:
    document = printed(blank_form(library("intake-new-patient"), Paper(), code=samples.CODE))
    assert pages(document) >= 2
    found = codes(document, 100)
    assert found == [[page_code(samples.CODE, page)] for page in range(1, pages(document) + 1)]
    assert [read_page_code(one[0]) for one in found] == [(samples.CODE, page) for page in range(1, len(found) + 1)]


@pytest.mark.parametrize("code", ["intake-new-patient", "weight.2", "x"])
def test_codes_of_foreign_forms_are_read_back(code: str) -> None:
    assert read_page_code(page_code(code, 3)) == (code, 3)


def test_a_stranger_s_code_is_none_of_ours() -> None:
    with pytest.raises(ValueError, match="not the code"):
        read_page_code("https://example.org/F:1:2")


def test_letter_and_a4_hold_the_same_pages() -> None:
    made = {}
    for paper in ("letter", "a4"):
        with printing_app(paper):
            made[paper] = printed(blank_form(library("intake-new-patient"), Paper(), code=samples.CODE))
    assert size_mm(made["letter"]) == (215.9, 279.4)
    assert size_mm(made["a4"]) == (210.0, 297.0)
    assert pages(made["letter"]) == pages(made["a4"])


def test_a_blank_form_has_boxes_for_digits_and_a_line_to_sign_on(printing: Flask) -> None:
    text = words(printed(blank_form(library("intake-consent"), Paper())))
    assert "M M D D Y Y Y Y" in text
    assert "Sign here" in text
    assert "Practice only".upper() in text.upper()
    assert "blank" in text
    assert "printed 2027-03-09" in text


def test_a_signed_form_shows_who_signed_when_and_the_seal(printing: Flask) -> None:
    form = answered(library("intake-consent"))
    document = printed(form, copy="copy 1")
    text = words(document)
    signature = next(one.signature for one in form.sections if one.signature) or form.signature
    assert signature is not None
    assert "SHA-256 " + " ".join(signature.hash_groups) in text
    assert "Text read in: English." in text
    assert "copy 1" in text
    assert "Figure" in tag_names(document)


def test_a_chosen_box_is_crossed_and_the_others_are_empty(printing: Flask) -> None:
    colours = [{"valueString": "Red"}, {"valueString": "Green"}]
    form = a_form(ask("colour", "choice", "Which colour?", answerOption=colours))
    text = spoken(printed(with_answer(form, "Green")))
    assert "× Green" in text
    assert "× Red" not in text


def test_headings_labels_and_answers_are_read_in_order(printing: Flask) -> None:
    form = a_form(ask("a", text="First question"), ask("b", text="Second question"))
    text = spoken(printed(with_answer(form, "my first answer")))
    places = [
        text.index(part) for part in ("A form", "About you", "First question", "my first answer", "Second question")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("text", "step"),
    [("short", ""), ("word " * 20, "small"), ("word " * 32, "two"), ("word " * 400, "more"), ("w" * 10_000, "more")],
)
def test_a_long_answer_gets_smaller_then_two_lines_then_a_further_page_and_is_never_cut(
    printing: Flask, text: str, step: str
) -> None:
    document = printed(with_answer(a_form(ask("a", text="First question")), text))
    found = _squeezed(words(document))
    assert found.count("w") >= text.count("w")
    assert ("Answersthatneededmoreroom" in found) == (step == "more")
    if step == "more":
        assert "continuedonpage2" in found
        assert pages(document) >= 2


def test_hostile_answers_are_printed_as_words_and_fetch_nothing(printing: Flask) -> None:
    document = printed(with_answer(a_form(ask("a", "text", "First question")), samples.HOSTILE * 40))
    text = words(document)
    assert "<script>alert(1)</script>" in text
    assert "{{ 7*7 }}" in text
    assert faults_of_tags(document) == []


def test_a_hostile_form_prints(printing: Flask) -> None:
    form = a_form(ask("a", text=samples.HOSTILE), ask("b", text="word " * 600), title=samples.HOSTILE)
    assert "alert(1)" in words(printed(blank_form(form, Paper())))


def test_what_turns_round_stays_inside_its_answer(printing: Flask) -> None:
    document = printed(with_answer(a_form(ask("a", text="First question")), "\u202egnp.exe"))
    assert "About you" in words(document)
    assert "Page 1 / 1" in words(document)
