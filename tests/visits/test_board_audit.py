"""A board that renews itself tells the audit trail about nobody twice."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import record
from clinic.audit.reader import Wanted, search
from clinic.cli.demo.practice import make_places
from clinic.cli.state import transact
from clinic.fhir.store import Store
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service.patients import register_patient
from clinic.web.state import state_of

BACKGROUND = {"X-Background": "1", "HX-Request": "true"}


def test_who_was_on_the_board_is_noted_once_and_who_is_new_on_it_once_more(
    app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    made = transact(state_of(app), make_places)

    def come(given: str, minutes: int) -> None:
        def work(store: Store) -> None:
            patient = register_patient(
                store, PatientDetails(given=given, family="Test", birth_date="1980-02-01", sex="female")
            )
            start = store.now.replace(minute=minutes)
            record(store, Booking(patient["id"], made.providers[0], made.types["Results"], start))

        transact(state_of(app), work)

    come("Ada", 30)
    desk = client_of("receptionist")
    desk.get("/visits/today")
    assert _seen(app) == 1
    for _poll in range(3):
        assert desk.get("/visits/today/board", headers=BACKGROUND).status_code == 200
    assert _seen(app) == 1
    come("Ben", 50)
    for _poll in range(2):
        assert b"Ben" in desk.get("/visits/today/board", headers=BACKGROUND).data
    assert _seen(app) == 2
    desk.get("/visits/today")
    assert _seen(app) == 4


def _seen(app: Flask) -> int:
    with state_of(app).database.read() as conn:
        return sum("today" in line.things for line in search(conn, Wanted(), limit=500))
