"""The manager's screens of reminders and words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.cli.state import transact
from clinic.web.state import state_of
from tests.appointments import factories as f
from tests.factories import token_in

EVERY, WORDS = "/communication/reminders/every", "/communication/words/reminder"


@pytest.fixture
def manager(app: Flask, client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    transact(state_of(app), f.a_practice)
    return client_of("manager")


def sent(client: FlaskClient, path: str, at: str = "", **fields: str) -> tuple[int, str]:
    """Fill the form of a page in and send it."""
    shown = client.get(path).text
    version = shown.partition('name="version"')[2].partition('value="')[2].partition('"')[0]
    data = {"csrf_token": token_in(shown), "version": version, "language": "en", **fields}
    answer = client.post(at or path, data=data)
    return answer.status_code, answer.text


def test_stages_are_saved_shown_and_put_back(manager: FlaskClient) -> None:
    assert "as shipped" in manager.get("/communication/reminders").text
    stages = {"count_0": "3", "unit_0": "days", "way_0": "email,sms", "count_2": "45", "unit_2": "minutes",
              "way_2": "sms", "hours": "9-20"}  # fmt: skip
    lines = {f"{name}_{line}": value for line in (1, 3, 4, 5) for name, value in (("unit", "days"), ("way", "sms"))}
    assert sent(manager, EVERY, **stages, **lines)[0] == 303
    shown = manager.get("/communication/reminders").text
    assert "3 days before" in shown
    assert "45 minutes before" in shown
    assert "09:00-20:00" in shown
    data = {"csrf_token": token_in(manager.get(EVERY).text)}
    assert manager.post("/communication/decisions/plan:/1/back", data=data).status_code == 303
    assert "7 days before" in manager.get("/communication/reminders").text
    assert manager.post("/communication/decisions/plan:/1/back", data=data).status_code == 409


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"count_1": "x"}, "Write a whole number."),
        ({"count_1": "99"}, "Remind from 15 minutes to 60 days before."),
        ({"count_1": "1", "hours": "never"}, "Say hours like 9-17"),
        ({"count_1": "1", "way_1": "pigeon"}, "Not a valid choice"),
    ],
)
def test_a_fault_stands_at_its_line_and_what_was_typed_is_kept(
    manager: FlaskClient, fields: dict[str, str], words: str
) -> None:
    lines = {f"{name}_{line}": value for line in range(6) for name, value in (("unit", "days"), ("way", "sms"))}
    status, shown = sent(manager, EVERY, **{**lines, "hours": "9-20", **fields})
    assert status == 422
    assert words in shown
    assert f'value="{fields["count_1"]}"' in shown


def test_a_type_has_its_own_stages_and_gives_them_up(manager: FlaskClient) -> None:
    lines = {f"{name}_{line}": value for line in range(6) for name, value in (("unit", "hours"), ("way", "sms"))}
    path = "/communication/reminders/check"
    assert sent(manager, path, **lines, count_0="5")[0] == 303
    assert "5 hours before" in manager.get("/communication/reminders").text
    assert sent(manager, path, f"{path}/drop")[0] == 303
    assert "5 hours before" not in manager.get("/communication/reminders").text
    assert sent(manager, path, f"{path}/drop")[0] == 409
    assert manager.get("/communication/reminders/nothing").status_code == 404


def test_words_are_read_tried_and_saved(manager: FlaskClient) -> None:
    text = "Come on {day} at {time}, {name}."
    status, shown = sent(manager, WORDS, f"{WORDS}/read", text_en=text)
    assert status == 200
    assert "Mila." in shown
    status, shown = sent(manager, WORDS, f"{WORDS}/try", text_en=text, to="202 555 0143", once="k1")
    assert status == 200
    assert "It is on its way." in shown
    assert "+12025550143" in shown
    assert sent(manager, WORDS, f"{WORDS}/try", text_en=text, to="nowhere", once="k2")[0] == 422
    assert "as shipped" in manager.get("/communication/reminders").text
    assert sent(manager, WORDS, text_en=text)[0] == 303
    assert "Come on {day} at {time}, {name}." in manager.get(WORDS).text
    assert "your own: en" in manager.get("/communication/reminders").text
    assert (
        "Come on" not in manager.get(f"{WORDS}?type=check").text.partition("<textarea")[2].partition("</textarea>")[0]
    )


def test_a_wrong_place_is_said_beside_the_words(manager: FlaskClient) -> None:
    status, shown = sent(manager, WORDS, text_es="El {dia} a las {time}")
    assert status == 422
    assert "There is no place called {dia}." in shown or "Without {day}" in shown
    assert "El {dia} a las {time}" in shown
    assert manager.get("/communication/words/gossip").status_code == 404
    assert manager.get(f"{WORDS}?type=nothing").status_code == 404


def test_only_managers_decide(client_of: Callable[[str], FlaskClient]) -> None:
    desk = client_of("receptionist")
    assert {desk.get(path).status_code for path in ("/communication/reminders", EVERY, WORDS)} == {403}
