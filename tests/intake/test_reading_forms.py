"""Reading Questionnaires: everything is understood or told."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.core.errors import Invalid
from clinic.intake.questionnaire import extensions as ext
from clinic.intake.questionnaire.load import MOST_ITEMS, read_form
from tests.intake.forms import a_form, ask, example_forms, extension, fill, load_example

EXAMPLES = example_forms()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_form_is_read_with_all_its_items(path: Path) -> None:
    form = load_example(path)
    assert path.read_text().count('"linkId"') == len(form.every)


def test_there_are_twelve_example_forms(shared: Path) -> None:
    assert len(EXAMPLES) == 12


def test_what_is_no_questionnaire_is_refused() -> None:
    with pytest.raises(Invalid, match="not a Questionnaire"):
        read_form({"resourceType": "Patient"})
    with pytest.raises(Invalid, match="no questions"):
        read_form({"resourceType": "Questionnaire", "item": []})


def test_a_form_of_unreasonable_size_is_refused() -> None:
    items = [ask(str(at)) for at in range(MOST_ITEMS + 1)]
    with pytest.raises(Invalid, match="more than"):
        a_form(*items)


def test_nesting_without_end_is_cut_and_told() -> None:
    item = ask("deepest")
    for depth in range(40):
        item = ask(f"g{depth}", "group", item=[item])
    form = a_form(item)
    assert any("deeply" in notice.message for notice in form.notices)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"type": "string", "text": "no link"}, "no linkId"),
        (ask("x", "hologram"), "type of this item is not known"),
        (ask("x", "choice", answerValueSet="urn:example:unknown"), "list of answers is not known"),
        (ask("x", "reference"), "written in words"),
        (ask("x", extension=[extension("urn:example:strange", valueString="1")]), "urn:example:strange"),
        (ask("x", modifierExtension=[extension("urn:example:not", valueString="1")]), "changes the meaning"),
        (
            ask("x", enableWhen=[{"question": "nowhere", "operator": "exists", "answerBoolean": True}]),
            "not in the form",
        ),
        (ask("x", enableWhen=[{"question": "x", "operator": "~", "answerBoolean": True}]), "cannot be read"),
        (
            ask("x", enableWhen=[{"question": "x", "operator": "=", "answerInteger": "2022-09"}]),
            "compared as it is written",
        ),
        (ask("x", extension=[extension(ext.REGEX, valueString="(a+)+$")]), "too costly"),
        (ask("x", extension=[extension(ext.REGEX, valueString="[")]), "not valid"),
        (
            ask(
                "x",
                extension=[extension(ext.CALCULATED, valueExpression={"language": "text/cql", "expression": "1"})],
            ),
            "Only FHIRPath",
        ),
        (
            ask(
                "x",
                extension=[
                    extension(ext.CALCULATED, valueExpression={"language": "text/fhirpath", "expression": "1 ++"})
                ],
            ),
            "cannot be read",
        ),
        (
            ask(
                "x",
                extension=[
                    extension(
                        ext.ENABLED,
                        valueExpression={"language": "text/fhirpath", "expression": "repeat(item)"},
                    )
                ],
            ),
            "without end",
        ),
    ],
)
def test_what_is_not_supported_is_told(item: dict[str, object], message: str) -> None:
    form = a_form(item)
    assert [notice for notice in form.notices if message in notice.message], form.notices


def test_two_items_with_one_link_are_told() -> None:
    form = a_form(ask("x"), ask("x"))
    assert any("same linkId" in notice.message for notice in form.notices)


def test_conditions_that_wait_for_each_other_are_told_and_both_are_asked() -> None:
    wait = {"operator": "exists", "answerBoolean": True}
    form = a_form(
        ask("a", enableWhen=[{"question": "b", **wait}]),
        ask("b", enableWhen=[{"question": "a", **wait}]),
        ask("c", enableWhen=[{"question": "b", **wait}]),
    )
    told = {notice.link_id for notice in form.notices if "waits for itself" in notice.message}
    assert told == {"a", "b"}
    assert fill(form).is_asked(form.at("c"))


def test_help_and_prompt_texts_belong_to_their_question() -> None:
    control = extension(ext.ITEM_CONTROL, valueCodeableConcept={"coding": [{"code": "help"}]})
    form = a_form(ask("x", item=[ask("x-help", "display", "Look at the card", extension=[control])]))
    assert form.by_link["x"].help.default == "Look at the card"
    assert "x-help" not in form.by_link


def test_translations_are_found_by_language_and_fall_back() -> None:
    words = {"extension": [extension(ext.TRANSLATION, extension=[
        {"url": "lang", "valueCode": "nl"}, {"url": "content", "valueString": "Voornaam"}])]}  # fmt: skip
    form = a_form(ask("x", text="First name", _text=words))
    text = form.by_link["x"].text
    assert (text.say("nl"), text.say("nl-BE"), text.say("de")) == ("Voornaam", "Voornaam", "First name")
    assert form.languages == ("en", "nl")


def test_options_of_a_value_set_inside_the_form_are_read() -> None:
    contained = [{"resourceType": "ValueSet", "id": "v", "compose": {"include": [
        {"system": "urn:s", "concept": [{"code": "a", "display": "Apple"}, {"code": "b"}]}]}}]  # fmt: skip
    form = a_form(ask("x", "choice", answerValueSet="#v"), contained=contained)
    assert [option.text.default for option in form.by_link["x"].options] == ["Apple", "b"]


def test_a_known_value_set_speaks_every_language_of_the_tablet() -> None:
    form = a_form(ask("x", "choice", answerValueSet="http://hl7.org/fhir/ValueSet/administrative-gender"))
    assert form.by_link["x"].options[0].text.say("ar") == "أنثى"
