"""An ended photo ID wants to be mended before the patient comes, and is asked at check-in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.cli.state import transact
from clinic.fhir.store import Store
from clinic.registration.rules.details import Number
from clinic.registration.rules.licence import read_licence
from clinic.registration.service.cards import note_term
from clinic.registration.service.patients import amend_patient
from clinic.visits import service
from clinic.visits.queries import at_check_in, todays_board
from clinic.visits.rules.needs import Need
from clinic.visits.screens import today_of
from clinic.web.state import state_of
from tests.registration.licences import V10
from tests.registration.test_photo_id import scanned
from tests.visits.conftest import Desk, set_up


def an_old_licence(store: Store, patient_id: str) -> None:
    amend_patient(store, patient_id, {"numbers": (Number("licence", "VA T64235789"),)})
    note_term(store, patient_id, read_licence(V10.replace("DBA12102032", "DBA02282027")), "VA T64235789")


def an_old_paper(store: Store, patient_id: str) -> None:
    scanned(store, patient_id, "2027-02-28")


def identity(desk: Desk) -> tuple[Need, Need]:
    """As the board and as check-in say it."""
    day = today_of(desk.store)
    line = todays_board(desk.store, day).lines[0]
    return line.needs[0], at_check_in(desk.store, desk.patient_id, desk.appointment_id, day).needs[0]


@pytest.mark.parametrize("old", [an_old_paper, an_old_licence])
def test_an_ended_photo_id_is_open_before_they_come_and_at_check_in(
    desk: Desk, old: Callable[[Store, str], None]
) -> None:
    assert identity(desk)[0].state == "todo"
    old(desk.store, desk.patient_id)
    for need in identity(desk):
        assert (need.state, need.word, need.detail) == ("warn", "ended", "2027-02-28")
    scanned(desk.store, desk.patient_id, "2032-02-28")
    assert identity(desk)[0].state == "todo"


def test_who_was_identified_all_the_same_today_is_not_held_back(desk: Desk) -> None:
    an_old_paper(desk.store, desk.patient_id)
    service.confirm(desk.store, desk.patient_id, "identity")
    assert [need.state for need in identity(desk)] == ["ok", "ok"]


@pytest.mark.parametrize("old", [an_old_paper, an_old_licence])
def test_the_screens_say_it_in_six_statements_and_offer_to_scan(
    app: Flask, client_of: Callable[[str], FlaskClient], old: Callable[[Store, str], None]
) -> None:
    booked = transact(state_of(app), set_up)
    transact(state_of(app), lambda store: old(store, booked.patient_id))
    client = client_of("receptionist")
    pages = {}
    for address in ("/visits/today/board", f"/visits/appointments/{booked.appointment_id}/check-in"):
        client.get(address)
        seen: list[str] = []

        def note(_conn: object, _cursor: object, statement: str, *_rest: object, seen: list[str] = seen) -> None:
            if "audit_" not in statement and not statement.startswith(("BEGIN", "PRAGMA")):
                seen.append(statement)

        engine = state_of(app).database.engine
        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            pages[address] = client.get(address).get_data(as_text=True)
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)
        assert len(seen) <= 6, seen
    board, check_in = pages.values()
    column, _, fix = board.partition("Fix before they come")
    assert "ended</" in column
    assert "Photo ID ended 28 Feb 2027" in fix
    assert f"/registration/scan?patient={booked.patient_id}" in check_in
    assert "Photo ID ended 28 Feb 2027" in check_in
