"""The tablet as a patient meets it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.clock import FixedClock
from clinic.core.json import Json
from clinic.intake.service import devices, packets
from clinic.registration.mapping.consents import signed_of
from clinic.registration.queries.evidence import evidence_of
from clinic.registration.rules.consents import ConsentText
from clinic.registration.rules.evidence import Evidence
from clinic.registration.service.evidence import confirm_values
from tests.intake.factories import Tablet, field, shown, write

ABOUT_THE_PATIENT = ("Ana", "Soler", "Alder", "5550142", "555-0142", "ana@example.org", "1972")


def every(app: Flask, type_: str) -> list[Json]:
    found: list[Json] = write(app, lambda store: store.search(type_, [], limit=50))
    return found


def found(app: Flask, type_: str) -> list[Json]:
    """Every record of a type; of Provenance those with a signature."""
    return [one for one in every(app, type_) if type_ != "Provenance" or "signature" in one]


def confirmed(app: Flask, *names: str) -> None:
    """Somebody at the desk was told that these values are right."""
    (patient,) = every(app, "Patient")
    write(app, lambda store: confirm_values(store, patient["id"], names))


def test_an_unpaired_tablet_asks_for_its_code_and_knows_nothing_else(app: Flask) -> None:
    page = app.test_client().get("/intake/tablet").get_data(as_text=True)
    assert "Pair this tablet" in page


def test_a_wrong_code_is_told_beside_the_field(app: Flask, tablet: Tablet) -> None:
    stranger = app.test_client()
    token = field(stranger.get("/intake/tablet").get_data(as_text=True), "csrf_token")
    answer = stranger.post("/intake/tablet/pair", data={"code": "NOTACODE", "csrf_token": token})
    assert answer.status_code == 422
    assert "This code is not valid" in answer.get_data(as_text=True)


def test_guessing_codes_is_slowed_down(app: Flask) -> None:
    stranger = app.test_client()
    token = field(stranger.get("/intake/tablet").get_data(as_text=True), "csrf_token")
    told = [
        stranger.post("/intake/tablet/pair", data={"code": f"AAAA{at:04}", "csrf_token": token}).status_code
        for at in range(40)
    ]
    assert told[-1] == 429


def test_the_lock_screen_shows_no_name_and_finds_what_is_handed_over(tablet: Tablet) -> None:
    page = tablet.get("/intake/tablet")
    assert "Tablet 2 is ready" in page
    assert tablet.client.get("/intake/tablet/poll").status_code == 204
    tablet.give()
    assert tablet.client.get("/intake/tablet/poll").get_data(as_text=True) == "/intake/tablet"


def test_nothing_about_the_patient_is_in_any_page_before_the_birth_date(tablet: Tablet) -> None:
    tablet.give()
    pages = [tablet.get("/intake/tablet")]
    pages.append(tablet.follow(tablet.post("/intake/tablet/welcome", language="en")))
    tablet.post("/intake/tablet/birth-date", y="1980", m="1", d="1")
    pages.append(tablet.page)
    for page in pages:
        assert not [word for word in ABOUT_THE_PATIENT if word in page.replace("09 / 03 / 1972", "")]


@pytest.mark.parametrize(
    "path",
    ["/intake/tablet/form/0", "/intake/tablet/form/1?at=q5", "/intake/tablet/form/0/still-right"],
)
def test_a_question_page_before_the_birth_date_does_not_exist(tablet: Tablet, path: str) -> None:
    tablet.give()
    tablet.get("/intake/tablet")
    page = tablet.get(path)
    assert tablet.status == 404
    assert not [word for word in ABOUT_THE_PATIENT if word in page]


@pytest.mark.parametrize(
    "path", ["/intake/tablet/form/0", "/intake/tablet/form/0/answer", "/intake/tablet/form/0/still-right"]
)
def test_answers_before_the_birth_date_are_refused(tablet: Tablet, path: str) -> None:
    tablet.give()
    tablet.get("/intake/tablet")
    assert tablet.post(path, do="next", shown="q5", q5="x").status_code == 404


@pytest.mark.parametrize(
    ("year", "month", "day"), [("", "", ""), ("1972", "13", "1"), ("<b>", "1", "1"), ("1972", "4", "")]
)
def test_a_birth_date_that_is_none_costs_no_try(tablet: Tablet, year: str, month: str, day: str) -> None:
    packet_id = tablet.give()
    tablet.get("/intake/tablet")
    tablet.follow(tablet.post("/intake/tablet/welcome", language="en"))
    assert tablet.post("/intake/tablet/birth-date", y=year, m=month, d=day).status_code == 422
    assert write(tablet.app, lambda store: packets.packet(store, packet_id)).attempts == 0


def test_the_third_wrong_birth_date_locks_and_tells_nobody_more(tablet: Tablet) -> None:
    tablet.give()
    tablet.get("/intake/tablet")
    tablet.follow(tablet.post("/intake/tablet/welcome", language="en"))
    told = [tablet.post("/intake/tablet/birth-date", y="1972", m="4", d="18").status_code for _ in range(3)]
    assert told == [422, 422, 403]
    assert tablet.client.get("/intake/tablet/form/0").status_code == 404
    assert "Tablet 2 is ready" in tablet.get("/intake/tablet")


def confirm_all(tablet: Tablet) -> Any:
    for link in ("home", "reach", "mail", "emergency"):
        tablet.follow(tablet.post("/intake/tablet/form/0/still-right", do=f"yes:{link}"))
    return tablet.post("/intake/tablet/form/0/still-right", do="next")


def test_a_returning_patient_confirms_four_tiles_and_signs(tablet: Tablet) -> None:
    tablet.give("intake-contact-check", "intake-consent")
    page = tablet.sit_down()
    assert "1420 Alder Court, Apt 6" in page
    assert tablet.post("/intake/tablet/form/0/still-right", do="next").status_code == 422
    tablet.follow(confirm_all(tablet))
    assert "Please read and sign" in tablet.page
    name = shown(tablet.page)[0]
    answer = tablet.send(**{name: "true", "signer": "Ana Soler"})
    assert answer.headers["Location"].endswith("/intake/tablet/thanks")
    page = tablet.follow(answer)
    assert "Thank you, all done" in page
    check, consent = sorted(
        found(tablet.app, "QuestionnaireResponse"), key=lambda one: one["questionnaire"], reverse=True
    )
    assert {check["status"], consent["status"]} == {"completed"}
    signed = found(tablet.app, "Provenance")[0]
    assert (
        signed["target"][0]["reference"]
        == f"QuestionnaireResponse/{consent['id']}/_history/{consent['meta']['versionId']}"
    )
    assert signed["signature"][0]["who"]["display"] == "Ana Soler"
    kept = found(tablet.app, "Consent")[0]
    assert kept["sourceReference"] == signed["target"][0]
    agreed = signed_of(kept)
    assert (agreed.kind, agreed.number, agreed.language, agreed.how) == ("treatment", 1, "en", "tablet")
    assert "I agree to be examined" in agreed.text
    assert ConsentText(agreed.title, agreed.text).sha256 == agreed.sha256
    assert kept["verification"][0]["verifiedWith"]["reference"] == kept["patient"]["reference"]


def test_the_last_page_wipes_the_tablet(tablet: Tablet) -> None:
    answer = tablet.client.get("/intake/tablet/thanks")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_changed_tile_is_kept_and_marked(tablet: Tablet) -> None:
    tablet.give("intake-contact-check")
    page = tablet.sit_down()
    change = re.findall(r'href="(/intake/tablet/form/0\?at=[^"]+)"', page)[1]
    tablet.get(change.replace("&amp;", "&"))
    name = shown(tablet.page)[0]
    page = tablet.follow(tablet.send(**{name: "202 555 0143"}))
    assert "Changed" in page
    assert "202 555 0143" in page


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


def test_bigger_text_and_contrast_stay_and_keep_the_page(tablet: Tablet) -> None:
    tablet.give("intake-new-patient")
    page = tablet.sit_down()
    name = shown(page)[0]
    data = {key: field(page, key) for key in ("position", "here", "at")}
    page = tablet.follow(tablet.post("/intake/tablet/switch", switch="text", shown=name, **data, **{name: "Anita"}))
    assert 'data-text="large"' in page
    assert 'value="Anita"' in page
    page = tablet.follow(tablet.post("/intake/tablet/switch", switch="contrast", here=field(page, "here")))
    assert 'data-contrast="high"' in page


@pytest.mark.parametrize("here", ["https://evil.example/", "//evil.example", "/registration/", "/intake/"])
def test_a_switch_leads_back_to_the_tablet_only(tablet: Tablet, here: str) -> None:
    tablet.give()
    tablet.get("/intake/tablet")
    assert tablet.post("/intake/tablet/switch", switch="text", here=here).headers["Location"] == "/intake/tablet"


def test_help_is_seen_at_the_desk(tablet: Tablet, client_of: Callable[[str], FlaskClient]) -> None:
    tablet.give()
    tablet.get("/intake/tablet")
    page = tablet.follow(tablet.post("/intake/tablet/help", here="/intake/tablet/welcome"))
    assert "Reception is coming to you." in page
    assert "needs help" in client_of("receptionist").get("/intake/").get_data(as_text=True)


def test_a_packet_that_is_over_says_so_and_keeps_what_was_sent(tablet: Tablet, clock: FixedClock) -> None:
    tablet.give("intake-new-patient")
    page = tablet.sit_down()
    clock.instant += timedelta(minutes=31)
    assert tablet.send(**{shown(page)[0]: "Anita"}).status_code == 404
    assert "no form on this tablet" in tablet.page


def test_a_revoked_tablet_is_out_at_once(tablet: Tablet) -> None:
    tablet.give()
    tablet.sit_down()
    write(tablet.app, lambda store: devices.revoke(store, tablet.id))
    assert "Pair this tablet" in tablet.get("/intake/tablet")
    assert tablet.client.get("/intake/tablet/form/0").status_code in (302, 303, 401)


def test_a_second_tablet_does_not_see_the_first_ones_forms(app: Flask, tablet: Tablet) -> None:
    tablet.give()
    tablet.sit_down()
    other = Tablet(app, "Tablet 3")
    assert other.client.get("/intake/tablet/form/0").status_code == 404


def test_staff_take_the_tablet_back_with_their_password(
    app: Flask, tablet: Tablet, client_of: Callable[[str], FlaskClient]
) -> None:
    from tests.factories import PASSWORD

    client_of("receptionist")
    tablet.give("intake-new-patient")
    tablet.get("/intake/tablet/leave")
    assert tablet.post("/intake/tablet/leave", username="receptionist0", secret="wrong").status_code == 422
    assert tablet.post("/intake/tablet/leave", username="receptionist0", secret=PASSWORD).status_code == 303
    assert "Tablet 2 is ready" in tablet.get("/intake/tablet")


def test_a_link_shows_nothing_and_changes_nothing_until_it_is_begun(app: Flask) -> None:
    from tests.intake.factories import handed

    made = write(app, lambda store: handed(store, "intake-privacy"))
    phone = app.test_client()
    page = phone.get(f"/intake/link/{made.token}").get_data(as_text=True)
    assert not [word for word in ABOUT_THE_PATIENT if word in page]
    assert phone.get("/intake/tablet/form/0").status_code in (303, 401)
    begun = phone.post(f"/intake/link/{made.token}", data={"csrf_token": field(page, "csrf_token")})
    assert begun.status_code == 303
    assert "Which language" in phone.get("/intake/tablet", follow_redirects=True).get_data(as_text=True)
    assert phone.get("/registration/").status_code == 403


@pytest.mark.parametrize("token", ["nowhere", "x" * 3_000], ids=["unknown", "endless"])
def test_a_link_that_nobody_gave_is_over(app: Flask, token: str) -> None:
    assert app.test_client().get(f"/intake/link/{token}").status_code == 404


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


def test_what_was_confirmed_lately_is_not_asked_on_the_tablet(tablet: Tablet) -> None:
    tablet.give("intake-contact-check")
    confirmed(tablet.app, "address", "mobile", "home_phone", "contact_by")
    page = tablet.sit_down()
    assert re.findall(r'value="yes:(\w+)"', page) == ["mail", "emergency"]
    assert page.count("9 Mar 2027") == 2, "what is not asked says since when it is known"
    for link in ("mail", "emergency"):
        tablet.follow(tablet.post("/intake/tablet/form/0/still-right", do=f"yes:{link}"))
    assert tablet.post("/intake/tablet/form/0/still-right", do="next").headers["Location"].endswith("/thanks")


def test_a_yes_on_the_tablet_is_evidence_for_the_value_and_a_change_is_none(tablet: Tablet) -> None:
    def known() -> dict[str, Evidence]:
        (patient,) = every(tablet.app, "Patient")
        found: dict[str, Evidence] = write(tablet.app, lambda store: evidence_of(store, patient["id"]))
        return found

    tablet.give("intake-contact-check")
    confirmed(tablet.app, "address")
    before = known()["address"]
    page = tablet.sit_down()
    change = re.findall(r'href="(/intake/tablet/form/0\?at=[^"]+)"', page)[1]
    tablet.get(change.replace("&amp;", "&"))
    tablet.follow(tablet.send(**{shown(tablet.page)[0]: "202 555 0143"}))
    for link in ("mail", "emergency"):
        tablet.follow(tablet.post("/intake/tablet/form/0/still-right", do=f"yes:{link}"))
    tablet.post("/intake/tablet/form/0/still-right", do="next")
    found = known()
    (answers,) = every(tablet.app, "QuestionnaireResponse")
    for name in ("email", "emergency"):
        verified = found[name].verified
        assert verified is not None, name
        assert (verified.source, verified.by_name) == ("tablet", "Tablet 2")
        assert verified.document.startswith(f"QuestionnaireResponse/{answers['id']}/_history/")
    assert found["mobile"].verified is None
    assert found["address"] == before, "what was not asked is not confirmed by being shown"
