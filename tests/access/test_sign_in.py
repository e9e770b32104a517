"""Signing in: no word says who exists, guessing gets slower, and every try is in the trail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient

from clinic.access import passwords, second_factor, users
from clinic.audit.reader import Line, Wanted, search
from clinic.core.clock import FixedClock
from clinic.web.state import State
from tests import factories
from tests.access.conftest import send, sign_in


def trail(state: State, verb: str = "sign-in") -> list[Line]:
    with state.database.read() as conn:
        return search(conn, Wanted(verb=verb))


def words_of(page: str) -> str:
    return (
        page.split("data-form-errors")[1].split("</form>", maxsplit=1)[0].split("<b>")[1].split("</b>", maxsplit=1)[0]
    )


def test_the_right_password_opens_the_page_one_came_for(
    browser: FlaskClient, person: Callable[..., str], small_state: State
) -> None:
    person()
    answer = sign_in(browser, next="/visits/?q=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/visits/?q=1")
    assert browser.get("/visits/").status_code == 200
    (line,) = trail(small_state)
    assert (line.actor_name, line.outcome, line.network) == ("Noor Aziz", "0", "127.0.0.1")


@pytest.mark.parametrize("target", ["//evil.example.org", "https://evil.example.org/", "/\\evil.example.org"])
def test_a_planted_next_leads_home(browser: FlaskClient, person: Callable[..., str], target: str) -> None:
    person()
    assert sign_in(browser, next=target).headers["Location"] == "/"


def test_a_sign_in_name_is_not_about_capitals_or_spaces(browser: FlaskClient, person: Callable[..., str]) -> None:
    person()
    assert sign_in(browser, " NOOR ").status_code == 303


def test_a_wrong_name_and_a_wrong_password_and_a_disabled_person_hear_the_same_words(
    browser: FlaskClient, person: Callable[..., str], small_state: State
) -> None:
    person("ada", "administrator")
    gone = person("gone")
    change = users.UserChange("Gone", "receptionist", disabled=True)
    small_state.database.run_write(lambda conn: users.change_user(conn, gone, change))
    answers = [
        sign_in(browser, "nobody"),
        sign_in(browser, "ada", "wrong password"),
        sign_in(browser, "gone"),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert len({words_of(answer.text) for answer in answers}) == 1


def test_an_unknown_name_costs_the_same_hash_as_a_known_one(
    browser: FlaskClient, person: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    person()
    checked: list[str] = []
    real = passwords._hasher

    class Counting:
        def verify(self, hashed: str, secret: str) -> bool:
            checked.append(hashed.rsplit("$", 2)[0])
            return real.verify(hashed, secret)

        def hash(self, secret: str) -> str:
            return real.hash(secret)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    sign_in(browser, "nobody")
    sign_in(browser, "noor", "wrong password")
    assert len(checked) == 2
    assert checked[0] == checked[1], "the same parameters, so the same time"
    assert "m=19456,t=2,p=1" in checked[0]


def test_guessing_gets_slower_for_a_known_and_an_unknown_name_alike(
    browser: FlaskClient, person: Callable[..., str], clock: FixedClock
) -> None:
    person()
    for name in ("noor", "nobody"):
        for _ in range(5):
            answer = sign_in(browser, name, "wrong password")
        assert "do not fit" in answer.text
        answer = sign_in(browser, name, factories.PASSWORD)
        assert answer.status_code == 422
        assert "Try again in 2 seconds" in answer.text
    clock.instant += timedelta(seconds=2)
    assert sign_in(browser, "noor").status_code == 303


def test_the_delay_grows_up_to_a_quarter_of_an_hour(clock: FixedClock) -> None:
    from clinic.access.throttle import delay

    assert [int(delay(count, 4).total_seconds()) for count in (4, 5, 6, 10, 14, 99)] == [0, 2, 4, 64, 900, 900]


def test_one_network_that_tries_many_names_is_slowed(browser: FlaskClient, person: Callable[..., str]) -> None:
    person()
    for number in range(32):
        answer = sign_in(browser, f"guess{number}", "wrong password")
    assert "Too many attempts" in answer.text


def test_a_failed_try_is_in_the_trail_without_the_name_nobody_has(
    browser: FlaskClient, person: Callable[..., str], small_state: State
) -> None:
    person()
    sign_in(browser, "my-secret-password-typed-here", "x")
    sign_in(browser, "noor", "wrong password")
    known, unknown = trail(small_state)
    assert (known.actor_name, known.outcome, known.note) == ("Noor Aziz", "4", "wrong name or password")
    assert unknown.actor_name == ""
    assert "my-secret" not in unknown.text


def test_a_sign_in_without_a_token_is_refused(browser: FlaskClient, person: Callable[..., str]) -> None:
    person()
    answer = browser.post("/access/sign-in", data={"username": "noor", "password": factories.PASSWORD})
    assert answer.status_code in (403, 422)
    assert browser.get("/visits/").status_code == 303


def enrol(state: State, user_id: str, clock: FixedClock) -> pyotp.TOTP:
    secret = second_factor.new_secret()
    state.database.run_write(lambda conn: second_factor.enrol(conn, user_id, secret, 0, key=state.secret))
    return pyotp.TOTP(secret)


def test_a_manager_with_codes_needs_one_and_each_code_opens_once(
    browser: FlaskClient, person: Callable[..., str], small_state: State, clock: FixedClock
) -> None:
    totp = enrol(small_state, person("mara", "manager"), clock)
    answer = sign_in(browser, "mara", next="/visits/")
    assert answer.headers["Location"].startswith("/access/code")
    assert browser.get("/visits/").status_code == 303, "the password alone opens nothing"
    code = totp.at(clock.now())
    assert send(browser, "/access/code", code="000000").status_code == 422
    assert send(browser, "/access/code", code=code, next="/visits/").headers["Location"] == "/visits/"
    assert browser.get("/visits/").status_code == 200
    send(browser, "/access/sign-out", "/access/account")
    sign_in(browser, "mara")
    again = send(browser, "/access/code", code=code)
    assert again.status_code == 422
    assert "used already" in again.text


def test_the_step_between_password_and_code_ends_after_five_minutes(
    browser: FlaskClient, person: Callable[..., str], small_state: State, clock: FixedClock
) -> None:
    enrol(small_state, person("mara", "manager"), clock)
    sign_in(browser, "mara")
    clock.instant += timedelta(minutes=6)
    assert browser.get("/access/code").headers["Location"] == "/access/sign-in"


def test_the_secret_of_the_codes_is_not_readable_in_the_database(
    person: Callable[..., str], small_state: State, clock: FixedClock
) -> None:
    user_id = person("mara", "manager")
    totp = enrol(small_state, user_id, clock)
    code = totp.at(clock.now())
    with small_state.database.write() as conn:
        kept = conn.exec_driver_sql("SELECT totp FROM access_user").scalar_one()
        assert totp.secret not in kept
        assert not second_factor.accept(conn, user_id, code, clock.now(), key=b"another key")
        assert second_factor.accept(conn, user_id, code, clock.now(), key=small_state.secret)


def test_a_person_with_a_given_password_must_choose_their_own_first(
    browser: FlaskClient, person: Callable[..., str]
) -> None:
    person(must_change=True)
    sign_in(browser)
    assert browser.get("/visits/").headers["Location"].startswith("/access/account")
    form = {"present": factories.PASSWORD, "password": "six grey herons walk", "again": "six grey herons walk"}
    assert send(browser, "/access/account/password", "/access/account", **form).status_code == 303
    assert browser.get("/visits/").status_code == 200
