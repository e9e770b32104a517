"""The tablet as a patient meets it: pairing, the lock, the birth date, the switches, and its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.clock import FixedClock
from clinic.intake.service import devices, packets
from tests.intake.factories import Tablet, field, shown, write

ABOUT_THE_PATIENT = ("Ana", "Soler", "Alder", "5550142", "555-0142", "ana@example.org", "1972")


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


def test_the_last_page_wipes_the_tablet(tablet: Tablet) -> None:
    answer = tablet.client.get("/intake/tablet/thanks")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Cache-Control"] == "no-store"


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
