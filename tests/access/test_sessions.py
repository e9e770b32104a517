"""A session lives in the database: it ends when it should, and a stolen cookie dies with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from clinic.access import sessions, users
from clinic.access import tables as t
from clinic.core.clock import FixedClock
from clinic.web.state import State
from tests.access.conftest import send, sign_in

COOKIE = sessions.COOKIE


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie(COOKIE)
    return found.value if found else ""


def rows(state: State) -> list[sa.Row]:
    with state.database.read() as conn:
        return list(conn.execute(sa.select(t.session)).all())


def test_a_visitor_costs_no_row(browser: FlaskClient, small_state: State) -> None:
    browser.get("/access/sign-in")
    assert rows(small_state) == []


def test_the_database_never_holds_what_the_cookie_holds(
    browser: FlaskClient, small_state: State, person: Callable[..., str]
) -> None:
    person()
    sign_in(browser)
    (row,) = rows(small_state)
    assert cookie(browser)
    assert cookie(browser) != row.id
    assert row.id == sessions.digest(cookie(browser))
    flags = browser.get_cookie(COOKIE)
    assert flags is not None
    assert flags.http_only
    assert flags.same_site == "Lax"


def test_signing_in_rotates_a_planted_session(
    browser: FlaskClient, small_state: State, person: Callable[..., str]
) -> None:
    person()
    browser.set_cookie(COOKIE, "planted")
    sign_in(browser)
    assert cookie(browser) != "planted"
    first = cookie(browser)
    send(browser, "/access/sign-out", "/access/account")
    sign_in(browser)
    assert cookie(browser) != first
    assert len(rows(small_state)) == 1


def test_a_stolen_cookie_is_dead_after_sign_out(
    small_app: Flask, browser: FlaskClient, person: Callable[..., str]
) -> None:
    person()
    sign_in(browser)
    stolen = cookie(browser)
    send(browser, "/access/sign-out", "/access/account")
    thief = small_app.test_client()
    thief.set_cookie(COOKIE, stolen)
    assert thief.get("/visits/").status_code == 303


def test_an_idle_session_ends_and_says_why(browser: FlaskClient, clock: FixedClock, person: Callable[..., str]) -> None:
    person()
    sign_in(browser)
    clock.instant += timedelta(minutes=14)
    assert browser.get("/visits/").status_code == 200
    clock.instant += timedelta(minutes=14)
    assert browser.get("/visits/").status_code == 200, "each use starts the idle time again"
    clock.instant += timedelta(minutes=15)
    answer = browser.get("/visits/")
    assert answer.status_code == 303


def test_the_sign_in_page_after_an_idle_end_says_that_typed_text_is_kept(
    browser: FlaskClient, clock: FixedClock, person: Callable[..., str]
) -> None:
    person()
    sign_in(browser)
    clock.instant += timedelta(minutes=16)
    assert browser.get("/visits/", headers={"X-Background": "1"}).status_code == 401
    browser.get("/visits/")
    page = browser.get("/access/sign-in").get_data(as_text=True)
    assert "15 quiet minutes" not in browser.get("/access/sign-in").text, "said once"
    assert "15 quiet minutes" in page
    assert "kept" in page


def test_background_calls_never_keep_a_session_alive(
    browser: FlaskClient, clock: FixedClock, person: Callable[..., str]
) -> None:
    person()
    sign_in(browser)
    for _ in range(3):
        clock.instant += timedelta(minutes=6)
        last = browser.get("/visits/", headers={"X-Background": "1"})
    assert last.status_code == 401


def test_a_session_ends_after_its_longest_time_however_busy(
    browser: FlaskClient, clock: FixedClock, person: Callable[..., str]
) -> None:
    person()
    sign_in(browser)
    for _ in range(72):
        clock.instant += timedelta(minutes=10)
        last = browser.get("/visits/")
    assert last.status_code == 303


def test_a_disabled_person_is_out_at_the_next_request(
    browser: FlaskClient, small_state: State, person: Callable[..., str]
) -> None:
    person("ada", "administrator")
    user_id = person()
    sign_in(browser)
    change = users.UserChange("Noor Aziz", "receptionist", disabled=True)
    small_state.database.run_write(lambda conn: users.change_user(conn, user_id, change))
    assert browser.get("/visits/").status_code == 303


def test_a_new_role_ends_the_sessions_with_the_old_rights(
    browser: FlaskClient, small_state: State, person: Callable[..., str]
) -> None:
    user_id = person()
    sign_in(browser)
    change = users.UserChange("Noor Aziz", "billing")
    small_state.database.run_write(lambda conn: users.change_user(conn, user_id, change))
    assert browser.get("/visits/").status_code == 303


def test_what_a_session_remembers_stays_on_the_server(
    browser: FlaskClient, small_state: State, person: Callable[..., str]
) -> None:
    person()
    sign_in(browser)
    assert [browser.get("/visits/remember").text for _ in range(3)] == ["1", "2", "3"]
    assert rows(small_state)[0].data["remembered"] == 3


def test_session_and_user_cost_one_statement_and_a_quick_second_request_writes_nothing(
    browser: FlaskClient, small_state: State, person: Callable[..., str]
) -> None:
    person()
    sign_in(browser)
    browser.get("/visits/")
    said: list[str] = []
    engine = small_state.database.engine
    event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    browser.get("/visits/")
    assert len([line for line in said if line.startswith(("SELECT", "UPDATE", "INSERT"))]) == 1, said


def test_a_forged_visitor_cookie_is_only_an_empty_one(browser: FlaskClient) -> None:
    for value in ("x", "." * 100, "eyJfcGVuZGluZyI6MX0.aaaa.bbbb", "é", "a" * 3500):
        browser.set_cookie(sessions.VISITOR_COOKIE, value)
        assert browser.get("/access/sign-in").status_code == 200
        assert browser.get("/access/code").status_code == 303


def test_old_sessions_are_swept(browser: FlaskClient, small_state: State, person: Callable[..., str]) -> None:
    person()
    sign_in(browser)
    later = small_state.clock.now() + timedelta(days=2)
    gone = small_state.database.run_write(lambda conn: sessions.prune(conn, later, sessions.Limits()))
    assert gone == 1
    assert rows(small_state) == []
