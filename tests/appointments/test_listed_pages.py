"""The lists of a day on the screen and on paper: for every role, re-ordered, taken back, and with odd input."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from flask import Flask
from flask.testing import FlaskClient

from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.appointments.test_listed import DAY, a_home_visit, booked, order
from tests.appointments.test_routes import HOSTILE, calendar, text, within  # noqa: F401 a fixture
from tests.factories import token_in
from tests.pdf.reading import words

Clients = Callable[[str], FlaskClient]
PAGE = "/appointments/lists?day=2027-03-10"
ORDER = "/appointments/lists/order?day=2027-03-10&provider=adams"


def three(app: Flask) -> list[str]:
    def work(store: Store) -> Json:
        a_home_visit(store)
        return {"ids": [booked(store, patient)["id"] for patient in ("p1", "p2", "p3")]}

    return list(within(app, work)["ids"])


def present(app: Flask) -> list[str]:
    return list(within(app, lambda store: {"ids": order(store)})["ids"])


def send(client: FlaskClient, ids: list[str], **more: str) -> int:
    form = {"csrf_token": token_in(text(client, PAGE)), "order": ",".join(ids), **more}
    return client.post(ORDER, data=form).status_code


def test_a_list_is_shown_in_order_and_changed_by_drop_and_by_steps(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    one, two, three_ = three(calendar)
    desk = client_of("receptionist")
    page = text(desk, PAGE)
    assert [page.index(name) for name in ("Ada", "Bea", "Cleo")] == sorted(
        page.index(name) for name in ("Ada", "Bea", "Cleo")
    )
    assert send(desk, [three_, one, two]) == 303
    assert present(calendar) == [three_, one, two]
    assert send(desk, [three_, one, two], step=f"{two}:up") == 303
    assert present(calendar) == [three_, two, one]
    undo = unescape(re.search(r'action="(/appointments/lists/order[^"]*order=[^"]+)"', text(desk, PAGE))[1])
    assert desk.post(undo, data={"csrf_token": token_in(text(desk, PAGE))}).status_code == 303
    assert present(calendar) == [three_, one, two]
    assert send(desk, [three_, one, two], step=f"{three_}:up") == 303
    assert send(desk, [one, two]) == 409
    assert present(calendar) == [three_, one, two]


def test_the_day_view_and_today_say_the_place(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    three(calendar)
    desk = client_of("receptionist")
    assert "2. Home visit" in text(desk, "/appointments/day?day=2027-03-10")
    within(calendar, lambda store: booked(store, "p1", when="2027-03-09 14:00"))
    assert "Home visit" in text(desk, "/visits/today")


def test_the_list_is_printed(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    three(calendar)
    answer = client_of("receptionist").get("/appointments/lists/print?day=2027-03-10")
    assert answer.status_code == 200
    said = words(answer.data)
    assert all(name in said for name in ("Dr Ann Adams", "Ada Lovelace", "Cleo Lovelace"))


def test_all_staff_see_the_lists_and_the_desk_orders_them(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    ids = three(calendar)
    for role in ("receptionist", "billing", "manager", "administrator"):
        client = client_of(role)
        page = text(client, PAGE)
        assert "Ada Lovelace" in page
        assert ("a place up" in page) == (role != "billing")
        assert send(client, ids) == (403 if role == "billing" else 303)
    assert client_of("stranger").get(PAGE).status_code in (302, 303, 401)


def test_odd_input_changes_nothing(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    ids = three(calendar)
    desk = client_of("receptionist")
    for value in HOSTILE:
        assert send(desk, [value]) in (303, 400, 409)
        assert send(desk, ids, step=value) in (303, 400)
        assert desk.get("/appointments/lists", query_string={"day": value}).status_code in (200, 400)
    assert present(calendar) == ids
    assert DAY.isoformat() in PAGE


def test_an_empty_day_and_a_practice_without_lists_say_so(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    desk = client_of("receptionist")
    assert "No visit type has an order" in text(desk, PAGE)
    within(calendar, lambda store: {"done": a_home_visit(store)})
    assert "Nobody is on a list" in text(desk, PAGE)
