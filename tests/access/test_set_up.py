"""The first visit: opens only with the code on the console, makes the practice, and closes for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from clinic.access.setup_code import create_setup_code
from clinic.core.clock import FixedClock
from clinic.fhir.practice import load_practice
from clinic.fhir.store import Store
from clinic.web.state import State
from tests import factories
from tests.access.conftest import send

FORM = {
    "practice": "Lakeside Clinic",
    "site": "Front desk",
    "region": "us",
    "zone": "America/Chicago",
    "name": "Ada Ferrante",
    "username": "ada",
    "password": factories.PASSWORD,
}


@pytest.fixture
def code(small_state: State) -> str:
    """The code on the console."""
    now = small_state.clock.now()
    return small_state.database.run_write(lambda conn: create_setup_code(conn, now))


def test_without_a_code_there_is_no_set_up_page(browser: FlaskClient) -> None:
    assert browser.get("/access/set-up").headers["Location"] == "/access/sign-in"


def test_the_sign_in_page_of_a_new_practice_leads_to_set_up(browser: FlaskClient, code: str) -> None:
    assert browser.get("/access/sign-in").headers["Location"] == "/access/set-up"


def test_the_right_code_makes_practice_site_and_administrator_and_signs_in(
    browser: FlaskClient, code: str, small_state: State
) -> None:
    answer = send(browser, "/access/set-up", code=code.lower(), **FORM)
    assert answer.status_code == 303, answer.text
    assert "Ada Ferrante" in browser.get("/access/account").text
    with small_state.database.read() as conn:
        practice = load_practice(conn)
        assert practice is not None
        assert (practice.name, practice.zone, practice.site_name) == (
            "Lakeside Clinic",
            "America/Chicago",
            "Front desk",
        )
        actor = small_state.setting
        store = Store(conn, actor, actor=factories_actor(), now=small_state.clock.now())
        assert store.read("Location", practice.site_id)["managingOrganization"]["reference"].endswith(
            practice.organization_id
        )
    assert browser.get("/access/set-up").status_code == 303


def factories_actor():  # type: ignore[no-untyped-def]
    from clinic.core.actor import SYSTEM

    return SYSTEM


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "AAAA-BBBB-CCCC"}, "not the code"),
        ({"zone": "Mars/Base"}, "time zone"),
        ({"zone": "../../etc/passwd"}, "time zone"),
        ({"password": "short"}, "at least 10"),
        ({"username": "no spaces allowed"}, "letters, digits"),
        ({"practice": ""}, "fill this in"),
    ],
)
def test_a_bad_value_makes_nothing(
    browser: FlaskClient, code: str, small_state: State, change: dict[str, str], said: str
) -> None:
    answer = send(browser, "/access/set-up", **{**FORM, "code": code, **change})
    assert answer.status_code == 422
    assert said in answer.text
    with small_state.database.read() as conn:
        assert load_practice(conn) == factories.PRACTICE
    assert send(browser, "/access/set-up", **{**FORM, "code": code}).status_code == 303


def test_a_code_of_yesterday_opens_nothing(browser: FlaskClient, code: str, clock: FixedClock) -> None:
    clock.instant += timedelta(hours=25)
    assert "older than a day" in send(browser, "/access/set-up", **{**FORM, "code": code}).text


def test_no_code_is_made_once_somebody_can_sign_in(browser: FlaskClient, code: str, small_state: State) -> None:
    send(browser, "/access/set-up", code=code, **FORM)
    now = small_state.clock.now()
    assert small_state.database.run_write(lambda conn: create_setup_code(conn, now)) == ""
