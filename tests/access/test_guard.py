"""Nothing is reachable that does not say for whom it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.access.guard import requires, safe_path
from clinic.access.permissions import PERMISSIONS, ROLES, permissions_of
from tests import factories
from tests.access.conftest import sign_in


def test_a_visitor_is_sent_to_sign_in_and_back_to_the_page(browser: FlaskClient) -> None:
    answer = browser.get("/visits/users?q=a")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/access/sign-in?next=/visits/users?q%3Da"


def test_a_fragment_of_a_visitor_is_redirected_by_header_to_the_page_it_came_from(browser: FlaskClient) -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "http://localhost/visits/?day=1"}
    answer = browser.get("/visits/users", headers=asked)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/access/sign-in?next=/visits/?day%3D1"


def test_a_fragment_of_another_site_is_not_a_place_to_go_back_to(browser: FlaskClient) -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "http://evil.example.org/steal"}
    assert browser.get("/visits/users", headers=asked).headers["HX-Redirect"] == "/access/sign-in?next=/"


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(browser: FlaskClient) -> None:
    assert browser.post("/visits/write").headers["Location"] == "/access/sign-in?next=/visits/write"
    assert browser.post("/access/lock").headers["Location"] == "/access/sign-in?next=/"


def test_a_background_call_or_a_program_gets_401(browser: FlaskClient) -> None:
    assert browser.get("/visits/", headers={"X-Background": "1"}).status_code == 401
    assert browser.get("/visits/", headers={"Accept": "application/json"}).status_code == 401


def test_a_view_without_a_mark_is_refused_even_to_an_administrator(
    browser: FlaskClient, person: Callable[..., str]
) -> None:
    person("ada", "administrator")
    assert browser.get("/visits/forgotten").status_code == 403
    sign_in(browser, "ada")
    answer = browser.get("/visits/forgotten")
    assert answer.status_code == 403
    assert "must never be seen" not in answer.get_data(as_text=True)


def test_a_role_without_the_right_is_refused_and_told_so(browser: FlaskClient, person: Callable[..., str]) -> None:
    person()
    sign_in(browser)
    assert browser.get("/visits/").status_code == 200
    assert browser.get("/visits/users").status_code == 403


def test_a_change_without_this_sessions_token_is_refused_at_the_commit(
    browser: FlaskClient, person: Callable[..., str]
) -> None:
    person()
    sign_in(browser)
    assert browser.post("/visits/write").status_code == 403
    assert browser.post("/visits/write", data={"csrf_token": "x" * 43}).status_code == 403
    assert browser.post("/visits/write", headers={"X-CSRF-Token": "ä"}).status_code == 403
    token = factories.token_in(browser.get("/access/account").get_data(as_text=True))
    assert browser.post("/visits/write", data={"csrf_token": token}).status_code == 200
    assert browser.post("/visits/write", headers={"X-CSRF-Token": token}).status_code == 200


def test_a_view_with_a_bearer_token_of_its_own_needs_no_session_token(browser: FlaskClient) -> None:
    assert browser.post("/visits/token").get_data(as_text=True) == "by token"


def test_an_open_view_and_the_front_door_are_open(browser: FlaskClient) -> None:
    assert browser.get("/visits/open").status_code == 200
    assert browser.get("/").status_code == 200


def test_an_unknown_address_and_a_wrong_method_keep_their_own_answers(browser: FlaskClient) -> None:
    assert browser.get("/nowhere").status_code == 404
    assert browser.post("/visits/").status_code == 405


def test_a_view_may_not_ask_for_a_permission_that_the_table_lacks() -> None:
    with pytest.raises(KeyError):
        requires("patients.destroy")


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example.org", "/\\evil.example.org", "https://evil.example.org", "javascript:alert(1)", "",
        "\t//evil.example.org", "/\t/evil.example.org", "\\\\evil.example.org", "/ok\r\nSet-Cookie: a=b", "evil",
        "/\u0000", "///evil.example.org",
    ],
)  # fmt: skip
def test_next_never_leaves_the_application(target: str) -> None:
    assert safe_path(target) == "/"


@pytest.mark.parametrize("target", ["/", "/visits/?day=2027-03-09", "/registration/42#top", "/a%20b?q=%2F%2Fx"])
def test_next_keeps_a_page_of_ours(target: str) -> None:
    assert safe_path(target) == target


def test_every_permission_is_explained_and_held_by_known_roles() -> None:
    for name, permission in PERMISSIONS.items():
        assert name.count(".") == 1
        assert permission.explanation.endswith(".")
        assert permission.roles
        assert set(permission.roles) <= set(ROLES)


def test_the_front_desk_reads_no_clinical_text() -> None:
    assert not {"clinical.read", "billing.read", "billing.write"} & permissions_of("receptionist")


def test_a_tablet_can_only_fill_in_the_form_handed_to_it() -> None:
    assert permissions_of("device") == {"intake.answer"}


def test_a_role_that_does_not_exist_may_nothing() -> None:
    assert permissions_of("root") == frozenset()


def test_what_a_template_asks_follows_the_signed_in_person(
    small_app: Flask, browser: FlaskClient, person: Callable[..., str]
) -> None:
    person()
    sign_in(browser)
    with browser:
        browser.get("/visits/")
        ask = small_app.jinja_env.globals["can"]
        assert ask("patients.read")
        assert not ask("management.users")
