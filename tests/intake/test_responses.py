"""Answers as QuestionnaireResponses and back; signatures bound to their text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.json import Json, dumps, loads
from clinic.intake.questionnaire import (
    Answers,
    Signature,
    from_response,
    settle,
    text_hash,
    to_response,
    validate_all,
)
from clinic.intake.questionnaire import extensions as ext
from tests.intake.forms import a_form, ask, example_forms, extension, fill, load_example

ABOUT = {"status": "completed", "authored": "2027-03-09T15:24:00Z"}
SIGN = extension(ext.SIGNATURE_REQUIRED, valueCodeableConcept={"coding": [{"code": "1.2.840.10065.1.12.1.7"}]})


@pytest.mark.parametrize("path", example_forms(), ids=lambda path: path.stem)
def test_a_filled_example_reads_back_equal(path: Path) -> None:
    settled = fill(load_example(path))
    response = loads(dumps(to_response(settled.form, settled.answers, settled.names, ABOUT)))
    again = from_response(settled.form, response)
    assert again.values == {name: v for name, v in settled.answers.values.items() if name in settled.names}


def _links(items: list[Json]) -> list[str]:
    return [link for item in items for link in (item["linkId"], *_links(item.get("item", [])))]


def test_what_is_not_asked_is_not_in_the_response() -> None:
    when = [{"question": "a", "operator": "=", "answerBoolean": True}]
    form = a_form(ask("a", "boolean"), ask("b", enableWhen=when))
    answers = Answers({form.at("a"): (False,), form.at("b"): ("secret",)})
    settled = settle(form, answers)
    assert "secret" not in dumps(to_response(form, answers, settled.names, ABOUT))


def test_rows_of_a_repeating_group_keep_their_number_and_order() -> None:
    form = a_form(ask("g", "group", repeats=True, item=[ask("x"), ask("h", "group", repeats=True, item=[ask("y")])]))
    answers = Answers(
        {form.at("x", 0): ("one",), form.at("x", 2): ("three",), form.at("y", 2, 1): ("inner",)},
        {form.at("g"): 3, form.at("h", 2): 2},
    )
    settled = settle(form, answers)
    again = from_response(form, to_response(form, answers, settled.names, ABOUT))
    assert again.values == answers.values
    assert again.rows[form.at("g")] == 3
    assert again.rows[form.at("h", 2)] == 2


def test_nested_questions_stand_under_the_answer() -> None:
    form = a_form(ask("a", "boolean", item=[ask("why")]))
    answers = Answers({form.at("a"): (True,), form.at("why"): ("because",)})
    response = to_response(form, answers, settle(form, answers).names, ABOUT)
    assert response["item"][0]["item"][0]["answer"][0]["item"][0]["linkId"] == "why"
    assert from_response(form, response).values == answers.values


def test_the_score_of_an_option_is_written_for_expressions_and_left_out_again() -> None:
    option = {"valueCoding": {"code": "a"}, "extension": [{"url": ext.ORDINAL, "valueDecimal": 3}]}
    form = a_form(ask("x", "choice", answerOption=[option]))
    answers = Answers({form.at("x"): ({"code": "a"},)})
    response = to_response(form, answers, settle(form, answers).names, ABOUT)
    assert ext.ORDINAL in dumps(response)
    assert from_response(form, response).values == answers.values


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["g", "x", "s", "data"]),
    lambda inner: st.lists(inner) | st.fixed_dictionaries({"linkId": st.sampled_from(["g", "x"])}, optional={
        "item": inner, "answer": inner, "extension": inner}) | st.fixed_dictionaries({}, optional={
        "valueCoding": inner, "valueString": inner, "url": st.just(ext.SIGNATURE), "valueSignature": inner,
        "who": inner, "data": inner, "extension": inner}),
    max_leaves=25,
)  # fmt: skip


@given(_JSON)
def test_a_response_of_any_shape_is_read_without_an_error(item: object) -> None:
    form = a_form(
        ask(
            "g",
            "group",
            repeats=True,
            item=[ask("x", "choice", answerOption=[{"valueCoding": {"code": "a"}}])],
        )
    )
    from_response(form, {"resourceType": "QuestionnaireResponse", "item": item})


def _consent():
    return a_form(ask("c", "group", "Consent", extension=[SIGN], item=[
        ask("t", "display", "I agree to be treated."), ask("ok", "boolean", "I have read this", required=True)]))  # fmt: skip


def _signed(answers: Answers, form, **change: str):
    settled = settle(form, answers)
    signature = Signature(text_hash(settled, form.at("c"), "en"), "2027-03-09T15:24:00Z", "en", signer="Ana Soler")
    return settle(form, answers.with_signature(form.at("c"), replace(signature, **change)))


def test_an_unsigned_form_is_not_complete() -> None:
    form = _consent()
    faults = validate_all(settle(form, Answers({form.at("ok"): (True,)})))
    assert [fault.name for fault in faults] == [form.at("c")]


def test_a_typed_name_counts_as_a_signature() -> None:
    form = _consent()
    assert validate_all(_signed(Answers({form.at("ok"): (True,)}), form)) == ()


def test_an_empty_signature_is_none() -> None:
    form = _consent()
    assert validate_all(_signed(Answers({form.at("ok"): (True,)}), form, signer="", svg=""))


def test_a_text_that_changed_must_be_signed_again() -> None:
    form = _consent()
    signed = _signed(Answers({form.at("ok"): (True,)}), form)
    other = _signed(Answers(), a_form(ask("c", "group", "Consent", extension=[SIGN], item=[
        ask("t", "display", "I agree to pay double."), ask("ok", "boolean", "I have read this")])))  # fmt: skip
    moved = settle(other.form, signed.answers)
    assert any("changed after it was signed" in fault.message for fault in validate_all(moved))


def test_signatures_survive_being_stored() -> None:
    form = _consent()
    settled = _signed(Answers({form.at("ok"): (True,)}), form, svg="<svg/>")
    again = from_response(form, loads(dumps(to_response(form, settled.answers, settled.names, ABOUT))))
    assert again.signatures == settled.answers.signatures


def test_a_form_signed_as_a_whole_covers_every_answer() -> None:
    form = a_form(ask("x"), extension=[SIGN])
    settled = settle(form, Answers({form.at("x"): ("one",)}))
    signature = Signature(text_hash(settled, "form", "en"), "2027-03-09T15:24:00Z", "en", signer="Ana")
    signed = settled.answers.with_signature("form", signature)
    assert validate_all(settle(form, signed)) == ()
    assert validate_all(settle(form, signed.with_value(form.at("x"), ("two",))))
    response = to_response(form, signed, settled.names, ABOUT)
    assert from_response(form, response).signatures == {"form": signature}
