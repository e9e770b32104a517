"""A time offered from the waiting list is answered by its link."""

from __future__ import annotations

import pytest
from flask import Flask

from clinic.appointments.service import cancel
from clinic.appointments.service.waitlist import add_wish
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.appointments import home_factories as h
from tests.appointments.conftest import fill
from tests.appointments.test_home import act, appointments
from tests.appointments.test_routes import within
from tests.appointments.test_waitlist import a_wish, full, short_notice, work


@pytest.fixture
def offered(any_app: Flask) -> tuple[Flask, str]:
    """The application with one offer that was told, and the token of its link; on both databases."""
    state, told = state_of(any_app), []
    state.setting.hooks.listen("offer_made", lambda _store, news: told.append(news))
    fill(state.database, state.setting)

    def make(store: Store) -> Json:
        gone = full(store)
        short_notice(store)
        add_wish(store, a_wish())
        cancel(store, gone, reason="ill")
        work(store, 70)
        return {}

    within(any_app, make)
    return any_app, str(told[0]["token"])


def booked(app: Flask) -> int:
    return sum(one["status"] == "booked" and "Patient/p1" in str(one) for one in appointments(app))


def test_a_yes_by_link_books_the_offered_time(offered: tuple[Flask, str]) -> None:
    app, token = offered
    client = app.test_client()
    before = booked(app)
    assert "Adams" not in client.get(f"/appointments/own/{token}").text
    assert act(client, token, "offer", answer="yes") == 303
    assert booked(app) == before
    assert h.open_own(client, token, born=("1980", "02", "04")).status_code == 422
    assert h.open_own(client, token).location.endswith("/offer")
    page = client.get(f"/appointments/own/{token}/offer").text
    assert "Dr Ann Adams" in page
    assert "I take this time" in page
    assert act(client, token, "offer", answer="yes") == 303
    assert booked(app) == before + 1
    assert "Your visit is booked" in client.get(f"/appointments/own/{token}/offer").text


def test_a_no_by_link_leaves_the_time_to_others(offered: tuple[Flask, str]) -> None:
    app, token = offered
    client = app.test_client()
    h.open_own(client, token)
    before = booked(app)
    assert act(client, token, "offer", answer="no") == 303
    assert "stay on the waiting list" in client.get(f"/appointments/own/{token}/offer").text
    assert act(client, token, "offer", answer="yes") == 409
    assert booked(app) == before


def test_guessing_ends_the_link_of_an_offer_too(offered: tuple[Flask, str]) -> None:
    app, token = offered
    for _ in range(5):
        h.open_own(app.test_client(), token, born=("1991", "01", "01"))
    over = app.test_client().get(f"/appointments/own/{token}")
    assert over.status_code == 404
    assert "Please call the practice" in over.text
