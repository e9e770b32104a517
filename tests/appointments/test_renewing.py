"""The calendar that renews itself: what is new is drawn and noted in the audit trail, nothing else."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.appointments.queries.day import Asked, day_page
from clinic.appointments.queries.mark import pulse
from clinic.appointments.rules.spans import Span
from clinic.appointments.service import add_absence, book
from clinic.appointments.service.holds import hold
from clinic.audit.tables import audit_event
from clinic.core.clock import FixedClock
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.appointments import factories as f
from tests.appointments.conftest import fill
from tests.appointments.test_routes import Clients, statements, within

DAY = "/appointments/day?day=2027-03-09"


@pytest.fixture
def calendar(app: Flask) -> Flask:
    """The application with the small practice."""
    state = state_of(app)
    fill(state.database, state.setting)
    return app


def noted(app: Flask) -> int:
    with state_of(app).database.read() as conn:
        return conn.execute(sa.select(sa.func.count()).select_from(audit_event)).scalar_one()


def poll(client: FlaskClient, path: str, mark: str) -> TestResponse:
    return client.get(path, headers={"X-Background": "1", "HX-Request": "true", "If-None-Match": f'"{mark}"'})


def mark_in(answer: TestResponse) -> str:
    found = re.search(r'data-mark="([^"]+)"', answer.get_data(as_text=True))
    assert found
    return found[1]


@pytest.mark.parametrize("path", [DAY, "/appointments/week?day=2027-03-09&provider=adams"])
def test_a_poll_that_brings_nothing_new_reads_nobody_and_notes_nothing(
    calendar: Flask,
    client_of: Clients,
    path: str,
) -> None:
    client = client_of("receptionist")
    within(calendar, lambda store: book(store, f.a_booking()))
    before = noted(calendar)
    mark = mark_in(client.get(path))
    assert noted(calendar) == before + 1
    for _ in range(3):
        assert poll(client, path, mark).status_code == 204
        said = statements(calendar, lambda: poll(client, path, mark))
        assert not any("patient_name" in each for each in said)
    assert noted(calendar) == before + 1


def test_a_new_visit_is_drawn_and_noted(calendar: Flask, client_of: Clients) -> None:
    client = client_of("receptionist")
    mark = mark_in(client.get(DAY))
    within(calendar, lambda store: book(store, f.a_booking()))
    before = noted(calendar)
    answer = poll(client, DAY, mark)
    assert "Lovelace" in answer.get_data(as_text=True)
    assert noted(calendar) == before + 1
    assert poll(client, DAY, mark_in(answer)).status_code == 204


def test_the_next_minute_is_drawn_but_not_noted(calendar: Flask, client_of: Clients, clock: FixedClock) -> None:
    client = client_of("receptionist")
    mark = mark_in(client.get(DAY))
    before = noted(calendar)
    clock.instant += timedelta(minutes=1)
    answer = poll(client, DAY, mark)
    assert answer.status_code == 200
    assert mark_in(answer) != mark
    assert noted(calendar) == before


def test_a_mark_of_somebody_else_or_of_another_view_counts_for_nothing(
    calendar: Flask,
    client_of: Clients,
) -> None:
    client = client_of("receptionist")
    mark = mark_in(client.get(DAY))
    before = noted(calendar)
    assert poll(client, f"{DAY}&site=main", mark).status_code == 200
    assert poll(client_of("manager"), DAY, mark).status_code == 200
    assert noted(calendar) >= before + 2


def test_a_person_who_asks_is_always_answered_and_noted(calendar: Flask, client_of: Clients) -> None:
    client = client_of("receptionist")
    mark = mark_in(client.get(DAY))
    before = noted(calendar)
    assert client.get(DAY, headers={"If-None-Match": f'"{mark}"'}).status_code == 200
    assert noted(calendar) == before + 1


def mark(store: Store) -> str:
    return day_page(store, date(2027, 3, 9)).mark


def test_the_mark_changes_with_visits_absences_and_names_and_with_nothing_else(desk: Store) -> None:
    marks = [mark(desk)]
    assert mark(desk) == marks[0]
    visit = book(desk, f.a_booking())
    marks.append(mark(desk))
    desk.update({**visit, "comment": "Brings a ladder"})
    marks.append(mark(desk))
    desk.update({**desk.read("Practitioner", "adams"), "name": [{"text": "Dr. Other", "family": "Other"}]})
    marks.append(mark(desk))
    add_absence(desk, ["baker"], Span(f.at("2027-03-09 16:00"), f.at("2027-03-09 17:00")), reason="Meeting")
    marks.append(mark(desk))
    hold(desk, "baker", start=f.at("2027-03-09 15:00"), minutes=30)
    marks.append(mark(desk))
    assert len(set(marks)) == 6
    book(desk, f.a_booking("2027-03-10 14:00"))
    add_absence(desk, ["baker"], Span(f.at("2027-03-11 16:00"), f.at("2027-03-11 17:00")), reason="Meeting")
    assert mark(desk) == marks[5]
    assert day_page(desk, date(2027, 3, 9), Asked(month=False)).mark == marks[5]


def test_the_pulse_beats_with_every_change_and_not_without_one(desk: Store) -> None:
    beats = [pulse(desk)]
    assert pulse(desk) == beats[0]
    visit = book(desk, f.a_booking())
    beats.append(pulse(desk))
    desk.update({**visit, "comment": "Brings a ladder"})
    beats.append(pulse(desk))
    kept = hold(desk, "baker", start=f.at("2027-03-09 15:00"), minutes=30)
    beats.append(pulse(desk))
    hold(desk, "baker", start=f.at("2027-03-09 15:30"), minutes=30)
    beats.append(pulse(desk))
    assert len(set(beats)) == 5
    assert kept.holder


def test_a_poll_reads_nothing_but_the_pulse_while_nothing_is_written(calendar: Flask, client_of: Clients) -> None:
    client = client_of("receptionist")
    mark = mark_in(client.get(DAY))
    said = [text for text in statements(calendar, lambda: poll(client, DAY, mark)) if "access_" not in text]
    assert not any("appointment_row" in text or "practice_setup" in text for text in said)
    within(calendar, lambda store: book(store, f.a_booking("2027-03-12 14:00")))
    answer = poll(client, DAY, mark)
    assert answer.status_code == 204
    beat = answer.headers["X-Mark"]
    assert beat != mark
    said = [text for text in statements(calendar, lambda: poll(client, DAY, beat)) if "access_" not in text]
    assert not any("appointment_row" in text for text in said)
