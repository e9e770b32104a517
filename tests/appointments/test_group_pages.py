"""The screens of groups: opened, filled, printed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.service import book
from clinic.appointments.service.groups import join, open_group
from tests.appointments import factories as f
from tests.appointments.test_routes import HOSTILE, calendar, once_in, rows, text, within  # noqa: F401 a fixture
from tests.factories import token_in
from tests.pdf.reading import words

Clients = Callable[[str], FlaskClient]


def a_group(app: Flask, *people: str, seats: int = 2) -> str:
    booking = f.a_booking(patient_id="")
    made = within(app, lambda store: open_group(store, booking, title="Breathing class", seats=seats))
    for patient in people:
        within(app, lambda store, who=patient: join(store, made["id"], who))
    return str(made["id"])


def test_a_group_is_opened_and_people_get_seats_until_they_wait(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    desk = client_of("receptionist")
    page = text(desk, "/appointments/groups/new")
    form = {"csrf_token": token_in(page), "once": once_in(page), "title": "Breathing class", "seats": "2",
            "visit_type": "check", "day": "2027-03-09", "time": "14:00", "provider": "adams", "minutes": "60"}  # fmt: skip
    where = desk.post("/appointments/groups/new", data=form).headers["Location"]
    for patient in ("p1", "p2", "p3"):
        shown = text(desk, where)
        sent = {"csrf_token": token_in(shown), "once": once_in(shown), "patient": patient}
        assert desk.post(f"{where}/join", data=sent).status_code == 303
    page = text(desk, where)
    assert "2 of 2" in page
    assert "Waiting for a seat" in page
    assert "Breathing class" in text(desk, "/appointments/day?day=2027-03-09")
    assert "2/2" in text(desk, "/appointments/day?day=2027-03-09")


def test_the_same_patient_twice_is_said_and_can_be_booked_all_the_same(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    within(calendar, lambda store: book(store, f.a_booking(provider_id="baker")))
    id_, desk = a_group(calendar), client_of("receptionist")
    page = text(desk, f"/appointments/groups/{id_}")
    sent = {"csrf_token": token_in(page), "patient": "p1"}
    answer = desk.post(f"/appointments/groups/{id_}/join", data=sent)
    assert answer.status_code == 409
    assert 'name="anyway"' in answer.get_data(as_text=True)
    assert desk.post(f"/appointments/groups/{id_}/join", data={**sent, "anyway": "y"}).status_code == 303


def test_the_list_is_printed(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    id_ = a_group(calendar, "p1", "p2")
    answer = client_of("receptionist").get(f"/appointments/groups/{id_}/print")
    assert answer.status_code == 200
    assert "Breathing class" in words(answer.data)
    assert "Ada Lovelace" in words(answer.data)


def test_the_visit_of_a_seat_leads_to_its_group_and_cannot_be_moved_alone(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    id_ = a_group(calendar, "p1")
    seat = next(row.id for row in rows(calendar) if not row.seats)
    page = text(client_of("receptionist"), f"/appointments/{seat}")
    assert f"/appointments/groups/{id_}" in page
    assert "/move" not in page


@pytest.mark.parametrize("value", HOSTILE)
def test_odd_input_opens_no_group(calendar: Flask, client_of: Clients, value: str) -> None:  # noqa: F811
    desk = client_of("receptionist")
    page = text(desk, "/appointments/groups/new")
    form = {"csrf_token": token_in(page), "title": "Class", "seats": value, "visit_type": "check", "day": "2027-03-09",
            "time": "14:00", "provider": "adams"}  # fmt: skip
    assert desk.post("/appointments/groups/new", data=form).status_code in (400, 422)
    assert desk.get(f"/appointments/groups/{value[:50] or 'x'}").status_code in (308, 400, 404)
