"""Pages, what is typed on them, and what is wrong with it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.intake.questionnaire import Answers, Entry, pages, read_page, settle, validate_all, validate_page
from clinic.intake.questionnaire import extensions as ext
from clinic.intake.questionnaire.model import locate
from clinic.intake.questionnaire.pages import MOST_QUESTIONS, after, page_at, page_of
from tests.intake.forms import a_form, ask, example_forms, extension, fill, load_example

FRUIT = [{"valueCoding": {"code": code, "display": code.title()}} for code in ("apple", "pear")]
NONE = {"valueCoding": {"code": "none", "display": "None of these"}, "extension": [
    {"url": ext.OPTION_EXCLUSIVE, "valueBoolean": True}]}  # fmt: skip


@pytest.mark.parametrize("path", example_forms(), ids=lambda path: path.stem)
def test_every_question_of_a_filled_example_is_on_exactly_one_page(path: Path) -> None:
    settled = fill(load_example(path))
    shown = [entry.name for page in pages(settled) for entry in page.questions]
    wanted = [one.name for one in settled.asked if one.item.question and not _hidden(settled.form, one.item)]
    assert shown == wanted
    assert all(len(page.questions) <= MOST_QUESTIONS for page in pages(settled))
    assert validate_all(settled) == ()


def _hidden(form, item) -> bool:
    while item:
        if item.hidden:
            return True
        item = form.parents.get(item.number)
    return False


def test_a_page_keeps_its_place_when_questions_come_and_go() -> None:
    form = a_form(
        ask("one", "group", item=[ask("a", "boolean")]),
        ask(
            "two",
            "group",
            enableWhen=[{"question": "a", "operator": "=", "answerBoolean": True}],
            item=[ask("b")],
        ),
        ask("three", "group", item=[ask("c")]),
    )
    short, long = (pages(settle(form, Answers({form.at("a"): (value,)}))) for value in (False, True))
    assert (len(short), len(long)) == (2, 3)
    assert page_at(long, short[1].key).group is page_at(short, short[1].key).group
    assert page_at(short, "nonsense").number == 1


def test_next_first_shows_what_the_last_answer_opened() -> None:
    when = [{"question": "a", "operator": "=", "answerBoolean": True}]
    form = a_form(
        ask("one", "group", item=[ask("a", "boolean"), ask("b", enableWhen=when)]),
        ask("two", "group", item=[ask("c")]),
    )
    settled = settle(form, Answers({form.at("a"): (True,)}))
    found = pages(settled)
    shown = frozenset({form.at("a")})
    assert after(found, shown, found[0].key) is found[0]
    assert after(found, shown | {form.at("b")}, found[0].key) is found[1]
    assert after(found, frozenset({form.at("c")}), found[1].key) is None


def test_the_page_of_a_field_is_found() -> None:
    form = a_form(*[ask(str(at)) for at in range(9)])
    found = pages(settle(form, Answers()))
    assert page_of(found, form.at("8")) is found[2]
    assert page_of(found, "q99") is None


@pytest.mark.parametrize("name", ["q0", "q1-0", "q2", "q1", "q99999", "qx", "", "q1-0-0", "q1-999", "Q1", "q١"])
def test_a_name_stands_for_a_place_or_for_nothing(name: str) -> None:
    form = a_form(ask("g", "group", repeats=True, item=[ask("x")]))
    assert bool(locate(form, name)) is (name in ("q0", "q1-0", "q1-999"))


def _read(item: dict[str, object], **posted: list[str]):
    form = a_form(item)
    inner = form.by_link[str(item["linkId"])]
    fields = {inner.name() + key.replace("_", ".")[1:]: value for key, value in posted.items()}
    found = read_page([Entry("question", inner)], fields, zone="America/New_York")
    return found.faults[0].message if found.faults else found.values[inner.name()]


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        ("string", "  Ana   Soler ", ("Ana Soler",)),
        ("text", "one\r\ntwo", ("one\ntwo",)),
        ("integer", "٤٢", (42,)),
        ("integer", "-3", (-3,)),
        ("integer", "4.5", "Please give a whole number."),
        ("integer", "9" * 30, "Please give a whole number."),
        ("decimal", "2,50", (Decimal("2.50"),)),
        ("decimal", "٢٫٥", (Decimal("2.5"),)),
        ("decimal", "NaN", "Please give a number."),
        ("decimal", "1e9", "Please give a number."),
        ("boolean", "true", (True,)),
        ("boolean", "maybe", "Please choose one of the answers shown."),
        ("time", "2:30 pm", ("14:30:00",)),
        ("time", "25:00", "Please give a time, such as 14:30."),
        ("string", "a\x00b", "This holds characters that cannot be kept."),
        ("string", "x" * 2_000, "This is too long: at most %(most)s characters."),
        ("reference", "Somebody", ({"display": "Somebody"},)),
        ("string", "", ()),
    ],
)
def test_what_people_type_is_understood_or_refused(kind: str, typed: str, expected: object) -> None:
    assert _read(ask("x", kind), q=[typed]) == expected


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        ("2019", "6", "", ("2019-06",)),
        ("2019", "", "", ("2019",)),
        ("٢٠١٩", "٦", "١", ("2019-06-01",)),
        ("", "", "", ()),
        ("2019", "", "3", "Please give at least the year, or month and year."),
        ("", "6", "1", "Please give at least the year, or month and year."),
        ("19", "6", "1", "Please give the year with four figures."),
        ("2019", "2", "29", "This day does not exist."),
        ("2019", "x", "1", "Please give the date in numbers."),
    ],
)
def test_a_date_may_be_partial_but_must_exist(year: str, month: str, day: str, expected: object) -> None:
    assert _read(ask("x", "date"), q_y=[year], q_m=[month], q_d=[day]) == expected


def test_a_moment_is_kept_as_an_instant_of_the_practice_zone() -> None:
    given = {"q_y": ["2027"], "q_m": ["3"], "q_d": ["9"], "q_t": ["9:30"]}
    assert _read(ask("x", "dateTime"), **given) == ("2027-03-09T14:30:00Z",)


def test_only_offered_answers_can_be_chosen() -> None:
    item = ask("x", "choice", answerOption=FRUIT)
    assert _read(item, q=["1"]) == ({"code": "pear", "display": "Pear"},)
    assert _read(item, q=["2"]) == "Please choose one of the answers shown."
    assert _read(item, q=["<b>"]) == "Please choose one of the answers shown."


def test_an_open_choice_takes_own_words() -> None:
    assert _read(ask("x", "open-choice", answerOption=FRUIT), q=["other"], q_other=["Fig"]) == ("Fig",)


def test_a_quantity_carries_its_unit() -> None:
    units = [extension(ext.UNIT_OPTION, valueCoding={"code": code, "system": "urn:u"}) for code in ("m", "cm")]
    value = _read(ask("x", "quantity", extension=units), q=["170"], q_unit=["1"])
    assert value == ({"value": Decimal(170), "unit": "cm", "system": "urn:u", "code": "cm"},)


@given(st.dictionaries(st.sampled_from(["q1", "q1.y", "q1.m", "q1.d", "q1.t", "q1.other", "q1.unit"]), st.lists(st.text(), max_size=3)),
       st.sampled_from(["boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url", "choice", "open-choice", "quantity", "reference"]))  # fmt: skip
def test_no_input_whatever_breaks_the_reader(posted: dict[str, list[str]], kind: str) -> None:
    form = a_form(ask("x", kind))
    read = read_page([Entry("question", form.by_link["x"])], posted)
    assert set(read.values) | {fault.name for fault in read.faults} == {"q1"}


def _faults(item: dict[str, object], *values: object) -> list[str]:
    form = a_form(item)
    settled = settle(form, Answers({form.at(str(item["linkId"])): values} if values else {}))
    return [fault.message for page in pages(settled) for fault in validate_page(settled, page)]


@pytest.mark.parametrize(
    ("extra", "values", "message"),
    [
        ({"required": True}, (), "Please answer this question."),
        ({"maxLength": 3}, ("four",), "This is too long"),
        ({"extension": [extension(ext.MIN_LENGTH, valueInteger=3)]}, ("ab",), "This is too short"),
        ({"extension": [extension(ext.REGEX, valueString="[0-9]{5}")]}, ("1234",), "right form"),
        ({"type": "integer", "extension": [extension(ext.MIN_VALUE, valueInteger=3)]}, (2,), "at least"),
        ({"type": "integer", "extension": [extension(ext.MAX_VALUE, valueInteger=3)]}, (4,), "at most"),
        ({"type": "date", "extension": [extension(ext.MAX_VALUE, valueDate="2026-01-01")]}, ("2026-02",), "at most"),
        ({"type": "decimal", "extension": [extension(ext.DECIMAL_PLACES, valueInteger=1)]}, (Decimal("1.25"),), "figures"),
        ({"type": "url"}, ("not a url",), "full web address"),
        ({"repeats": True, "extension": [extension(ext.MIN_OCCURS, valueInteger=2)]}, ("a",), "at least"),
        ({"repeats": True, "extension": [extension(ext.MAX_OCCURS, valueInteger=1)]}, ("a", "b"), "At most"),
        ({}, ("a", "b"), "At most"),
        ({"type": "choice", "answerOption": FRUIT}, ({"code": "fig"},), "one of the answers shown"),
        ({"type": "choice", "repeats": True, "answerOption": [*FRUIT, NONE]}, (FRUIT[0]["valueCoding"], NONE["valueCoding"]), "together"),
    ],
)  # fmt: skip
def test_every_limit_is_told_beside_its_field(
    extra: dict[str, object], values: tuple[object, ...], message: str
) -> None:
    faults = _faults({**ask("x"), **extra}, *values)
    assert len(faults) == 1
    assert message in faults[0]


def test_a_rule_of_the_author_is_shown_in_the_author_words() -> None:
    rule = extension(ext.CONSTRAINT, extension=[
        {"url": "key", "valueId": "k"}, {"url": "severity", "valueCode": "error"},
        {"url": "expression", "valueString": "answer.value < 10"}, {"url": "human", "valueString": "Below ten, please."}])  # fmt: skip
    assert _faults(ask("x", "integer", extension=[rule]), 12) == ["Below ten, please."]
    assert _faults(ask("x", "integer", extension=[rule]), 2) == []


def test_what_is_not_asked_is_not_required() -> None:
    when = [{"question": "a", "operator": "=", "answerBoolean": True}]
    form = a_form(ask("a", "boolean"), ask("b", required=True, enableWhen=when))
    assert validate_all(settle(form, Answers())) == ()
    assert [fault.name for fault in validate_all(settle(form, Answers({form.at("a"): (True,)})))] == [form.at("b")]


def test_a_repeating_group_asks_for_at_least_its_minimum_and_offers_no_more_than_its_maximum() -> None:
    limits = [extension(ext.MIN_OCCURS, valueInteger=2), extension(ext.MAX_OCCURS, valueInteger=3)]
    form = a_form(ask("g", "group", repeats=True, extension=limits, item=[ask("x", required=True)]))
    assert len(validate_all(settle(form, Answers()))) == 2
    for count, offered in ((2, True), (3, False)):
        found = pages(settle(form, Answers(rows={form.at("g"): count})))
        assert any(entry.kind == "add" for page in found for entry in page.entries) is offered
