"""The next visit on the panel: one key takes the first time, a second click books once, a refusal keeps the words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import token_in
from tests.visits.test_leaving_routes import Going, asked, going, panel

__all__ = ["going"]


def offers(client: FlaskClient, address: str, when: str = "3 weeks") -> list[dict[str, str]]:
    """The forms of the times that are offered."""
    page = client.get(f"{address}/check-out/times?when={when}").get_data(as_text=True)
    forms = page.split("<form")[1:]
    return [dict(re.findall(r'name="(\w+)" value="([^"]*)"', one)) for one in forms]


def test_the_first_time_is_booked_once_and_stands_on_the_panel_until_it_is_taken_back(
    going: Going, client_of: Callable[[str], FlaskClient]
) -> None:
    client, address = client_of("receptionist"), going[0]
    page = client.get(f"{address}/check-out?when=3+weeks").get_data(as_text=True)
    assert f"{address}/check-out/times?when=3+weeks" in page
    first = offers(client, address)[0]
    for _click in range(2):
        assert client.post(f"{address}/check-out/book", data=first).status_code == 303
    page = panel(client, address)[0]
    undo = re.search(r'action="([^"]*/booked/[^"]*/undo/\d+)"', page)
    assert undo is not None
    assert page.count("<li><b>") == 1
    assert client.post(undo[1], data={"csrf_token": token_in(page)}).status_code == 303
    assert "<li><b>" not in panel(client, address)[0].partition("This visit")[0]


def test_a_time_that_went_to_somebody_else_says_so_and_offers_others(
    going: Going, client_of: Callable[[str], FlaskClient]
) -> None:
    one, other, address = client_of("receptionist"), client_of("receptionist"), going[0]
    mine, theirs = offers(one, address)[0], offers(other, address)[0]
    assert other.post(f"{address}/check-out/book", data=theirs).status_code == 303
    late = one.post(f"{address}/check-out/book?when=3+weeks", data=mine)
    assert late.status_code == 409
    assert 'role="alert"' in late.get_data(as_text=True)
    assert "times?when=3+weeks" in late.get_data(as_text=True)


@pytest.mark.parametrize("change", [{"start": "tomorrow"}, {"start": ""}, {"provider": "x" * 65}, {"visit_type": "no"}])
def test_a_time_that_nobody_offered_books_nothing(
    change: dict[str, str], going: Going, client_of: Callable[[str], FlaskClient]
) -> None:
    client, address = client_of("receptionist"), going[0]
    refused = client.post(f"{address}/check-out/book", data=offers(client, address)[0] | change)
    assert refused.status_code == 422
    assert "No further visit" in panel(client, address)[0]


def test_a_call_in_six_months_is_written_down_once_and_taken_back(
    going: Going, client_of: Callable[[str], FlaskClient]
) -> None:
    client, address = client_of("receptionist"), going[0]
    page, token = panel(client, address)
    once = (
        page.partition('class="row wrap when"')[2].partition('name="once"')[2].partition('value="')[2].partition('"')[0]
    )
    data = token | {"once": once, "when": "6 months"}
    for _click in range(2):
        assert client.post(f"{address}/check-out/recall", data=data).status_code == 303
    page = panel(client, address)[0]
    assert page.count("Is called around") == 1
    undo = re.search(r'action="([^"]*/recalled/[^"]*/undo/1)"', page)
    assert undo is not None
    assert client.post(undo[1], data=token).status_code == 303
    assert "Is called around" not in panel(client, address)[0]


@pytest.mark.parametrize("when", ["", "soon", "1 jan 1980", "x" * 41])
def test_a_day_that_cannot_be_read_is_said_and_kept(
    when: str, going: Going, client_of: Callable[[str], FlaskClient]
) -> None:
    client, address = client_of("receptionist"), going[0]
    token = panel(client, address)[1]
    refused = client.post(f"{address}/check-out/recall", data=token | {"when": when})
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert 'role="alert"' in page
    assert f'value="{when}"' in page or not 0 < len(when) < 41
    assert client.get(f"{address}/check-out/times?when={when}").status_code == 200


def test_the_times_are_for_who_may_book(going: Going, client_of: Callable[[str], FlaskClient]) -> None:
    assert client_of("billing").get(f"{going[0]}/check-out/times?when=3+weeks").status_code == 403
    assert "Free times" not in panel(client_of("billing"), going[0])[0]


def test_the_times_ask_a_bounded_number_of_things(
    going: Going, app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    client = client_of("receptionist")
    offers(client, going[0])

    with asked(going) as seen:
        offers(client, going[0])
    assert len(seen) <= 8, "one for each stage of the search, however many times there are"
