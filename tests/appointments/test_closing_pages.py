"""The screens of closed time: for every role, with odd input, and a second click."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.rules.closing import Closing
from clinic.appointments.rules.spans import Span
from clinic.appointments.service import book, close_time
from tests.appointments import factories as f
from tests.appointments.test_routes import HOSTILE, calendar, once_in, text, within  # noqa: F401 a fixture
from tests.factories import token_in

Clients = Callable[[str], FlaskClient]
NEW = "/appointments/closings/new"
DAY = {"first": "2027-03-10", "last": "2027-03-10", "first_time": "", "last_time": ""}
GIVEN = {**DAY, "who": "Practitioner/adams", "kind": "leave", "reason": "", "years": "0", "shown": ""}


def sent(client: FlaskClient, **changes: str) -> dict[str, str]:
    page = text(client, NEW)
    return {"csrf_token": token_in(page), "once": once_in(page), **GIVEN, **changes}


def shown_in(page: str) -> str:
    return page.split('name="shown" value="')[1].split('"', maxsplit=1)[0]


def closed(app: Flask, *who: str, **changes: object) -> str:
    span = Span(f.at("2027-03-10 00:00"), f.at("2027-03-11 00:00"))
    closing = Closing(who, span, "closure", "Painting", **changes)  # type: ignore[arg-type]
    slot = within(app, lambda store: close_time(store, closing))
    return str(slot["identifier"][0]["value"])


def test_the_visits_are_seen_before_the_time_is_closed(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    within(calendar, lambda store: book(store, f.a_booking("2027-03-10 10:00")))
    manager = client_of("manager")
    first = sent(manager)
    unseen = manager.post(NEW, data=first)
    page = unseen.get_data(as_text=True)
    assert unseen.status_code == 409
    assert "Ada Lovelace" in page
    assert "Nothing is saved yet" in page
    assert "Nothing is closed" in text(manager, "/appointments/closings")
    answers = [manager.post(NEW, data={**first, "shown": shown_in(page)}) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    one = text(manager, answers[0].headers["Location"])
    assert "Ada Lovelace" in one
    assert "/appointments/replans/new?provider=adams&amp;first=2027-03-10" in one
    listed = text(manager, "/appointments/closings")
    assert listed.count("Dr Ann Adams") >= 1
    assert "Leave" in listed
    assert "Ada Lovelace" in text(manager, "/management/outside")


def test_the_list_of_visits_follows_what_is_entered(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    within(calendar, lambda store: book(store, f.a_booking("2027-03-10 10:00")))
    manager = client_of("manager")
    ask = f"{NEW}/hits?first=2027-03-10&last=2027-03-10"
    assert "Ada Lovelace" in text(manager, f"{ask}&who=Location/room1")
    assert "Ada Lovelace" in text(manager, f"{ask}&who=Location/site&who=Location/room2")
    assert "Ada Lovelace" in text(manager, f"{ask}&whole=y")
    assert "Ada Lovelace" not in text(manager, f"{ask}&who=Location/room2")
    assert "No visit is hit" in text(manager, f"{ask}&who=Location/room2")
    assert "Nobody chosen yet" in text(manager, ask)
    assert "<html" not in text(manager, ask)


def test_it_is_taken_back_and_closed_again_within_a_minute(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    key = closed(calendar, "Location/room1", "Practitioner/baker", years=2)
    manager = client_of("manager")
    page = text(manager, f"/appointments/closings/{key}")
    assert "2 years after" in page
    form = {"csrf_token": token_in(page)}
    assert manager.post(f"/appointments/closings/{key}/open?all=1", data=form).status_code == 303
    page = text(manager, "/appointments/closings")
    assert "6 closed times were taken back" in page
    assert manager.get(f"/appointments/closings/{key}").status_code == 404
    assert manager.post(f"/appointments/closings/{key}/open", data=form).status_code == 404
    assert manager.post(f"/appointments/closings/{key}/again", data=form).status_code == 303
    assert "Room 1" in text(manager, f"/appointments/closings/{key}")


def test_all_staff_see_what_is_closed_and_leaders_close_it(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    key = closed(calendar, "Location/room1")
    for role in ("receptionist", "billing", "manager", "administrator"):
        client = client_of(role)
        leads = role in ("manager", "administrator")
        assert "Room 1" in text(client, "/appointments/closings")
        page = text(client, f"/appointments/closings/{key}")
        assert ("Take back" in page) == leads
        assert client.get(NEW).status_code == (200 if leads else 403)
        assert client.get(f"{NEW}/hits").status_code == (200 if leads else 403)
        form = {"csrf_token": token_in(page), **GIVEN}
        if not leads:
            assert client.post(NEW, data=form).status_code == 403
            assert client.post(f"/appointments/closings/{key}/open", data=form).status_code == 403
            assert client.post(f"/appointments/closings/{key}/again", data=form).status_code == 403
    assert client_of("stranger").get("/appointments/closings").status_code in (302, 303, 401)


@pytest.mark.parametrize("name", GIVEN)
def test_odd_input_is_answered_beside_its_field(calendar: Flask, client_of: Clients, name: str) -> None:  # noqa: F811
    manager = client_of("manager")
    good = sent(manager, who="Practitioner/nobody")
    for value in HOSTILE:
        assert manager.post(NEW, data={**good, name: value}).status_code in (400, 422)
        assert manager.get(NEW, query_string={**GIVEN, name: value}).status_code in (200, 400)
        assert manager.get(f"{NEW}/hits", query_string={**GIVEN, name: value}).status_code in (200, 400)
        assert manager.get("/appointments/closings", query_string={"q": value, "page": value}).status_code in (200, 400)
    assert "Nothing is closed" in text(manager, "/appointments/closings")


def test_a_wrong_answer_keeps_what_was_typed(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    manager = client_of("manager")
    refused = manager.post(NEW, data=sent(manager, last="2027-03-08", reason="Sea"))
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "The end is before the start." in page
    assert 'value="Sea"' in page
    assert 'value="Practitioner/adams" aria-describedby="who-note" checked' in page
