"""Filling in and signing forms on the tablet."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.intake.factories import Tablet, field, found, shown, write


def test_an_unsigned_form_is_refused_with_its_fields_and_nothing_is_completed(tablet: Tablet) -> None:
    tablet.give("intake-consent")
    tablet.sit_down()
    assert tablet.send().status_code == 422
    assert "Please answer this question." in tablet.page
    assert "Please sign here" in tablet.page
    assert found(tablet.app, "Consent") == []


def test_skipping_the_signing_page_does_not_complete_the_form(tablet: Tablet) -> None:
    tablet.give("intake-consent")
    tablet.sit_down()
    token = field(tablet.page, "csrf_token")
    data = {"csrf_token": token, "do": "next", "at": "nowhere", "position": "0"}
    answer = tablet.client.post("/intake/tablet/form/0", data=data)
    assert answer.status_code == 422
    assert found(tablet.app, "Consent") == []


def test_sending_the_last_page_twice_makes_one_of_everything(tablet: Tablet) -> None:
    tablet.give("intake-consent")
    tablet.sit_down()
    name = shown(tablet.page)[0]
    page = tablet.page
    for _ in range(2):
        tablet.page = page
        answer = tablet.send(**{name: "true", "signer": "Ana Soler"})
    assert answer.status_code in (303, 404)
    for type_ in ("QuestionnaireResponse", "Provenance", "Consent"):
        assert len(found(tablet.app, type_)) == 1


def test_an_answer_is_kept_as_it_is_given(tablet: Tablet) -> None:
    tablet.give("intake-new-patient")
    tablet.sit_down()
    names = shown(tablet.page)
    data = {
        "at": field(tablet.page, "at"),
        "shown": names,
        names[0]: "Anita",
        "csrf_token": field(tablet.page, "csrf_token"),
    }
    answer = tablet.client.post("/intake/tablet/form/0/answer", data=data, headers={"X-Autosave": "1"})
    assert answer.status_code == 204
    assert 'value="Anita"' in tablet.get("/intake/tablet")


def test_an_answer_that_opens_a_question_gives_the_sheet_again(tablet: Tablet) -> None:
    tablet.give("intake-new-patient")
    page = tablet.sit_down()
    while "Do you take medicines?" not in page:
        page = tablet.follow(tablet.send(**typed(page)))
    names = shown(page)
    data = {"at": field(page, "at"), "shown": names, names[0]: "true", "csrf_token": field(page, "csrf_token")}
    answer = tablet.client.post("/intake/tablet/form/0/answer", data=data, headers={"X-Autosave": "1"})
    sheet = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<html" not in sheet
    assert len(shown(sheet)) > len(names)


def typed(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(q\d+)" value="([^"]*)"[^>]*inputmode', page))


def test_rows_are_added_and_taken_away_with_their_answers(tablet: Tablet) -> None:
    tablet.give("intake-new-patient")
    page = tablet.sit_down()
    while "Do you take medicines?" not in page:
        page = tablet.follow(tablet.send(**typed(page)))
    takes = shown(page)[0]
    page = tablet.follow(tablet.send(**{takes: "true"}))
    name, dose = (one for one in shown(page) if one.endswith("-0"))
    group = re.search(r'value="add:(q\d+)"', page)[1]
    given = {takes: "true", name: "Aspirin", dose: "one"}
    page = tablet.follow(tablet.send(f"add:{group}", **given))
    second = next(one for one in shown(page) if one.endswith("-1"))
    page = tablet.follow(tablet.send(f"remove:{group}:0", **given, **{second: "Iron"}))
    assert 'value="Iron"' in page
    assert 'value="Aspirin"' not in page
    assert second not in shown(page)


def test_going_back_loses_nothing(tablet: Tablet) -> None:
    tablet.give("intake-new-patient")
    first = tablet.sit_down()
    tablet.follow(tablet.send(**{shown(first)[0]: "Anita"}))
    page = tablet.follow(tablet.send("back", **typed(tablet.page)))
    assert 'value="Anita"' in page


def test_a_refused_page_keeps_what_was_typed(tablet: Tablet) -> None:
    tablet.give("intake-new-patient")
    page = tablet.sit_down()
    while "tetanus" not in page:
        page = tablet.follow(tablet.send(**typed(page)))
    date = shown(page)[2]
    assert tablet.send(**{f"{date}.y": "2019", f"{date}.m": "14", f"{date}.d": ""}).status_code == 422
    assert 'value="14"' in tablet.page
    assert "This day does not exist." in tablet.page


@pytest.mark.parametrize("language", ["es", "nl", "ar"])
def test_the_form_speaks_the_chosen_language(tablet: Tablet, language: str) -> None:
    tablet.give("intake-new-patient")
    page = tablet.sit_down(language)
    assert {"es": "Sobre usted", "nl": "Over u", "ar": "نبذة عنك"}[language] in page
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page


def test_filling_in_the_whole_library_completes_every_form(tablet: Tablet) -> None:
    tablet.give("intake-new-patient", "intake-privacy", "intake-consent")
    page = tablet.sit_down("nl")
    for _step in range(20):
        ticks = dict.fromkeys(re.findall(r'type="checkbox" name="(q\d+)" value="true"', page), "true")
        signed = {"signer": "Ana Soler"} if 'name="signs"' in page else {}
        answer = tablet.send(**typed(page), **ticks, **signed)
        assert answer.status_code == 303, tablet.page
        page = tablet.follow(answer)
        if "/thanks" in tablet.path:
            break
    assert {one["status"] for one in found(tablet.app, "QuestionnaireResponse")} == {"completed"}
    assert len(found(tablet.app, "Consent")) == 2


def test_the_store_of_a_tablet_knows_the_tablet(app: Flask, tablet: Tablet) -> None:
    tablet.give("intake-consent")
    page = tablet.sit_down()
    tablet.send(**{shown(page)[0]: "true", "signer": "Ana Soler"})
    response = found(app, "QuestionnaireResponse")[0]
    version = write(app, lambda store: store.history("QuestionnaireResponse", response["id"]))[0]
    assert version.author == tablet.id
