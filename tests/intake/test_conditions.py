"""Which questions are asked, and what calculates itself."""

from __future__ import annotations

from decimal import Decimal

import pytest

from clinic.core.json import Json
from clinic.intake.questionnaire import Answers, begin, settle
from clinic.intake.questionnaire import extensions as ext
from clinic.intake.questionnaire.enabling import satisfied
from clinic.intake.questionnaire.model import Condition, Value
from tests.intake.forms import SHARED, a_form, ask, extension, load_example

A = {"system": "urn:s", "code": "a", "display": "A"}
B = {"system": "urn:s", "code": "b", "display": "B"}


@pytest.mark.parametrize(
    ("operator", "answer", "found", "expected"),
    [
        ("exists", True, ("x",), True),
        ("exists", True, (), False),
        ("exists", False, (), True),
        ("=", True, (True,), True),
        ("=", True, (1,), False),
        ("=", Decimal("5.60"), (Decimal("5.6"),), True),
        ("=", 5, (Decimal("5.0"),), True),
        ("=", A, (B, {"code": "a"}), True),
        ("=", A, ({"system": "urn:other", "code": "a"},), False),
        ("!=", A, (B,), True),
        ("!=", A, (A, B), False),
        ("!=", A, (), True),
        (">", 4, (5,), True),
        (">", 5, (5,), False),
        (">=", 5, (5,), True),
        ("<", Decimal("2.5"), (2,), True),
        ("<=", "2020-05-01", ("2020-04-30",), True),
        (">", "2020-05-01", ("2020-05",), False),
        (">=", "2020-05-01", ("2021",), True),
        (">", 4, ("5",), False),
        (">", True, (True,), False),
        (">", {"value": Decimal(1)}, ({"value": Decimal(2)},), True),
    ],
)
def test_every_operator(operator: str, answer: Value, found: tuple[Value, ...], *, expected: bool) -> None:
    assert satisfied(Condition("q", operator, answer), found) is expected


def _when(question: str, **answer: object) -> Json:
    return {"question": question, "operator": "=", **answer}


def test_all_and_any_of_several_conditions() -> None:
    lines = [_when("a", answerBoolean=True), _when("b", answerBoolean=True)]
    form = a_form(
        ask("a", "boolean"), ask("b", "boolean"),
        ask("both", enableWhen=lines, enableBehavior="all"), ask("one", enableWhen=lines, enableBehavior="any"),
    )  # fmt: skip
    settled = settle(form, Answers({form.at("a"): (True,)}))
    assert settled.is_asked(form.at("one"))
    assert not settled.is_asked(form.at("both"))


def test_an_answer_that_is_no_longer_asked_counts_no_more() -> None:
    form = a_form(
        ask("a", "boolean"),
        ask("b", "boolean", enableWhen=[_when("a", answerBoolean=True)]),
        ask("c", enableWhen=[_when("b", answerBoolean=True)]),
    )
    answers = Answers({form.at("a"): (True,), form.at("b"): (True,)})
    assert settle(form, answers).is_asked(form.at("c"))
    assert not settle(form, answers.with_value(form.at("a"), (False,))).is_asked(form.at("c"))


def test_a_condition_inside_a_repeating_group_looks_at_its_own_row() -> None:
    group = ask("g", "group", repeats=True, item=[
        ask("has", "boolean"), ask("which", enableWhen=[_when("has", answerBoolean=True)])])  # fmt: skip
    form = a_form(group)
    answers = Answers({form.at("has", 1): (True,)}, {form.at("g"): 2})
    settled = settle(form, answers)
    assert settled.is_asked(form.at("which", 1))
    assert not settled.is_asked(form.at("which", 0))


def test_a_group_that_is_not_asked_takes_everything_inside_with_it() -> None:
    form = a_form(
        ask("page", "group", item=[ask("a", "boolean")]),
        ask(
            "g",
            "group",
            enableWhen=[_when("a", answerBoolean=True)],
            item=[ask("inner", "group", item=[ask("x")])],
        ),
    )
    assert not settle(form, Answers()).is_asked(form.at("x"))


