"""One's own account, the locked desk, and the next person at it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.access import users
from clinic.access.users import get_user
from clinic.web.state import State
from tests import factories
from tests.access.conftest import send, sign_in

NEW = "six grey herons walk"


@pytest.fixture
def desk(browser: FlaskClient, person: Callable[..., str]) -> FlaskClient:
    """Noor at the desk, with the PIN 2580."""
    person()
    sign_in(browser)
    answer = send(browser, "/access/account/pin", "/access/account", present=factories.PASSWORD, pin="2580")
    assert answer.status_code == 303
    return browser


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(small_app: Flask, desk: FlaskClient) -> None:
    other = small_app.test_client()
    sign_in(other)
    form = {"present": factories.PASSWORD, "password": NEW, "again": NEW}
    assert send(desk, "/access/account/password", "/access/account", **form).status_code == 303
    assert desk.get("/visits/").status_code == 200
    assert other.get("/visits/").status_code == 303
    assert sign_in(other, password=NEW).status_code == 303


@pytest.mark.parametrize(
    ("present", "password", "again", "said"),
    [
        ("not it", NEW, NEW, "not your present password"),
        (factories.PASSWORD, "short", "short", "at least 10"),
        (factories.PASSWORD, "aaaaaaaaaaaa", "aaaaaaaaaaaa", "too easy"),
        (factories.PASSWORD, "Password12345!", "Password12345!", "too easy"),
        (factories.PASSWORD, NEW, NEW + "x", "differ"),
        (factories.PASSWORD, "x" * 5000, "x" * 5000, "too long"),
    ],
)
def test_a_bad_new_password_is_explained_beside_its_field(
    desk: FlaskClient, present: str, password: str, again: str, said: str
) -> None:
    form = {"present": present, "password": password, "again": again}
    answer = send(desk, "/access/account/password", "/access/account", **form)
    assert answer.status_code == 422
    assert said in answer.text


@pytest.mark.parametrize("pin", ["1", "1234", "0000", "abcd", "123456789", "٢٥٨٠"])
def test_a_weak_pin_is_refused(desk: FlaskClient, pin: str) -> None:
    answer = send(desk, "/access/account/pin", "/access/account", present=factories.PASSWORD, pin=pin)
    assert answer.status_code == 422


def test_a_locked_desk_opens_nothing_until_the_pin_and_goes_back_to_the_page(desk: FlaskClient) -> None:
    answer = send(desk, "/access/lock", "/access/account", next="/visits/?q=1")
    assert answer.headers["Location"] == "/access/unlock?next=/visits/?q%3D1"
    assert desk.get("/visits/").headers["Location"].startswith("/access/unlock")
    assert send(desk, "/access/unlock", username="noor", secret="1111").status_code == 422
    opened = send(desk, "/access/unlock", username="noor", secret="2580", next="/visits/?q=1")
    assert opened.headers["Location"] == "/visits/?q=1"
    assert desk.get("/visits/").status_code == 200


def test_the_next_person_gets_a_session_of_their_own(desk: FlaskClient, person: Callable[..., str]) -> None:
    person("rosa", "billing")
    send(desk, "/access/lock", "/access/account")
    answer = send(desk, "/access/unlock", username="rosa", secret=factories.PASSWORD, next="/visits/?q=1")
    assert answer.headers["Location"] == "/", "the page of the person before stays with that person"
    assert "Rosa Aziz" in desk.get("/access/account").text


def test_eight_wrong_pins_end_the_session(desk: FlaskClient, small_state: State) -> None:
    from datetime import timedelta

    send(desk, "/access/lock", "/access/account")
    for _ in range(8):
        answer = send(desk, "/access/unlock", username="noor", secret="9182")
        small_state.clock.instant += timedelta(seconds=70)  # type: ignore[attr-defined]
    assert answer.headers["Location"] == "/access/sign-in"
    assert desk.get("/visits/").headers["Location"].startswith("/access/sign-in")


def test_preferences_take_known_words_only(desk: FlaskClient, small_state: State) -> None:
    send(desk, "/access/preferences", "/access/account", theme="dark", language="nl", keys="off", next="/visits/")
    page = desk.get("/access/account").text
    assert 'data-theme="dark"' in page
    assert 'data-keys="off"' in page
    answer = send(desk, "/access/preferences", "/access/account", theme="<script>", language="xx")
    assert answer.status_code == 303
    assert 'data-theme="dark"' in desk.get("/access/account").text


def test_codes_are_turned_on_with_the_first_code_and_off_with_the_password(
    browser: FlaskClient, person: Callable[..., str], small_state: State
) -> None:
    import pyotp

    user_id = person("mara", "manager")
    sign_in(browser, "mara")
    send(browser, "/access/account/codes", "/access/account")
    page = browser.get("/access/account").text
    secret = page.split("<bdi><b>")[1].split("</b>")[0]
    code = pyotp.TOTP(secret).at(small_state.clock.now())
    assert send(browser, "/access/account/codes/confirm", "/access/account", code="123").status_code == 422
    assert send(browser, "/access/account/codes/confirm", "/access/account", code=code).status_code == 303
    with small_state.database.read() as conn:
        assert get_user(conn, user_id).has_totp
    assert send(browser, "/access/account/codes/stop", "/access/account", present="no").status_code == 422
    stop = send(browser, "/access/account/codes/stop", "/access/account", present=factories.PASSWORD)
    assert stop.status_code == 303


def test_codes_are_for_managers_and_administrators(desk: FlaskClient) -> None:
    assert send(desk, "/access/account/codes", "/access/account").status_code == 403


def test_signing_out_elsewhere_keeps_this_desk(small_app: Flask, desk: FlaskClient) -> None:
    other = small_app.test_client()
    sign_in(other)
    send(desk, "/access/account/elsewhere", "/access/account")
    assert other.get("/visits/").status_code == 303
    assert desk.get("/visits/").status_code == 200


def test_the_last_administrator_cannot_be_taken_away(person: Callable[..., str], small_state: State) -> None:
    from clinic.core.errors import Conflict

    user_id = person("ada", "administrator")
    for change in (users.UserChange("Ada", "manager"), users.UserChange("Ada", "administrator", disabled=True)):
        with pytest.raises(Conflict):
            small_state.database.run_write(lambda conn, change=change: users.change_user(conn, user_id, change))
