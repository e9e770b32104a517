"""Help: each article about the screens of this application, found by its words and by `?` from those screens."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.web.help import ARTICLES, Article

Clients = Callable[[str], FlaskClient]
MOST_WORDS = 260
"""What fits one screen of 1440 by 900 with the frame around it."""


def _text(client: FlaskClient, path: str) -> str:
    return client.get(path).get_data(as_text=True)


def _name(one: Article) -> str:
    return one.name


@pytest.mark.parametrize("one", ARTICLES, ids=_name)
def test_an_article_is_about_screens_that_are_there_and_fits_one_screen(
    app: Flask, client_of: Clients, one: Article
) -> None:
    assert set(one.screens) <= set(app.view_functions)
    page = _text(client_of("receptionist"), f"/help/{one.name}")
    assert f"<h1>{one.title}</h1>" in page
    inside = page.partition('<article class="panel pb prose">')[2].partition("</article>")[0]
    words = re.sub(r"<[^>]+>", " ", inside).split()
    assert 40 < len(words) < MOST_WORDS
    assert "<ol>" in inside
    assert "%(" not in inside


def test_no_screen_has_two_articles() -> None:
    screens = [screen for one in ARTICLES for screen in one.screens]
    assert len(screens) == len(set(screens))


def test_what_is_looked_for_is_found_in_the_whole_text_with_titles_first(client_of: Clients) -> None:
    desk = client_of("receptionist")
    assert "Waits, told and kept" in _text(desk, "/help/")
    page = _text(desk, "/help/?q=waiting")
    assert page.index("/help/waiting-list") < page.index("/help/calendar" if "/help/calendar" in page else "</html>")
    assert "/help/messages" in _text(desk, "/help/?q=rémind")
    assert "/help/messages" not in _text(desk, "/help/?q=brothers")
    nothing = _text(desk, "/help/?q=zebra")
    assert "No help page says that" in nothing
    assert "zebra" in nothing


def test_an_odd_search_or_name_is_answered(client_of: Clients) -> None:
    desk = client_of("receptionist")
    assert desk.get("/help/?q=%3Cscript%3E%25%00"[:-3]).status_code == 200
    assert "&lt;script&gt;" in _text(desk, "/help/?q=%3Cscript%3E")
    assert desk.get("/help/nothing").status_code == 404
    assert "There is no such help page." in _text(desk, "/help/nothing")


def test_the_keys_of_a_screen_lead_to_the_article_about_it(client_of: Clients) -> None:
    desk = client_of("receptionist")
    keys = _text(desk, "/appointments/waitlist").partition('<dialog id="keys"')[2]
    assert 'href="/help/waiting-list" data-key="h"' in keys
    elsewhere = _text(desk, "/access/account").partition('<dialog id="keys"')[2]
    assert 'data-key="h"' not in elsewhere
    assert 'href="/help/"' in elsewhere


def test_a_screen_is_opened_from_its_article_by_who_may_see_it(client_of: Clients) -> None:
    assert 'href="/appointments/overbooked"' not in _text(client_of("receptionist"), "/help/booking")
    assert '<a class="btn p" href="/appointments/waitlist"' in _text(client_of("receptionist"), "/help/waiting-list")
    assert '<a class="btn p" href="/appointments/opening"' not in _text(client_of("receptionist"), "/help/from-home")


def test_the_command_bar_offers_help_last_but_before_a_new_patient(client_of: Clients) -> None:
    page = _text(client_of("receptionist"), "/registration/suggest?q=ill")
    assert page.index("/help/provider-out") < page.index("Register a new patient")
    assert "/help/" not in _text(client_of("receptionist"), "/registration/suggest?q=il")


def test_help_asks_for_a_sign_in(app: Flask) -> None:
    assert app.test_client().get("/help/calendar").status_code in (302, 303)
