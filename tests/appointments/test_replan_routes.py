"""The screens of a provider who is out: for every role, with odd input, and the patient's page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.queries.replanning import ReplanVisit, visits_of
from clinic.appointments.service import book
from clinic.appointments.service.replanning import ask
from clinic.core.days import local
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.appointments import factories as f
from tests.appointments import home_factories as h
from tests.appointments.conftest import NOW
from tests.appointments.replan_factories import a_plan, planned, three_visits, work
from tests.appointments.test_home import act as own_act
from tests.appointments.test_routes import HOSTILE, calendar, once_in, rows, text, within  # noqa: F401 a fixture
from tests.factories import token_in

Clients = Callable[[str], FlaskClient]
ONE_DAY = {"provider": "adams", "first": "2027-03-09", "last": "2027-03-09", "first_time": "", "last_time": ""}
NEW = "/appointments/replans/new"


def a_plan_in(app: Flask) -> str:
    return str(within(app, lambda store: {"id": planned(store)[0]})["id"])


def lines(app: Flask, plan_id: str) -> list[ReplanVisit]:
    state = state_of(app)
    with state.database.read() as conn:
        return visits_of(Store(conn, state.setting, actor=f.MANAGER, now=NOW), plan_id)


def press(client: FlaskClient, plan_id: str, path: str, **values: str) -> int:
    page = text(client, f"/appointments/replans/{plan_id}")
    return client.post(
        f"/appointments/replans/{plan_id}/{path}", data={"csrf_token": token_in(page), **values}
    ).status_code


def test_the_visits_are_seen_before_anything_is_saved(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    within(calendar, lambda store: {"made": three_visits(store)})
    desk = client_of("receptionist")
    assert "Ada Lovelace" not in text(desk, NEW)
    bare = text(desk, NEW)
    sent = {"csrf_token": token_in(bare), "once": once_in(bare), "shown": "", "reason": "Ill", **ONE_DAY}
    seen = desk.post(NEW, data=sent)
    page = seen.get_data(as_text=True)
    assert seen.status_code == 200
    assert all(name in page for name in ("Ada Lovelace", "Bea Lovelace", "Cleo Lovelace"))
    assert "Nobody was out" in text(desk, "/appointments/replans")
    shown = page.split('name="shown" value="')[1].split('"')[0]
    answers = [desk.post(NEW, data={**sent, "shown": shown}) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert "being looked for" in text(desk, answers[0].headers["Location"])
    assert "Looking for times" in text(desk, "/appointments/replans")


@pytest.mark.parametrize("name", [*ONE_DAY, "reason", "shown"])
def test_odd_input_is_answered_beside_its_field(calendar: Flask, client_of: Clients, name: str) -> None:  # noqa: F811
    desk = client_of("receptionist")
    page = text(desk, NEW)
    sent = {"csrf_token": token_in(page), "reason": "Ill", "shown": "", **ONE_DAY}
    for value in HOSTILE:
        assert desk.post(NEW, data={**sent, name: value}).status_code in (200, 400, 422)
        assert desk.get(NEW, query_string={**ONE_DAY, name: value}).status_code in (200, 400)
    assert "Nobody was out" in text(desk, "/appointments/replans")


def test_a_plan_is_seen_by_all_staff_and_decided_by_the_desk(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    plan_id = a_plan_in(calendar)
    first = lines(calendar, plan_id)[0].appointment
    for role in ("receptionist", "billing", "manager", "administrator"):
        page = text(client_of(role), f"/appointments/replans/{plan_id}")
        assert "Ada Lovelace" in page
        assert ("Agree to all 3" in page) == (role != "billing")
        assert text(client_of(role), f"/appointments/replans/{plan_id}/lines")
    billing = client_of("billing")
    assert billing.get(NEW).status_code == 403
    assert press(billing, plan_id, f"visits/{first}", act="agree", at="0") == 403
    assert press(billing, plan_id, "all") == 403
    assert press(billing, plan_id, "coming") == 403


def test_every_line_is_decided_on_its_own(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    plan_id, desk = a_plan_in(calendar), client_of("receptionist")
    one, two, three = (line.appointment for line in lines(calendar, plan_id))
    assert press(desk, plan_id, f"visits/{one}", act="agree", at="1") == 303
    assert press(desk, plan_id, f"visits/{one}", act="agree", at="1") == 409
    assert press(desk, plan_id, f"visits/{two}", act="ask") == 303
    assert press(desk, plan_id, f"visits/{three}", act="cancel") == 303
    assert [line.state for line in lines(calendar, plan_id)] == ["moved", "asked", "cancelled"]
    assert press(desk, plan_id, f"visits/{three}", act="back") == 303
    assert press(desk, plan_id, f"visits/{two}", act="leave") == 303
    assert [line.state for line in lines(calendar, plan_id)] == ["moved", "left", "back"]
    for value in HOSTILE:
        assert press(desk, plan_id, f"visits/{one}", act=value, at=value) in (400, 422)
        assert press(desk, plan_id, f"visits/{one}", act="agree", at=value) in (400, 409)


def test_all_are_agreed_to_and_a_taken_time_gives_way_to_the_next(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    plan_id, desk = a_plan_in(calendar), client_of("receptionist")
    taken = lines(calendar, plan_id)[1].offers[0]
    when = f"{local(taken.start, f.ZONE):%Y-%m-%d %H:%M}"
    within(
        calendar, lambda store: book(store, f.a_booking(when, patient_id="p1", provider_id=taken.provider, anyway=True))
    )
    assert press(desk, plan_id, "all") == 303
    found = lines(calendar, plan_id)
    assert [line.state for line in found] == ["moved"] * 3
    assert found[1].offers[0] != taken
    assert "Decided" in text(desk, "/appointments/replans")


def test_what_could_not_move_is_named(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    plan_id, desk = a_plan_in(calendar), client_of("receptionist")
    changed = lines(calendar, plan_id)[0]
    page = text(desk, f"/appointments/{changed.appointment}")
    assert page
    within(calendar, lambda store: store.update(store.read("Appointment", changed.appointment) | {"comment": "knee"}))
    opened = text(desk, f"/appointments/replans/{plan_id}")
    answer = desk.post(f"/appointments/replans/{plan_id}/all", data={"csrf_token": token_in(opened)})
    assert answer.status_code == 409
    assert "2 visits are moved" in answer.get_data(as_text=True)
    assert "Ada Lovelace: This visit was changed" in answer.get_data(as_text=True)


def test_the_provider_comes_after_all(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    plan_id, desk = a_plan_in(calendar), client_of("receptionist")
    before = [(row.id, row.start, row.provider) for row in rows(calendar)]
    assert press(desk, plan_id, "all") == 303
    assert press(desk, plan_id, "coming") == 303
    assert [(row.id, row.start, row.provider) for row in rows(calendar)] == before
    assert "Is coming after all" not in text(desk, f"/appointments/replans/{plan_id}")


def test_the_page_that_renews_itself_is_sent_when_something_is_new(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    plan_id = str(within(calendar, lambda store: {"id": (three_visits(store), a_plan(store))[1]})["id"])
    desk, where = client_of("receptionist"), f"/appointments/replans/{plan_id}/lines"
    assert "progress" in text(desk, where)
    within(calendar, lambda store: {"done": work(store)})
    page = text(desk, where)
    mark = page.split('data-mark="')[1].split('"')[0]
    assert "1 day later" in page
    same = {"X-Background": "1", "If-None-Match": f'"{mark}"'}
    assert desk.get(where, headers=same).status_code == 204
    assert desk.get("/appointments/replans/none/lines").status_code == 404


@pytest.fixture
def asked(calendar: Flask) -> tuple[Flask, str, str]:  # noqa: F811
    """A patient who is asked: the application, the plan and the token of the link."""
    told: list[str] = []
    hooks = state_of(calendar).setting.hooks
    hooks.listen("message_wanted", lambda _store, news: told.append(news.get("links", {}).get("path", "")))
    plan_id = a_plan_in(calendar)
    first = lines(calendar, plan_id)[0].appointment
    within(calendar, lambda store: {"kept": ask(store, plan_id, first)})
    return calendar, plan_id, told[0].rsplit("/", 1)[1]


def test_the_patient_chooses_by_the_link(asked: tuple[Flask, str, str]) -> None:
    app, plan_id, token = asked
    client = app.test_client()
    kept = lines(app, plan_id)[0]
    bare = client.get(f"/appointments/own/{token}").text
    assert "Adams" not in bare
    assert "Baker" not in bare
    assert client.get(f"/appointments/own/{token}/times").status_code == 303
    assert own_act(client, token, "times", at="1") == 303
    assert lines(app, plan_id)[0].state == "asked"
    assert h.open_own(client, token).location.endswith("/times")
    assert "Kept for you until" in client.get(f"/appointments/own/{token}/times").text
    for value in HOSTILE:
        assert own_act(client, token, "times", at=value) == 303
    assert lines(app, plan_id)[0].state == "asked"
    assert own_act(client, token, "times", at="1") == 200
    found = lines(app, plan_id)[0]
    assert (found.state, found.offers[0]) == ("moved", kept.offers[1])
    assert client.get(f"/appointments/own/{token}").status_code == 404


def test_what_the_desk_decided_first_ends_the_link(asked: tuple[Flask, str, str], client_of: Clients) -> None:
    app, plan_id, token = asked
    client = app.test_client()
    h.open_own(client, token)
    assert press(client_of("receptionist"), plan_id, f"visits/{lines(app, plan_id)[0].appointment}", act="agree") == 303
    assert own_act(client, token, "times", at="1") == 303
    assert client.get(f"/appointments/own/{token}").status_code == 404