def test_the_example_with_an_enabling_expression_opens_at_five() -> None:
    form = load_example(SHARED / "lforms-enableWhenExpressionTest.json")
    low = Answers({form.at("n1"): (Decimal(2),), form.at("n3"): (Decimal("2.5"),)})
    assert not settle(form, low).is_asked(form.at("q4"))
    assert settle(form, low.with_value(form.at("n2"), (Decimal("0.5"),))).is_asked(form.at("q4"))


def test_the_body_mass_index_of_the_example_calculates_itself() -> None:
    form = load_example(SHARED / "sdc-sdc-profile-example-weight-height.json")
    answers = Answers({form.at("/29463-7"): (Decimal(70),), form.at("/8302-2"): (Decimal(70),)})
    assert settle(form, answers).answers.get(form.at("/39156-5")) == (Decimal("22.1"),)
    assert settle(form, Answers()).answers.get(form.at("/39156-5")) == ()


def test_a_calculation_forgets_its_result_when_its_source_is_taken_away() -> None:
    form = load_example(SHARED / "lforms-hidden-item.R4.json")
    name = form.at("ITEM-VISIBLE")
    settled = settle(form, Answers({name: (Decimal(4),)}))
    assert settled.answers.get(form.at("GROUP-HIDDEN/CE-HIDDEN")) == (Decimal(4),)
    cleared = settle(form, settled.answers.with_value(name, ()))
    assert cleared.answers.get(form.at("GROUP-HIDDEN/CE-HIDDEN")) == ()


def test_the_score_of_the_depression_panel_adds_up() -> None:
    form = load_example(SHARED / "lforms-phq9.json")
    asked = [item for item in form.every if item.options and item.link_id != "/69722-7"]
    answers = Answers({item.name(): (item.options[2].value,) for item in asked[:9]})
    total = settle(form, answers).answers.get(form.at("/44261-6"))
    assert total == (Decimal(18),)


def _expression(url: str, path: str) -> Json:
    return extension(url, valueExpression={"language": "text/fhirpath", "expression": path})


@pytest.mark.parametrize("path", ["%resource.nothing.like.this", "%undefined + 1", "1 / 0", "'a' + 1", "iif(3)"])
def test_an_expression_that_fails_gives_no_value_and_no_error(path: str) -> None:
    form = a_form(ask("x", "decimal", extension=[_expression(ext.CALCULATED, path)]))
    assert settle(form, Answers()).answers.get(form.at("x")) == ()


def test_two_calculations_that_chase_each_other_come_to_an_end() -> None:
    chase = "iif(%resource.item.item.where(linkId='{0}').answer.exists(), {{}}, 1)"
    form = a_form(
        ask("a", "integer", extension=[_expression(ext.CALCULATED, chase.format("b"))]),
        ask("b", "integer", extension=[_expression(ext.CALCULATED, chase.format("a"))]),
    )
    settle(form, Answers())


def test_variables_of_a_group_see_their_own_row() -> None:
    variable = extension(ext.VARIABLE, valueExpression={
        "name": "n", "language": "text/fhirpath", "expression": "item.where(linkId='n').answer.value"})  # fmt: skip
    group = ask("g", "group", repeats=True, extension=[variable], item=[
        ask("n", "integer"), ask("double", "integer", extension=[_expression(ext.CALCULATED, "%n * 2")])])  # fmt: skip
    form = a_form(group)
    answers = Answers({form.at("n", 0): (2,), form.at("n", 1): (5,)}, {form.at("g"): 2})
    settled = settle(form, answers)
    assert [settled.answers.get(form.at("double", row)) for row in (0, 1)] == [(4,), (10,)]


def test_initial_values_and_expressions_start_a_form() -> None:
    form = a_form(
        ask("a", initial=[{"valueString": "YUP"}]),
        ask("b", "choice", answerOption=[{"valueCoding": A}, {"valueCoding": B, "initialSelected": True}]),
        ask("c", "date", extension=[_expression(ext.INITIAL, "%patient.birthDate")]),
    )
    answers = begin(form, {"patient": {"resourceType": "Patient", "birthDate": "1980-02-03"}})
    assert [answers.get(form.at(link)) for link in "abc"] == [("YUP",), (B,), ("1980-02-03",)]
