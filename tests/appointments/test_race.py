"""Fifty at once want the same time."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import sqlalchemy as sa

from clinic.appointments.errors import TimeTaken
from clinic.appointments.mapping.kinds import with_use
from clinic.appointments.rules.booking import Change
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import move
from clinic.appointments.service.holds import hold
from clinic.appointments.service.upkeep import faults_of_claims
from clinic.appointments.tables import appointment_row
from clinic.core.json import Json
from clinic.db.engine import Database
from clinic.fhir.store import Setting, Store
from clinic.fhir.tables import slot_claim
from tests.appointments import factories as f
from tests.appointments.conftest import NOW

CLIENTS = 50


def race(database: Database, setting: Setting, act: Callable[[Store, int], object]) -> list[str]:
    """Let fifty people do the same at the same moment; gives `won` or the name of the refusal of each."""
    barrier = threading.Barrier(CLIENTS)

    def one(number: int) -> str:
        actor = replace(f.DESK, id=f"desk{number}")
        barrier.wait()
        try:
            database.run_write(lambda conn: act(Store(conn, setting, actor=actor, now=NOW), number))
        except TimeTaken as taken:
            gone = any(offer.start == f.at("2027-03-09 14:00") for offer in taken.offers)
            return "taken, but offered" if gone else "taken with offers" if taken.offers else "taken"
        except Exception as error:
            return type(error).__name__
        return "won"

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(one, range(CLIENTS)))


def patients(database: Database, setting: Setting) -> None:
    with database.write() as conn:
        store = Store(conn, setting, actor=f.DESK, now=NOW)
        for number in range(CLIENTS):
            f.a_patient(store, f"many{number}", given=f"Given{number}")


def test_of_fifty_who_book_one_time_exactly_one_wins(practice_database: Database, setting: Setting) -> None:
    patients(practice_database, setting)
    results = race(
        practice_database, setting, lambda store, number: book(store, f.a_booking(patient_id=f"many{number}"))
    )
    assert sorted(results) == ["taken with offers"] * (CLIENTS - 1) + ["won"]
    with practice_database.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(appointment_row)).scalar() == 1
        assert conn.execute(sa.select(sa.func.count(sa.distinct(slot_claim.c.appointment)))).scalar() == 1
        assert conn.execute(sa.select(sa.func.count()).select_from(slot_claim)).scalar() == 12


def test_of_fifty_who_want_overlapping_times_only_those_that_do_not_meet_win(
    practice_database: Database, setting: Setting
) -> None:
    patients(practice_database, setting)
    minutes = [5 * (number % 12) for number in range(CLIENTS)]

    def act(store: Store, number: int) -> Json:
        start = f"2027-03-09 14:{minutes[number]:02d}"
        return book(store, f.a_booking(start, patient_id=f"many{number}", visit_type="chat"))

    race(practice_database, setting, act)
    c = appointment_row.c
    with practice_database.read() as conn:
        spans = conn.execute(sa.select(c.start, c.end).order_by(c.start)).all()
    assert 2 <= len(spans) <= 4
    assert all(one.end <= two.start for one, two in itertools.pairwise(spans))


def test_two_visits_cannot_swap_into_one_time(practice_database: Database, setting: Setting) -> None:
    patients(practice_database, setting)

    def prepare(store: Store) -> list[str]:
        starts = [f"2027-03-{10 + day} {hour:02d}:00" for day in range(2) for hour in (9, 10, 11, 13, 14, 15, 16)]
        return [
            book(store, f.a_booking(start, patient_id=f"many{i}", visit_type="chat"))["id"]
            for i, start in enumerate(starts)
        ]

    with practice_database.write() as conn:
        ids = prepare(Store(conn, setting, actor=f.DESK, now=NOW))
    target = Change(start=f.at("2027-03-09 14:00"))
    results = race(practice_database, setting, lambda store, number: move(store, ids[number % len(ids)], target))
    winners = {ids[number % len(ids)] for number, result in enumerate(results) if result == "won"}
    assert len(winners) == 1


def test_of_fifty_who_hold_one_time_exactly_one_has_it(practice_database: Database, setting: Setting) -> None:
    results = race(
        practice_database,
        setting,
        lambda store, _: hold(store, "adams", start=f.at("2027-03-09 14:00"), minutes=30),
    )
    assert results.count("won") == 1


def test_of_fifty_who_want_a_room_for_three_exactly_three_get_a_place(
    practice_database: Database, setting: Setting
) -> None:
    patients(practice_database, setting)
    with practice_database.write() as conn:
        store = Store(conn, setting, actor=f.DESK, now=NOW)
        store.update(with_use(store.read("Location", "room1"), sort="", capacity=3, margins=(0, 0)))
        for number in range(CLIENTS):
            f.a_provider(store, f"doc{number}", f"Dr Doc Number{number}", room="room1")

    def act(store: Store, number: int) -> Json:
        return book(store, f.a_booking(patient_id=f"many{number}", provider_id=f"doc{number}"))

    results = race(practice_database, setting, act)
    assert results.count("won") == 3, results
    with practice_database.read() as conn:
        lanes = conn.execute(sa.select(slot_claim.c.lane).where(slot_claim.c.actor == "Location/room1").distinct())
        assert sorted(lanes.scalars()) == [0, 1, 2]


def test_of_fifty_who_move_the_same_visit_one_wins_and_the_others_hear_that_it_changed(
    practice_database: Database, setting: Setting
) -> None:
    with practice_database.write() as conn:
        made = book(Store(conn, setting, actor=f.DESK, now=NOW), f.a_booking("2027-03-10 09:00", visit_type="chat"))
    times = [f.at(f"2027-03-{11 + number // 16} {9 + number % 3:02d}:{15 * (number % 4):02d}") for number in range(48)]

    def act(store: Store, number: int) -> Json:
        return move(store, made["id"], Change(start=times[number % len(times)], version=1))

    results = race(practice_database, setting, act)
    assert sorted(results) == ["Stale"] * (CLIENTS - 1) + ["won"]
    with practice_database.read() as conn:
        store = Store(conn, setting, actor=f.DESK, now=NOW)
        assert list(faults_of_claims(store)) == []
        assert store.read("Appointment", made["id"])["meta"]["versionId"] == "2"
