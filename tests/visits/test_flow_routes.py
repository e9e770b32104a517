"""The flow board, the screens, the telephone and the report as browsers ask for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.actor import SYSTEM
from clinic.core.clock import FixedClock
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.visits import mapping, service
from clinic.visits.rules.arriving import presence_code
from clinic.visits.tables import wait_told
from clinic.web.context import forget_practice
from clinic.web.state import state_of
from tests.factories import token_in
from tests.visits.conftest import Desk, set_up

ROLES = ("receptionist", "billing", "manager", "administrator")
BACKGROUND = {"X-Background": "1", "HX-Request": "true"}
BORN = {"m": "8", "d": "14", "y": "1979"}
ClientOf = Callable[[str], FlaskClient]


@pytest.fixture
def booked(app: Flask) -> Desk:
    """A practice with one visit in half an hour, committed, for a browser."""
    state = state_of(app)
    with state.database.write() as conn:
        desk = set_up(Store(conn, state.setting, actor=SYSTEM, now=state.clock.now()))
        save_practice(conn, state.setting.practice)
    forget_practice(state)
    return desk


def _token(client: FlaskClient, path: str = "/visits/flow") -> dict[str, str]:
    return {"csrf_token": token_in(client.get(path).get_data(as_text=True))}


def _visit(app: Flask, desk: Desk) -> dict[str, object]:
    state = state_of(app)
    with state.database.read() as conn:
        store = Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())
        return service.visit_of(store, desk.appointment_id) or {}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/visits/flow", ROLES),
        ("/visits/flow/board", ROLES),
        ("/visits/waits", ROLES),
        ("/visits/waits.csv", ROLES),
        ("/visits/stations", ("manager", "administrator")),
    ],
)
def test_who_may_see_which_screen(booked: Desk, client_of: ClientOf, path: str, allowed: tuple[str, ...]) -> None:
    for role in ROLES:
        assert client_of(role).get(path).status_code == (200 if role in allowed else 403), role
    assert client_of("stranger").get(path).status_code == 303


def test_a_visit_moves_on_the_board_and_old_boards_are_refused(app: Flask, booked: Desk, client_of: ClientOf) -> None:
    client = client_of("receptionist")
    form = _token(client) | {"appointment": booked.appointment_id, "station": "waiting"}
    moved = client.post("/visits/flow/move", data=form, headers={"HX-Request": "true"})
    page = moved.get_data(as_text=True)
    assert moved.status_code == 200
    assert re.search(r'data-lane="waiting".*data-id="' + booked.appointment_id, page, re.DOTALL)
    assert "data-toast-new" in page
    stale = client.post("/visits/flow/move", data=form | {"station": "room", "version": "1"})
    assert stale.status_code == 409
    assert client.post("/visits/flow/move", data=form | {"station": "room"}).status_code == 404
    assert client.post("/visits/flow/move", data=form | {"station": "kitchen", "version": "2"}).status_code == 422
    assert mapping.station_of(_visit(app, booked)) == "waiting"
    assert client.post("/visits/flow/move", data=form | {"station": "room", "version": "2"}).status_code == 303
    reader = client_of("billing")
    assert reader.post("/visits/flow/move", data=form | _token(reader)).status_code == 403
    nobody = client.post("/visits/flow/move", data={"appointment": booked.appointment_id, "station": "left"})
    assert nobody.status_code in (403, 422)


@pytest.mark.parametrize("path", ["/visits/flow/board", "/visits/today/board"])
def test_a_screen_that_shows_it_all_is_told_so(app: Flask, booked: Desk, client_of: ClientOf, path: str) -> None:
    client = client_of("receptionist")
    first = client.get(path, headers=BACKGROUND).get_data(as_text=True)
    mark = first.partition('data-mark="')[2].partition('"')[0]
    same = client.get(path, headers=BACKGROUND | {"If-None-Match": f'"{mark}"'})
    assert (same.status_code, same.data) == (204, b"")
    form = _token(client) | {"appointment": booked.appointment_id, "station": "arrived"}
    client_of("manager")
    assert client.post("/visits/flow/move", data=form).status_code == 303
    assert client.get(path, headers=BACKGROUND | {"If-None-Match": f'"{mark}"'}).status_code == 200


def test_a_number_is_called_and_printed_and_its_page_shows_no_name(
    app: Flask, booked: Desk, client_of: ClientOf
) -> None:
    client = client_of("receptionist")
    token = _token(client)
    client.post("/visits/flow/move", data=token | {"appointment": booked.appointment_id, "station": "waiting"})
    visit = str(_visit(app, booked)["id"])
    assert client.post("/visits/flow/call", data=token | {"visit": visit, "to": "Counter 1"}).status_code == 303
    assert client.post("/visits/flow/call", data=token | {"visit": "nobody"}).status_code == 404
    printed = client.post(f"/visits/visits/{visit}/ticket", data=token)
    assert printed.mimetype == "application/pdf"
    assert "Number 1 of today" in client.get(f"/visits/visits/{visit}/wait").get_data(as_text=True)
    manager = client_of("manager")
    form = _token(manager, "/visits/stations") | {"name": "Wall", "language": "nl", "site": ""}
    added = manager.post("/visits/stations/screens", data=form).get_data(as_text=True)
    address = re.search(r"/visits/screen/[\w-]+", added)
    assert address
    wall = client_of("stranger").get(address[0])
    text = wall.get_data(as_text=True)
    assert "Counter 1" in text
    assert "García" not in text
    assert 'lang="nl"' in text
    mark = text.partition('data-mark="')[2].partition('"')[0]
    again = client_of("stranger").get(f"{address[0]}/now", headers=BACKGROUND | {"If-None-Match": f'"{mark}"'})
    assert again.status_code == 204
    screen = re.search(r"/visits/stations/screens/([\w-]+)/revoke", added)
    assert screen
    assert manager.post(screen[0], data=form).status_code == 303
    assert client_of("stranger").get(address[0]).status_code == 404


def test_a_telephone_checks_in_learns_nothing_when_wrong_and_is_slowed_down(
    app: Flask, booked: Desk, client_of: ClientOf
) -> None:
    phone = client_of("stranger")
    token = _token(phone, "/visits/here")
    wrong = [
        {**BORN, "fact": "ZZ"},
        {**BORN, "y": "1980", "fact": "MG"},
        {**BORN, "fact": "23:59"},
    ]
    answers = {phone.post("/visits/here", data=token | each).get_data(as_text=True) for each in wrong}
    told = {re.sub(r'value="[^"]*"', "", each) for each in answers}
    assert len(told) == 1, "nothing says which of the facts was wrong"
    assert phone.post("/visits/here", data=token | {"m": "13", "d": "45", "y": "x", "fact": "MG"}).status_code == 422
    assert phone.post("/visits/here", data={**BORN, "fact": "MG"}).status_code == 403
    assert not _visit(app, booked)
    done = phone.post("/visits/here", data=token | {**BORN, "fact": "m.g."})
    assert done.status_code == 303
    mine = phone.get(done.headers["Location"]).get_data(as_text=True)
    assert "Your number" in mine
    assert "García" not in mine
    assert mapping.station_of(_visit(app, booked)) == "arrived"
    other = done.headers["Location"].replace("/my/", "/my/x")
    assert phone.get(other).status_code == 404
    for _ in range(8):
        last = phone.post("/visits/here", data=token | {**BORN, "d": "1", "fact": "MG"})
    assert last.status_code == 429


def test_the_code_of_the_screen_proves_that_somebody_is_there(
    app: Flask, clock: FixedClock, booked: Desk, client_of: ClientOf
) -> None:
    manager = client_of("manager")
    form = _token(manager, "/visits/stations") | {"phone": "1", "present": "1", "before": "60", "after": "30"}
    limits = {"arrived": "5", "check-in": "10", "waiting": "7", "room": "15", "provider": "45", "check-out": "10"}
    assert manager.post("/visits/stations", data=form | limits).status_code == 303
    state = state_of(app)
    assert state.practice.stations == {"waiting": 7} or manager.get("/visits/stations").status_code == 200
    assert 'value="7"' in manager.get("/visits/stations").get_data(as_text=True)
    phone = client_of("stranger")
    said = _token(phone, "/visits/here") | {**BORN, "fact": "MG"}
    assert phone.post("/visits/here", data=said).status_code == 422
    old = presence_code(state.secret, clock.now() - timedelta(hours=1))
    now = presence_code(state.secret, clock.now())
    if old != now:
        assert phone.post("/visits/here", data=said | {"code": old}).status_code == 422
    assert phone.post("/visits/here", data=said | {"code": now}).status_code == 303


@pytest.mark.parametrize("bad", [{"waiting": "many"}, {"waiting": "-1"}, {"before": "9999"}, {"after": ""}])
def test_limits_that_are_no_minutes_are_refused_whole(booked: Desk, client_of: ClientOf, bad: dict[str, str]) -> None:
    manager = client_of("manager")
    form = _token(manager, "/visits/stations") | {"phone": "1", "before": "60", "after": "30"}
    limits = {"arrived": "9", "check-in": "10", "waiting": "7", "room": "15", "provider": "45", "check-out": "10"}
    answer = manager.post("/visits/stations", data=form | limits | bad)
    assert answer.status_code == 422
    assert "Nothing was kept" in answer.get_data(as_text=True)


def test_the_report_has_a_table_a_chart_and_a_file(booked: Desk, app: Flask, client_of: ClientOf) -> None:
    state = state_of(app)
    with state.database.write() as conn:
        store = Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())
        encounter = service.arrive(store, booked.appointment_id)
        store.now += timedelta(minutes=40)
        service.move_to(store, encounter["id"], "room")
    client = client_of("manager")
    assert "No wait was told in this time" in client.get("/visits/waits?days=7").get_data(as_text=True)
    lines = client.get("/visits/waits.csv?days=7").get_data(as_text=True).splitlines()
    assert len(lines) == 2
    assert lines[1].endswith('"0","0","0","0","1","40"')
    with state.database.write() as conn:
        conn.execute(wait_told.update().values(least=30, most=50))
    for span in ("7", "90", "nonsense"):
        page = client.get(f"/visits/waits?days={span}").get_data(as_text=True)
        assert '<svg class="kept-chart"' in page
        assert "40 min" in page
    assert (
        client.get("/visits/waits.csv?days=7")
        .get_data(as_text=True)
        .splitlines()[1]
        .endswith('"1","1","0","0","0","40"')
    )


def test_the_poster_is_printed_without_anybody_on_it(booked: Desk, client_of: ClientOf) -> None:
    poster = client_of("manager").get("/visits/stations/poster")
    assert poster.mimetype == "application/pdf"
