"""The frame around every screen, as a browser gets it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.factories import token_in
from tests.web.test_templates import _Markup

Clients = Callable[[str], FlaskClient]
PAGE = "/access/account"


def _text(client: FlaskClient, path: str = PAGE) -> str:
    return client.get(path).get_data(as_text=True)


def _choose(client: FlaskClient, **choice: str) -> int:
    data = {"csrf_token": token_in(_text(client)), **choice}
    return client.post("/access/preferences", data=data).status_code


def test_a_page_names_the_practice_and_the_person(client_of: Clients) -> None:
    page = _text(client_of("receptionist"))
    assert "<b>Harbour Street Clinic</b>" in page
    assert "Main desk, ground floor" in page
    assert "Tue 9 March" in page
    assert "10:24" in page


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_chosen_colours_are_in_the_first_byte_that_paints(client_of: Clients, theme: str) -> None:
    client = client_of("receptionist")
    assert "data-theme=" not in _text(client).partition("<head>")[0]
    assert _choose(client, theme=theme) < 400
    assert f'data-theme="{theme}"' in _text(client).partition("<head>")[0]


def test_colours_follow_the_system_again_when_so_chosen(client_of: Clients) -> None:
    client = client_of("receptionist")
    _choose(client, theme="dark")
    assert _choose(client, theme="auto") < 400
    page = _text(client)
    assert "data-theme=" not in page.partition("<head>")[0]
    assert 'value="auto" aria-pressed="true"' in page


def test_single_keys_can_be_switched_off(client_of: Clients) -> None:
    client = client_of("receptionist")
    assert 'data-keys="off"' not in _text(client)
    _choose(client, keys="off")
    assert 'data-keys="off"' in _text(client)


def test_the_rail_leads_only_where_the_role_may_go(client_of: Clients) -> None:
    roles = ("receptionist", "billing", "manager", "administrator")
    for role in roles:
        client = client_of(role)
        rail = _text(client).partition('<nav class="rail"')[2].partition("</nav>")[0]
        for link in rail.split('<a class="item" href="')[1:]:
            path = link.partition('"')[0]
            assert client.get(path).status_code < 400, (role, path)


def test_a_toast_is_shown_once_and_its_undo_carries_the_token(client_of: Clients) -> None:
    client = client_of("receptionist")
    with client.session_transaction() as session:
        session["_toast"] = {"message": "Visit <cancelled>", "undo_url": "/undo"}
    page = _text(client)
    shown = page.partition("data-toast ")[2].partition("<dialog")[0]
    assert "Visit &lt;cancelled&gt;" in shown
    assert 'action="/undo"' in shown
    assert 'name="csrf_token"' in shown.partition("</form>")[0]
    assert "data-toast " not in _text(client)


@pytest.mark.parametrize("path", [PAGE, "/no-such-page"])
def test_a_page_as_sent_holds_nothing_that_the_policy_refuses(client_of: Clients, path: str) -> None:
    seen = _Markup()
    seen.feed(_text(client_of("administrator"), path))
    assert seen.faults == []


def test_an_error_keeps_what_was_typed_and_says_what_to_do(client_of: Clients) -> None:
    client = client_of("receptionist")
    answer = client.get("/no-such-page")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert "data-keep-draft" in page
    assert "Look for it by name or number in the command bar." in page


def test_an_error_in_a_part_of_a_page_is_a_note_alone(client_of: Clients) -> None:
    answer = client_of("receptionist").get("/no-such-page", headers={"HX-Request": "true"})
    page = answer.get_data(as_text=True)
    assert "<html" not in page
    assert 'role="alert"' in page


def test_a_visitor_who_errs_sees_no_desk(client_of: Clients) -> None:
    page = _text(client_of("stranger"), "/no-such-page")
    assert 'class="rail"' not in page
    assert "<h1>" in page
