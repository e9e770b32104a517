"""`kill -9` between the claims of a visit that needs much and its commit: nothing of it is left, and the time is free."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from multiprocessing.connection import Connection

import sqlalchemy as sa

from clinic.appointments.service.booking import book
from clinic.appointments.service.upkeep import faults_of_claims
from clinic.appointments.tables import appointment_part, appointment_row
from clinic.db.engine import Database
from clinic.fhir.store import Store
from clinic.fhir.tables import slot_claim
from clinic.tables import load_tables
from tests.appointments import factories as f
from tests.appointments.conftest import NOW, fill, make_setting
from tests.appointments.test_needs import a_laser_practice

CLAIMS = 5
"""The provider, the room, an assistant, the laser room and the laser."""


def booking() -> object:
    return f.a_booking("2027-03-10 10:00", visit_type="laser", minutes=60)


def book_and_wait(url: str, told: Connection) -> None:
    """Claim everything, say so, and never come to the commit."""
    load_tables()
    with Database(url).write() as conn:
        store = Store(conn, make_setting(), actor=f.DESK, now=NOW)
        book(store, booking())  # type: ignore[arg-type]
        told.send(conn.execute(sa.select(sa.func.count(sa.distinct(slot_claim.c.actor)))).scalar_one())
        time.sleep(60)


def test_a_desk_killed_between_claim_and_commit_leaves_nothing_of_a_visit_that_needs_much(
    any_database: Database,
) -> None:
    setting = make_setting()
    fill(any_database, setting)
    with any_database.write() as conn:
        a_laser_practice(Store(conn, setting, actor=f.MANAGER, now=NOW))
    here, there = multiprocessing.Pipe()
    url = any_database.url.render_as_string(hide_password=False)
    process = multiprocessing.get_context("spawn").Process(target=book_and_wait, args=(url, there))
    process.start()
    try:
        assert here.poll(60)
        assert here.recv() == CLAIMS
    finally:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join(20)
    assert process.exitcode == -signal.SIGKILL
    with any_database.read() as conn:
        for table in (slot_claim, appointment_row, appointment_part):
            assert conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0
    made = any_database.run_write(
        lambda conn: book(Store(conn, setting, actor=f.OTHER_DESK, now=NOW), booking())  # type: ignore[arg-type]
    )
    with any_database.read() as conn:
        actors = sa.select(slot_claim.c.actor).where(slot_claim.c.appointment == made["id"]).distinct()
        assert len(conn.execute(actors).all()) == CLAIMS
        assert list(faults_of_claims(Store(conn, setting, actor=f.DESK, now=NOW))) == []
